"""Verbs on a specialist's profile."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from accounts.viewers import Viewer, require_verified
from accounts.workspaces.models import Workspace
from core.db import Session
from core.errors import Invalid
from core.events import record
from core.i18n import gettext as _
from core.markdown import to_html
from core.states import amend, move
from files import service as files
from files.models import Upload
from files.queries import find_own
from files.storage import Storage
from marketplace.profiles import checklist, index, queries
from marketplace.profiles.models import Profile, ProfileStatus
from marketplace.profiles.ranking import rank
from marketplace.profiles.schemas import PlatformLevel, PresetInput, ProfileInput
from marketplace.profiles.slugs import free_slug, is_taken, leave
from marketplace.taxonomy.catalogue import load
from marketplace.taxonomy.rates import euro_cents

_PLAIN = set(ProfileInput.model_fields) - {"slug", "platforms", "languages"}


def start(db: Session, workspace: Workspace) -> Profile:
    """Give a new specialist's workspace its draft, with an address from the name."""
    profile = Profile(
        workspace_id=workspace.id,
        slug=free_slug(db, workspace.name),
        name=workspace.name[:80],
        region=workspace.country,
        city=workspace.city,
        time_zone=workspace.time_zone,
        currency=workspace.currency,
        created_at=db.now(),
        updated_at=db.now(),
    )
    try:
        with db.begin_nested():
            db.add(profile)
    except IntegrityError:  # the address was taken between the look and the insert
        profile.slug = f"{profile.slug}-{workspace.id.hex[-8:]}"
        db.add(profile)
        db.flush()
    return profile


def edit(db: Session, profile: Profile, data: ProfileInput, *, by: Viewer) -> None:
    """Overwrite the profile. An address it leaves goes on leading to it.

    Raises ``Invalid`` if the address is taken, the rates contradict each other, or a published profile would
    lose what publishing needs.
    """
    slug = data.slug or profile.slug
    _check(db, profile, data, slug)
    values: dict[str, Any] = data.model_dump(include=_PLAIN)
    values["platforms"] = [skill.model_dump(mode="json") for skill in data.platforms]
    values["languages"] = [skill.model_dump(mode="json") for skill in data.languages]
    former = profile.slug
    try:
        with db.begin_nested():
            if slug != former:
                leave(db, profile.id, former, for_=slug)
            _write(db, profile, slug=slug, about_html=to_html(data.about), **values)
    except IntegrityError:
        raise Invalid(_("This address is taken."), {"slug": _("This address is taken. Choose another one.")}) from None
    record(db, "profile.edited", profile, by=by, title=profile.name, url="/my/profile")


def apply_preset(db: Session, profile: Profile, data: PresetInput, *, by: Viewer) -> None:
    """Add the responsibilities and platforms of a quiz answer to what is there; the answer stays private."""
    preset = load().archetype(data.archetype)
    known = {skill["code"] for skill in profile.platforms}
    added = [{"code": code, "level": PlatformLevel.CONFIDENT.value} for code in preset.platforms if code not in known]
    duties = list(dict.fromkeys([*profile.responsibilities, *preset.responsibilities]))
    _write(db, profile, archetype=preset.code, platforms=[*profile.platforms, *added], responsibilities=duties)
    record(db, "profile.edited", profile, by=by, title=profile.name, url="/my/profile")


def set_photo(db: Session, storage: Storage, profile: Profile, content: bytes, name: str, *, by: Viewer) -> None:
    """Show this picture, redrawn by us, in place of the one before. Raises ``Invalid`` for ``photo``."""
    public = profile.status is ProfileStatus.PUBLISHED
    upload = files.save_image(db, storage, content=content, name=name, public=public, by=by, field="photo")
    _replace_photo(db, profile, upload.id, by=by)


def remove_photo(db: Session, profile: Profile, *, by: Viewer) -> None:
    """Show the letters of the name instead of a photo."""
    _replace_photo(db, profile, None, by=by)


def _replace_photo(db: Session, profile: Profile, upload_id: UUID | None, *, by: Viewer) -> None:
    before = profile.photo_id
    _write(db, profile, photo_id=upload_id)
    if before is not None:
        files.remove(db, find_own(db, by, before))
    record(db, "profile.edited", profile, by=by, title=profile.name, url="/my/profile")


