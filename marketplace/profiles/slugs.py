"""Readable addresses from names in any script."""

from __future__ import annotations

import re

from anyascii import anyascii
from sqlalchemy import select
from sqlmodel import col

from core.db import Session
from marketplace.profiles.models import Profile

LONGEST = 60


def slug_of(name: str) -> str:
    """``Phạm Ngọc Hà`` → ``pham-ngoc-ha``; a name without letters becomes ``specialist``."""
    words = re.findall(r"[a-z0-9]+", anyascii(name.replace("'", "").replace("’", "")).lower())
    return "-".join(words)[:LONGEST].strip("-") or "specialist"


def free_slug(db: Session, name: str) -> str:
    """The slug of ``name``, with the lowest number behind it that nobody has."""
    base = slug_of(name)
    taken = set(
        db.scalars(
            select(col(Profile.slug)).where(
                (col(Profile.slug) == base) | col(Profile.slug).startswith(f"{base}-", autoescape=True)
            )
        )
    )
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def is_taken(db: Session, slug: str, profile: Profile) -> bool:
    """Whether another profile has this address."""
    statement = select(col(Profile.id)).where(col(Profile.slug) == slug, col(Profile.id) != profile.id)
    return db.scalar(statement) is not None
