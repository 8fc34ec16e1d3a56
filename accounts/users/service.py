"""Verbs on people: sign up, confirm, reset. What a signed-in person changes is in ``account``.

Known and unknown addresses are never told apart: the answers are the same and cost the same.
"""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from accounts.sessions import service as sessions
from accounts.users import links, queries
from accounts.users.actor import Oneself
from accounts.users.mail import send
from accounts.users.models import LinkPurpose, MailLink, User
from accounts.users.passwords import hash_password, weakness
from accounts.users.schemas import SignUpInput, one_spelling
from accounts.workspaces import queries as workspace_queries
from accounts.workspaces import service as workspaces
from core.db import Session
from core.errors import Conflict, Invalid, NotFound
from core.events import record
from core.i18n import current_locale
from core.i18n import gettext as _
from core.ids import new_id
from core.jobs import enqueue


def create_user(
    db: Session,
    name: str,
    email: str,
    password: str,
    verified: bool = False,
    staff: bool = False,
    password_hash: str | None = None,
    time_zone: str = "UTC",
) -> User:
    """A new person without a workspace; no mail goes out. ``email`` must be lower case.

    ``password_hash``: of ``password``, where many people share one and it was computed before. Raises ``Invalid``
    when the address is taken or the password is refused.
    """
    email = email.lower()
    refuse_weak(password, email=email, name=name)
    password_hash = password_hash or hash_password(password)
    user = _insert(db, name, email, password_hash, verified=verified, staff=staff, time_zone=time_zone)
    if user is None:
        raise Invalid(_("This address has an account already."), {"email": _("This address is taken.")})
    record(db, "user.signed_up", user, by=Oneself(user.id), title=name)
    return user


def sign_up(db: Session, data: SignUpInput, *, then: str = "") -> None:
    """Make an account with its first workspace and mail the confirmation, which leads on to the path ``then``.

    The owner of an address that has an account gets a mail that says so; the caller never learns of it.
    Raises ``Invalid`` when the password is refused.
    """
    refuse_weak(data.password, email=data.email, name=data.name)
    password_hash = hash_password(data.password)
    if queries.find_by_email(db, data.email) is None and _open_account(db, data, data.email, password_hash, then):
        return
    # The work of a new account is done and taken back: else the time of the answer would tell.
    work = db.begin_nested()
    _open_account(db, data, f"{new_id()}@nobody.invalid", password_hash, then)
    work.rollback()
    send(db, "already_registered", to=data.email, locale=current_locale(), path="/log-in")


def _open_account(db: Session, data: SignUpInput, email: str, password_hash: str, then: str) -> bool:
    """The person, their first workspace and the mail to confirm; false when the address is taken."""
    user = _insert(db, data.name, email, password_hash, time_zone=data.time_zone)
    if user is None:
        return False
    record(db, "user.signed_up", user, by=Oneself(user.id), title=user.name)
    workspaces.create(db, kind=data.kind, name=data.workspace_name, owner=user)
    send(db, "confirm_email", to=user.email, locale=user.locale, path=links.issue_confirmation(db, user, then))
    return True


def ask_confirmation(db: Session, email: str) -> None:
    """Ask for the mail of the sign-up once more. As with a reset, the worker looks the account up."""
    enqueue(db, "users.send_confirmation", {"email": email, "locale": current_locale()})


def send_confirmation(db: Session, email: str) -> None:
    """Mail what a sign-up mailed to this address: a fresh link, or that it has a confirmed account already."""
    user = queries.find_by_email(db, email)
    if user is None or user.suspended_at is not None:
        return
    if user.email_verified_at is not None:
        send(db, "already_registered", to=user.email, locale=user.locale, path="/log-in")
        return
    send(db, "confirm_email", to=user.email, locale=user.locale, path=links.issue_confirmation(db, user))
    record(db, "user.confirmation_asked", user, by=None)


def confirm_email(db: Session, link: MailLink) -> User:
    """Take the mailed link as proof of the address. Raises ``LinkGone`` if it means nothing any more."""
    user = links.use(db, link)
    _verify(db, user)
    return user


