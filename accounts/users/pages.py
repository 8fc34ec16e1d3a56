"""Sign-up and the links that come by mail. Opening a link only shows a button: mail scanners open links too."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Response

from accounts.access import Anyone
from accounts.sessions.admission import admit
from accounts.sessions.schemas import Path
from accounts.users import account
from accounts.users import service as users
from accounts.users.access import ChangeLink, ConfirmLink, ResetLink, confirm_link
from accounts.users.queries import LinkGone
from accounts.users.schemas import EmailInput, GuessedZone, NewPasswordInput, SignUpInput, one_spelling
from core.i18n import gettext as _
from web.cookies import SENT_COOKIE, cookie_name, set_cookie
from web.deps import DB
from web.forms import Submitted, blank, form_of
from web.limits import Limit
from web.responses import local_path, page, redirect
from web.routing import pages

router = pages()


class SignUpSubmission(SignUpInput):
    """``next``: the page of ours that led here, where the confirmed account goes on."""

    next: Path = ""
    time_zone: GuessedZone = "UTC"


SignUpForm = Annotated[Submitted[SignUpSubmission], Depends(form_of(SignUpSubmission))]
EmailForm = Annotated[Submitted[EmailInput], Depends(form_of(EmailInput))]
PasswordForm = Annotated[Submitted[NewPasswordInput], Depends(form_of(NewPasswordInput))]
HOUR, DAY = 3600, 86_400
SHOWN_FOR = 600
"""Seconds the address a form was sent with is remembered for the page that follows."""


@router.get("/sign-up")
def sign_up_form(request: Request, viewer: Anyone, kind: str = "specialist", next: Path = "") -> Response:
    if viewer is not None:
        return redirect(request, next or "/home")
    return page(request, "accounts/users/sign_up.html", form=blank(kind=kind, next=next))


@router.post("/sign-up", dependencies=[Limit("sign_up", most=10, seconds=HOUR, field="email", spelling=one_spelling)])
def sign_up(request: Request, viewer: Anyone, db: DB, form: SignUpForm) -> Response:
    form.attempt(db, lambda data: users.sign_up(db, data, then=local_path(data.next) if data.next else ""))
    if form.errors:
        return page(request, "accounts/users/sign_up.html", status=422, form=form)
    return _sent(request, "/sign-up/sent", form.data.email)


@router.post(
    "/sign-up/again", dependencies=[Limit("confirm_email", most=5, seconds=DAY, field="email", spelling=one_spelling)]
)
def sign_up_again(request: Request, viewer: Anyone, db: DB, form: EmailForm) -> Response:
    if form.errors:
        return page(request, "accounts/users/sign_up.html", status=422, form=form)
    users.ask_confirmation(db, form.data.email)
    return _sent(request, "/sign-up/sent", form.data.email)


@router.get("/sign-up/sent")
def sign_up_sent(request: Request, viewer: Anyone) -> Response:
    return page(request, "accounts/users/sent.html", purpose="sign_up", to=_sent_to(request))


@router.get("/confirm-email/{token}")
def confirm_form(request: Request, viewer: Anyone, token: str, db: DB) -> Response:
    """Who is logged in with a confirmed address needs no link any more, and goes on."""
    try:
        link = confirm_link(token, db)
    except LinkGone:
        if viewer is None or not viewer.email_verified:
            raise
        return redirect(request, "/home", flash=_("Your address is confirmed"))
    return page(request, "accounts/users/confirm_email.html", link=link)


@router.post("/confirm-email/{token}")
def confirm(request: Request, viewer: Anyone, link: ConfirmLink, db: DB, next: Path = "/home") -> Response:
    user = users.confirm_email(db, link)
    done = _("Your address is confirmed")
    if user.totp_confirmed_at is not None:
        return redirect(request, next, flash=done)
    return admit(request, db, user, stay=False, to=local_path(next), flash=done)


@router.get("/forgot-password")
def forgot_form(request: Request, viewer: Anyone) -> Response:
    return page(request, "accounts/users/forgot_password.html", form=blank())


@router.post(
    "/forgot-password", dependencies=[Limit("reset", most=5, seconds=DAY, field="email", spelling=one_spelling)]
)
def forgot(request: Request, viewer: Anyone, db: DB, form: EmailForm) -> Response:
    if form.errors:
        return page(request, "accounts/users/forgot_password.html", status=422, form=form)
    users.ask_reset(db, form.data.email)
    return _sent(request, "/forgot-password/sent", form.data.email)


@router.get("/forgot-password/sent")
def forgot_sent(request: Request, viewer: Anyone) -> Response:
    return page(request, "accounts/users/sent.html", purpose="reset", to=_sent_to(request))


@router.get("/reset-password/{token}")
def reset_form(request: Request, viewer: Anyone, link: ResetLink) -> Response:
    return page(request, "accounts/users/reset_password.html", link=link, form=blank())


@router.post("/reset-password/{token}")
def reset(request: Request, viewer: Anyone, link: ResetLink, db: DB, form: PasswordForm) -> Response:
    form.attempt(db, lambda data: users.reset_password(db, link, data.password))
    if form.errors:
        return page(request, "accounts/users/reset_password.html", status=422, link=link, form=form)
    return redirect(request, "/log-in", flash=_("Your new password is set. Log in with it."))


@router.get("/change-email/{token}")
def change_form(request: Request, viewer: Anyone, link: ChangeLink) -> Response:
    return page(request, "accounts/users/change_email.html", link=link)


@router.post("/change-email/{token}")
def change(request: Request, viewer: Anyone, link: ChangeLink, db: DB) -> Response:
    account.confirm_new_email(db, link)
    return redirect(request, "/home", flash=_("Your new address is set"))


def _sent(request: Request, to: str, email: str) -> Response:
    """To the page that says a mail is under way; it names the address as typed, whether or not it has an account."""
    response = redirect(request, to)
    state = request.app.state
    set_cookie(response, SENT_COOKIE, state.keys.sign("sent", email), state.settings, seconds=SHOWN_FOR)
    return response


def _sent_to(request: Request) -> str:
    """The address the form just sent was about; empty when the page was opened by itself."""
    sealed = request.cookies.get(cookie_name(SENT_COOKIE, request.app.state.settings))
    found = request.app.state.keys.unsign("sent", sealed) if sealed else None
    return found if isinstance(found, str) else ""
