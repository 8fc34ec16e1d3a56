"""The settings of one's own account, and the language and theme anybody can choose."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Response

from accounts.access import Anyone, Person
from accounts.sessions.access import Proven
from accounts.sessions.admission import YEAR
from accounts.users import account, deletion, queries
from accounts.users.schemas import AccountInput, EmailInput, LanguageInput, NewPasswordInput, ThemeInput, time_zones
from core.i18n import LOCALES
from core.i18n import gettext as _
from web.cookies import LOCALE_COOKIE, THEME_COOKIE, drop_cookie, set_cookie
from web.deps import DB, AppSettings
from web.forms import Submitted, blank, filled, form_of
from web.limits import Limit
from web.responses import page, page_before, redirect
from web.routing import pages

router = pages()

AccountForm = Annotated[Submitted[AccountInput], Depends(form_of(AccountInput))]
EmailForm = Annotated[Submitted[EmailInput], Depends(form_of(EmailInput))]
PasswordForm = Annotated[Submitted[NewPasswordInput], Depends(form_of(NewPasswordInput))]
LanguageForm = Annotated[Submitted[LanguageInput], Depends(form_of(LanguageInput))]
ThemeForm = Annotated[Submitted[ThemeInput], Depends(form_of(ThemeInput))]
DAY = 86_400


@router.get("/settings")
def account_form(request: Request, viewer: Person, db: DB) -> Response:
    found = queries.account(db, viewer.user_id)
    form = filled({"name": found.name, "locale": found.locale, "time_zone": found.time_zone})
    return _account_page(request, form)


@router.post("/settings")
def edit(request: Request, viewer: Person, db: DB, form: AccountForm, settings: AppSettings) -> Response:
    if form.errors:
        return _account_page(request, form, status=422)
    account.edit(db, form.data, by=viewer)
    response = redirect(request, "/settings", flash=_("Saved"))
    set_cookie(response, LOCALE_COOKIE, form.data.locale, settings, seconds=YEAR)
    return response


@router.get("/settings/security")
def security(request: Request, viewer: Person, db: DB) -> Response:
    found = queries.account(db, viewer.user_id)
    leaves_on = deletion.due(found.deletion_requested_at)
    fresh = found.totp_confirmed_at is None and not found.totp_begun
    may_begin = fresh and viewer.proven(db.now())  # else the password is asked for first, on the way to the page
    return page(request, "accounts/settings/security.html", account=found, leaves_on=leaves_on, may_begin=may_begin)


@router.get("/settings/password")
def password_form(request: Request, viewer: Proven) -> Response:
    return page(request, "accounts/settings/password.html", form=blank())


@router.post("/settings/password")
def change_password(request: Request, viewer: Proven, db: DB, form: PasswordForm) -> Response:
    form.attempt(db, lambda data: account.change_password(db, data.password, by=viewer))
    if form.errors:
        return page(request, "accounts/settings/password.html", status=422, form=form)
    return redirect(request, "/settings/security", flash=_("Password changed. All other sessions ended."))


@router.get("/settings/email")
def email_form(request: Request, viewer: Proven) -> Response:
    return page(request, "accounts/settings/email.html", form=blank())


@router.post("/settings/email", dependencies=[Limit("change_email", most=5, seconds=DAY)])
def ask_new_email(request: Request, viewer: Proven, db: DB, form: EmailForm) -> Response:
    form.attempt(db, lambda data: account.ask_new_email(db, data.email, by=viewer))
    if form.errors:
        return page(request, "accounts/settings/email.html", status=422, form=form)
    return redirect(request, "/settings/security", flash=_("Open the link we sent to the new address"))


@router.post("/settings/email/resend", dependencies=[Limit("confirm_email", most=5, seconds=DAY)])
def resend(request: Request, viewer: Person, db: DB) -> Response:
    account.resend_confirmation(db, by=viewer)
    return redirect(request, "/settings/security", flash=_("We sent the link again"))


@router.post("/settings/deletion")
def ask_deletion(request: Request, viewer: Proven, db: DB) -> Response:
    deletion.ask(db, by=viewer)
    return redirect(request, "/settings/security", flash=_("We noted that you want to leave"))


@router.post("/settings/deletion/withdraw")
def withdraw_deletion(request: Request, viewer: Person, db: DB) -> Response:
    deletion.withdraw(db, by=viewer)
    return redirect(request, "/settings/security", flash=_("Your account stays"))


@router.post("/language")
def choose_language(request: Request, viewer: Anyone, db: DB, form: LanguageForm, settings: AppSettings) -> Response:
    response = redirect(request, page_before(request, "/"))
    if not form.errors:
        set_cookie(response, LOCALE_COOKIE, form.data.locale, settings, seconds=YEAR)
        if viewer is not None:
            account.choose_language(db, form.data.locale, by=viewer)
    return response


@router.post("/theme")
def choose_theme(request: Request, viewer: Anyone, form: ThemeForm, settings: AppSettings) -> Response:
    response = redirect(request, page_before(request, "/"))
    if not form.errors and form.data.theme == "system":
        drop_cookie(response, THEME_COOKIE, settings)
    elif not form.errors:
        set_cookie(response, THEME_COOKIE, form.data.theme, settings, seconds=YEAR)
    return response


def _account_page(request: Request, form: Submitted[AccountInput], status: int = 200) -> Response:
    return page(
        request,
        "accounts/settings/account.html",
        status=status,
        form=form,
        locales=list(LOCALES.items()),
        time_zones=[(zone, zone.replace("_", " ")) for zone in time_zones()],
    )
