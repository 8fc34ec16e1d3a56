"""Who sees a brief: everybody, invited specialists, or holders of its link; and how it fits a profile."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from accounts.workspaces import service as workspaces
from accounts.workspaces.models import Workspace
from core.events import Event
from marketplace.briefs.invariants import board_shows_what_is_open
from marketplace.briefs.models import Brief
from tests.cast import viewer_of
from tests.counting import counted
from tests.factories.briefs import make_brief, make_draft
from tests.factories.profiles import make_profile
from tests.people import text_of
from web.idempotency import IdempotencyKey


def brief_of(database, cast, **overrides) -> Brief:
    with database.write() as db:
        return make_brief(db, viewer_of(db, cast.bob), **overrides)


def put(database, brief, **values) -> None:
    with database.write() as db:
        db.execute(update(Brief).where(col(Brief.id) == brief.id).values(**values))


def test_everybody_reads_an_open_public_brief(as_, database, cast):
    brief = brief_of(database, cast, answers={"why_buy": "Warm bread", "known_negative": "A rude review"})
    public = text_of(as_("").get(f"/briefs/{brief.id}"))
    assert "€700–900" in public
    assert "12 posts" in public
    assert "Bob" in public
    assert "Warm bread" not in public
    insider = text_of(as_("alice").get(f"/briefs/{brief.id}"))
    assert "Warm bread" in insider
    assert "A rude review" not in insider
    assert "Ilse Brunner" not in insider
    assert "A rude review" in text_of(as_("bob").get(f"/briefs/{brief.id}"))
    read = as_("").api("GET", f"/briefs/{brief.id}").json()
    assert (read["budget_max"], len(read["lines"]), "answers" in read) == (90000, 5, False)
    assert {name: read["client"][name] for name in ("name", "city", "posted", "filled")} == {
        "name": "Bob's Café",
        "city": "Riga",
        "posted": 1,
        "filled": 0,
    }
    path = f"/briefs/{brief.id}/answers"
    assert as_("").api("GET", path).status_code == 401
    told = {name: [row["answer"] for row in as_(name).api("GET", path).json()] for name in ("alice", "bob")}
    assert told == {"alice": ["Warm bread"], "bob": ["Warm bread", "A rude review"]}


def test_amounts_and_shares_have_their_unit(as_, database, cast):
    answers = {"average_bill": "11.5", "regulars_share": "40", "ad_budget": "0", "posts_per_week": "3"}
    brief = brief_of(database, cast, currency="GBP", answers=answers)
    told = [row["answer"] for row in as_("alice").api("GET", f"/briefs/{brief.id}/answers").json()]
    assert told == ["£11.50", "40%", "3", "£0"]
    page = text_of(as_("alice").get(f"/briefs/{brief.id}"))
    assert "What does a customer spend on average? £11.50" in page
    assert "What share of your customers are regulars? 40%" in page


@pytest.mark.parametrize("status", ["paused", "closed_to_offers", "awarded", "filled", "cancelled", "expired"])
def test_later_states_stay_readable_to_members(as_, database, cast, status):
    brief = brief_of(database, cast)
    put(database, brief, status=status)
    assert as_("").get(f"/briefs/{brief.id}").status_code == 404
    page = as_("alice").get(f"/briefs/{brief.id}")
    assert page.status_code == 200
    assert "takes no offers now" in text_of(page)
    assert f"/briefs/{brief.id}/offers/new" not in page.text


def test_an_invited_brief_is_for_the_invited(as_, database, cast):
    brief = brief_of(database, cast, visibility="invited")
    with database.write() as db:
        slug = make_profile(db, "alice").slug
    path = f"/briefs/{brief.id}"
    assert as_("alice").get(path).status_code == 404
    bob = as_("bob")
    address = f"https://postwright.example/specialists/{slug}"
    assert bob.post(f"/my{path}/invitations", {"profile": address}).status_code == 303
    assert "Alice Social" in text_of(bob.get(f"/my{path}/invitations"))
    assert as_("alice").get(path).status_code == 200
    for name in ("", "mallory", "trent"):
        assert as_(name).get(path).status_code == 404
        assert as_(name).api("GET", path).status_code == 404
    with database.read() as db:
        event = db.scalar(select(Event).where(col(Event.kind) == "brief.invited"))
    assert event.other_workspace_id == cast.alice.workspace_id
    assert event.data["url"] == path
    assert as_("alice").api("GET", "/briefs").json()["rows"] == []


def test_from_a_profile_to_an_invitation(as_, database, cast):
    brief, bob = brief_of(database, cast), as_("bob")
    with database.write() as db:
        slug = make_profile(db, "alice").slug
        draft = make_draft(db, viewer_of(db, cast.bob), title="Not out yet")
    assert f'href="/my/briefs?invite={slug}"' in bob.get(f"/specialists/{slug}").text
    choice = bob.get(f"/my/briefs?invite={slug}")
    assert "Invite Alice Social" in text_of(choice)
    assert draft.title not in choice.text
    path = f"/my/briefs/{brief.id}/invitations"
    assert f'href="{path}?profile={slug}"' in choice.text
    assert f'value="{slug}"' in bob.get(f"{path}?profile={slug}").text
    bob.post(f"/my/briefs/{brief.id}/pause")
    assert "No open brief" in text_of(bob.get(f"/my/briefs?invite={slug}"))
    assert "while the brief is open" in text_of(bob.get(path))
    assert "My briefs" in text_of(bob.get("/my/briefs?invite=nobody-there"))


def test_a_profile_taken_back_is_named_without_a_link(as_, database, cast):
    brief, bob = brief_of(database, cast), as_("bob")
    with database.write() as db:
        slug = make_profile(db, "alice").slug
    path, link = f"/my/briefs/{brief.id}/invitations", f'href="/specialists/{slug}"'
    bob.post(path, {"profile": slug})
    assert link in bob.get(path).text
    assert as_("alice").post("/my/profile/unpublish").status_code == 303
    page = bob.get(path)
    assert "Alice Social" in text_of(page)
    assert link not in page.text


def test_wrong_invitations(as_, database, cast):
    brief = brief_of(database, cast)
    with database.write() as db:
        published = make_profile(db, "alice").slug
        hidden = make_profile(db, "mallory", publish=False).slug
    bob = as_("bob")
    path = f"/my/briefs/{brief.id}/invitations"
    for wrong in ("", "no-such-profile", hidden, "UPPER", "a\x00b", "x" * 200):
        assert bob.api("POST", path, {"profile": wrong}).status_code == 422
    refused = bob.post(path, {"profile": "no-such-profile"})
    assert refused.status_code == 422
    assert "no published profile" in refused.text
    assert bob.api("POST", path, {"profile": published}).json()[0]["slug"] == published
    assert bob.api("POST", path, {"profile": published}).status_code == 409
    bob.post(f"/my/briefs/{brief.id}/pause")
    with database.write() as db:
        other = make_profile(db, "dina").slug
    assert bob.api("POST", path, {"profile": other}).status_code == 409
    assert as_("carol").api("POST", path, {"profile": other}).status_code == 403


def test_a_private_link_opens_the_brief(as_, database, cast):
    brief = brief_of(database, cast, visibility="link")
    path = f"/briefs/{brief.id}"
    bob = as_("bob")
    first = re.search(r"\?key=([\w-]+)", bob.post(f"/my{path}/link").text)
    assert first is not None
    alice = as_("alice")
    assert alice.get(path).status_code == 404
    assert alice.get(f"{path}?key=wrong").status_code == 404
    assert as_("").get(f"{path}?key={first[1]}").status_code == 200
    key = bob.api("PUT", f"/my{path}/link").json()["key"]
    assert as_("").get(f"{path}?key={first[1]}").status_code == 404
    with database.read() as db:
        assert key not in str(db.get(Brief, brief.id).link_hash)
    page = alice.get(f"{path}?key={key}")
    assert f'action="{path}/entry"' in page.text
    assert alice.post(f"{path}/entry", {"key": "wrong"}).status_code == 404
    entered = alice.post(f"{path}/entry", {"key": key})
    assert entered.headers["location"] == f"{path}/offers/new"
    assert alice.get(path).status_code == 200
    assert alice.api("POST", f"{path}/entry", {"key": key}).status_code == 204
    with database.read() as db:
        entries = db.scalars(select(Event.id).where(col(Event.kind) == "brief.entered")).all()
    assert len(entries) == 1
    assert as_("mallory").get(path).status_code == 404
    bob.post(f"/my{path}/pause")
    assert as_("").get(f"{path}?key={key}").status_code == 404


def test_the_key_of_a_private_link_is_kept_nowhere(as_, database, cast):
    path = f"/my/briefs/{brief_of(database, cast, visibility='link').id}/link"
    bob, repeated = as_("bob"), {"Idempotency-Key": "once more"}
    posted, renewed = (bob.api(method, path, headers=repeated) for method in ("POST", "PUT"))
    with database.read() as db:
        kept = db.scalars(select(IdempotencyKey.body)).all()
    assert [body for body in kept if "key" in str(body)] == []
    assert (posted.status_code, renewed.status_code) == (405, 200)


def test_a_public_brief_has_no_link(as_, database, cast):
    brief = brief_of(database, cast)
    assert as_("bob").post(f"/my/briefs/{brief.id}/link").status_code == 409


def test_a_suspended_client_disappears_with_the_counts_and_comes_back(as_, database, cast):
    brief = brief_of(database, cast)
    with database.write() as db:
        workspaces.suspend(db, db.get_one(Workspace, cast.bob.workspace_id))
        assert board_shows_what_is_open(db) == []
    assert as_("alice").get(f"/briefs/{brief.id}").status_code == 404
    page = text_of(as_("alice").get("/briefs"))
    assert brief.title not in page
    assert "No open briefs" in page
    with database.write() as db:
        workspaces.restore_owned(db, cast.bob.user_id)
        assert board_shows_what_is_open(db) == []
    assert brief.title in text_of(as_("alice").get("/briefs"))


def test_a_specialist_sees_which_needs_the_profile_covers(as_, database, cast):
    brief = brief_of(database, cast)
    with database.write() as db:
        make_profile(
            db,
            "alice",
            platforms=[{"code": "IG", "level": "expert"}],
            responsibilities=["C3", "D4", "E1"],
            languages=[{"code": "en", "level": "fluent"}],
        )
    page = text_of(as_("alice").get(f"/briefs/{brief.id}"))
    assert "You cover 5 of 7 needs" in page
    assert "Facebook is not in your profile" in page
    assert page.count("yours") == 3
    assert "You cover 5 of 7 needs" in text_of(as_("alice").get("/briefs"))
    assert "You cover" not in text_of(as_("trent").get(f"/briefs/{brief.id}"))
    read = as_("alice").api("GET", f"/briefs/{brief.id}/match").json()
    assert (len(read["hits"]), read["needs"], len(read["lines"])) == (5, 7, 3)
    assert as_("trent").api("GET", f"/briefs/{brief.id}/match").status_code == 404


def test_the_page_asks_a_fixed_number_of_times(as_, database, cast):
    brief = brief_of(database, cast)
    for name in ("", "alice", "bob"):
        person = as_(name)
        with counted(database) as statements:
            assert person.get(f"/briefs/{brief.id}").status_code == 200
        assert len(statements) <= 6


def test_a_made_up_address_is_not_there(as_):
    assert as_("").get("/briefs/not-an-id").status_code == 404
    assert as_("").get("/briefs/01a20619-e4a9-7715-85b8-c767ab87d02a").status_code == 404
