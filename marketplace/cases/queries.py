"""Every SELECT about cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, func, literal, select, tuple_
from sqlalchemy import case as sql_case
from sqlmodel import col

from accounts.viewers import Viewer
from accounts.workspaces.models import Workspace
from core.columns import UTCDateTime
from core.db import Session
from core.errors import NotFound
from core.i18n import gettext as _
from core.paging import PAGE_SIZE, Page, cursor_id, cursor_moment, decode_cursor, page_of
from core.search import candidates
from files.models import Upload
from marketplace.cases.models import Case, CaseImage, CaseKpi, CaseStatus
from marketplace.cases.numbers import Number, number_of
from marketplace.profiles.models import Profile, ProfileStatus

_shown = (
    col(Case.status) == CaseStatus.PUBLISHED,
    col(Profile.status) == ProfileStatus.PUBLISHED,
    col(Workspace.suspended_at).is_(None),
)
"""What anyone may see."""
_card = (
    select(
        col(Case.id),
        col(Case.slug),
        col(Case.title),
        sql_case((col(Case.is_nda), ""), else_=col(Case.client_name)).label("client_name"),
        col(Case.is_nda),
        col(Case.niche),
        col(Case.platforms),
        col(Case.published_at),
        col(Profile.name).label("specialist"),
        col(Profile.slug).label("specialist_slug"),
        col(Case.workspace_id),
    )
    .join(Profile, col(Profile.workspace_id) == Case.workspace_id)
    .join(Workspace, col(Workspace.id) == Case.workspace_id)
    .where(*_shown)
)

_latest = (col(Case.published_at).desc(), col(Case.id).desc())


def list_published(
    db: Session,
    *,
    q: str = "",
    niche: str = "",
    specialist: str | None = None,
    after: str | None = None,
    size: int = PAGE_SIZE,
) -> Page[Any]:
    """Published cases of published specialists, or of the one with this address, the latest published first."""
    statement = _card
    found = candidates(db, "case", q)
    if found is not None:
        statement = statement.where(col(Case.id).in_(found))
    if niche:
        statement = statement.where(col(Case.niche) == niche)
    if specialist:
        statement = statement.where(col(Profile.slug) == specialist)
    cursor = decode_cursor(after, 2)
    if cursor is not None:
        place = tuple_(literal(cursor_moment(cursor[0]), UTCDateTime), literal(cursor_id(cursor[1]), Uuid))
        statement = statement.where(tuple_(col(Case.published_at), col(Case.id)) < place)
    rows = db.rows(statement.order_by(*_latest).limit(size + 1))
    return page_of(rows, size, lambda row: (row.published_at.isoformat(), str(row.id)))


def list_of_specialist(db: Session, workspace_id: UUID) -> list[Any]:
    """A specialist's published cases for the profile page, the latest published first, at most 50."""
    return db.rows(_card.where(col(Case.workspace_id) == workspace_id).order_by(*_latest).limit(50))


def headline_numbers(db: Session, cases: Sequence[Any]) -> dict[UUID, Number]:
    """The first number of each card, without its values where the case is under NDA."""
    nda = {case.id: case.is_nda for case in cases}
    rows = db.rows(_kpi_columns.where(col(CaseKpi.case_id).in_(list(nda)), col(CaseKpi.position) == 0))
    return {row.case_id: number_of(row, nda=nda[row.case_id]) for row in rows}


def covers(db: Session, cases: Sequence[Any]) -> dict[UUID, UUID]:
    """The upload of each card's first picture; cases without one are left out."""
    statement = select(col(CaseImage.case_id), col(CaseImage.upload_id)).where(
        col(CaseImage.case_id).in_([case.id for case in cases])
    )
    rows = db.rows(statement.order_by(col(CaseImage.position).desc(), col(CaseImage.id).desc()))
    return {row.case_id: row.upload_id for row in rows}