def ask_reset(db: Session, email: str) -> None:
    """Ask for a reset mail. The account is looked up by the worker, so every address costs the same here."""
    enqueue(db, "users.send_reset", {"email": email, "locale": current_locale()})


def send_reset(db: Session, email: str) -> None:
    """Mail a reset link if the address has an account that may be used."""
    user = queries.find_by_email(db, email)
    if user is None or user.suspended_at is not None:
        return
    path = links.issue(db, user, LinkPurpose.RESET_PASSWORD)
    send(db, "reset_password", to=user.email, locale=user.locale, path=path)
    record(db, "user.reset_asked", user, by=None)


def reset_password(db: Session, link: MailLink, password: str) -> User:
    """Set a new password by the mailed link and end every log-in of the person; API tokens end by reaction.

    The link came by mail, so it proves the address too. Raises ``Invalid`` for a refused password (the link stays
    good) and ``LinkGone`` if the link means nothing any more.
    """
    owner = queries.get(db, link.user_id)
    refuse_weak(password, email=owner.email, name=owner.name)
    user = links.use(db, link)
    set_password(db, user, password)
    sessions.end_all(db, user.id)
    record(db, "user.password_reset", user, by=Oneself(user.id))
    if user.email_verified_at is None:
        _verify(db, user)
    return user


def set_password(db: Session, user: User, password: str) -> None:
    """Store an accepted password, tell the owner by mail and end open links to reset it or to change the address.

    Whoever had the old password may have asked for a change of address; it must not outlive that password.
    """
    user.password_hash = hash_password(password)
    user.password_changed_at = db.now()
    db.flush()
    links.void(db, user, LinkPurpose.RESET_PASSWORD, LinkPurpose.CHANGE_EMAIL)
    send(db, "password_changed", to=user.email, locale=user.locale, path="/forgot-password")


def suspend(db: Session, email: str) -> None:
    """Shut a person out at once: log-ins end, tokens and mailed links are dead while it lasts.

    Workspaces that have no other owner who may act go with them, and what those have on the table.
    Raises ``NotFound`` for an unknown address, ``Conflict`` when it is so already.
    """
    user = _of_address(db, email)
    if user.suspended_at is not None:
        raise Conflict(_("This person is suspended already."))
    user.suspended_at = db.now()
    sessions.end_all(db, user.id)
    record(db, "user.suspended", user, by=None)
    for place, _others, owners in workspace_queries.list_owned(db, user.id):
        if not owners and place.suspended_at is None:
            workspaces.suspend(db, place)


def restore(db: Session, email: str) -> None:
    """Let a suspended person in again, with the workspaces that waited. Raises ``NotFound`` and ``Conflict``."""
    user = _of_address(db, email)
    if user.suspended_at is None:
        raise Conflict(_("This person is not suspended."))
    user.suspended_at = None
    record(db, "user.restored", user, by=None)
    workspaces.restore_owned(db, user.id)


def _of_address(db: Session, email: str) -> User:
    user = queries.find_by_email(db, one_spelling(email))
    if user is None:
        raise NotFound(_("There is no person with this address."))
    return user


def refuse_weak(password: str, *, email: str, name: str) -> None:
    """Raise ``Invalid`` for a password that is too short, too long or too easy."""
    reason = weakness(password, email=email, name=name)
    if reason:
        raise Invalid(_("Choose another password."), {"password": reason})


def _verify(db: Session, user: User) -> None:
    user.email_verified_at = db.now()
    links.void(db, user, LinkPurpose.CONFIRM_EMAIL)
    record(db, "user.email_confirmed", user, by=Oneself(user.id))


def _insert(
    db: Session,
    name: str,
    email: str,
    password_hash: str,
    *,
    verified: bool = False,
    staff: bool = False,
    time_zone: str = "UTC",
) -> User | None:
    """The new row, or ``None`` when the address is taken; the constraint decides, also between two at once."""
    now = db.now()
    user = User(
        email=email,
        email_verified_at=now if verified else None,
        name=name,
        password_hash=password_hash,
        password_changed_at=now,
        locale=current_locale(),
        time_zone=time_zone,
        is_staff=staff,
        created_at=now,
    )
    try:
        with db.begin_nested():
            db.add(user)
            db.flush()
    except IntegrityError:
        return None
    return user
