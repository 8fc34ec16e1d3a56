"""Passwords: Argon2id (19 MiB, t = 2, p = 1) and what we refuse (NIST SP 800-63B: length and known-bad, no recipes)."""

from __future__ import annotations

import re
import secrets
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from threading import BoundedSemaphore

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from core.i18n import gettext as _

SHORTEST = 8
LONGEST = 128

_hasher = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))
_turn = BoundedSemaphore(2)
"""Each hash takes 19 MiB and a core: two at a time, so that a burst of log-ins cannot exhaust the machine."""

_LOOKALIKES = str.maketrans("013457$@!", "oleastsai")


def hash_password(password: str) -> str:
    """The Argon2id hash to store."""
    with _turn:
        return _hasher.hash(password)


def verify_password(password: str, stored: str) -> bool:
    """Whether ``password`` belongs to the stored hash."""
    with _turn:
        return _hasher.verify(password, stored)


@lru_cache(maxsize=1)
def nobodys_hash() -> str:
    """A hash no password belongs to: checked for unknown addresses, so that they take as long as known ones."""
    return hash_password(secrets.token_urlsafe(32))


def weakness(password: str, *, email: str = "", name: str = "") -> str | None:
    """A sentence saying why this password is refused, or ``None``."""
    low = password.lower()
    if len(password) < SHORTEST:
        return _("Use at least %(n)s characters.") % {"n": SHORTEST}
    if len(password) > LONGEST:
        return _("Use at most %(n)s characters.") % {"n": LONGEST}
    if len(set(low)) < 4 or _is_run(low):
        return _("This repeats or counts. Choose something less regular, for example a short sentence.")
    if _is_own(low, _own_words(email, name)):
        return _("This contains your name or address. Choose something others cannot guess.")
    if low in _breached() or _is_common(low):
        return _("This is one of the first passwords that are tried. Choose another, for example a short sentence.")
    return None


def _is_run(text: str) -> bool:
    """``abcdefgh``, ``87654321``: every character one step from the one before, in one direction."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return steps in ({1}, {-1})


def _own_words(email: str, name: str) -> list[str]:
    words = [email.lower(), email.lower().split("@")[0], *re.split(r"[\W_]+", name.lower())]
    return [word for word in words if len(word) >= 4]


def _is_own(low: str, words: list[str]) -> bool:
    """Whether too little is left of the password without the person's own words."""
    left = low
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, "")
    return left != low and len(left) < SHORTEST


@lru_cache(maxsize=1)
def _breached() -> frozenset[str]:
    """Passwords seen most often in breaches, lower case, each as it is; see the file's head for where they are from."""
    text = (Path(__file__).parent / "breached_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if not line.startswith("# "))


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    text = (Path(__file__).parent / "common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


def _is_common(low: str) -> bool:
    """Whether a common word is all there is to it, once digits and signs around it and repetition are taken off."""
    known = _common()
    for text in (low, low.translate(_LOOKALIKES)):
        core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)
        for word in (text, core, _once(text), _once(core)):
            if word in known:
                return True
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", low)
    return core.translate(_LOOKALIKES) in known


def _once(text: str) -> str:
    """``abcabc`` → ``abc``: the smallest part whose repetition gives the text."""
    period = (text + text).find(text, 1)
    return text[:period] if 0 < period < len(text) else text
