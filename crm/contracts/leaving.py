"""How a contract in force ends: by notice, by a breach, by its last day; and how notice is taken back (§3.4)."""

from __future__ import annotations

from datetime import date, timedelta

from accounts.viewers import Viewer
from core.clock import begun_somewhere, over_everywhere
from core.db import Session
from core.errors import Conflict, Invalid
from core.i18n import gettext as _
from core.states import amend, move
from core.templating import show_date
from crm.contracts import queries
from crm.contracts.events import tell
from crm.contracts.models import UNTIL_LAST_DAY, Contract, ContractStatus
from crm.contracts.plan import last_day
from crm.contracts.schemas import NoticeInput, ReasonInput

IN_FORCE = (ContractStatus.ACTIVE, ContractStatus.PAUSED)
"""Where notice can be given."""


def last_by_term(contract: Contract) -> date:
    """The last day the two signed for."""
    return last_day(contract.starts_on, contract.term_months)


def earliest(contract: Contract, today: date) -> date | None:
    """The first day notice given on ``today`` may name; ``None`` if the contract is over by itself until then."""
    first = max(today + timedelta(days=contract.terms["notice_days"]), contract.starts_on)
    return first if first < last_by_term(contract) else None


def give_notice(db: Session, contract: Contract, data: NoticeInput, *, by: Viewer) -> None:
    """End a contract on ``data.last_day``; either side may. Until then everything goes on.

    Raises ``Invalid`` for a day before the agreed notice is over or after the term.
    """
    queries.lock(db, contract)
    if contract.status not in IN_FORCE:
        raise Conflict(_("Notice is given for a contract in force."))
    first, last = earliest(contract, by.today(db.now())), last_by_term(contract)
    if first is None:
        sentence = _("It ends by itself on %(day)s, before a notice would.") % {"day": show_date(last)}
        raise Invalid(sentence, {"last_day": sentence})
    if not first <= data.last_day <= last:
        sentence = _("Choose a day from %(first)s to %(last)s.") % {"first": show_date(first), "last": show_date(last)}
        raise Invalid(sentence, {"last_day": sentence})
    move(db, contract, ContractStatus.ENDING, ends_on=data.last_day, reason=data.message, updated_at=db.now())
    tell(db, "contract.notice_given", contract, by=by, last_day=data.last_day.isoformat(), reason=data.message)


def keep(db: Session, contract: Contract, *, by: Viewer) -> None:
    """Go on in spite of the notice: one side asks, the other side's asking too makes it so.

    Raises ``Conflict`` when no notice was given, the last day is over or this side asked before.
    """
    queries.lock(db, contract)
    if contract.status is not ContractStatus.ENDING:
        raise Conflict(_("Nobody gave notice for this contract."))
    if contract.ends_on is not None and contract.ends_on < by.today(db.now()):
        raise Conflict(_("Its last day is over."))
    side = contract.side_of(by.workspace_id)
    if contract.keep_asked_by is side:
        raise Conflict(_("Your side has asked already. The other side has to agree."))
    if contract.keep_asked_by is None:
        amend(db, contract, keep_asked_by=side, updated_at=db.now())
        tell(db, "contract.keep_asked", contract, by=by)
        return
    move(
        db,
        contract,
        ContractStatus.ACTIVE,
        ends_on=last_by_term(contract),
        keep_asked_by=None,
        reason="",
        updated_at=db.now(),
    )
    tell(db, "contract.kept", contract, by=by)


def terminate(db: Session, contract: Contract, data: ReasonInput, *, by: Viewer) -> None:
    """End a contract today because the other side broke it, as ``data.reason`` says; either side may.

    Where the first day of the work has begun for somebody, that day is part of it; else the work never begins.
    """
    queries.lock(db, contract)
    today = min(by.today(db.now()), last_by_term(contract))
    if contract.starts_on <= begun_somewhere(db.now()):
        today = max(today, contract.starts_on)
    move(
        db,
        contract,
        ContractStatus.TERMINATED,
        ends_on=today,
        reason=data.reason,
        ended_at=db.now(),
        updated_at=db.now(),
    )
    tell(db, "contract.terminated", contract, by=by, reason=data.reason)


def end(db: Session, contract: Contract) -> bool:
    """End a contract whose last day is over wherever its parties live; ``False`` if it is not (any more)."""
    queries.lock(db, contract)
    if contract.status not in UNTIL_LAST_DAY or contract.ends_on is None:
        return False
    if contract.ends_on >= over_everywhere(db.now()):
        return False
    move(db, contract, ContractStatus.ENDED, ended_at=db.now(), updated_at=db.now())
    tell(db, "contract.ended", contract, by=None)
    return True
