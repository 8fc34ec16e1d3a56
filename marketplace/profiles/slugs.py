"""Readable addresses from names in any script, and what becomes of those a profile leaves."""

from __future__ import annotations

import re
from uuid import UUID

from anyascii import anyascii
from sqlalchemy import delete, select
from sqlmodel import col

from core.db import Session
from marketplace.profiles.models import Profile, ProfileAddress

LONGEST = 60
MOST_LEFT = 10
"""Former addresses kept for a profile; nobody can hoard names by renaming."""
_SILENT = str.maketrans("", "", "'’\"")
"""Apostrophes, and what stands for the soft and the hard sign: ``Ольга`` is ``olga``, not ``ol-ga``."""


def slug_of(name: str) -> str:
    """``Phạm Ngọc Hà`` → ``pham-ngoc-ha``; a name without letters becomes ``specialist``."""
    words = re.findall(r"[a-z0-9]+", anyascii(name).translate(_SILENT).lower())
    return "-".join(words)[:LONGEST].strip("-") or "specialist"


def free_slug(db: Session, name: str) -> str:
    """The slug of ``name``, with the lowest number behind it that nobody has or had."""
    base = slug_of(name)
    taken: set[str] = set()
    for column in (col(Profile.slug), col(ProfileAddress.slug)):
        taken |= set(
            db.scalars(select(column).where((column == base) | column.startswith(f"{base}-", autoescape=True)))
        )
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def is_taken(db: Session, slug: str, profile: Profile) -> bool:
    """Whether another profile has this address, or had it."""
    has = select(col(Profile.id)).where(col(Profile.slug) == slug, col(Profile.id) != profile.id)
    had = select(col(ProfileAddress.profile_id)).where(
        col(ProfileAddress.slug) == slug, col(ProfileAddress.profile_id) != profile.id
    )
    return db.scalar(has) is not None or db.scalar(had) is not None


def leave(db: Session, profile_id: UUID, slug: str, *, for_: str) -> None:
    """Let ``slug`` lead to the profile's new address ``for_``; of more than 10 the oldest are given up."""
    mine = col(ProfileAddress.profile_id) == profile_id
    db.execute(delete(ProfileAddress).where(mine, col(ProfileAddress.slug) == for_))
    db.add(ProfileAddress(slug=slug, profile_id=profile_id, left_at=db.now()))
    db.flush()
    kept = (
        select(col(ProfileAddress.slug))
        .where(mine)
        .order_by(col(ProfileAddress.left_at).desc(), col(ProfileAddress.slug))
        .limit(MOST_LEFT)
    )
    db.execute(delete(ProfileAddress).where(mine, col(ProfileAddress.slug).not_in(list(db.scalars(kept)))))
