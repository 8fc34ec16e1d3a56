"""The one list of what the product does by itself: reactions to events, jobs, schedule, invariants.

Its doors are in ``app.doors``, which the worker and the commands need not load.
Reactions run in the transaction of the event that sets them off; they only ever point upwards
(``offers`` does not know ``deals``; this table does).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from accounts.sessions import service as sessions
from accounts.tokens import reactions as tokens_reactions
from accounts.users import jobs as users_jobs
from accounts.workspaces import invariants as workspaces_invariants
from core import jobs
from core.clock import Clock, system_clock
from core.db import Database, Reaction, Session
from core.jobs import Job
from core.settings import Settings
from crm.contracts import invariants as contracts_invariants
from crm.contracts import jobs as contracts_jobs
from crm.contracts import reactions as contracts_reactions
from crm.deals import invariants as deals_invariants
from crm.deals import reactions as deals_reactions
from crm.scopes import invariants as scopes_invariants
from crm.scopes import jobs as scopes_jobs
from crm.scopes import reactions as scopes_reactions
from files import jobs as files_jobs
from files.storage import Storage
from marketplace.briefs import invariants as briefs_invariants
from marketplace.briefs import jobs as briefs_jobs
from marketplace.briefs import reactions as briefs_reactions
from marketplace.cases import reactions as cases_reactions
from marketplace.offers import checks as offers_checks
from marketplace.offers import jobs as offers_jobs
from marketplace.offers import reactions as offers_reactions
from marketplace.profiles import checks as profiles_checks
from marketplace.profiles import reactions as profiles_reactions
from notifications.emails import jobs as email_jobs
from notifications.inbox import checks as inbox_checks
from notifications.inbox import reactions as inbox_reactions
from notifications.inbox.kinds import KINDS
from web import idempotency, limits

REACTIONS: Mapping[str, Sequence[Reaction]] = {
    "user.password_reset": (tokens_reactions.on_password_reset,),
    "user.deletion_asked": (contracts_reactions.keep_parties,),
    "user.deleted": (contracts_reactions.keep_parties, inbox_reactions.forget_arrivals),
    "member.removed": (inbox_reactions.forget_removed,),
    "workspace.created": (profiles_reactions.on_workspace_created, deals_reactions.on_workspace_created),
    "workspace.closed": (
        briefs_reactions.on_workspace_closed,
        offers_reactions.on_workspace_closed,
        cases_reactions.on_workspace_closed,
        profiles_reactions.on_workspace_closed,
        deals_reactions.on_workspace_closed,
    ),
    "workspace.suspended": (
        briefs_reactions.on_workspace_suspended_or_restored,
        offers_reactions.on_workspace_closed,
        profiles_reactions.on_workspace_suspended,
    ),
    "workspace.restored": (
        briefs_reactions.on_workspace_suspended_or_restored,
        profiles_reactions.on_workspace_restored,
    ),
    "profile.published": (cases_reactions.on_profile_shown_or_hidden,),
    "profile.unpublished": (cases_reactions.on_profile_shown_or_hidden,),
    **dict.fromkeys(deals_reactions.OFFER_EVENTS, (deals_reactions.on_offer,)),
    "offer.accepted": (deals_reactions.on_offer, contracts_reactions.draft_contract),
    **dict.fromkeys(scopes_reactions.CONTRACT_EVENTS, (scopes_reactions.refresh_free_time,)),
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


def open_database(settings: Settings, clock: Clock = system_clock) -> Database:
    """The configured database with the product's reactions."""
    return Database(settings.database_url, clock=clock, reactions=REACTIONS, synchronous=settings.sqlite_synchronous)


JobHandler = Callable[[Session, dict[str, Any]], None]

JOBS: Mapping[str, JobHandler] = {
    "users.send_reset": users_jobs.send_reset,
    "users.send_confirmation": users_jobs.send_confirmation,
    "users.carry_out_deletions": users_jobs.carry_out_deletions,
    "sessions.sweep": lambda db, _payload: sessions.sweep(db),
    "offers.watch_validity": offers_jobs.watch_validity,
    "limits.sweep": lambda db, _payload: limits.sweep(db),
    "jobs.sweep": lambda db, _payload: jobs.sweep(db),
    "idempotency.sweep": lambda db, _payload: idempotency.sweep(db),
    "contracts.expire_unsigned": contracts_jobs.expire_unsigned,
    "contracts.remind_of_signing": contracts_jobs.remind_of_signing,
    "contracts.end_over": contracts_jobs.end_over,
    "scopes.forget_unlogged_files": scopes_jobs.forget_unlogged_files,
    "briefs.expire": briefs_jobs.expire,
    "briefs.tell_matches": briefs_jobs.tell_matches,
}

OutsideHandler = Callable[[Job], None]


def outside(settings: Settings, database: Database, storage: Storage) -> Mapping[str, OutsideHandler]:
    """Jobs whose effect leaves the database (mail, stored objects): run without a transaction, at least once."""
    papers = {"contract": partial(contracts_jobs.read_paper, database)}
    return {
        "emails.send": partial(email_jobs.deliver, settings, papers),
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
    "contracts.end_over": timedelta(hours=1),
    "scopes.forget_unlogged_files": timedelta(hours=1),
    "files.sweep": timedelta(days=1),
    "briefs.expire": timedelta(hours=1),
}
"""Job kind → how often it runs."""

INVARIANTS: Sequence[Callable[[Session], list[str]]] = (
    *workspaces_invariants.INVARIANTS,
    profiles_checks.broken_profiles,
    *briefs_invariants.INVARIANTS,
    *contracts_invariants.INVARIANTS,
    *deals_invariants.INVARIANTS,
    inbox_checks.wrong_counts,
    *offers_checks.INVARIANTS,
    scopes_invariants.totals_equal_the_ledger,
    scopes_invariants.corrections_mirror,
    scopes_invariants.only_running_contracts_are_used,
)
"""Checks over the stored data for ``postwright check``: each returns the broken rows, named."""
