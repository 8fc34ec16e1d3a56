"""The way in over JSON: sign up, confirm the address, get a token for address and password."""

from __future__ import annotations

from typing import Any

from fastapi import Depends

from accounts.access import Anyone
from accounts.sessions import service as sessions
from accounts.tokens import service as tokens
from accounts.tokens.schemas import CredentialsInput, TokenText
from accounts.two_factor import service as two_factor
from accounts.two_factor.pending import few_tries_over_json
from accounts.users import queries as people
from accounts.users import service as users
from accounts.users.models import LinkPurpose
from accounts.users.schemas import EmailInput, LinkInput, SignUpInput, one_spelling
from core.errors import Invalid
from core.i18n import gettext as _
from web.deps import DB, AppKeys
from web.limits import Limit
from web.routing import api

router = api("account")
HOUR, DAY = 3600, 86_400


@router.post(
    "/sign-up",
    status_code=202,
    dependencies=[Limit("sign_up", most=10, seconds=HOUR, field="email", spelling=one_spelling)],
)
def sign_up(viewer: Anyone, db: DB, data: SignUpInput) -> dict[str, str]:
    """Answers the same for a known address; the mail tells its owner."""
    users.sign_up(db, data)
    return {"detail": _("Check your mail.")}


@router.post(
    "/sign-up/again",
    status_code=202,
    dependencies=[Limit("confirm_email", most=5, seconds=DAY, field="email", spelling=one_spelling)],
)
def sign_up_again(viewer: Anyone, db: DB, data: EmailInput) -> dict[str, str]:
    """Send the mail of the sign-up once more; the answer is the same for every address."""
    users.ask_confirmation(db, data.email)
    return {"detail": _("Check your mail.")}


@router.post("/confirmations", status_code=204, dependencies=[Limit("confirm", most=20, seconds=HOUR)])
def confirm(viewer: Anyone, db: DB, data: LinkInput) -> None:
    """Take the token of the mailed link as proof of the address."""
    users.confirm_email(db, people.find_link(db, LinkPurpose.CONFIRM_EMAIL, data.token))


@router.post(
    "/tokens",
    response_model=TokenText,
    status_code=201,
    dependencies=[
        Limit("log_in", most=10, seconds=300, field="email", spelling=one_spelling),
        Depends(few_tries_over_json),
    ],
)
def issue(viewer: Anyone, db: DB, keys: AppKeys, data: CredentialsInput) -> Any:
    """A token for ``workspace_id`` or the person's first workspace; with the second factor on, ``code`` is needed.

    Who belongs to no workspace names one to make in ``workspace``.
    """
    user = sessions.check_password(db, data.email, data.password)
    if user.totp_confirmed_at is not None:
        if not data.code:
            raise Invalid(_("A code is needed."), {"code": _("Enter the code your app shows now.")})
        two_factor.check(db, keys, user, data.code)
    return TokenText(token=tokens.issue_by_password(db, user, data))
