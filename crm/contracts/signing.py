"""Sending, recalling and signing: from a draft to a contract in force."""

from __future__ import annotations

from datetime import datetime

from accounts.viewers import Viewer, require_verified
from core.clock import over_everywhere
from core.db import Session
from core.errors import Conflict, Forbidden, Invalid
from core.i18n import gettext as _
from core.states import move
from crm.contracts import queries
from crm.contracts.document import facts_of, freeze
from crm.contracts.drafting import SIGN_WITHIN, missing, require_version
from crm.contracts.events import tell
from crm.contracts.models import ON_TABLE, Contract, ContractDocument, ContractStatus, Signature
from crm.contracts.plan import last_day
from crm.contracts.schemas import SendInput, SignInput
from crm.contracts.verification import signature_hash
from marketplace.offers import service as offers


def send(db: Session, contract: Contract, data: SendInput, *, by: Viewer) -> ContractDocument:
    """Freeze a draft and put it on the table of both sides for 14 days; either side's manager may.

    Taken back and sent anew it stays no longer than 28 days after the acceptance: rivals wait for its end.
    Raises ``Invalid`` naming what is missing, ``Conflict`` if the draft changed since it was read or its time ran out.
    """
    queries.lock(db, contract)
    require_version(contract, data.version)
    _require_time(db, contract)
    lines, plan = queries.lines_of(db, contract.id), queries.plan_of(db, contract.id)
    if faults := missing(contract, lines, plan):
        raise Invalid(_("Complete the draft first."), faults)
    document = freeze(db, contract, facts_of(contract, lines, plan))
    move(
        db,
        contract,
        ContractStatus.SENT,
        document_number=document.number,
        sent_by_id=by.workspace_id,
        sent_at=db.now(),
        expires_at=time_to_sign(contract, db.now()),
        reminders_sent=0,
        updated_at=db.now(),
    )
    tell(db, "contract.sent", contract, by=by, number=document.number, expires_at=contract.expires_at.isoformat())
    return document


def time_to_sign(contract: Contract, now: datetime) -> datetime:
    """Until when both sides can sign a draft that is sent ``now``: 14 days, at most 28 after the acceptance."""
    return min(now + SIGN_WITHIN, contract.created_at + 2 * SIGN_WITHIN)


def recall(db: Session, contract: Contract, *, by: Viewer) -> None:
    """Take a sent contract back to edit it; its sender may, while nobody signed. The next sending freezes anew."""
    queries.lock(db, contract)
    if contract.sent_by_id is not None and contract.sent_by_id != by.workspace_id:
        raise Forbidden(_("Only the side that sent the contract can take it back."), code="not_sender")
    move(db, contract, ContractStatus.DRAFT, sent_by_id=None, sent_at=None, updated_at=db.now())
    tell(db, "contract.recalled", contract, by=by)


def intent(number: int) -> str:
    """The sentence a signer agrees to."""
    return _("I have read version %(number)s of this contract and agree to it.") % {"number": number}


def sign(db: Session, contract: Contract, data: SignInput, *, by: Viewer, address: str, agent: str) -> Signature:
    """Sign for ``by``'s side; the second signature puts the contract in force at once, in the same transaction.

    Nothing is charged yet, so no payment is waited for; the first period still begins on ``starts_on``.
    ``address`` and ``agent`` describe the signer's connection. Raises ``Conflict`` if another text is on the table
    than the one shown, this side signed already or the 14 days are over.
    """
    require_verified(by)
    queries.lock(db, contract, with_offer=True)
    document = queries.current_document(db, contract)
    if contract.status not in ON_TABLE or document is None:
        raise Conflict(_("This contract is not waiting for signatures."))
    _require_time(db, contract)
    if document.sha256 != data.document_sha256:
        raise Conflict(_("The text changed since you opened it. Read it again before you sign."), code="other_text")
    given = queries.signatures_of(db, contract.id)
    side = contract.side_of(by.workspace_id)
    if any(signature.side is side for signature in given):
        raise Conflict(_("Your side has signed already."), code="signed")
    if any(signature.user_id == by.user_id for signature in given):
        raise Forbidden(_("You signed for the other side. Somebody else has to sign here."), code="both_sides")
    signature = Signature(
        contract_id=contract.id,
        document_id=document.id,
        side=side,
        workspace_id=by.workspace_id,
        user_id=by.user_id,
        typed_name=data.typed_name,
        intent=intent(document.number),
        document_sha256=document.sha256,
        address=address,
        agent="".join(letter for letter in agent if letter.isprintable())[:300],
        signed_at=db.now(),
        previous_sha256=given[-1].sha256 if given else "",
        sha256="",
    )
    signature.sha256 = signature_hash(signature)
    db.add(signature)
    if not given:
        move(db, contract, ContractStatus.PARTIALLY_SIGNED, updated_at=db.now())
        tell(db, "contract.signed", contract, by=by, side=side.value)
    else:
        move(db, contract, ContractStatus.SIGNED, signed_at=db.now(), updated_at=db.now())
        tell(db, "contract.signed", contract, by=by, side=side.value)
        _activate(db, contract)
    return signature


def _require_time(db: Session, contract: Contract) -> None:
    """The clock decides, not the job that ends what is over; nor is a term signed that nobody can work in any more."""
    if contract.expires_at <= db.now():
        raise Conflict(_("The time for this contract ran out. It expires now."), code="expired")
    if last_day(contract.starts_on, contract.term_months) < over_everywhere(db.now()):
        raise Conflict(_("Its term is over. Call it off or decline it, and agree on a later start."), code="term_over")


def _activate(db: Session, contract: Contract) -> None:
    """In force: the offer converts, which fills the brief and wins the deal. Both sides hear, the last signer too."""
    ends_on = last_day(contract.starts_on, contract.term_months)
    move(db, contract, ContractStatus.ACTIVE, ends_on=ends_on, active_at=db.now(), updated_at=db.now())
    offers.convert(db, contract.offer_id)
    tell(db, "contract.activated", contract, by=None)
