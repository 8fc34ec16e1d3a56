"""Everyone chooses what to hear of, and how."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from core.db import Database
from core.events import Event
from core.jobs import Job
from notifications.inbox.kinds import KINDS
from notifications.inbox.models import NoticePreference
from tests.cast import CAST, viewer_of
from tests.factories.notices import happen


def stored(database: Database) -> dict[str, tuple[bool, bool]]:
    with database.read() as db:
        rows = db.scalars(select(NoticePreference).where(col(NoticePreference.user_id) == CAST.bob.user_id))
        return {row.kind: (row.in_app, row.email) for row in rows}


def defaults() -> dict[str, list[str]]:
    return {
        "in_app": [name for name, kind in KINDS.items() if kind.in_app],
        "email": [name for name, kind in KINDS.items() if kind.email],
    }


def without(kind: str, *ways: str) -> dict[str, list[str]]:
    return {way: [k for k in kinds if k != kind or way not in ways] for way, kinds in defaults().items()}


def test_the_form_shows_what_holds_now(as_):
    page = as_("bob").get("/settings/notices").text
    assert page.count('name="in_app"') == page.count('name="email"') == len(KINDS)
    assert page.count(" checked") == len(defaults()["in_app"]) + len(defaults()["email"])


def test_only_differences_are_stored(as_, database):
    bob = as_("bob")
    assert bob.post("/settings/notices", defaults()).status_code == 303
    assert stored(database) == {}
    bob.post("/settings/notices", without("offer.sent", "email"))
    bob.post("/settings/notices", without("offer.sent", "email"))
    assert stored(database) == {"offer.sent": (True, False)}
    with database.read() as db:
        assert db.scalar(select(func.count()).where(col(Event.kind) == "user.notices_chosen")) == 3
    bob.post("/settings/notices", defaults())
    assert stored(database) == {}


def test_nothing_ticked_means_nothing_wanted(as_, database):
    as_("bob").post("/settings/notices", {})
    assert set(stored(database).values()) <= {(False, False)}
    assert len(stored(database)) == len(KINDS)


@pytest.mark.parametrize("ways", [("email",), ("in_app",), ("in_app", "email")])
def test_people_hear_as_they_chose(as_, database, ways):
    as_("bob").api("PUT", "/preferences", without("offer.sent", *ways))
    with database.write() as db:
        happen(db)
    with database.read() as db:
        mails = [j.payload["to"] for j in db.scalars(select(Job).where(col(Job.kind) == "emails.send"))]
        assert ("bob@example.com" in mails) == ("email" not in ways)
        assert viewer_of(db, "bob").unread == (0 if "in_app" in ways else 1)
        assert "bella@example.com" in mails
        assert viewer_of(db, "bella").unread == 1


def test_the_same_over_json(as_):
    bob = as_("bob")
    answer = bob.api("PUT", "/preferences", without("offer.sent", "email"))
    assert answer.json() == bob.api("GET", "/preferences").json()
    sent = next(row for row in answer.json() if row["kind"] == "offer.sent")
    assert (sent["in_app"], sent["email"], sent["group"]) == (True, False, "offers")
    assert next(row for row in as_("bella").api("GET", "/preferences").json() if row["kind"] == "offer.sent")["email"]


@pytest.mark.parametrize(
    "body",
    [{"email": ["offer.unknown"]}, {"email": "offer.sent"}, {"sms": []}, {"email": [None]}, {"in_app": ["a"] * 101}],
)
def test_wrong_input_changes_nothing(as_, database, body):
    assert as_("bob").api("PUT", "/preferences", body).status_code == 422
    assert stored(database) == {}


def test_a_made_up_kind_in_the_form_is_refused(as_, database):
    answer = as_("bob").post("/settings/notices", {"email": ["offer.sent", "<script>"]})
    assert answer.status_code == 422
    assert "Nothing was changed" in answer.text
    assert "<script>" not in answer.text.split("<main", 1)[1]
    assert stored(database) == {}
