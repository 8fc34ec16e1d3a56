"""Verbs of the second factor: time-based codes (RFC 6238, 30 seconds, 6 digits) and recovery codes.

All of a signed-in person raise ``NotSignedIn`` when the log-in ended meanwhile.
"""

from __future__ import annotations

import hmac
import secrets

import pyotp
from sqlalchemy import delete, update
from sqlmodel import col

from accounts.sessions import queries as log_ins
from accounts.two_factor import queries
from accounts.two_factor.models import RecoveryCode
from accounts.users.actor import Oneself
from accounts.users.mail import send
from accounts.users.models import User
from accounts.viewers import Viewer
from core.crypto import Keys, token_hash
from core.db import Session
from core.errors import Conflict, Invalid
from core.events import record
from core.i18n import gettext as _

STEP_SECONDS = 30
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
ISSUER = "Postwright"


def begin(db: Session, keys: Keys, *, by: Viewer) -> None:
    """Make a new secret, which counts only once ``confirm`` has seen a code. Raises ``Conflict`` when already on."""
    user = log_ins.hold_person(db, by)
    if user.totp_confirmed_at is not None:
        raise Conflict(_("Two-step log-in is on already."))
    user.totp_sealed = keys.seal(_purpose(user), pyotp.random_base32())
    user.totp_last_step = None
    record(db, "user.two_factor_begun", user, by=Oneself(user.id))


def confirm(db: Session, keys: Keys, code: str, *, by: Viewer) -> list[str]:
    """Turn the second factor on with a first code; gives the ten recovery codes, which are never shown again.

    Raises ``Conflict`` when it is on or was not begun, ``Invalid`` for a wrong code.
    """
    user = log_ins.hold_person(db, by)
    if user.totp_confirmed_at is not None or user.totp_sealed is None:
        raise Conflict(_("Start again: there is nothing to confirm."))
    if not _accept_code(db, keys, user, code):
        raise Invalid(_("The code is wrong."), {"code": _("This code is wrong or was used. Enter the one shown now.")})
    user.totp_confirmed_at = db.now()
    codes = _new_recovery_codes(db, user)
    send(db, "two_factor_on", to=user.email, locale=user.locale, path="/settings/two-factor")
    record(db, "user.two_factor_enabled", user, by=Oneself(user.id))
    return codes


def disable(db: Session, *, by: Viewer) -> None:
    """Turn the second factor off and forget secret and codes. Raises ``Conflict`` when there is nothing to forget."""
    user = log_ins.hold_person(db, by)
    if user.totp_sealed is None:
        raise Conflict(_("Two-step log-in is off already."))
    was_on = user.totp_confirmed_at is not None
    user.totp_sealed = user.totp_confirmed_at = user.totp_last_step = None
    db.execute(delete(RecoveryCode).where(col(RecoveryCode.user_id) == user.id))
    if was_on:
        send(db, "two_factor_off", to=user.email, locale=user.locale, path="/settings/two-factor")
    record(db, "user.two_factor_disabled", user, by=Oneself(user.id))


def renew_codes(db: Session, *, by: Viewer) -> list[str]:
    """Ten new recovery codes; the old ones are void. Raises ``Conflict`` when the second factor is off."""
    user = log_ins.hold_person(db, by)
    if user.totp_confirmed_at is None:
        raise Conflict(_("Turn on two-step log-in first."))
    codes = _new_recovery_codes(db, user)
    record(db, "user.recovery_codes_renewed", user, by=Oneself(user.id))
    return codes


def check(db: Session, keys: Keys, user: User, code: str) -> None:
    """Take a code of the app or a recovery code, each once. Raises ``Invalid`` when it is neither."""
    if not _accept_code(db, keys, user, code) and not _accept_recovery(db, user, code):
        raise Invalid(_("The code is wrong."), {"code": _("This code is wrong or was used. Enter the one shown now.")})


def secret_of(keys: Keys, user: User) -> str | None:
    """The secret in clear, to show while it is being set up; ``None`` if there is none or the key changed."""
    return keys.unseal(_purpose(user), user.totp_sealed) if user.totp_sealed else None


def address_of(keys: Keys, user: User) -> str | None:
    """The ``otpauth://`` address an app reads from the picture."""
    secret = secret_of(keys, user)
    return pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER) if secret else None


def _purpose(user: User) -> str:
    return f"totp:{user.id}"


def _accept_code(db: Session, keys: Keys, user: User, code: str) -> bool:
    """Whether ``code`` belongs to this 30-second step or a neighbour, none of which was used before (RFC 6238 §5.2)."""
    secret = secret_of(keys, user)
    typed = code.replace(" ", "")
    if secret is None or not typed.isascii():
        return False
    now = int(db.now().timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    for step in (now - 1, now, now + 1):
        if hmac.compare_digest(totp.at(step * STEP_SECONDS), typed):
            return _use_step(db, user, step)
    return False


def _use_step(db: Session, user: User, step: int) -> bool:
    """Claim the step; of two requests with the same code one gets it."""
    db.flush()
    fresh = col(User.totp_last_step).is_(None) | (col(User.totp_last_step) < step)
    statement = update(User).where(col(User.id) == user.id, fresh).values(totp_last_step=step)
    claimed = db.execute(statement.returning(col(User.id)).execution_options(synchronize_session=False)).scalar()
    return claimed is not None


def _accept_recovery(db: Session, user: User, code: str) -> bool:
    hashed = _recovery_hash(user, code)
    unused = queries.unused_code(db, user.id, hashed)
    if unused is None:
        return False
    statement = update(RecoveryCode).where(col(RecoveryCode.id) == unused, col(RecoveryCode.used_at).is_(None))
    statement = statement.values(used_at=db.now()).execution_options(synchronize_session=False)
    return db.execute(statement.returning(col(RecoveryCode.id))).scalar() is not None


def _new_recovery_codes(db: Session, user: User) -> list[str]:
    db.execute(delete(RecoveryCode).where(col(RecoveryCode.user_id) == user.id))
    codes = []
    for _number in range(RECOVERY_CODES):
        plain = "".join(secrets.choice(_ALPHABET) for _sign in range(10))
        codes.append(f"{plain[:5]}-{plain[5:]}")
        db.add(RecoveryCode(user_id=user.id, code_hash=_recovery_hash(user, codes[-1])))
    db.flush()
    return codes


def _recovery_hash(user: User, code: str) -> str:
    return token_hash(f"{user.id}:{code.replace('-', '').replace(' ', '').lower()}")
