"""Verbs on the use of a scope. The ledger only grows; the sums move in the same statement as the entry."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from accounts.viewers import Viewer
from core.db import Session
from core.errors import Conflict, Forbidden, Invalid
from core.events import record
from core.i18n import gettext as _
from core.money import LARGEST, format_money
from core.templating import show_date
from crm.contracts.models import OVER, UNTIL_LAST_DAY, Contract, ScopeLine, Side
from crm.scopes import carrying, proof, queries
from crm.scopes.meter import NEAR, Meter
from crm.scopes.models import UsageEntry, UsageTotal
from crm.scopes.periods import Period, Term, period_of, term_of
from crm.scopes.schemas import CorrectionInput, UsageInput
from crm.scopes.words import UNDONE
from marketplace.briefs.models import LineOwner
from marketplace.taxonomy.words import responsibility_name

LATE = timedelta(days=7)
"""So long after its end, work done before is still logged."""
DOES = {
    Side.SPECIALIST: frozenset({LineOwner.SPECIALIST, LineOwner.SHARED, LineOwner.THIRD_PARTY}),
    Side.CLIENT: frozenset({LineOwner.CLIENT, LineOwner.SHARED}),
}
"""Which side logs which lines."""


SLIP = timedelta(minutes=10)
"""So long an entry is undone without giving a reason."""


def log_until(contract: Contract) -> datetime | None:
    """Until when the work of a contract that has ended is still logged; ``None`` if it has not ended or never began."""
    if contract.status not in OVER or contract.ended_at is None or contract.never_began:
        return None
    return contract.ended_at + LATE


def is_loggable(contract: Contract, now: datetime) -> bool:
    """Whether work is logged: while the contract runs, and a week longer."""
    until = log_until(contract)
    return contract.status in UNTIL_LAST_DAY or (until is not None and now <= until)


def require_loggable(contract: Contract, now: datetime) -> None:
    """Raise ``Conflict`` unless work is logged."""
    if not is_loggable(contract, now):
        raise Conflict(_("Work is logged while the contract is in force, and for a week after its end."))


def may_log(contract: Contract, line: ScopeLine, viewer: Viewer) -> bool:
    """Whether the viewer's side does this line."""
    return line.owner in DOES[contract.side_of(viewer.workspace_id)]


def log(
    db: Session,
    contract: Contract,
    line: ScopeLine,
    data: UsageInput,
    *,
    by: Viewer,
    upload_id: UUID | None = None,
    file_field: str = "upload_id",
) -> UsageEntry:
    """Use up ``data.quantity`` units of a line on a day.

    What goes beyond the limit is an extra at the price the contract names for it, or goodwill. Raises ``Conflict``
    unless the contract runs, ``Forbidden`` for the other side's line, ``Invalid`` for a day outside the contract,
    without the proof the contract asks for (``file_field``: where a file would be), when the limit would be passed
    without saying which (unapproved extras are not in scope, N3), when the units carried over and are used already, or
    when the extras of a period would cost more than the largest amount of money there is.
    """
    require_loggable(contract, db.now())
    if not may_log(contract, line, by):
        raise Forbidden(_("The other side does this line and logs it."))
    term = term_of(contract)
    _check_day(term, line, data.done_on, by.today(db.now()))
    _check_beyond(line, data)
    proof.require(line, data, has_file=upload_id is not None, file_field=file_field)
    period = period_of(line.period, term, data.done_on)
    carrying.hold(db, line)
    before = carrying.allowed_in(db, line, term, period)
    used, _charged = _add(db, line.id, period.key, data.quantity)
    after = Meter(used, before.allowance, before.carried)
    over = 0 if after.allowance is None else max(0, min(data.quantity, after.used - after.allowance))
    if over and not (data.goodwill or data.extra):
        sentence = _beyond(contract, line, left=data.quantity - over)
        raise Invalid(sentence, {"quantity": sentence})
    carrying.require_unspent(db, line, term, period, used=used, quantity=data.quantity)
    charge = over * (line.overage_price or 0) if data.extra else 0
    if charge:
        _charge(db, contract, line, period, charge)
    entry = UsageEntry(
        contract_id=contract.id,
        line_id=line.id,
        period=period.key,
        quantity=data.quantity,
        done_on=data.done_on,
        note=data.note,
        evidence_url=data.evidence_url or "",
        upload_id=upload_id,
        over=over,
        charge=charge,
        goodwill=over > 0 and data.goodwill,
        by_user_id=by.user_id,
        at=db.now(),
    )
    db.add(entry)
    kind = "usage.extra" if charge else "usage.logged"
    _tell(db, kind, contract, line, by, entry=str(entry.id), quantity=data.quantity, period=period.key)
    _alert(db, contract, line, by, after, data.quantity)
    return entry


def correct(db: Session, contract: Contract, entry: UsageEntry, data: CorrectionInput, *, by: Viewer) -> UsageEntry:
    """Take an entry back by a counter-entry with a reason; the entry itself stays.

    Raises ``Conflict`` for a correction, an entry corrected before or one that keeps an extra beyond the limit,
    ``Forbidden`` for the other side's line.
    """
    return _counter(db, contract, entry, data.reason, by=by)


def undo(db: Session, contract: Contract, entry: UsageEntry, *, by: Viewer) -> UsageEntry:
    """``correct`` for one's own slip just made, which needs no reason.

    Raises ``Conflict`` after ten minutes too, ``Forbidden`` for somebody else's entry.
    """
    if entry.by_user_id != by.user_id:
        raise Forbidden(_("Somebody else logged this. Take it back with a reason."))
    if db.now() - entry.at > SLIP:
        raise Conflict(_("That was a while ago. Take the entry back with a reason."))
    return _counter(db, contract, entry, UNDONE, by=by)


