"""Every SELECT about cases."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import case as sql_case
from sqlalchemy import func, select
from sqlmodel import col

from accounts.viewers import Viewer
from accounts.workspaces.models import Workspace
from core.db import Session
from core.errors import NotFound
from core.i18n import gettext as _
from core.paging import PAGE_SIZE, Page, cursor_id, decode_cursor, page_of
from core.search import candidates
from files.models import Upload
from marketplace.cases.models import Case, CaseImage, CaseKpi, CaseStatus
from marketplace.profiles.models import Profile, ProfileStatus

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
    .where(
        col(Case.status) == CaseStatus.PUBLISHED,
        col(Profile.status) == ProfileStatus.PUBLISHED,
        col(Workspace.suspended_at).is_(None),
    )
)


def list_published(
    db: Session, *, q: str = "", niche: str = "", after: str | None = None, size: int = PAGE_SIZE
) -> Page[Any]:
    """Published cases of published specialists, newest first."""
    statement = _card
    found = candidates(db, "case", q)
    if found is not None:
        statement = statement.where(col(Case.id).in_(found))
    if niche:
        statement = statement.where(col(Case.niche) == niche)
    cursor = decode_cursor(after, 1)
    if cursor is not None:
        statement = statement.where(col(Case.id) < cursor_id(cursor[0]))
    rows = db.rows(statement.order_by(col(Case.id).desc()).limit(size + 1))
    return page_of(rows, size, lambda row: (str(row.id),))


def list_of_specialist(db: Session, workspace_id: UUID) -> list[Any]:
    """A specialist's published cases for the profile page, newest first, at most 50."""
    return db.rows(_card.where(col(Case.workspace_id) == workspace_id).order_by(col(Case.id).desc()).limit(50))


def headline_numbers(db: Session, case_ids: list[UUID]) -> dict[UUID, Any]:
    """The first number of each case, for cards."""
    rows = db.rows(_kpi_columns.where(col(CaseKpi.case_id).in_(case_ids), col(CaseKpi.position) == 0))
    return {row.case_id: row for row in rows}


def list_own(db: Session, viewer: Viewer) -> list[Any]:
    """All cases of the viewer's workspace, newest first."""
    return db.rows(
        select(col(Case.id), col(Case.slug), col(Case.title), col(Case.status), col(Case.updated_at))
        .where(col(Case.workspace_id) == viewer.workspace_id)
        .order_by(col(Case.id).desc())
        .limit(200)
    )


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
        .order_by(col(CaseImage.position))
    )


def count_published(db: Session, workspace_id: UUID) -> int:
    """How many cases a specialist has published."""
    statement = select(func.count()).where(
        col(Case.workspace_id) == workspace_id, col(Case.status) == CaseStatus.PUBLISHED
    )
    return db.scalar(statement) or 0