def publish(db: Session, profile: Profile, *, by: Viewer) -> None:
    """Put the profile into the directory.

    Raises ``Forbidden`` before the e-mail address is confirmed, ``Invalid`` naming what is missing.
    """
    require_verified(by)
    gaps = checklist.missing(profile)
    if gaps and profile.status is ProfileStatus.DRAFT:
        raise Invalid(_("A few things are missing before this can be published."), gaps)
    _put_up(db, profile, by=by)


def unpublish(db: Session, profile: Profile, *, by: Viewer) -> None:
    """Take the profile out of the directory and its page off the web."""
    _take_down(db, profile, by=by)


def hide(db: Session, workspace_id: UUID) -> None:
    """The workspace is suspended: a published profile is taken down until ``show_again``."""
    profile = queries.profile_of(db, workspace_id, lock=True)
    if profile is not None and profile.status is ProfileStatus.PUBLISHED:
        _take_down(db, profile, by=None)


def show_again(db: Session, workspace_id: UUID) -> None:
    """The workspace is restored: a profile that ``hide`` took down stands where it stood."""
    profile = queries.profile_of(db, workspace_id, lock=True)
    if profile is not None and queries.is_hidden(db, profile):
        _put_up(db, profile, by=None)


def _put_up(db: Session, profile: Profile, *, by: Viewer | None) -> None:
    published_at = profile.published_at or db.now()
    move(
        db,
        profile,
        ProfileStatus.PUBLISHED,
        published_at=published_at,
        rank=rank(profile, published_at),
        updated_at=db.now(),
    )
    index.put(db, profile)
    _show_photo(db, profile, public=True)
    record(db, "profile.published", profile, by=by, title=profile.name, url=f"/specialists/{profile.slug}")


def _take_down(db: Session, profile: Profile, *, by: Viewer | None) -> None:
    move(db, profile, ProfileStatus.DRAFT, updated_at=db.now())
    index.drop(db, profile)
    _show_photo(db, profile, public=False)
    record(db, "profile.unpublished", profile, by=by, title=profile.name, url="/my/profile")


def forget(db: Session, workspace_id: UUID) -> None:
    """The workspace is closed: its profile goes, with its photo and its addresses."""
    profile = queries.profile_of(db, workspace_id, lock=True)
    if profile is None:
        return
    index.drop(db, profile)
    photo = db.get(Upload, profile.photo_id) if profile.photo_id else None
    db.delete(profile)
    db.flush()
    if photo is not None:
        files.remove(db, photo)


def _show_photo(db: Session, profile: Profile, *, public: bool) -> None:
    if profile.photo_id is not None:
        files.set_public(db, [profile.photo_id], public=public, workspace_id=profile.workspace_id)


def refresh(db: Session, workspace_id: UUID, *, case_count: int | None = None, busy_minutes: int | None = None) -> None:
    """Bring free hours, rank and index up to date after something around the profile changed.

    ``case_count`` is the number of published cases, ``busy_minutes`` what running scopes take of a week; what
    is left out stays as it is. No event: these are derived values.
    """
    profile = queries.profile_of(db, workspace_id, lock=True)
    if profile is None:
        return
    changes: dict[str, int] = {}
    if case_count is not None:
        changes["case_count"] = case_count
    if busy_minutes is not None:
        changes["busy_minutes"] = busy_minutes
    _write(db, profile, **changes)


def _write(db: Session, profile: Profile, **changes: Any) -> None:
    """Store ``changes`` with everything derived from them, and the index if the profile is published."""
    after = Profile(**{**profile.model_dump(), **changes})
    busy_hours = -(-after.busy_minutes // 60)
    after.free_hours = max(0, after.weekly_hours - busy_hours)
    amend(
        db,
        profile,
        **changes,
        free_hours=after.free_hours,
        rate_eur=None if after.rate_min is None else euro_cents(after.rate_min, after.currency),
        rank=rank(after, after.published_at or db.now()),
        updated_at=db.now(),
    )
    if profile.status is ProfileStatus.PUBLISHED:
        index.put(db, profile)


def _check(db: Session, profile: Profile, data: ProfileInput, slug: str) -> None:
    errors: dict[str, str] = {}
    if is_taken(db, slug, profile):
        errors["slug"] = _("This address is taken. Choose another one.")
    if data.rate_min is not None and data.rate_max is not None and data.rate_max < data.rate_min:
        errors["rate_max"] = _("This is below the lower rate.")
    if profile.status is ProfileStatus.PUBLISHED:
        errors = {**checklist.missing(data), **errors}
    if errors:
        raise Invalid(_("Some fields need another look."), errors)
