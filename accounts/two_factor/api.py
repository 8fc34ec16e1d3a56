"""The second factor over JSON. Each verb takes the password; ``PUT``, so that no answer is kept for repetition."""

from __future__ import annotations

from typing import Any

from fastapi import Depends

from accounts.access import Person
from accounts.sessions import service as sessions
from accounts.sessions.access import few_proofs
from accounts.two_factor import service as two_factor
from accounts.two_factor.schemas import CodesRead, FirstCodeInput, SecretRead
from accounts.users import queries as people
from accounts.users.schemas import ProvenInput
from core.errors import NotFound
from core.i18n import gettext as _
from web.deps import DB, AppKeys
from web.limits import Limit
from web.routing import api

router = api("account", "/me/two-factor")
FIELD = "current_password"
proof = [Depends(few_proofs)]


@router.put("/secret", response_model=SecretRead, dependencies=proof)
def begin(viewer: Person, db: DB, keys: AppKeys, data: ProvenInput) -> Any:
    """Make a new secret for an authenticator app; it counts once a first code was sent to ``/me/two-factor``."""
    sessions.require_password(db, data.current_password, by=viewer, field=FIELD)
    two_factor.begin(db, keys, by=viewer)
    user = people.get(db, viewer.user_id)
    secret, address = two_factor.secret_of(keys, user), two_factor.address_of(keys, user)
    if secret is None or address is None:
        raise NotFound(_("There is nothing here."))
    return SecretRead(secret=secret, address=address)


@router.put("", response_model=CodesRead, dependencies=[*proof, Limit("code_setup", most=5, seconds=300)])
def confirm(viewer: Person, db: DB, keys: AppKeys, data: FirstCodeInput) -> Any:
    """Turn it on with a first code; gives the recovery codes, which are never shown again."""
    sessions.require_password(db, data.current_password, by=viewer, field=FIELD)
    return CodesRead(codes=two_factor.confirm(db, keys, data.code, by=viewer))


@router.put("/codes", response_model=CodesRead, dependencies=proof)
def renew(viewer: Person, db: DB, data: ProvenInput) -> Any:
    """Ten new recovery codes; the old ones are void."""
    sessions.require_password(db, data.current_password, by=viewer, field=FIELD)
    return CodesRead(codes=two_factor.renew_codes(db, by=viewer))


@router.put("/disabled", status_code=204, dependencies=proof)
def disable(viewer: Person, db: DB, data: ProvenInput) -> None:
    """Turn it off and forget secret and codes."""
    sessions.require_password(db, data.current_password, by=viewer, field=FIELD)
    two_factor.disable(db, by=viewer)
