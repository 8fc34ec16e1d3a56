"""Verbs on cases."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, func, select
from sqlmodel import col

from accounts.viewers import Viewer, require_verified
from core import search
from core.db import Session
from core.errors import Invalid, NotFound
from core.events import record
from core.i18n import gettext as _
from core.ids import new_id
from core.markdown import to_html
from core.states import amend, move
from files.models import Upload
from files.service import remove as remove_upload
from files.service import set_public
from marketplace.cases import queries
from marketplace.cases.models import Case, CaseImage, CaseKpi, CaseStatus
from marketplace.cases.schemas import CaseInput
from marketplace.profiles import service as profiles
from marketplace.profiles.slugs import slug_of

MOST_IMAGES = 8
SHORTEST_STORY = 80


def missing(case: Case, kpi_count: int) -> dict[str, str]:
    """What a case lacks to be published, by field."""
    gaps: dict[str, str] = {}
    if not case.client_name and not case.is_nda:
        gaps["client_name"] = _("Name the client, or tick that the name is under NDA.")
    if not case.platforms:
        gaps["platforms"] = _("Choose at least one platform.")
    if not case.responsibilities:
        gaps["responsibilities"] = _("Say what you did.")
    if not case.goal:
        gaps["goal"] = _("Say what the client wanted.")
    if len(case.story) < SHORTEST_STORY:
        gaps["story"] = _("Tell in at least %(n)s characters what was done.") % {"n": SHORTEST_STORY}
    if case.period_from is None:
        gaps["period_from"] = _("Say when it was.")
    if kpi_count == 0:
        gaps["kpis"] = _("Add at least one number, before and after.")
    return gaps


def create(db: Session, data: CaseInput, *, by: Viewer) -> Case:
    """Start a case as a draft. Raises ``Invalid`` when the period ends before it starts."""
    _check_period(data)
    case_id = new_id()
    case = Case(
        id=case_id,
        workspace_id=by.workspace_id,
        slug=f"{slug_of(data.title)[:50].strip('-')}-{case_id.hex[-8:]}",
        title=data.title,
        created_at=db.now(),
        updated_at=db.now(),
    )
    for name, value in _facts(data).items():
        setattr(case, name, value)
    db.add(case)
    db.flush()
    _write_kpis(db, case, data)
    record(db, "case.created", case, by=by, title=case.title)
    return case


def edit(db: Session, case: Case, data: CaseInput, *, by: Viewer) -> None:
    """Overwrite a case. A published one must stay complete: raises ``Invalid`` naming what would be missing."""
    _check_period(data)
    if case.status is CaseStatus.PUBLISHED:
        gaps = missing(Case(**{**case.model_dump(), **_facts(data)}), len(data.kpis))
        if gaps:
            raise Invalid(_("A published case must stay complete."), gaps)
    amend(db, case, **_facts(data), updated_at=db.now())
    _write_kpis(db, case, data)
    if case.status is CaseStatus.PUBLISHED:
        _index(db, case)
    record(db, "case.edited", case, by=by, title=case.title)


def publish(db: Session, case: Case, *, by: Viewer) -> None:
    """Show the case to everyone. Raises ``Invalid`` naming what is missing."""
    require_verified(by)
    gaps = missing(case, len(queries.kpis_of(db, case.id)))
    if gaps and case.status is CaseStatus.DRAFT:
        raise Invalid(_("A few things are missing before this can be published."), gaps)
    move(db, case, CaseStatus.PUBLISHED, published_at=case.published_at or db.now(), updated_at=db.now())
    _index(db, case)
    _images_public(db, case, public=True, by=by)
    profiles.refresh(db, case.workspace_id, case_count=queries.count_published(db, case.workspace_id))
    record(db, "case.published", case, by=by, title=case.title, url=f"/cases/{case.slug}")


def unpublish(db: Session, case: Case, *, by: Viewer) -> None:
    """Take the case off the web; it stays as a draft."""
    move(db, case, CaseStatus.DRAFT, updated_at=db.now())
    search.drop(db, "case", case.id)
    _images_public(db, case, public=False, by=by)
    profiles.refresh(db, case.workspace_id, case_count=queries.count_published(db, case.workspace_id))
    record(db, "case.unpublished", case, by=by, title=case.title)


def add_image(db: Session, case: Case, upload: Upload, caption: str, *, by: Viewer) -> CaseImage:
    """Put a picture at the end. Raises ``Invalid`` beyond 8."""
    count = db.scalar(select(func.count()).where(col(CaseImage.case_id) == case.id)) or 0
    if count >= MOST_IMAGES:
        raise Invalid(_("A case shows at most 8 pictures."), {"picture": _("Remove a picture first: 8 at most.")})
    image = CaseImage(case_id=case.id, upload_id=upload.id, position=count, caption=caption)
    db.add(image)
    db.flush()
    if case.status is CaseStatus.PUBLISHED:
        set_public(db, [upload.id], public=True, by=by)
    record(db, "case.image_added", case, by=by, title=case.title)
    return image


def remove_image(db: Session, case: Case, image_id: UUID, *, by: Viewer) -> None:
    """Take a picture out of the case and forget it. Raises ``NotFound`` when the case has no such picture."""
    found = db.execute(
        select(CaseImage, Upload)
        .join(Upload, col(Upload.id) == CaseImage.upload_id)
        .where(col(CaseImage.id) == image_id, col(CaseImage.case_id) == case.id)
    ).first()
    if found is None:
        raise NotFound(_("There is no such picture."))
    db.delete(found[0])
    db.flush()
    remove_upload(db, found[1])
    record(db, "case.image_removed", case, by=by, title=case.title)


def _facts(data: CaseInput) -> dict[str, object]:
    return {**data.model_dump(exclude={"kpis"}), "story_html": to_html(data.story)}


def _check_period(data: CaseInput) -> None:
    if data.period_from and data.period_to and data.period_to < data.period_from:
        raise Invalid(_("Some fields need another look."), {"period_to": _("This is before the start.")})


def _write_kpis(db: Session, case: Case, data: CaseInput) -> None:
    db.execute(delete(CaseKpi).where(col(CaseKpi.case_id) == case.id))
    for position, kpi in enumerate(data.kpis):
        values = {**kpi.model_dump(), "currency": kpi.currency or ""}
        db.add(CaseKpi(case_id=case.id, position=position, **values))
    db.flush()


def _index(db: Session, case: Case) -> None:
    search.put(db, "case", case.id, case.title, "" if case.is_nda else case.client_name, case.goal, case.story)


def _images_public(db: Session, case: Case, *, public: bool, by: Viewer) -> None:
    ids = list(db.scalars(select(col(CaseImage.upload_id)).where(col(CaseImage.case_id) == case.id)))
    if ids:
        set_public(db, ids, public=public, by=by)
