"""The readable address of a profile: from any script, never shared, and still good after it was changed."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from marketplace.profiles.models import ProfileAddress
from marketplace.profiles.slugs import MOST_LEFT, free_slug, slug_of
from tests.factories.profiles import make_profile, profile_values


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Phạm Ngọc Hà", "pham-ngoc-ha"),
        ("Đặng Trà My", "dang-tra-my"),
        ("Ольга Тихонова", "olga-tikhonova"),
        ("Игорь Объедков", "igor-obedkov"),
        ("Максим Ковальчук", "maksim-kovalchuk"),
        ("Д’Артаньян", "dartanyan"),
        ("O'Neill & Söhne", "oneill-sohne"),
        ("  --  ", "specialist"),
        ("x" * 200, "x" * 60),
    ],
)
def test_a_name_in_any_script_is_readable(name, slug):
    assert slug_of(name) == slug


def test_namesakes_are_numbered_and_left_addresses_stay_taken(as_, database):
    with database.write() as db:
        make_profile(db, "dina", slug="olga-tikhonova")
        assert free_slug(db, "Ольга Тихонова") == "olga-tikhonova-2"
        make_profile(db, "dina", slug="olga-tikhonova-2", publish=False)
        assert free_slug(db, "Ольга Тихонова") == "olga-tikhonova-3"
    for taken in ("olga-tikhonova", "olga-tikhonova-2"):
        refused = as_("alice").api("PUT", "/profile", profile_values(slug=taken))
        assert refused.status_code == 422
        assert "slug" in refused.json()["fields"]


def test_an_old_address_leads_to_the_profile(as_, database):
    with database.write() as db:
        make_profile(db)
    alice, nobody = as_("alice"), as_("")
    assert alice.api("PUT", "/profile", profile_values(slug="alice-new")).status_code == 200
    for reader in (nobody, as_("bob"), alice):
        moved = reader.get("/specialists/alice-social")
        assert (moved.status_code, moved.headers["location"]) == (303, "/specialists/alice-new")
    assert nobody.api("GET", "/specialists/alice-social").json()["slug"] == "alice-new"
    assert as_("bob").get("/offers/new?to=alice-social").status_code == 200
    alice.api("PUT", "/profile", profile_values(slug="alice-social"))
    assert nobody.get("/specialists/alice-social").status_code == 200
    assert nobody.get("/specialists/alice-new").headers["location"] == "/specialists/alice-social"


def test_an_old_address_of_an_unpublished_profile_tells_nothing(as_, database):
    with database.write() as db:
        make_profile(db)
    alice, nobody = as_("alice"), as_("")
    alice.api("PUT", "/profile", profile_values(slug="alice-new"))
    alice.post("/my/profile/unpublish")
    for path in ("/specialists/alice-social", "/specialists/alice-new"):
        assert nobody.get(path).status_code == 404
        assert nobody.api("GET", path).status_code == 404
        assert as_("mallory").get(path).status_code == 404
    assert alice.get("/specialists/alice-social").headers["location"] == "/specialists/alice-new"


def test_nobody_hoards_addresses(as_, database, clock):
    alice = as_("alice")
    for number in range(MOST_LEFT + 3):
        clock.forward(minutes=1)
        assert alice.api("PUT", "/profile", profile_values(slug=f"alice-{number}")).status_code == 200
    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(ProfileAddress)) == MOST_LEFT
        assert db.get(ProfileAddress, "alice-social") is None
        assert db.scalar(select(func.max(col(ProfileAddress.left_at)))) == clock()
    assert as_("dina").api("PUT", "/profile", profile_values(slug="alice-social")).status_code == 200