def list_own(db: Session, viewer: Viewer, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[Any]:
    """The cases of the viewer's workspace, drafts too, the newest first."""
    statement = select(col(Case.id), col(Case.slug), col(Case.title), col(Case.status), col(Case.updated_at))
    statement = statement.where(col(Case.workspace_id) == viewer.workspace_id)
    cursor = decode_cursor(after, 1)
    if cursor is not None:
        statement = statement.where(col(Case.id) < cursor_id(cursor[0]))
    rows = db.rows(statement.order_by(col(Case.id).desc()).limit(size + 1))
    return page_of(rows, size, lambda row: (str(row.id),))


def find_own(db: Session, viewer: Viewer, case_id: UUID) -> Case:
    """A case of the viewer's workspace. Raises ``NotFound``."""
    found = db.scalar(select(Case).where(col(Case.id) == case_id, col(Case.workspace_id) == viewer.workspace_id))
    if found is None:
        raise NotFound(_("There is no such case here."))
    return found


def find_visible(db: Session, viewer: Viewer | None, slug: str) -> tuple[Case, Any]:
    """A published case with its specialist, or the viewer's own. Raises ``NotFound``."""
    row = db.execute(
        select(
            Case,
            col(Profile.name),
            col(Profile.slug),
            col(Profile.headline),
            col(Profile.photo_id),
            col(Profile.status),
            col(Workspace.suspended_at),
        )
        .join(Profile, col(Profile.workspace_id) == Case.workspace_id)
        .join(Workspace, col(Workspace.id) == Case.workspace_id)
        .where(col(Case.slug) == slug)
    ).first()
    if row is not None:
        case: Case = row[0]
        own = viewer is not None and viewer.place is not None and viewer.place.id == case.workspace_id
        public = case.status is CaseStatus.PUBLISHED and row.status is ProfileStatus.PUBLISHED
        if own or (public and row.suspended_at is None):
            return case, row
    raise NotFound(_("There is no such case."))


def mark_of(db: Session, slug: str) -> tuple[Any, ...] | None:
    """What changes whenever a published case's page does; ``None`` if there is no such page for everyone."""
    row = db.execute(
        select(col(Case.id), col(Case.version), col(Profile.version))
        .join(Profile, col(Profile.workspace_id) == Case.workspace_id)
        .join(Workspace, col(Workspace.id) == Case.workspace_id)
        .where(col(Case.slug) == slug, *_shown)
    ).first()
    return tuple(row) if row is not None else None


_kpi_columns = select(
    col(CaseKpi.id),
    col(CaseKpi.case_id),
    col(CaseKpi.kpi),
    col(CaseKpi.label),
    col(CaseKpi.platform),
    col(CaseKpi.before),
    col(CaseKpi.after),
    col(CaseKpi.currency),
    col(CaseKpi.source),
    col(CaseKpi.source_note),
)


def kpis_of(db: Session, case_id: UUID) -> list[Any]:
    """A case's numbers in the author's order."""
    return db.rows(_kpi_columns.where(col(CaseKpi.case_id) == case_id).order_by(col(CaseKpi.position)))


def images_of(db: Session, case_id: UUID) -> list[Any]:
    """A case's pictures in order, with their size."""
    return db.rows(
        select(
            col(CaseImage.id), col(CaseImage.upload_id), col(CaseImage.caption), col(Upload.width), col(Upload.height)
        )
        .join(Upload, col(Upload.id) == CaseImage.upload_id)
        .where(col(CaseImage.case_id) == case_id)
        .order_by(col(CaseImage.position), col(CaseImage.id))
    )


def captions_of(db: Session, case_id: UUID) -> list[str]:
    """What stands below a case's pictures."""
    return list(db.scalars(select(col(CaseImage.caption)).where(col(CaseImage.case_id) == case_id)))


def places_of(db: Session, case_id: UUID) -> list[int]:
    """The places a case's pictures take."""
    return list(db.scalars(select(col(CaseImage.position)).where(col(CaseImage.case_id) == case_id)))


def find_image(db: Session, case_id: UUID, image_id: UUID) -> tuple[CaseImage, Upload] | None:
    """A picture of this case with its upload; ``None`` if the case has no such picture."""
    row = db.execute(
        select(CaseImage, Upload)
        .join(Upload, col(Upload.id) == CaseImage.upload_id)
        .where(col(CaseImage.id) == image_id, col(CaseImage.case_id) == case_id)
    ).first()
    return None if row is None else (row[0], row[1])


def cases_of(db: Session, workspace_id: UUID) -> list[Case]:
    """All cases of a workspace."""
    return list(db.scalars(select(Case).where(col(Case.workspace_id) == workspace_id).order_by(col(Case.id))))


def uploads_of(db: Session, case_id: UUID) -> list[Upload]:
    """The uploads behind a case's pictures."""
    statement = select(Upload).join(CaseImage, col(CaseImage.upload_id) == Upload.id)
    return list(db.scalars(statement.where(col(CaseImage.case_id) == case_id)))


def pictures_by_status(db: Session, workspace_id: UUID) -> dict[CaseStatus, list[UUID]]:
    """The uploads of all case pictures of a workspace, by the status of their case."""
    found: dict[CaseStatus, list[UUID]] = {}
    for row in db.rows(
        select(col(Case.status), col(CaseImage.upload_id))
        .join(Case, col(Case.id) == CaseImage.case_id)
        .where(col(Case.workspace_id) == workspace_id)
    ):
        found.setdefault(row.status, []).append(row.upload_id)
    return found


def count_published(db: Session, workspace_id: UUID) -> int:
    """How many cases a specialist has published."""
    statement = select(func.count()).where(
        col(Case.workspace_id) == workspace_id, col(Case.status) == CaseStatus.PUBLISHED
    )
    return db.scalar(statement) or 0
