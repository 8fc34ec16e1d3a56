"""Single-use links by mail: bound to a person, a purpose and an address, stored as a hash."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from sqlalchemy import update
from sqlmodel import col

from accounts.users import queries
from accounts.users.models import LinkPurpose, MailLink, User
from core.crypto import token_hash
from core.db import Session
from core.ids import new_token

LASTS = {
    LinkPurpose.CONFIRM_EMAIL: timedelta(hours=48),
    LinkPurpose.RESET_PASSWORD: timedelta(hours=1),
    LinkPurpose.CHANGE_EMAIL: timedelta(hours=48),
}
PATHS = {
    LinkPurpose.CONFIRM_EMAIL: "/confirm-email/",
    LinkPurpose.RESET_PASSWORD: "/reset-password/",
    LinkPurpose.CHANGE_EMAIL: "/change-email/",
}


def issue(db: Session, user: User, purpose: LinkPurpose, *, email: str = "", **data: Any) -> str:
    """The path of a new link for ``user``, good for ``LASTS``; earlier ones of the purpose end."""
    void(db, user, purpose)
    token = new_token()
    db.add(
        MailLink(
            user_id=user.id,
            purpose=purpose,
            email=email or user.email,
            token_hash=token_hash(token),
            data=data,
            expires_at=db.now() + LASTS[purpose],
            created_at=db.now(),
        )
    )
    db.flush()
    return PATHS[purpose] + token


def issue_confirmation(db: Session, user: User, then: str | None = None) -> str:
    """The path of a new link to confirm the address. It leads on to the path ``then``, or where the last one led."""
    goes_on = queries.last_destination(db, user.id) if then is None else then
    path = issue(db, user, LinkPurpose.CONFIRM_EMAIL, then=goes_on)
    return f"{path}?next={quote(goes_on)}" if goes_on else path


def use(db: Session, link: MailLink) -> User:
    """Use the link up and give its person. Of several callers one gets through; the others get ``LinkGone``.

    A link whose account has another address by now than when it was sent means nothing either. The person is locked
    before the link, as in the verbs that end links.
    """
    user = queries.lock(db, link.user_id)
    used = db.execute(
        update(MailLink)
        .where(col(MailLink.id) == link.id, col(MailLink.used_at).is_(None), col(MailLink.expires_at) > db.now())
        .values(used_at=db.now())
        .returning(col(MailLink.id))
        .execution_options(synchronize_session=False)
    ).scalar()
    if used is None or user.suspended_at is not None or user.email != link.data.get("from", link.email):
        raise queries.LinkGone
    return user


def void(db: Session, user: User, *purposes: LinkPurpose) -> None:
    """End the person's open links of these purposes; of all when none is named."""
    db.execute(
        update(MailLink)
        .where(col(MailLink.user_id) == user.id, col(MailLink.used_at).is_(None))
        .where(col(MailLink.purpose).in_(purposes or tuple(LinkPurpose)))
        .values(used_at=db.now())
        .execution_options(synchronize_session=False)
    )
