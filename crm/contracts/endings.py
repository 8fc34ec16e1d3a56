"""How a contract ends before it is in force: declined, void, expired; and the reminders before that."""

from __future__ import annotations

from datetime import timedelta

from accounts.viewers import Viewer
from core.db import Session
from core.errors import Conflict, Forbidden
from core.i18n import gettext as _
from core.states import amend, move
from crm.contracts import queries
from crm.contracts.events import tell
from crm.contracts.models import ON_TABLE, UNSIGNED, Contract, ContractStatus
from crm.contracts.schemas import ReasonInput
from marketplace.offers import service as offers

REMIND_AFTER = (timedelta(days=3), timedelta(days=7), timedelta(days=12))
"""From the sending (§3.4)."""


def decline(db: Session, contract: Contract, data: ReasonInput, *, by: Viewer) -> None:
    """Refuse a contract the other side sent; the sender hears the reason, the offer lapses, the brief reopens."""
    queries.lock(db, contract, with_offer=True)
    if contract.status not in ON_TABLE:
        raise Conflict(_("This contract is not waiting for an answer."))
    if contract.sent_by_id == by.workspace_id:
        raise Forbidden(_("Your side sent this contract. Call it off instead."), code="sender")
    _end(db, contract, ContractStatus.DECLINED, data.reason)
    tell(db, "contract.declined", contract, by=by, reason=data.reason)


def void(db: Session, contract: Contract, data: ReasonInput, *, by: Viewer) -> None:
    """Call a contract off: a draft by either side, a sent one by its sender, a signed one when both ask for it.

    The offer lapses with it. Raises ``Forbidden`` for the side that received it, ``Conflict`` once it is in force.
    """
    queries.lock(db, contract, with_offer=True)
    if contract.status in ON_TABLE and contract.sent_by_id != by.workspace_id:
        raise Forbidden(_("The other side sent this contract. Decline it instead."), code="not_sender")
    if contract.status is ContractStatus.SIGNED and contract.void_asked_by_id in (None, by.workspace_id):
        if contract.void_asked_by_id == by.workspace_id:
            raise Conflict(_("Your side has asked already. The other side has to agree."))
        amend(db, contract, void_asked_by_id=by.workspace_id, reason=data.reason, updated_at=db.now())
        tell(db, "contract.void_asked", contract, by=by, reason=data.reason)
        return
    _end(db, contract, ContractStatus.VOID, data.reason)
    tell(db, "contract.voided", contract, by=by, reason=data.reason)


def fall_with_brief(db: Session, contract: Contract) -> None:
    """The client called the brief off: a contract not yet signed by both is void with it."""
    queries.lock(db, contract, with_offer=True)
    if contract.status in UNSIGNED:
        reason = _("The brief was cancelled.")
        _end(db, contract, ContractStatus.VOID, reason)
        tell(db, "contract.voided", contract, by=None, reason=reason)


def expire(db: Session, contract: Contract) -> bool:
    """End a contract nobody finished signing in time; ``False`` if that is not so (any more)."""
    queries.lock(db, contract, with_offer=True)
    if contract.status not in UNSIGNED or contract.expires_at > db.now():
        return False
    _end(db, contract, ContractStatus.EXPIRED, "")
    tell(db, "contract.expired", contract, by=None)
    return True


def _end(db: Session, contract: Contract, to: ContractStatus, reason: str) -> None:
    move(db, contract, to, reason=reason, ended_at=db.now(), updated_at=db.now())
    offers.lapse(db, contract.offer_id, "unsigned" if to is ContractStatus.EXPIRED else to.value)


def remind(db: Session, contract: Contract) -> bool:
    """Remind the sides that have not signed, once for each of days 3, 7 and 12; ``False`` if none is due."""
    queries.lock(db, contract)
    if contract.status not in ON_TABLE or contract.sent_at is None:
        return False
    due = sum(db.now() >= contract.sent_at + wait for wait in REMIND_AFTER)
    if due <= contract.reminders_sent:
        return False
    signed = {signature.workspace_id for signature in queries.signatures_of(db, contract.id)}
    amend(db, contract, reminders_sent=due)
    waiting = [side for side in (contract.specialist_id, contract.business_id) if side not in signed]
    tell(db, "contract.reminded", contract, by=None, to=waiting, expires_at=contract.expires_at.isoformat())
    return True
