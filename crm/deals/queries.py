"""Every SELECT about deals except the board. All are bounded by the viewer's workspace."""

from __future__ import annotations

import operator
from datetime import UTC, date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Date, Select, and_, func, literal, or_, select
from sqlmodel import col

from accounts.users.models import User
from accounts.viewers import Viewer
from accounts.workspaces.models import Workspace
from core.db import Session
from core.errors import Invalid, NotFound
from core.i18n import gettext as _
from core.paging import PAGE_SIZE, Page, broken, cursor_id, decode_cursor, page_of
from core.search import normal
from crm.companies.models import Company, Contact
from crm.deals.models import OPEN_KINDS, Deal, DealNote, Stage, StageChange, StageKind
from marketplace.offers.models import Offer, OfferStatus

Sort = Literal["next", "value", "age"]
NEVER = date(9999, 12, 31)

_deals = (
    select(
        *(col(getattr(Deal, name)) for name in Deal.model_fields if name != "search_text"),
        col(Company.name).label("company_name"),
        col(Contact.name).label("contact_name"),
        col(Stage.name).label("stage_name"),
        col(Stage.probability),
    )
    .join(Company, col(Company.id) == Deal.company_id)
    .join(Stage, col(Stage.id) == Deal.stage_id)
    .join(Contact, col(Contact.id) == Deal.contact_id, isouter=True)
)
_goes_on = col(Deal.lost_reason).is_not(None) | (col(Deal.next_step) != "") | col(Deal.next_step_on).is_not(None)
"""What a won deal has not."""
_when = func.coalesce(col(Deal.next_step_on), literal(NEVER, Date()))


