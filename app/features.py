"""The one list of what the product is made of: doors, jobs, schedule, reactions to events.

Reactions run in the transaction of the event that sets them off; they only ever point upwards
(``offers`` does not know ``deals``; this table does).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from fastapi import APIRouter

from accounts.sessions import api as sessions_api
from accounts.sessions import pages as sessions_pages
from accounts.sessions import service as sessions
from accounts.tokens import api as tokens_api
from accounts.tokens import entry_api
from accounts.tokens import pages as tokens_pages
from accounts.two_factor import api as two_factor_api
from accounts.two_factor import pages as two_factor_pages
from accounts.users import api as users_api
from accounts.users import jobs as users_jobs
from accounts.users import pages as users_pages
from accounts.users import protected_api as users_protected_api
from accounts.users import settings_pages as users_settings_pages
from accounts.workspaces import api as workspaces_api
from accounts.workspaces import pages as workspaces_pages
from accounts.workspaces.invariants import every_workspace_has_an_owner
from app.home import pages as home_pages
from core import jobs
from core.db import Database, Reaction, Session
from core.jobs import Job
from core.settings import Settings
from crm.companies import api as companies_api
from crm.companies import pages as companies_pages
from crm.contracts import api as contracts_api
from crm.contracts import invariants as contracts_invariants
from crm.contracts import jobs as contracts_jobs
from crm.contracts import pages as contracts_pages
from crm.contracts import reactions as contracts_reactions
from crm.deals import api as deals_api
from crm.deals import deal_pages
from crm.deals import pages as deals_pages
from crm.deals import queries as deals_queries
from crm.deals import reactions as deals_reactions
from crm.scopes import api as scopes_api
from crm.scopes import invariants as scopes_invariants
from crm.scopes import pages as scopes_pages
from crm.scopes import reactions as scopes_reactions
from files import api as files_api
from files import jobs as files_jobs
from files import pages as files_pages
from files.storage import Storage
from marketplace.briefs import api as briefs_api
from marketplace.briefs import invariants as briefs_invariants
from marketplace.briefs import jobs as briefs_jobs
from marketplace.briefs import own_api as briefs_own_api
from marketplace.briefs import own_pages as briefs_own_pages
from marketplace.briefs import pages as briefs_pages
from marketplace.briefs import staff_pages as briefs_staff_pages
from marketplace.briefs import verb_pages as briefs_verb_pages
from marketplace.cases import api as cases_api
from marketplace.cases import pages as cases_pages
from marketplace.cases import reactions as cases_reactions
from marketplace.directory import api as directory_api
from marketplace.directory import home
from marketplace.directory import pages as directory_pages
from marketplace.offers import api as offers_api
from marketplace.offers import checks as offers_checks
from marketplace.offers import drafting_pages as offers_drafting_pages
from marketplace.offers import jobs as offers_jobs
from marketplace.offers import pages as offers_pages
from marketplace.offers import reactions as offers_reactions
from marketplace.profiles import api as profiles_api
from marketplace.profiles import checks as profiles_checks
from marketplace.profiles import pages as profiles_pages
from marketplace.profiles import reactions as profiles_reactions
from marketplace.taxonomy import api as taxonomy_api
from marketplace.taxonomy import pages as taxonomy_pages
from notifications.emails import jobs as email_jobs
from notifications.inbox import api as inbox_api
from notifications.inbox import checks as inbox_checks
from notifications.inbox import pages as inbox_pages
from notifications.inbox import reactions as inbox_reactions
from notifications.inbox.kinds import KINDS
from web import idempotency, limits

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

REACTIONS: Mapping[str, Sequence[Reaction]] = {
    "user.deletion_asked": (contracts_reactions.keep_parties,),
    "user.deleted": (contracts_reactions.keep_parties,),
    "member.removed": (inbox_reactions.forget_removed,),
    "workspace.created": (profiles_reactions.on_workspace_created, deals_reactions.on_workspace_created),
    "profile.published": (cases_reactions.on_profile_shown_or_hidden,),
    "profile.unpublished": (cases_reactions.on_profile_shown_or_hidden,),
    **dict.fromkeys(deals_reactions.OFFER_EVENTS, (deals_reactions.on_offer,)),
    "offer.accepted": (deals_reactions.on_offer, contracts_reactions.draft_contract),
    "contract.activated": (scopes_reactions.on_contract_activated,),
    "brief.cancelled": (offers_reactions.on_brief_over, contracts_reactions.void_unsigned),
    "brief.expired": (offers_reactions.on_brief_over,),
    "brief.filled": (offers_reactions.on_brief_over,),
    "brief.edited": (offers_reactions.on_brief_edited,),
    "brief.terms_changed": (offers_reactions.on_terms_changed, offers_reactions.on_brief_edited),
    "brief.paused": (offers_reactions.on_brief_paused,),
    "brief.resumed": (offers_reactions.on_brief_resumed,),
    "brief.reopened": (offers_reactions.on_brief_reopened,),
}
"""Event kind → what follows from it, in this order."""
REACTIONS = {**REACTIONS, **{kind: (*REACTIONS.get(kind, ()), inbox_reactions.tell) for kind in KINDS}}
"""At last, people hear of the kinds listed in ``notifications.inbox.kinds``."""

JobHandler = Callable[[Session, dict[str, Any]], None]

JOBS: Mapping[str, JobHandler] = {
    "users.send_reset": users_jobs.send_reset,
    "users.carry_out_deletions": users_jobs.carry_out_deletions,
    "sessions.sweep": lambda db, _payload: sessions.sweep(db),
    "offers.watch_validity": offers_jobs.watch_validity,
    "limits.sweep": lambda db, _payload: limits.sweep(db),
    "jobs.sweep": lambda db, _payload: jobs.sweep(db),
    "idempotency.sweep": lambda db, _payload: idempotency.sweep(db),
    "contracts.expire_unsigned": contracts_jobs.expire_unsigned,
    "contracts.remind_of_signing": contracts_jobs.remind_of_signing,
    "briefs.expire": briefs_jobs.expire,
    "briefs.tell_matches": briefs_jobs.tell_matches,
}

OutsideHandler = Callable[[Job], None]


def outside(settings: Settings, database: Database, storage: Storage) -> Mapping[str, OutsideHandler]:
    """Jobs whose effect leaves the database (mail, stored objects): run without a transaction, at least once."""
    return {
        "emails.send": partial(email_jobs.deliver, settings),
        "files.remove": partial(files_jobs.remove, storage),
        "files.sweep": partial(files_jobs.sweep, database, storage),
    }


SCHEDULE: Mapping[str, timedelta] = {
    "users.carry_out_deletions": timedelta(hours=1),
    "sessions.sweep": timedelta(hours=1),
    "offers.watch_validity": timedelta(minutes=5),
    "limits.sweep": timedelta(hours=1),
    "jobs.sweep": timedelta(days=1),
    "idempotency.sweep": timedelta(hours=6),
    "contracts.expire_unsigned": timedelta(minutes=15),
    "contracts.remind_of_signing": timedelta(hours=1),
    "files.sweep": timedelta(days=1),
    "briefs.expire": timedelta(hours=1),
}
"""Job kind → how often it runs."""

INVARIANTS: Sequence[Callable[[Session], list[str]]] = (
    every_workspace_has_an_owner,
    profiles_checks.broken_profiles,
    *briefs_invariants.INVARIANTS,
    *contracts_invariants.INVARIANTS,
    deals_queries.list_broken,
    inbox_checks.wrong_counts,
    offers_checks.broken_offers,
    scopes_invariants.totals_equal_the_ledger,
    scopes_invariants.corrections_mirror,
    scopes_invariants.only_running_contracts_are_used,
)
"""Checks over the stored data for ``postwright check``: each returns the broken rows, named."""
