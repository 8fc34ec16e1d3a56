"""Publishing needs a complete profile; taking it back hides it everywhere at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlmodel import col

from accounts.users.models import User
from accounts.workspaces import service as workspaces
from accounts.workspaces.models import Workspace
from core.events import Event
from core.search import candidates
from marketplace.profiles import queries
from marketplace.profiles import service as profiles
from marketplace.profiles.checks import broken_profiles
from marketplace.profiles.models import Profile, ProfileFacet, ProfileStatus
from marketplace.profiles.ranking import rank
from tests.factories.profiles import make_profile, profile_values
from tests.people import text_of


def kinds(database) -> list[str]:
    with database.read() as db:
        kind = col(Event.kind)
        return list(db.scalars(select(kind).where(kind.startswith("profile.")).order_by(col(Event.id))))


def traces(database) -> tuple[int, int]:
    """Facet rows, and hits of the headline's word in the search."""
    with database.read() as db:
        facets = db.scalar(select(func.count()).select_from(ProfileFacet)) or 0
        found = candidates(db, "profile", "regulars")
        assert found is not None
        return facets, len(db.rows(found))


def test_saving_comes_before_taking_it_off(as_, database):
    with database.write() as db:
        make_profile(db)
    aside = as_("alice").get("/my/profile").text.partition('<aside class="stack sticky')[2].partition("</aside>")[0]
    assert 0 < aside.index("Save the profile") < aside.index("Unpublish")
    assert [aside.count(cls) for cls in ("button primary", "button quiet")] == [1, 1]


def test_an_empty_draft_is_told_what_is_missing(as_, database):
    alice = as_("alice")
    page = alice.get("/my/profile")
    assert "8 things left before you can publish" in text_of(page)
    answer = alice.api("POST", "/profile/publication")
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {
        "headline",
        "about",
        "platforms",
        "responsibilities",
        "languages",
        "rate_min",
        "rate_max",
        "weekly_hours",
    }
    refused = alice.send("/my/profile", about="I bake words into bread.", then="publish")
    assert refused.status_code == 422
    assert "Write a headline" in text_of(refused)
    assert "I bake words into bread." in refused.text
    assert "I bake words into bread." in alice.get("/my/profile").text  # saved all the same
    assert kinds(database) == ["profile.edited"]
    assert traces(database) == (0, 0)


def test_published_it_is_found_and_taken_back_it_is_gone(as_, database):
    alice, nobody = as_("alice"), as_("")
    alice.api("PUT", "/profile", profile_values())
    assert nobody.get("/specialists/alice-social").status_code == 404
    assert alice.send("/my/profile", then="publish").status_code == 303
    assert nobody.get("/specialists/alice-social").status_code == 200
    assert "Alice Social" in text_of(nobody.get("/specialists"))
    assert "Alice Social" in text_of(nobody.get("/specialists?q=regulars"))
    facets, hits = traces(database)
    assert facets == 2 + 3 + 1 + 2 + 3
    assert hits == 1
    assert alice.post("/my/profile/unpublish").status_code == 303
    assert nobody.get("/specialists/alice-social").status_code == 404
    assert nobody.client.get("/api/v1/specialists/alice-social").status_code == 404
    assert nobody.client.get("/api/v1/specialists").json()["rows"] == []
    assert "Alice Social" not in text_of(nobody.get("/specialists?q=regulars"))
    assert "Alice Social" not in text_of(nobody.get("/"))
    assert traces(database) == (0, 0)
    assert kinds(database) == ["profile.edited", "profile.edited", "profile.published", "profile.unpublished"]


def test_the_own_workspace_sees_its_draft_page(as_):
    as_("alice").api("PUT", "/profile", profile_values())
    page = as_("agnes").get("/specialists/alice-social")
    assert page.status_code == 200
    assert "Only your workspace sees this page" in text_of(page)
    assert as_("dina").get("/specialists/alice-social").status_code == 404


def test_twice_is_a_conflict(as_, database):
    alice = as_("alice")
    alice.api("PUT", "/profile", profile_values())
    assert alice.api("DELETE", "/profile/publication").status_code == 409
    assert alice.api("POST", "/profile/publication").status_code == 200
    assert alice.api("POST", "/profile/publication").status_code == 409
    assert kinds(database) == ["profile.edited", "profile.published"]
    assert alice.api("DELETE", "/profile/publication").json()["status"] == "draft"


@pytest.mark.parametrize(("name", "status"), [("amir", 403), ("agnes", 403), ("bob", 404)])
def test_only_managers_publish(as_, database, name, status):
    as_("alice").api("PUT", "/profile", profile_values())
    assert as_(name).api("POST", "/profile/publication").status_code == status
    assert as_(name).post("/my/profile", {"then": "publish"}).status_code == status
    assert kinds(database) == ["profile.edited"]


def test_an_unconfirmed_address_keeps_it_private(as_, database, cast):
    alice = as_("alice")
    alice.api("PUT", "/profile", profile_values())
    with database.write() as db:
        user = db.get(User, cast.alice.user_id)
        user.email_verified_at = None
    assert "1 thing left before you can publish" in text_of(alice.get("/my/profile"))
    assert alice.api("POST", "/profile/publication").status_code == 403
    assert alice.send("/my/profile", then="publish").status_code == 403


