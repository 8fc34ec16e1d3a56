"""Verbs on cases."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col

from accounts.viewers import Viewer, require_verified
from core import search
from core.db import Session
from core.errors import Conflict, Invalid, NotFound
from core.events import record
from core.i18n import LOCALES, speaking
from core.i18n import gettext as _
from core.ids import new_id
from core.markdown import to_html
from core.states import amend, move
from files.service import remove as remove_upload
from files.service import save_image, set_public
from files.storage import Storage
from marketplace.cases import checklist, queries
from marketplace.cases.models import Case, CaseImage, CaseKpi, CaseStatus
from marketplace.cases.schemas import CaseInput
from marketplace.profiles import service as profiles
from marketplace.profiles.models import ProfileStatus
from marketplace.profiles.queries import profile_of as find_profile
from marketplace.profiles.slugs import slug_of
from marketplace.taxonomy.words import niche_name, platform_name, responsibility_name

MOST_IMAGES = 8


def create(db: Session, data: CaseInput, *, by: Viewer) -> Case:
    """Start a case as a draft. Raises ``Invalid`` when the period ends before it starts."""
    _check_period(data)
    case_id = new_id()
    case = Case(
        id=case_id,
        workspace_id=by.workspace_id,
        slug=_address(case_id, data.title),
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
    """Overwrite a case. A published one must stay fit to be seen: raises ``Invalid`` naming what would be wrong.

    The address follows the title until the first publication, and once more when the client goes under NDA: the
    old one may hold the name.
    """
    _check_period(data)
    if case.status is CaseStatus.PUBLISHED:
        after = Case(**{**case.model_dump(), **_facts(data)})
        gaps = checklist.missing(after, data.kpis, queries.captions_of(db, case.id))
        if gaps:
            raise Invalid(_("A published case must stay complete."), gaps)
    follows = case.published_at is None or (data.is_nda and not case.is_nda)
    slug = _address(case.id, data.title) if follows else case.slug
    amend(db, case, **_facts(data), slug=slug, updated_at=db.now())
    _write_kpis(db, case, data)
    if case.status is CaseStatus.PUBLISHED:
        _index(db, case)
    record(db, "case.edited", case, by=by, title=case.title)


def publish(db: Session, case: Case, *, by: Viewer) -> None:
    """Show the case to everyone. Raises ``Invalid`` naming what is missing."""
    require_verified(by)
    gaps = checklist.missing(case, queries.kpis_of(db, case.id), queries.captions_of(db, case.id))
    if gaps and case.status is CaseStatus.DRAFT:
        raise Invalid(_("A few things are missing before this can be published."), gaps)
    move(db, case, CaseStatus.PUBLISHED, published_at=case.published_at or db.now(), updated_at=db.now())
    _index(db, case)
    show_pictures(db, case.workspace_id)
    profiles.refresh(db, case.workspace_id, case_count=queries.count_published(db, case.workspace_id))
    record(db, "case.published", case, by=by, title=case.title, url=f"/cases/{case.slug}")


def unpublish(db: Session, case: Case, *, by: Viewer) -> None:
    """Take the case off the web; it stays as a draft."""
    move(db, case, CaseStatus.DRAFT, updated_at=db.now())
    search.drop(db, "case", case.id)
    show_pictures(db, case.workspace_id)
    profiles.refresh(db, case.workspace_id, case_count=queries.count_published(db, case.workspace_id))
    record(db, "case.unpublished", case, by=by, title=case.title)


def remove(db: Session, case: Case, *, by: Viewer) -> None:
    """Forget a draft with its numbers and pictures. Raises ``Conflict`` while the case is on the web."""
    if case.status is CaseStatus.PUBLISHED:
        raise Conflict(_("Take the case off the web first."))
    amend(db, case, updated_at=db.now())  # of two who remove or publish at once, one finds out
    record(db, "case.removed", case, by=by, title=case.title)
    _delete(db, case)


def forget(db: Session, workspace_id: UUID) -> None:
    """The workspace is closed: its cases go, published ones too."""
    for case in queries.cases_of(db, workspace_id):
        search.drop(db, "case", case.id)
        _delete(db, case)


def _delete(db: Session, case: Case) -> None:
    for upload in queries.uploads_of(db, case.id):
        remove_upload(db, upload)
    db.delete(case)
    db.flush()


def add_image(
    db: Session, storage: Storage, case: Case, content: bytes, name: str, caption: str, *, by: Viewer
) -> CaseImage:
    """Put a picture, redrawn by us, at the end.

    Raises ``Invalid`` for ``picture`` beyond 8 or if it is none, for ``caption`` if it names a client under NDA.
    """
    places = queries.places_of(db, case.id)
    if len(places) >= MOST_IMAGES:
        raise Invalid(_("A case shows at most 8 pictures."), {"picture": _("Remove a picture first: 8 at most.")})
    if checklist.names_client(case, caption):
        raise Invalid(_("This caption names the client."), {"caption": _("Leave the client out: it is under NDA.")})
    upload = save_image(db, storage, content=content, name=name, public=False, by=by, field="picture")
    amend(db, case, updated_at=db.now())
    image = CaseImage(case_id=case.id, upload_id=upload.id, position=max(places, default=-1) + 1, caption=caption)
    db.add(image)
    db.flush()
    show_pictures(db, case.workspace_id)
    record(db, "case.image_added", case, by=by, title=case.title)
    return image


def remove_image(db: Session, case: Case, image_id: UUID, *, by: Viewer) -> None:
    """Take a picture out of the case and forget it. Raises ``NotFound`` when the case has no such picture."""
    found = queries.find_image(db, case.id, image_id)
    if found is None:
        raise NotFound(_("There is no such picture."))
    image, upload = found
    amend(db, case, updated_at=db.now())
    db.delete(image)
    db.flush()
    remove_upload(db, upload)
    record(db, "case.image_removed", case, by=by, title=case.title)


def show_pictures(db: Session, workspace_id: UUID) -> None:
    """Bring who may read the pictures of a workspace's cases up to date: anyone, if case and profile are published."""
    profile = find_profile(db, workspace_id)
    shown = profile is not None and profile.status is ProfileStatus.PUBLISHED
    for status, ids in queries.pictures_by_status(db, workspace_id).items():
        set_public(db, ids, public=shown and status is CaseStatus.PUBLISHED, workspace_id=workspace_id)


def _address(case_id: UUID, title: str) -> str:
    return f"{slug_of(title)[:50].strip('-')}-{case_id.hex[-8:]}"


def _facts(data: CaseInput) -> dict[str, object]:
    facts = data.model_dump(include=set(CaseInput.model_fields) - {"kpis"})
    return {**facts, "story_html": to_html(data.story)}


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
    texts = [case.title, "" if case.is_nda else case.client_name, case.goal, case.story]
    for locale in LOCALES:
        with speaking(locale):
            texts += [niche_name(case.niche), *(platform_name(code) for code in case.platforms)]
            texts += [responsibility_name(code) for code in case.responsibilities]
    search.put(db, "case", case.id, *dict.fromkeys(texts))
