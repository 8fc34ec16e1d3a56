"""Loading mailed links."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from accounts.users import queries
from accounts.users.models import LinkPurpose, MailLink
from web.deps import DB


def confirm_link(token: str, db: DB) -> MailLink:
    return queries.find_link(db, LinkPurpose.CONFIRM_EMAIL, token)


def reset_link(token: str, db: DB) -> MailLink:
    return queries.find_link(db, LinkPurpose.RESET_PASSWORD, token)


def change_link(token: str, db: DB) -> MailLink:
    return queries.find_link(db, LinkPurpose.CHANGE_EMAIL, token)


ConfirmLink = Annotated[MailLink, Depends(confirm_link)]
ResetLink = Annotated[MailLink, Depends(reset_link)]
ChangeLink = Annotated[MailLink, Depends(change_link)]
