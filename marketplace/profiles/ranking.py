"""The order of the directory. It cannot be bought: no payment, boost or private score enters it."""

from __future__ import annotations

from datetime import UTC, datetime

from marketplace.profiles.models import Profile

MOST_CASES = 5
CASE_POINTS = 4
DAYS = 100_000
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


def rank(profile: Profile, published_at: datetime) -> int:
    """The place among published profiles, higher first: quality, then the later first publication.

    Quality is ``completeness`` plus 4 points for each published case, at most 5 cases. The day of the first
    publication only orders equals, so newcomers come first among them and publishing again gains nothing.
    """
    quality = completeness(profile) + CASE_POINTS * min(profile.case_count, MOST_CASES)
    return quality * DAYS + max(0, min((published_at - _EPOCH).days, DAYS - 1))


def completeness(profile: Profile) -> int:
    """0 to 20 points for what a reader can learn: two for each part that is filled in well."""
    parts = (
        bool(profile.headline),
        len(profile.about) >= 80,
        len(profile.about) >= 400,
        profile.photo_id is not None,
        bool(profile.platforms),
        len(profile.responsibilities) >= 3,
        bool(profile.niches),
        bool(profile.skills),
        bool(profile.city or profile.region),
        profile.hourly_floor is not None,
    )
    return 2 * sum(parts)