def list_deals(
    db: Session,
    viewer: Viewer,
    *,
    q: str = "",
    stage: str = "open",
    company_id: UUID | None = None,
    contact_id: UUID | None = None,
    sort: Sort = "next",
    after: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[Any]:
    """Deals by next step (soonest first, none last), value (in euro, highest first) or age in stage (oldest first).

    ``q`` finds parts of the company, its contacts, the title and the next step. ``stage``: ``all``, the id of a stage,
    or ``open`` with those on hold or lost whose day to come back has come; raises ``Invalid`` on anything else.
    """
    statement = select(col(Deal.id)).where(col(Deal.workspace_id) == viewer.workspace_id)
    if stage == "open":
        statement = statement.where(_open(viewer.today(db.now())))
    elif stage != "all":
        statement = statement.where(col(Deal.stage_id) == _stage_id(stage))
    if company_id is not None:
        statement = statement.where(col(Deal.company_id) == company_id)
    if contact_id is not None:
        statement = statement.where(col(Deal.contact_id) == contact_id)
    wanted = normal(q)
    if wanted:
        mine = col(Deal.search_text).contains(wanted, autoescape=True)
        statement = statement.join(Company, col(Company.id) == Deal.company_id)
        statement = statement.where(mine | col(Company.search_text).contains(wanted, autoescape=True))
    page = _sorted(_after(statement, sort, after), sort).limit(size + 1)
    rows = db.rows(_sorted(_deals.where(col(Deal.id).in_(page)), sort))
    return page_of(rows, size, lambda row: _key(row, sort))


def _open(today: date) -> Any:
    """Deals that ask for their owner: the open ones, and the others once it is time to take them up again."""
    kind = col(Deal.stage_kind)
    return or_(
        kind.in_(OPEN_KINDS),
        (kind == StageKind.ON_HOLD) & (col(Deal.resume_on) <= today),
        (kind == StageKind.LOST) & (col(Deal.next_step_on) <= today),
    )


def _stage_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid(
            _("Choose a stage of your pipeline."), {"stage": _("Choose a stage of your pipeline.")}
        ) from error


def _column(sort: Sort) -> Any:
    return {"value": col(Deal.value), "age": col(Deal.entered_at), "next": _when}[sort]


def _sorted(statement: Select[Any], sort: Sort) -> Select[Any]:
    column = _column(sort)
    return statement.order_by(column.desc() if sort == "value" else column, col(Deal.id))


def _after(statement: Select[Any], sort: Sort, after: str | None) -> Select[Any]:
    cursor, column = decode_cursor(after, 3), _column(sort)
    if cursor is None:
        return statement
    if cursor[0] != sort:
        raise broken()
    edge, last = _edge(cursor[1], sort), cursor_id(cursor[2])
    further = column < edge if sort == "value" else column > edge
    return statement.where(further | ((column == edge) & (col(Deal.id) > last)))


def _key(row: Any, sort: Sort) -> tuple[Any, ...]:
    edge = {"value": row.value, "age": row.entered_at.isoformat()}.get(sort, (row.next_step_on or NEVER).isoformat())
    return sort, edge, str(row.id)


def _edge(part: object, sort: Sort) -> Any:
    """The sort value out of a cursor. Raises ``Invalid`` if it is none of that sort."""
    try:
        if sort == "value":
            return operator.index(part)  # type: ignore[arg-type]
        if sort == "age":
            return datetime.fromisoformat(str(part)).astimezone(UTC)
        return literal(date.fromisoformat(str(part)), Date())
    except (TypeError, ValueError, OverflowError) as error:
        raise broken() from error


def find_deal(db: Session, viewer: Viewer, deal_id: UUID) -> Deal:
    """The deal as an entity, to change it. Raises ``NotFound`` if it is not the viewer's."""
    found = db.scalar(select(Deal).where(col(Deal.id) == deal_id, col(Deal.workspace_id) == viewer.workspace_id))
    if found is None:
        raise NotFound(_("There is no such deal here."))
    return found


def lock(db: Session, deal: Deal) -> None:
    """Hold ``deal`` until the transaction ends and read it anew. Raises ``NotFound`` if it is gone."""
    current = select(Deal).where(col(Deal.id) == deal.id).with_for_update()
    if db.scalar(current.execution_options(populate_existing=True)) is None:
        raise NotFound(_("There is no such deal here."))


def read_deal(db: Session, viewer: Viewer, deal_id: UUID) -> Any:
    """The deal with the names of its company, contact and stage. Raises ``NotFound`` if it is not the viewer's."""
    mine = _deals.where(col(Deal.id) == deal_id, col(Deal.workspace_id) == viewer.workspace_id)
    found = db.execute(mine).one_or_none()
    if found is None:
        raise NotFound(_("There is no such deal here."))
    return found


def offer_status(db: Session, deal: Deal) -> OfferStatus | None:
    """What became of the deal's offer: ``draft`` while one to its company is being written, ``None`` if there is none.

    Offers made elsewhere are not known.
    """
    if deal.offer_id:
        return db.scalar(select(col(Offer.status)).where(col(Offer.id) == deal.offer_id))
    written = select(col(Company.id)).where(col(Company.id) == deal.company_id, is_written_to(deal.workspace_id))
    return None if db.scalar(written) is None else OfferStatus.DRAFT


def is_written_to(workspace_id: Any) -> Any:
    """Whether the workspace keeps a draft of an offer to the company: to its client, or to the business of that name.

    Once sent, it is found by the same two (``companies.for_client``).
    """
    drafts = (
        select(col(Offer.business_id), col(Workspace.name))
        .join(Workspace, col(Workspace.id) == Offer.business_id)
        .where(col(Offer.author_id) == workspace_id, col(Offer.status) == OfferStatus.DRAFT)
        .subquery()
    )
    named = and_(col(Company.client_id).is_(None), col(Company.name).in_(select(drafts.c.name)))
    return or_(col(Company.client_id).in_(select(drafts.c.business_id)), named)


def list_notes(db: Session, deal_id: UUID, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[Any]:
    """Notes, newest first."""
    statement: Any = (
        select(
            col(DealNote.id), col(DealNote.text), col(DealNote.at), col(DealNote.by_user_id), col(User.name).label("by")
        )
        .join(User, col(User.id) == DealNote.by_user_id, isouter=True)
        .where(col(DealNote.deal_id) == deal_id)
    )
    return _newest_first(db, statement, col(DealNote.id), after, size)


def list_changes(db: Session, deal_id: UUID, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[Any]:
    """The stage history, newest first."""
    statement = select(
        col(StageChange.id),
        col(StageChange.from_kind),
        col(StageChange.to_kind),
        col(StageChange.to_name),
        col(StageChange.reason),
        col(StageChange.note),
        col(StageChange.at),
    ).where(col(StageChange.deal_id) == deal_id)
    return _newest_first(db, statement, col(StageChange.id), after, size)


def _newest_first(db: Session, statement: Any, row_id: Any, after: str | None, size: int) -> Page[Any]:
    cursor = decode_cursor(after, 1)
    if cursor is not None:
        statement = statement.where(row_id < cursor_id(cursor[0]))
    rows = db.rows(statement.order_by(row_id.desc()).limit(size + 1))
    return page_of(rows, size, lambda row: (str(row.id),))


def usual_currency(db: Session, viewer: Viewer) -> str:
    """What the workspace asks its prices in."""
    return db.scalar(select(col(Workspace.currency)).where(col(Workspace.id) == viewer.workspace_id)) or "EUR"


def list_broken(db: Session) -> list[str]:
    """Deals whose stage, company, reason or step contradict them; empty when all is well. For ``postwright check``."""
    rows = db.rows(
        select(col(Deal.id), col(Deal.stage_kind))
        .join(Stage, col(Stage.id) == Deal.stage_id)
        .join(Company, col(Company.id) == Deal.company_id)
        .where(
            (col(Stage.kind) != Deal.stage_kind)
            | (col(Stage.workspace_id) != Deal.workspace_id)
            | (col(Company.workspace_id) != Deal.workspace_id)
            | ((col(Deal.stage_kind) == StageKind.LOST) & col(Deal.lost_reason).is_(None))
            | ((col(Deal.stage_kind) == StageKind.ON_HOLD) & col(Deal.resume_on).is_(None))
            | ((col(Deal.stage_kind) == StageKind.WON) & _goes_on)
        )
    )
    return [f"deal {row.id}: stage {row.stage_kind} does not fit its stage, company, reason or step" for row in rows]
