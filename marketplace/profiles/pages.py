"""Pages where a specialist edits and publishes the profile."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Depends, Request, Response
from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from accounts.access import SpecialistManager, SpecialistMember
from accounts.viewers import Viewer
from core.db import Session
from core.errors import Forbidden, Invalid
from core.i18n import gettext as _
from core.i18n import ngettext
from files.access import AppStorage
from files.storage import Storage
from marketplace.profiles import checklist, choices
from marketplace.profiles import service as profiles
from marketplace.profiles.access import OwnProfile
from marketplace.profiles.models import Profile
from marketplace.profiles.schemas import LANGUAGES, LanguageLevel, LanguageSkill, PresetInput, ProfileInput
from marketplace.taxonomy.catalogue import load
from web.cells import PostedFile
from web.deps import DB
from web.forms import Submitted, filled, form_of
from web.responses import page, redirect
from web.routing import pages

router = pages("/my/profile")


def _chosen(level: Any) -> Any:
    if level == "":
        raise PydanticCustomError("level", "Say how well you speak it.")
    return level


class SpokenLanguage(LanguageSkill):
    """A language whose level somebody chose."""

    level: Annotated[LanguageLevel, BeforeValidator(_chosen)]


def _listed(code: str) -> str:
    if code and code not in load().archetypes:
        raise PydanticCustomError("unlisted", "Choose one of the list.")
    return code


class ProfileForm(ProfileInput):
    """The profile with its photo, as one form. ``then``: what the button pressed does after saving.

    It has a row for every platform and some more for languages: those left open are none.
    """

    languages: Annotated[list[SpokenLanguage], *LANGUAGES] = Field(default_factory=list)  # type: ignore[assignment]
    photo: PostedFile | None = None
    remove_photo: bool = False
    then: Literal["", "publish", "fill_in"] = ""
    archetype: Annotated[str, AfterValidator(_listed)] = Field(default="", validate_default=True)
    """Which sentence of the quiz fits best."""

    @field_validator("archetype")
    @classmethod
    def answer_before_filling_in(cls, code: str, info: ValidationInfo) -> str:
        if not code and info.data.get("then") == "fill_in":
            raise PydanticCustomError("archetype", "Choose the sentence that fits you best.")
        return code

    @field_validator("languages", mode="before")
    @classmethod
    def drop_open_languages(cls, rows: Any) -> Any:
        return _filled(rows, "code")

    @field_validator("platforms", mode="before")
    @classmethod
    def drop_platforms_not_offered(cls, rows: Any) -> Any:
        return _filled(rows, "level")


def _filled(rows: Any, name: str) -> Any:
    if not isinstance(rows, list):
        return rows
    return [row for row in rows if not (isinstance(row, dict) and row.get(name) == "")]


ProfileSubmitted = Annotated[Submitted[ProfileForm], Depends(form_of(ProfileForm))]


@router.get("")
def show(request: Request, viewer: SpecialistMember, profile: OwnProfile) -> Response:
    return _page(request, profile, viewer)


@router.post("")
def edit(
    request: Request, viewer: SpecialistMember, profile: OwnProfile, db: DB, storage: AppStorage, form: ProfileSubmitted
) -> Response:
    """Publishing and filling in save first: nobody loses what was typed, whether or not it is enough."""
    publishes = form.value("then") == "publish"
    if publishes and not viewer.can_manage:
        raise Forbidden(_("An owner or a manager of the workspace publishes it."), code="role")
    saved = form.attempt(db, lambda data: _save(db, storage, profile, data, viewer), over=_stored(profile))
    if saved is None:
        return _page(request, profile, viewer, form=form, status=form.status)
    if form.data.then == "fill_in":
        return redirect(request, "/my/profile#platforms", flash=_filled_in(form.data.archetype))
    return _publish(request, viewer, profile, db) if publishes else redirect(request, "/my/profile", flash=_("Saved"))


@router.post("/unpublish")
def unpublish(request: Request, viewer: SpecialistManager, profile: OwnProfile, db: DB) -> Response:
    profiles.unpublish(db, profile, by=viewer)
    return redirect(request, "/my/profile", flash=_("Taken back. Nobody outside your workspace sees it now."))


def _publish(request: Request, viewer: Viewer, profile: Profile, db: Session) -> Response:
    try:
        profiles.publish(db, profile, by=viewer)
    except (Invalid, Forbidden) as error:  # said before anything is written: what was saved stays
        form = _stored(profile)
        form.refuse(error)
        return _page(request, profile, viewer, form=form, status=form.status)
    return redirect(request, "/my/profile", flash=_("Published. Businesses can find you now."))


def _filled_in(archetype: str) -> str:
    """``Filled in: 8 responsibilities, 3 platforms``."""
    preset = load().archetype(archetype)
    duties, places = len(preset.responsibilities), len(preset.platforms)
    return _("Filled in: %(responsibilities)s, %(platforms)s") % {
        "responsibilities": ngettext("%(n)s responsibility", "%(n)s responsibilities", duties) % {"n": duties},
        "platforms": ngettext("%(n)s platform", "%(n)s platforms", places) % {"n": places},
    }


def _save(db: Session, storage: Storage, profile: Profile, data: ProfileForm, viewer: Viewer) -> Profile:
    profiles.edit(db, profile, data, by=viewer)
    if data.photo is not None:
        profiles.set_photo(db, storage, profile, data.photo.content, data.photo.name, by=viewer)
    elif data.remove_photo and profile.photo_id is not None:
        profiles.remove_photo(db, profile, by=viewer)
    if data.then == "fill_in":
        profiles.apply_preset(db, profile, PresetInput(archetype=data.archetype), by=viewer)
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
