"""The checks over stored briefs find what is broken and nothing else."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update

from marketplace.briefs.invariants import INVARIANTS
from marketplace.briefs.models import Brief, BriefFacet, BriefLine
from tests.cast import viewer_of
from tests.factories.briefs import make_brief, make_draft

BREAK = {
    "board_shows_what_is_open": delete(BriefFacet),
    "open_briefs_are_complete": delete(BriefLine),
    "opened_briefs_say_when": update(Brief).values(opened_at=None),
}


@pytest.mark.parametrize("check", INVARIANTS, ids=lambda check: check.__name__)
def test_each_finds_its_fault(db, cast, check):
    bob = viewer_of(db, cast.bob)
    make_draft(db, bob)
    brief = make_brief(db, bob)
    assert [fault for invariant in INVARIANTS for fault in invariant(db)] == []
    db.execute(BREAK[check.__name__])
    assert [fault.split(":")[0] for fault in check(db)] == [f"brief {brief.id}"]
