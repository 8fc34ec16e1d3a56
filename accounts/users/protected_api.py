"""What protects an account, over JSON: password, address, deletion. What a page asks proof for takes the password here.

A token may not do more than its scopes; that it was stolen must not be enough to take the account over.
"""

from __future__ import annotations

from fastapi import Depends

from accounts.access import Anyone, Person
from accounts.sessions import service as sessions
from accounts.sessions.access import few_proofs
from accounts.users import account, deletion, queries
from accounts.users import service as users
from accounts.users.models import LinkPurpose
from accounts.users.schemas import (
    EmailChangeInput,
    EmailInput,
    LinkInput,
    PasswordChangeInput,
    ProvenInput,
    ResetInput,
    one_spelling,
)
from core.i18n import gettext as _
from web.deps import DB
from web.limits import Limit
from web.routing import api

router = api("account")
HOUR, DAY = 3600, 86_400
FIELD = "current_password"
proof = [Depends(few_proofs)]


@router.post(
    "/password-resets",
    status_code=202,
    dependencies=[Limit("reset", most=5, seconds=DAY, field="email", spelling=one_spelling)],
)
def ask_reset(viewer: Anyone, db: DB, data: EmailInput) -> dict[str, str]:
    """Mail a reset link if the address has an account; the answer is the same for every address."""
    users.ask_reset(db, data.email)
    return {"detail": _("Check your mail.")}


@router.put("/password-resets", status_code=204, dependencies=[Limit("confirm", most=20, seconds=HOUR)])
def reset(viewer: Anyone, db: DB, data: ResetInput) -> None:
    """Set a new password by the mailed link; every log-in and every API token ends."""
    users.reset_password(db, queries.find_link(db, LinkPurpose.RESET_PASSWORD, data.token), data.password)


@router.put("/email-changes", status_code=204, dependencies=[Limit("confirm", most=20, seconds=HOUR)])
def confirm_new_email(viewer: Anyone, db: DB, data: LinkInput) -> None:
    """Take over the address the mailed link was sent to."""
    account.confirm_new_email(db, queries.find_link(db, LinkPurpose.CHANGE_EMAIL, data.token))


@router.post("/me/confirmation", status_code=202, dependencies=[Limit("confirm_email", most=5, seconds=DAY)])
def resend(viewer: Person, db: DB) -> dict[str, str]:
    """Mail a fresh confirmation link."""
    account.resend_confirmation(db, by=viewer)
    return {"detail": _("Check your mail.")}


@router.put("/me/password", status_code=204, dependencies=proof)
def change_password(viewer: Person, db: DB, data: PasswordChangeInput) -> None:
    """Set a new password; every log-in ends, tokens stay."""
    sessions.require_password(db, data.current_password, by=viewer, field=FIELD)
    account.change_password(db, data.password, by=viewer)


@router.put("/me/email", status_code=202, dependencies=[*proof, Limit("change_email", most=5, seconds=DAY)])
def ask_new_email(viewer: Person, db: DB, data: EmailChangeInput) -> dict[str, str]:
    """Mail a link to the new address; until it is used the old one stays."""
    sessions.require_password(db, data.current_password, by=viewer, field=FIELD)
    account.ask_new_email(db, data.email, by=viewer)
    return {"detail": _("Check your mail.")}


@router.put("/me/deletion", status_code=204, dependencies=proof)
def ask_deletion(viewer: Person, db: DB, data: ProvenInput) -> None:
    """Ask for the account to be deleted in 30 days."""
    sessions.require_password(db, data.current_password, by=viewer, field=FIELD)
    deletion.ask(db, by=viewer)


@router.delete("/me/deletion", status_code=204)
def withdraw_deletion(viewer: Person, db: DB) -> None:
    """Keep the account after all."""
    deletion.withdraw(db, by=viewer)
