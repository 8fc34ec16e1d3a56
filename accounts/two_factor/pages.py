"""The second factor: its step of the log-in, and turning it on and off."""

from __future__ import annotations

import io
from typing import Annotated

import segno
from fastapi import Depends, Request, Response

from accounts.access import Anyone
from accounts.sessions.access import Proven
from accounts.sessions.admission import admit
from accounts.two_factor import queries
from accounts.two_factor import service as two_factor
from accounts.two_factor.pending import HalfWayIn, few_tries, forget
from accounts.two_factor.schemas import CodeInput
from accounts.users import queries as people
from accounts.viewers import Viewer
from core.crypto import Keys
from core.db import Session
from core.errors import NotFound
from core.i18n import gettext as _
from web.deps import DB, AppKeys
from web.forms import Submitted, blank, form_of
from web.limits import Limit
from web.responses import page, redirect
from web.routing import pages

router = pages()

CodeForm = Annotated[Submitted[CodeInput], Depends(form_of(CodeInput))]


@router.get("/log-in/code")
def code_form(request: Request, viewer: Anyone, half: HalfWayIn) -> Response:
    return page(request, "accounts/two_factor/code.html", form=blank())


@router.post("/log-in/code", dependencies=[Depends(few_tries)])
def code(request: Request, viewer: Anyone, half: HalfWayIn, db: DB, keys: AppKeys, form: CodeForm) -> Response:
    form.attempt(db, lambda data: two_factor.check(db, keys, half.user, data.code))
    if form.errors:
        return page(request, "accounts/two_factor/code.html", status=422, form=form)
    return forget(request, admit(request, db, half.user, stay=half.stay, to=half.to))


@router.get("/settings/two-factor")
def show(request: Request, viewer: Proven, db: DB, keys: AppKeys) -> Response:
    return _shown(request, viewer, db, keys, blank())


@router.post("/settings/two-factor/begin")
def begin(request: Request, viewer: Proven, db: DB, keys: AppKeys) -> Response:
    two_factor.begin(db, keys, by=viewer)
    return redirect(request, "/settings/two-factor")


@router.get("/settings/two-factor/qr.svg")
def picture(viewer: Proven, db: DB, keys: AppKeys) -> Response:
    user = people.get(db, viewer.user_id)
    address = None if user.totp_confirmed_at else two_factor.address_of(keys, user)
    if address is None:
        raise NotFound(_("There is nothing here."))
    drawing = io.BytesIO()
    segno.make(address, error="m").save(
        drawing, kind="svg", scale=5, border=4, dark="#000", light="#fff", xmldecl=False, svgclass=None, lineclass=None
    )
    return Response(drawing.getvalue(), media_type="image/svg+xml")


@router.post("/settings/two-factor/confirm", dependencies=[Limit("code_setup", most=5, seconds=300)])
def confirm(request: Request, viewer: Proven, db: DB, keys: AppKeys, form: CodeForm) -> Response:
    codes = form.attempt(db, lambda data: two_factor.confirm(db, keys, data.code, by=viewer))
    if codes is None:
        return _shown(request, viewer, db, keys, form, status=422)
    return page(request, "accounts/two_factor/codes.html", codes=codes)


@router.post("/settings/two-factor/codes")
def renew(request: Request, viewer: Proven, db: DB) -> Response:
    codes = two_factor.renew_codes(db, by=viewer)
    return page(request, "accounts/two_factor/codes.html", codes=codes)


@router.post("/settings/two-factor/disable")
def disable(request: Request, viewer: Proven, db: DB) -> Response:
    two_factor.disable(db, by=viewer)
    return redirect(request, "/settings/security", flash=_("Two-step log-in is off"))


def _shown(
    request: Request, viewer: Viewer, db: Session, keys: Keys, form: Submitted[CodeInput], status: int = 200
) -> Response:
    user = people.get(db, viewer.user_id)
    secret = None if user.totp_confirmed_at else two_factor.secret_of(keys, user)
    left = queries.codes_left(db, viewer.user_id)
    return page(
        request, "accounts/two_factor/show.html", status=status, form=form, user=user, secret=secret, codes_left=left
    )
