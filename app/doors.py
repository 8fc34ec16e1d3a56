"""The doors of the product: every router, pages and JSON."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from accounts.sessions import api as sessions_api
from accounts.sessions import pages as sessions_pages
from accounts.tokens import api as tokens_api
from accounts.tokens import entry_api
from accounts.tokens import pages as tokens_pages
from accounts.two_factor import api as two_factor_api
from accounts.two_factor import pages as two_factor_pages
from accounts.users import api as users_api
from accounts.users import pages as users_pages
from accounts.users import protected_api as users_protected_api
from accounts.users import settings_pages as users_settings_pages
from accounts.workspaces import api as workspaces_api
from accounts.workspaces import pages as workspaces_pages
from app.home import pages as home_pages
from crm.companies import api as companies_api
from crm.companies import pages as companies_pages
from crm.contracts import api as contracts_api
from crm.contracts import pages as contracts_pages
from crm.deals import api as deals_api
from crm.deals import deal_pages
from crm.deals import pages as deals_pages
from crm.scopes import api as scopes_api
from crm.scopes import pages as scopes_pages
from files import api as files_api
from files import pages as files_pages
from marketplace.briefs import api as briefs_api
from marketplace.briefs import own_api as briefs_own_api
from marketplace.briefs import own_pages as briefs_own_pages
from marketplace.briefs import pages as briefs_pages
from marketplace.briefs import staff_pages as briefs_staff_pages
from marketplace.briefs import verb_pages as briefs_verb_pages
from marketplace.cases import api as cases_api
from marketplace.cases import pages as cases_pages
from marketplace.directory import api as directory_api
from marketplace.directory import home
from marketplace.directory import pages as directory_pages
from marketplace.offers import api as offers_api
from marketplace.offers import drafting_pages as offers_drafting_pages
from marketplace.offers import pages as offers_pages
from marketplace.profiles import api as profiles_api
from marketplace.profiles import pages as profiles_pages
from marketplace.taxonomy import api as taxonomy_api
from marketplace.taxonomy import pages as taxonomy_pages
from notifications.inbox import api as inbox_api
from notifications.inbox import pages as inbox_pages

ROUTERS: Sequence[APIRouter] = (
    home.router,
    directory_pages.router,
    cases_pages.router,
    briefs_pages.router,
    briefs_own_pages.router,
    briefs_verb_pages.router,
    briefs_staff_pages.router,
    offers_drafting_pages.router,
    offers_pages.router,
    deals_pages.router,
    deal_pages.router,
    scopes_pages.router,
    contracts_pages.router,
    companies_pages.router,
    inbox_pages.router,
    files_pages.router,
    profiles_pages.router,
    home_pages.router,
    users_pages.router,
    users_settings_pages.router,
    sessions_pages.router,
    two_factor_pages.router,
    workspaces_pages.router,
    tokens_pages.router,
    taxonomy_pages.router,
    directory_api.router,
    cases_api.router,
    briefs_api.router,
    briefs_own_api.router,
    offers_api.router,
    deals_api.router,
    scopes_api.router,
    contracts_api.router,
    companies_api.router,
    inbox_api.router,
    files_api.router,
    profiles_api.router,
    users_api.router,
    users_protected_api.router,
    sessions_api.router,
    two_factor_api.router,
    workspaces_api.router,
    workspaces_api.everyones,
    tokens_api.router,
    entry_api.router,
    taxonomy_api.router,
)
"""Asked in this order: what is visited most comes first."""
