"""Reading the inbox: one's own notices, opened, marked, page by page."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlmodel import col

from accounts.users.models import User
from accounts.workspaces.models import Membership, Role
from core.db import Database
from notifications.inbox.checks import wrong_counts
from notifications.inbox.models import Notice
from tests.cast import CAST
from tests.counting import counted
from tests.factories.notices import happen
from tests.people import text_of


def notice_of(database: Database, name: str) -> Notice:
    with database.read() as db:
        statement = select(Notice).where(col(Notice.user_id) == CAST.members[name].user_id)
        return db.scalars(statement.order_by(col(Notice.id).desc())).all()[0]


def unread_of(database: Database, name: str) -> int:
    with database.read() as db:
        assert wrong_counts(db) == []
        return db.get_one(User, CAST.members[name].user_id).unread


@pytest.fixture
def three(database):
    with database.write() as db:
        for number in range(3):
            happen(db, title=f"Offer {number}", url=f"/offers/{number}")


def test_an_empty_inbox_says_what_will_come(as_):
    page = as_("bob").get("/inbox")
    assert "Nothing here yet" in page.text
    assert "You have read everything." in page.text


@pytest.mark.parametrize(
    ("name", "step"),
    [("bob", ("/my/briefs/new", "Post a brief")), ("alice", ("/my/profile", "Complete your profile")), ("agnes", None)],
)
def test_an_empty_inbox_offers_what_comes_first(as_, name, step):
    shown = re.search(r'class="button primary" href="([^"]+)">([^<]+)<', as_(name).get("/inbox").text)
    assert (shown.groups() if shown else None) == step


def test_the_count_is_beside_the_menu(as_, three):
    page = as_("bob").get("/inbox").text
    assert "data-unread-count>3<" in page
    assert "3 notices are unread." in page


def test_opening_marks_it_read_and_leads_on(as_, database, three):
    notice = notice_of(database, "bob")
    answer = as_("bob").post(f"/inbox/{notice.id}/opening")
    assert (answer.status_code, answer.headers["location"]) == (303, "/offers/2")
    again = as_("bob").post(f"/inbox/{notice.id}/opening", htmx=True)
    assert (again.status_code, again.headers["hx-redirect"]) == (204, "/offers/2")
    assert unread_of(database, "bob") == 2
    assert unread_of(database, "bella") == 3


def test_opening_one_of_another_workspace_goes_there_first(as_, database):
    with database.write() as db:
        db.add(
            Membership(
                workspace_id=CAST.trent.workspace_id,
                user_id=CAST.bob.user_id,
                role=Role.MANAGER,
                created_at=db.now(),
            )
        )
        happen(db, to="trent")
    bob = as_("bob")
    assert "Trent Trading" in text_of(bob.get("/inbox"))
    bob.post(f"/inbox/{notice_of(database, 'bob').id}/opening")
    assert 'aria-current="true"' in bob.get("/inbox").text
    with database.read() as db:
        from tests.cast import viewer_of

        assert viewer_of(db, "bob").workspace_id == CAST.trent.workspace_id


def test_all_at_once(as_, database, three):
    assert as_("bob").post("/inbox/reading").status_code == 303
    assert as_("bob").post("/inbox/reading").status_code == 303
    assert unread_of(database, "bob") == 0
    assert unread_of(database, "boris") == 3


def test_the_page_a_notice_leads_to_tells_it_was_opened(as_, database, three):
    bob = as_("bob")
    assert bob.post("/inbox/reading", {"url": "/offers/1"}).status_code == 204
    assert [bool(row["read_at"]) for row in bob.api("GET", "/inbox").json()["rows"]] == [False, True, False]
    assert bob.post("/inbox/reading", {"url": "/offers/77"}).status_code == 204
    assert unread_of(database, "bob") == 2
    assert bob.api("POST", "/inbox/reading", {"url": "/offers/0"}).json() == {"unread": 1}
    assert unread_of(database, "bella") == 3
    assert bob.post("/inbox/reading", {"url": "/" + "x" * 300}).status_code == 422
    assert bob.api("POST", "/inbox/reading", {"url": ["/offers/2"]}).status_code == 422
    assert unread_of(database, "bob") == 1


def test_the_same_over_json(as_, database, three):
    assert as_("bob").api("GET", "/inbox/unread").json() == {"unread": 3}
    bob = as_("bob")
    rows = bob.api("GET", "/inbox").json()["rows"]
    assert [row["text"] for row in rows] == [f"Alice Social sent an offer: Offer {number}" for number in (2, 1, 0)]
    assert rows[0]["url"] == "/offers/2"
    assert rows[0]["read_at"] is None
    assert bob.api("POST", f"/inbox/{rows[0]['id']}/reading").json() == {"unread": 2}
    assert bob.api("POST", f"/inbox/{rows[0]['id']}/reading").json() == {"unread": 2}
    assert bob.api("GET", "/inbox").json()["rows"][0]["read_at"] is not None
    assert bob.api("POST", "/inbox/reading").json() == {"unread": 0}
    assert unread_of(database, "bob") == 0


def test_texts_follow_the_caller_s_language(as_, three):
    rows = as_("bob").api("GET", "/inbox", headers={"Accept-Language": "ru"}).json()["rows"]
    assert all("Offer" in row["text"] for row in rows)


@pytest.mark.parametrize("name", ["bella", "carol", "alice", "mallory", "trent"])
def test_nobody_opens_what_was_told_to_someone_else(as_, database, three, name):
    notice = notice_of(database, "bob")
    assert as_(name).post(f"/inbox/{notice.id}/opening").status_code == 404
    assert as_(name).api("POST", f"/inbox/{notice.id}/reading").status_code == 404
    assert unread_of(database, "bob") == 3


@pytest.mark.parametrize("path", ["/inbox", "/settings/notices", "/inbox/stream?seconds=0"])
def test_strangers_are_sent_to_log_in(as_, path):
    assert as_("").get(path).headers["location"].startswith("/log-in")
    assert as_("sam").get(path).status_code == 303


def test_what_is_not_there_is_a_404(as_):
    assert as_("bob").post(f"/inbox/{uuid4()}/opening").status_code == 404
    assert as_("bob").post("/inbox/nonsense/opening").status_code == 404
    assert as_("bob").api("GET", "/inbox?after=nonsense").status_code == 422


def test_a_read_only_token_reads_and_marks_nothing(as_, database, three):
    bob = as_("bob")
    bob.token = CAST.bob.read_only_token
    assert len(bob.api("GET", "/inbox").json()["rows"]) == 3
    assert bob.api("POST", "/inbox/reading").status_code == 403
    assert unread_of(database, "bob") == 3


def test_pages_follow_each_other_with_a_constant_number_of_queries(as_, database):
    with database.write() as db:
        for number in range(60):
            happen(db, "offer.viewed", title=f"T{number}")
    bob = as_("bob")
    seen: list[str] = []
    after = ""
    for size in (25, 25, 10):
        with counted(database) as statements:
            found = bob.api("GET", f"/inbox?after={after}").json()
        assert len([s for s in statements if s.startswith("SELECT")]) == 2
        assert len(found["rows"]) == size
        seen += [row["id"] for row in found["rows"]]
        after = found["next"]
    assert after is None
    assert len(set(seen)) == 60
    with counted(database) as statements:
        page = bob.get("/inbox")
    assert len([s for s in statements if s.startswith("SELECT")]) == 2
    assert "/inbox?after=" in page.text
