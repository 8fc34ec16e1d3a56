"""Verbs of a signed-in person on their own account. The doors ask for the password before the sensitive ones."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from accounts.sessions import queries as log_ins
from accounts.sessions import service as sessions
from accounts.users import links, queries
from accounts.users.actor import Oneself
from accounts.users.mail import send
from accounts.users.models import LinkPurpose, MailLink, User
from accounts.users.schemas import AccountInput
from accounts.users.service import refuse_weak, set_password
from accounts.viewers import Viewer
from core.db import Session
from core.errors import Conflict, Invalid
from core.events import record
from core.i18n import gettext as _


def edit(db: Session, data: AccountInput, *, by: Viewer) -> User:
    """Overwrite name, language and time zone."""
    user = queries.get(db, by.user_id)
    user.name = data.name
    user.locale = data.locale
    user.time_zone = data.time_zone
    record(db, "user.edited", user, by=Oneself(user.id))
    return user


def choose_language(db: Session, locale: str, *, by: Viewer) -> None:
    """Write mails to this person in ``locale`` from now on."""
    user = queries.get(db, by.user_id)
    user.locale = locale
    record(db, "user.edited", user, by=Oneself(user.id))


def resend_confirmation(db: Session, *, by: Viewer) -> None:
    """Mail a fresh confirmation link. Raises ``Conflict`` when the address is confirmed already."""
    user = queries.get(db, by.user_id)
    if user.email_verified_at is not None:
        raise Conflict(_("Your address is confirmed already."))
    send(db, "confirm_email", to=user.email, locale=user.locale, path=links.issue_confirmation(db, user))
    record(db, "user.confirmation_asked", user, by=Oneself(user.id))


def change_password(db: Session, password: str, *, by: Viewer) -> None:
    """Set a new password and end every other log-in.

    Raises ``Invalid`` when it is refused and ``NotSignedIn`` when the log-in ended meanwhile.
    """
    user = log_ins.hold_person(db, by)
    refuse_weak(password, email=user.email, name=user.name)
    set_password(db, user, password)
    sessions.end_all(db, user.id, but=by.session_id)
    record(db, "user.password_changed", user, by=Oneself(user.id))


def ask_new_email(db: Session, email: str, *, by: Viewer) -> None:
    """Mail a link to the new address; until it is opened the old one stays.

    An address with an account gets a mail that says so instead; the caller cannot tell the two apart.
    Raises ``Invalid`` for the own address and ``NotSignedIn`` when the log-in ended meanwhile.
    """
    user = log_ins.hold_person(db, by)
    if email == user.email:
        raise Invalid(_("Enter another address."), {"email": _("This is your address already.")})
    path = links.issue(db, user, LinkPurpose.CHANGE_EMAIL, email=email, **{"from": user.email})
    if queries.find_by_email(db, email) is None:
        send(db, "change_email", to=email, locale=user.locale, path=path)
    else:
        send(db, "already_registered", to=email, locale=user.locale, path="/log-in")
    record(db, "user.email_change_asked", user, by=Oneself(user.id))


def confirm_new_email(db: Session, link: MailLink) -> User:
    """Take over the address the link was sent to and tell the old one. Raises ``LinkGone`` if it means nothing."""
    user = links.use(db, link)
    old = user.email
    try:
        with db.begin_nested():
            user.email = link.email
            user.email_verified_at = db.now()
            db.flush()
    except IntegrityError:
        raise queries.LinkGone from None
    links.void(db, user)
    send(db, "email_changed", to=old, locale=user.locale, path="/log-in")
    record(db, "user.email_changed", user, by=Oneself(user.id))
    return user
