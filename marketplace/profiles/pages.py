"""Pages where a specialist edits and publishes the profile."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request, Response

from accounts.access import SpecialistManager, SpecialistMember
from accounts.viewers import Viewer
from core.db import Session
from core.i18n import gettext as _
from files.access import AppStorage
from files.storage import Storage
from marketplace.profiles import checklist, choices
from marketplace.profiles import service as profiles
from marketplace.profiles.access import OwnProfile
from marketplace.profiles.models import Profile
from marketplace.profiles.schemas import PresetInput, ProfileInput
from marketplace.taxonomy.catalogue import load
from web.deps import DB
from web.forms import PostedFile, Submitted, filled, form_of
from web.responses import page, redirect
from web.routing import pages

router = pages("/my/profile")


class ProfileForm(ProfileInput):
    """The profile with its photo, as one form."""

    photo: PostedFile | None = None
    remove_photo: bool = False


ProfileSubmitted = Annotated[Submitted[ProfileForm], Depends(form_of(ProfileForm))]
PresetSubmitted = Annotated[Submitted[PresetInput], Depends(form_of(PresetInput))]


@router.get("")
def show(request: Request, viewer: SpecialistMember, profile: OwnProfile) -> Response:
    return _page(request, profile, viewer)


@router.post("")
def edit(
    request: Request, viewer: SpecialistMember, profile: OwnProfile, db: DB, storage: AppStorage, form: ProfileSubmitted
) -> Response:
    saved = form.attempt(db, lambda data: _save(db, storage, profile, data, viewer), over=_stored(profile))
    if saved is None:
        return _page(request, profile, viewer, form=form, status=form.status)
    return redirect(request, "/my/profile", flash=_("Saved"))


@router.post("/preset")
def apply_preset(
    request: Request, viewer: SpecialistMember, profile: OwnProfile, db: DB, form: PresetSubmitted
) -> Response:
    if form.errors:
        return redirect(request, "/my/profile#quiz", flash=_("Choose the sentence that fits you best."), kind="warn")
    profiles.apply_preset(db, profile, form.data, by=viewer)
    return redirect(request, "/my/profile#platforms", flash=_(load().archetype(form.data.archetype).suggestion))


@router.post("/publish")
def publish(request: Request, viewer: SpecialistManager, profile: OwnProfile, db: DB) -> Response:
    gaps = checklist.missing(profile)
    if gaps:
        form = _stored(profile)
        form.errors = gaps
        return _page(request, profile, viewer, form=form, status=422)
    profiles.publish(db, profile, by=viewer)
    return redirect(request, "/my/profile", flash=_("Published. Businesses can find you now."))


@router.post("/unpublish")
def unpublish(request: Request, viewer: SpecialistManager, profile: OwnProfile, db: DB) -> Response:
    profiles.unpublish(db, profile, by=viewer)
    return redirect(request, "/my/profile", flash=_("Taken back. Nobody outside your workspace sees it now."))


def _save(db: Session, storage: Storage, profile: Profile, data: ProfileForm, viewer: Viewer) -> Profile:
    profiles.edit(db, profile, data, by=viewer)
    if data.photo is not None:
        profiles.set_photo(db, storage, profile, data.photo.content, data.photo.name, by=viewer)
    elif data.remove_photo and profile.photo_id is not None:
        profiles.remove_photo(db, profile, by=viewer)
    return profile


def _stored(profile: Profile) -> Submitted[Any]:
    """The form with what is stored."""
    names = set(ProfileInput.model_fields) - {"platforms"}
    form = filled(profile.model_dump(include=names), ProfileInput)
    form.values |= choices.platform_rows(profile)
    form.remember()
    return form


def _page(
    request: Request, profile: Profile, viewer: Viewer, *, form: Submitted[Any] | None = None, status: int = 200
) -> Response:
    return page(
        request,
        "marketplace/profiles/edit.html",
        status=status,
        profile=profile,
        form=form or _stored(profile),
        items=checklist.items(profile),
        verified=viewer.email_verified,
        offered=choices.offered(),
        language_rows=max(choices.LANGUAGE_ROWS, len(profile.languages) + 1),
    )