def test_a_published_profile_stays_complete(as_, database):
    alice = as_("alice")
    alice.api("PUT", "/profile", profile_values())
    alice.api("POST", "/profile/publication")
    answer = alice.api("PUT", "/profile", profile_values(headline="", platforms=[]))
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {"headline", "platforms"}
    assert "not just likes" in text_of(as_("").get("/specialists/alice-social"))


def test_an_edit_shows_at_once(as_):
    alice, nobody = as_("alice"), as_("")
    alice.api("PUT", "/profile", profile_values())
    alice.api("POST", "/profile/publication")
    assert "not just likes" in text_of(nobody.get("/specialists"))
    alice.api("PUT", "/profile", profile_values(headline="Теперь только пекарни", niches=["pets"]))
    assert "Теперь только пекарни" in text_of(nobody.get("/specialists"))
    assert "Теперь только пекарни" in text_of(nobody.get("/specialists?niche=pets"))
    assert "Теперь только пекарни" not in text_of(nobody.get("/specialists?niche=food"))
    assert "Теперь только пекарни" in text_of(nobody.get("/specialists?q=пекарня"))


def listed(person) -> tuple[list[str], int, dict[str, int]]:
    """Who is in the directory, how many it says there are, and how many on each platform."""
    answer = person.client.get("/api/v1/specialists?platform=IG").json()
    return [row["slug"] for row in answer["rows"]], answer["total"], answer["facets"].get("platform", {})


def test_a_suspended_workspace_leaves_list_and_counts_and_comes_back(as_, database, clock, cast):
    with database.write() as db:
        make_profile(db)
        workspaces.suspend(db, db.get_one(Workspace, cast.alice.workspace_id))
        assert broken_profiles(db) == []
    nobody = as_("")
    assert nobody.get("/specialists/alice-social").status_code == 404
    assert listed(nobody) == ([], 0, {})
    with database.write() as db:
        workspaces.restore_owned(db, cast.alice.user_id)
        assert broken_profiles(db) == []
    clock.forward(minutes=2)  # counts are remembered for one
    assert listed(nobody) == (["alice-social"], 1, {"IG": 1, "TG": 1})


def test_what_its_owner_took_down_stays_down(as_, database, cast):
    alice = as_("alice")
    with database.write() as db:
        make_profile(db)
    assert alice.api("DELETE", "/profile/publication").status_code < 300
    with database.write() as db:
        workspaces.suspend(db, db.get_one(Workspace, cast.alice.workspace_id))
    with database.write() as db:
        workspaces.restore_owned(db, cast.alice.user_id)
    assert listed(as_("")) == ([], 0, {})


def test_the_check_names_a_profile_nobody_may_see(database, cast):
    with database.write() as db:
        make_profile(db)
        db.get_one(Workspace, cast.alice.workspace_id).suspended_at = db.now()
        db.flush()
        assert broken_profiles(db) == ["profile alice-social is published although its workspace is suspended"]


def test_refresh_takes_busy_time_and_counts_cases(database, cast):
    with database.write() as db:
        make_profile(db, weekly_hours=20)
        before = queries.profile_of(db, cast.alice.workspace_id).rank
        profiles.refresh(db, cast.alice.workspace_id, busy_minutes=11 * 60 + 1)
    with database.read() as db:
        profile = queries.find_published(db, "alice-social")
        assert profile.free_hours == 8
        assert "10" not in db.scalars(select(col(ProfileFacet.value)).where(col(ProfileFacet.kind) == "free")).all()
    with database.write() as db:
        profiles.refresh(db, cast.alice.workspace_id, case_count=2)
    with database.read() as db:
        profile = queries.find_published(db, "alice-social")
        assert (profile.free_hours, profile.case_count) == (8, 2)
        assert profile.rank > before
        assert set(db.scalars(select(col(ProfileFacet.rank)))) == {profile.rank}


def test_the_rank_is_quality_then_newness_and_nothing_else(clock):
    """Equal quality: the later first publication leads. More cases beat any date, beyond five they change nothing."""
    now = clock()
    plain = Profile(**profile_values(), workspace_id=None, slug="a", status=ProfileStatus.PUBLISHED)
    cases = [Profile(**{**plain.model_dump(), "case_count": n}) for n in (0, 1, 5, 9)]
    assert rank(plain, now) > rank(plain, now - timedelta(days=1))
    assert rank(cases[1], now - timedelta(days=3000)) > rank(cases[0], now)
    assert rank(cases[2], now) == rank(cases[3], now)
    assert rank(plain, now) == rank(plain, now)


def test_publishing_again_gains_nothing(as_, database, cast, clock):
    alice = as_("alice")
    alice.api("PUT", "/profile", profile_values())
    first = alice.api("POST", "/profile/publication").json()["published_at"]
    alice.api("DELETE", "/profile/publication")
    clock.forward(days=30)
    assert alice.api("POST", "/profile/publication").json()["published_at"] == first


def test_the_checks_name_what_does_not_fit(as_, database, cast):
    with database.write() as db:
        make_profile(db, "alice")
        make_profile(db, "dina", publish=False)
        assert broken_profiles(db) == []
        db.add(ProfileFacet(profile_id=queries.profile_of(db, cast.dina.workspace_id).id, kind="niche", value="food"))
        db.execute(update(ProfileFacet).where(col(ProfileFacet.kind) == "free").values(rank=1))
        db.flush()
        assert broken_profiles(db) == [
            "profile dina-digital is a draft but in the directory",
            "profile alice-social stands in the wrong place of the directory",
        ]