def _counter(db: Session, contract: Contract, entry: UsageEntry, reason: str, *, by: Viewer) -> UsageEntry:
    line = queries.find_line(db, contract, entry.line_id)
    if not is_loggable(contract, db.now()):
        raise Conflict(_("Work is corrected while the contract is in force, and for a week after its end."))
    if not may_log(contract, line, by):
        raise Forbidden(_("The other side does this line and corrects it."))
    if entry.corrects_id is not None:
        raise Conflict(_("A correction is not corrected. Log the work again instead."))
    carrying.hold(db, line)
    counter = UsageEntry(
        contract_id=contract.id,
        line_id=line.id,
        period=entry.period,
        quantity=-entry.quantity,
        done_on=entry.done_on,
        corrects_id=entry.id,
        reason=reason,
        over=-entry.over,
        charge=-entry.charge,
        goodwill=entry.goodwill,
        by_user_id=by.user_id,
        at=db.now(),
    )
    known = db.scalar(select(col(UsageEntry.id)).where(col(UsageEntry.corrects_id) == entry.id))
    try:
        if known is not None:
            raise Conflict(_("This entry was corrected before."))
        with db.begin_nested():
            db.add(counter)
    except IntegrityError as error:
        raise Conflict(_("This entry was corrected before.")) from error
    _add(db, line.id, entry.period, -entry.quantity, -entry.charge)
    _keep_extras_beyond(db, contract, line, entry)
    _tell(db, "usage.corrected", contract, line, by, entry=str(counter.id), reason=reason)
    return counter


def _keep_extras_beyond(db: Session, contract: Contract, line: ScopeLine, entry: UsageEntry) -> None:
    """What was charged as beyond the limit must still be beyond it once ``entry`` is taken back."""
    term = term_of(contract)
    db.flush()
    if not carrying.extras_stay_beyond(db, line, term, period_of(line.period, term, entry.done_on)):
        raise Conflict(_("An extra of this period would then be within the limit. Take the extra back first."))


def _check_beyond(line: ScopeLine, data: UsageInput) -> None:
    if data.extra and data.goodwill:
        raise Invalid(_("Choose one."), {"goodwill": _("Either an extra with its price or goodwill, not both.")})
    if data.extra and line.overage_price is None:
        raise Invalid(_("No price."), {"extra": _("The contract names no price beyond the limit of this line.")})
    if data.goodwill and not data.note:
        raise Invalid(_("Say why."), {"note": _("Say why you give this beyond the limit.")})


def _beyond(contract: Contract, line: ScopeLine, *, left: int) -> str:
    """What to do when ``left`` units do not suffice."""
    if line.overage_price is None:
        text = _("%(left)s left in this period. Agree on the rest in a new offer, or tick goodwill and say why.")
        return text % {"left": left}
    price = format_money(line.overage_price, contract.currency)
    text = _("%(left)s left in this period. Tick the extra at %(price)s each, or goodwill and say why you give it.")
    return text % {"left": left, "price": price}


def _check_day(term: Term, line: ScopeLine, day: date, today: date) -> None:
    if day > today:
        raise Invalid(_("Not yet."), {"done_on": _("This day has not come yet.")})
    if day > term.last:
        sentence = _("The contract ended on %(day)s.") % {"day": show_date(term.last)}
        raise Invalid(sentence, {"done_on": sentence})
    if day < max(term.first, line.valid_from) or (line.valid_to is not None and day > line.valid_to):
        raise Invalid(_("Outside the contract."), {"done_on": _("This line does not run on this day.")})


def _charge(db: Session, contract: Contract, line: ScopeLine, period: Period, charge: int) -> None:
    _used, charged = _add(db, line.id, period.key, 0, charge)
    if charged > LARGEST:
        most = format_money(LARGEST, contract.currency)
        sentence = _("Extras of one period cost at most %(most)s.") % {"most": most}
        raise Invalid(sentence, {"quantity": sentence})


def _add(db: Session, line_id: UUID, period: str, quantity: int, charge: int = 0) -> tuple[int, int]:
    """Move the stored sums; what is used and charged then. Twenty at once add up exactly on both databases."""
    table = UsageTotal.__table__  # type: ignore[attr-defined]
    insert = sqlite.insert if db.on_sqlite else postgresql.insert
    statement = insert(table).values(line_id=line_id, period=period, used=quantity, charged=charge)
    statement = statement.on_conflict_do_update(
        index_elements=["line_id", "period"],
        set_={"used": table.c.used + quantity, "charged": table.c.charged + charge},
    )
    row = db.execute(statement.returning(table.c.used, table.c.charged)).one()
    return row.used, row.charged


def _alert(db: Session, contract: Contract, line: ScopeLine, by: Viewer, meter: Meter, quantity: int) -> None:
    """Tell both sides when a line passes 80 or 100 % of its allowance (§3.7)."""
    if not meter.allowance:
        return
    before, own = meter.used - quantity, str(by.workspace_id)
    if before < meter.allowance <= meter.used:
        _tell(db, "usage.full", contract, line, by, used=meter.used, allowance=meter.allowance, also=own)
    elif before < meter.allowance * NEAR <= meter.used:
        _tell(db, "usage.near", contract, line, by, used=meter.used, allowance=meter.allowance, also=own)


def _tell(db: Session, kind: str, contract: Contract, line: ScopeLine, by: Viewer, **data: object) -> None:
    record(
        db,
        kind,
        contract,
        by=by,
        other=contract.other_of(by.workspace_id),
        title=contract.title,
        line=responsibility_name(line.responsibility),
        line_id=str(line.id),
        url=f"/contracts/{contract.id}/scope",
        **data,
    )
