"""The own profile over JSON; profiles of others are in the directory's part of the API."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import File, UploadFile

from accounts.access import SpecialistManager, SpecialistMember
from core.i18n import gettext as _
from files.access import AppStorage
from files.service import LARGEST
from marketplace.profiles import checklist
from marketplace.profiles import service as profiles
from marketplace.profiles.access import OwnProfile
from marketplace.profiles.models import Profile
from marketplace.profiles.schemas import PresetInput, PresetRead, ProfileInput, ProfileRead
from marketplace.taxonomy.catalogue import load
from web.deps import DB
from web.routing import api

router = api("marketplace", "/profile")


@router.get("", response_model=ProfileRead)
def show(profile: OwnProfile) -> Any:
    return _read(profile)


@router.put("", response_model=ProfileRead)
def edit(viewer: SpecialistMember, profile: OwnProfile, db: DB, data: ProfileInput) -> Any:
    """Overwrite the profile. Money is in minor units of ``currency``; the photo has an address of its own."""
    profiles.edit(db, profile, data, by=viewer)
    return _read(profile)


@router.get("/presets", response_model=list[PresetRead])
def presets(viewer: SpecialistMember) -> Any:
    """The sentences of the private quiz; the code of the one that fits goes to ``/profile/preset``."""
    return [PresetRead(code=code, sentence=_(archetype.quiz)) for code, archetype in load().archetypes.items()]


@router.post("/preset", response_model=ProfileRead)
def apply_preset(viewer: SpecialistMember, profile: OwnProfile, db: DB, data: PresetInput) -> Any:
    """Add the responsibilities and platforms of a quiz answer. The answer is never shown to anyone else."""
    profiles.apply_preset(db, profile, data, by=viewer)
    return _read(profile)


@router.put("/photo", response_model=ProfileRead)
def set_photo(
    viewer: SpecialistMember, profile: OwnProfile, db: DB, storage: AppStorage, photo: Annotated[UploadFile, File()]
) -> Any:
    """Send a picture as ``multipart/form-data``, at most 10 MB."""
    content = photo.file.read(LARGEST + 1)
    profiles.set_photo(db, storage, profile, content, photo.filename or "", by=viewer)
    return _read(profile)


@router.delete("/photo", status_code=204)
def remove_photo(viewer: SpecialistMember, profile: OwnProfile, db: DB) -> None:
    profiles.remove_photo(db, profile, by=viewer)


@router.post("/publication", response_model=ProfileRead)
def publish(viewer: SpecialistManager, profile: OwnProfile, db: DB) -> Any:
    """Put the profile into the directory; a 422 names what is missing."""
    profiles.publish(db, profile, by=viewer)
    return _read(profile)


@router.delete("/publication", response_model=ProfileRead)
def unpublish(viewer: SpecialistManager, profile: OwnProfile, db: DB) -> Any:
    profiles.unpublish(db, profile, by=viewer)
    return _read(profile)


def _read(profile: Profile) -> ProfileRead:
    return ProfileRead.model_validate({**profile.model_dump(), "missing": list(checklist.missing(profile))})
