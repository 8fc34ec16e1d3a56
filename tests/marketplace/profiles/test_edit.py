"""A specialist fills in the profile, page and API alike."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select
from sqlmodel import col

from core.db import Database
from core.errors import Conflict
from core.events import Event
from core.states import amend
from files.models import Upload
from marketplace.profiles.choices import SUGGESTED_PLACES
from marketplace.profiles.models import Profile
from marketplace.taxonomy.catalogue import load
from tests.factories.profiles import ABOUT, make_profile, profile_values
from tests.files.pictures import picture
from tests.people import text_of


def form_values(**overrides):
    """What the browser sends for a complete profile."""
    platforms = list(load().platforms)
    levels = {"IG": "expert", "VK": "basic"}
    rows = {}
    for n, code in enumerate(platforms):
        rows[f"platforms-{n}-code"] = code
        rows[f"platforms-{n}-level"] = levels.get(code, "")
    return {
        "name": "Алиса и компания",
        "headline": "Кофейни и пекарни",
        "about": ABOUT,
        "city": "Riga",
        "region": "Latvia",
        "time_zone": "Europe/Riga",
        **rows,
        "languages-0-code": "ru",
        "languages-0-level": "native",
        "languages-1-code": "",
        "languages-1-level": "basic",
        "responsibilities": ["C1", "D1"],
        "niches": ["food"],
        "currency": "VND",
        "rate_min": "9 000 000",
        "rate_max": "15.000.000",
        "hourly_floor": "",
        "weekly_hours": "12",
        "available_from": "2026-06-15",
        **overrides,
    }


def stored(database: Database, cast, name: str = "alice") -> Profile:
    with database.read() as db:
        found = db.scalar(select(Profile).where(col(Profile.workspace_id) == cast.members[name].workspace_id))
        assert found is not None
        return found


def test_a_new_workspace_has_a_draft_with_an_address(database, cast):
    assert stored(database, cast).slug == "alice-social"
    assert stored(database, cast, "dina").slug == "dina-digital"
    with database.read() as db:
        business = db.scalar(select(Profile).where(col(Profile.workspace_id) == cast.bob.workspace_id))
    assert business is None


def test_the_form_is_stored_and_shown_again(as_, database, cast):
    alice = as_("alice")
    answer = alice.post("/my/profile", form_values())
    assert answer.status_code == 303
    profile = stored(database, cast)
    assert profile.name == "Алиса и компания"
    assert profile.platforms == [{"code": "IG", "level": "expert"}, {"code": "VK", "level": "basic"}]
    assert profile.languages == [{"code": "ru", "level": "native"}]
    assert (profile.rate_min, profile.rate_max, profile.currency) == (9_000_000, 15_000_000, "VND")
    assert profile.rate_eur == 29_605
    assert (profile.weekly_hours, profile.free_hours) == (12, 12)
    shown = alice.get("/my/profile").text
    assert 'value="9000000"' in shown
    assert 'value="2026-06-15"' in shown
    with database.read() as db:
        kinds = db.scalars(select(col(Event.kind)).where(col(Event.subject_id) == profile.id))
        assert list(kinds) == ["profile.edited"]


def test_the_same_over_json(as_, database, cast):
    alice = as_("alice")
    answer = alice.api("PUT", "/profile", profile_values(slug="alice"))
    assert answer.status_code == 200, answer.text
    assert answer.json()["slug"] == "alice"
    assert answer.json()["missing"] == []
    assert alice.api("GET", "/profile").json() == answer.json()
    assert stored(database, cast).slug == "alice"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 81),
        ("headline", "a\x00b"),
        ("headline", "two\nlines"),
        ("about", "x" * 20_001),
        ("slug", "Not a slug"),
        ("slug", "dina-digital"),
        ("time_zone", "Mars/Olympus"),
        ("currency", "XXX"),
        ("rate_min", -1),
        ("rate_min", "12.5"),
        ("rate_min", 10**13),
        ("rate_max", 1),
        ("weekly_hours", 81),
        ("weekly_hours", 1.5),
        ("available_from", "soon"),
        ("available_from", "1066-10-14"),
        ("responsibilities", ["Z9"]),
        ("responsibilities", "C1"),
        ("niches", ["food"] * 27),
        ("platforms", [{"code": "IG", "level": "guru"}]),
        ("platforms", [{"code": "IG"}]),
        ("platforms", [{"code": "IG", "level": "basic"}, {"code": "IG", "level": "expert"}]),
        ("languages", [{"code": "xx", "level": "fluent"}]),
        ("languages", {"code": "en"}),
        ("archetype", "star"),
        ("rank", 10**9),
    ],
)
def test_wrong_json_names_the_field_and_stores_nothing(as_, database, cast, field, value):
    before = stored(database, cast).model_dump()
    answer = as_("alice").api("PUT", "/profile", profile_values(**{field: value}))
    assert answer.status_code == 422, answer.text
    assert any(name.startswith(field) for name in answer.json()["fields"]), answer.json()
    assert stored(database, cast).model_dump() == before


def test_a_language_gets_the_level_that_was_chosen(as_, database, cast):
    alice = as_("alice")
    assert re.findall(r'name="languages-0-level"[^>]*><option value="([^"]*)"', alice.get("/my/profile").text) == [""]
    refused = alice.send("/my/profile", **{"languages-0-code": "vi", "headline": "Bakeries in Riga"})
    assert refused.status_code == 422
    assert "Say how well you speak it." in text_of(refused)
    assert 'value="Bakeries in Riga"' in refused.text
    sent = {"languages-0-code": "vi", "languages-0-level": "fluent", "languages-1-level": "native"}
    assert alice.send("/my/profile", **sent).status_code == 303
    assert stored(database, cast).languages == [{"code": "vi", "level": "fluent"}]


def test_rows_left_open_are_wrong_in_json(as_, database, cast):
    before = stored(database, cast).model_dump()
    rows = {"platforms": [{"code": "IG", "level": ""}], "languages": [{"code": "", "level": "fluent"}]}
    answer = as_("alice").api("PUT", "/profile", profile_values(**rows))
    assert answer.status_code == 422
    assert {"platforms.0.level", "languages.0.code"} == answer.json()["fields"].keys()
    assert stored(database, cast).model_dump() == before


def test_a_wrong_form_comes_back_as_typed(as_, database, cast):
    answer = as_("alice").post("/my/profile", form_values(rate_min="a lot", weekly_hours="500", slug="dina-digital"))
    assert answer.status_code == 422
    assert "Enter an amount" in answer.text
    assert "Enter 80 or less." in text_of(answer)
    assert 'value="a lot"' in answer.text
    assert 'value="Алиса и компания"' in answer.text
    assert stored(database, cast).name == "Alice Social"


def test_a_picture_that_did_not_arrive_is_asked_for_again(as_, database, cast):
    alice, files = as_("alice"), {"photo": ("me.png", picture(), "image/png")}
    refused = alice.post("/my/profile", form_values(weekly_hours="500"), files=files)
    assert refused.status_code == 422
    assert "Choose the picture again." in text_of(refused)
    assert stored(database, cast).photo_id is None
    assert "again" not in text_of(alice.post("/my/profile", form_values(weekly_hours="500")))


def test_a_taken_address_is_refused_beside_the_field(as_, database, cast):
    answer = as_("alice").post("/my/profile", form_values(slug="dina-digital"))
    assert answer.status_code == 422
    assert "This address is taken." in text_of(answer)
    assert stored(database, cast).slug == "alice-social"


def test_a_rate_range_runs_upwards(as_):
    answer = as_("alice").api("PUT", "/profile", profile_values(rate_min=2_000, rate_max=1_000))
    assert answer.json()["fields"] == {"rate_max": "This is below the lower rate."}


def test_the_quiz_adds_and_stays_private(as_, database, cast):
    alice = as_("alice")
    alice.api("PUT", "/profile", profile_values(responsibilities=["L4"], platforms=[{"code": "IG", "level": "expert"}]))
    sentences = {row["code"]: row["sentence"] for row in alice.api("GET", "/profile/presets").json()}
    assert "Clients come to me for strategy" in sentences["strategist"]
    assert as_("bob").api("GET", "/profile/presets").status_code == 404
    answer = alice.send("/my/profile", then="fill_in", archetype="strategist", headline="Bakeries and their mornings")
    assert answer.headers["location"] == "/my/profile#platforms"
    page = text_of(alice.get("/my/profile"))
    assert re.search(r"Filled in: \d+ responsibilities, \d+ platforms", page)
    assert f'<a href="#responsibilities">{load().archetype("strategist").suggestion}' in alice.get("/my/profile").text
    profile = stored(database, cast)
    assert profile.headline == "Bakeries and their mornings"
    assert profile.responsibilities[0] == "L4"
    assert "A1" in profile.responsibilities
    assert profile.platforms[0] == {"code": "IG", "level": "expert"}
    assert {"code": "LI", "level": "confident"} in profile.platforms
    alice.api("POST", "/profile/publication")
    public = as_("").get("/specialists/alice-social")
    assert public.status_code == 200
    assert "strategist" not in public.text
    assert "strategist" not in as_("").client.get("/api/v1/specialists/alice-social").text
    assert alice.api("POST", "/profile/preset", {"archetype": "genius"}).status_code == 422


def test_every_answer_says_where_to_go_on():
    assert SUGGESTED_PLACES.keys() == load().archetypes.keys()


@pytest.mark.parametrize(
    ("answer", "said"), [("", "Choose the sentence that fits"), ("genius", "Choose one of the list.")]
)
def test_without_an_answer_nothing_is_filled_in_or_lost(as_, database, cast, answer, said):
    refused = as_("alice").send("/my/profile", then="fill_in", archetype=answer, headline="Bakeries in Riga")
    assert refused.status_code == 422
    assert 'id="f-archetype-error"' in refused.text
    assert said in text_of(refused)
    assert 'value="Bakeries in Riga"' in refused.text
    assert stored(database, cast).responsibilities == []


def test_a_photo_is_redrawn_shown_and_removed(as_, database, cast):
    alice = as_("alice")
    answer = alice.post("/my/profile", form_values(), files={"photo": ("me.png", picture(), "image/png")})
    assert answer.status_code == 303
    photo = stored(database, cast).photo_id
    assert photo is not None
    assert as_("").get(f"/files/{photo}").status_code == 404
    alice.api("POST", "/profile/publication")
    assert as_("").get(f"/files/{photo}").status_code == 200
    alice.api("DELETE", "/profile/publication")
    assert as_("").get(f"/files/{photo}").status_code == 404
    assert alice.post("/my/profile", form_values(remove_photo="on")).status_code == 303
    assert stored(database, cast).photo_id is None
    with database.read() as db:
        assert db.get(Upload, photo) is None


def test_a_photo_over_the_api(as_, database, cast):
    alice = as_("alice")
    sent = alice.client.put(
        "/api/v1/profile/photo",
        files={"photo": ("me.png", picture(), "image/png")},
        headers={"Authorization": f"Bearer {alice.token}"},
    )
    assert sent.status_code == 200, sent.text
    assert sent.json()["photo_id"] == str(stored(database, cast).photo_id)
    assert alice.api("DELETE", "/profile/photo").status_code == 204
    assert stored(database, cast).photo_id is None


@pytest.mark.parametrize("content", [b"", b"not a picture", b"<svg onload='alert(1)'/>"])
def test_what_is_no_picture_is_refused_beside_the_field(as_, database, cast, content):
    answer = as_("alice").post("/my/profile", form_values(), files={"photo": ("x.png", content, "image/png")})
    assert answer.status_code == 422
    assert 'id="f-photo-error"' in answer.text
    assert stored(database, cast).headline == ""


@pytest.mark.parametrize(
    "about",
    [
        "<script>alert(1)</script>",
        "[click](javascript:alert(1))",
        '<img src=x onerror="alert(1)">',
        '![x](x" onerror="alert(1))',
        "<a href='data:text/html,x'>x</a>",
        "[x](vbscript:msgbox)",
        "<svg/onload=alert(1)>",
    ],
)
def test_markdown_cannot_smuggle_scripts(as_, database, cast, about):
    with database.write() as db:
        make_profile(db, about=f"{ABOUT}\n\n{about}\n\n**bold**")
    html = as_("").get("/specialists/alice-social").text
    main = html.split("<main", 1)[1]
    assert "<strong>bold</strong>" in main
    assert "<script" not in main
    for bad in ("<img src=x", 'href="javascript:', 'href="vbscript:', 'href="data:', "<svg/onload"):
        assert bad not in main


@pytest.mark.parametrize(("name", "status"), [("agnes", 403), ("bob", 404), ("", 401)])
def test_others_may_not(as_, database, cast, name, status):
    person = as_(name)
    assert person.api("PUT", "/profile", profile_values()).status_code == status
    assert person.post("/my/profile", form_values()).status_code in {status, 303}
    assert stored(database, cast).headline == ""


def test_two_edits_at_once_do_not_mix(database, cast):
    """The second writer, who read the first one's past, is refused."""
    with database.write() as db:
        profile = make_profile(db, publish=False)
        stale = Profile(**profile.model_dump())
        stale.version -= 1
        with pytest.raises(Conflict):
            amend(db, stale, headline="from the past")
