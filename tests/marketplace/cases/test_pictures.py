"""Pictures of a case: for everyone only while both the case and the profile are published."""

from __future__ import annotations

import pytest

from tests.factories.cases import make_case
from tests.factories.profiles import make_profile
from tests.files.pictures import picture


def add(person, case, caption: str = "") -> str:
    """Send a picture over JSON; the id of its upload."""
    answer = person.client.post(
        f"/api/v1/my/cases/{case.id}/images",
        data={"caption": caption},
        files={"picture": ("cup.png", picture(), "image/png")},
        headers={"Authorization": f"Bearer {person.token}"},
    )
    assert answer.status_code == 201
    return str(answer.json()["images"][-1]["upload_id"])


@pytest.fixture
def case(database):
    with database.write() as db:
        make_profile(db)
        return make_case(db, published=True)


def test_they_go_with_the_profile(as_, case):
    alice, nobody = as_("alice"), as_("")
    upload = add(alice, case)
    assert nobody.get(f"/files/{upload}").status_code == 200
    alice.post("/my/profile/unpublish")
    assert nobody.get(f"/files/{upload}").status_code == 404
    assert nobody.api("GET", f"/files/{upload}").status_code == 404
    assert alice.get(f"/files/{upload}").status_code == 200
    alice.send("/my/profile", then="publish")
    assert nobody.get(f"/files/{upload}").status_code == 200


def test_a_case_published_before_the_profile_shows_nothing_yet(as_, database):
    with database.write() as db:
        make_profile(db, publish=False)
        case = make_case(db)
    alice, nobody = as_("alice"), as_("")
    upload = add(alice, case)
    alice.send(f"/my/cases/{case.id}", then="publish")
    later = add(alice, case)
    assert "until your profile is published" in alice.get(f"/cases/{case.slug}").text
    for hidden in (f"/files/{upload}", f"/files/{later}", f"/cases/{case.slug}"):
        assert nobody.get(hidden).status_code == 404
    alice.send("/my/profile", then="publish")
    for shown in (f"/files/{upload}", f"/files/{later}", f"/cases/{case.slug}"):
        assert nobody.get(shown).status_code == 200


def test_they_keep_the_order_they_came_in(as_, case):
    alice = as_("alice")
    for caption in ("one", "two", "three"):
        add(alice, case, caption)
    first = alice.api("GET", f"/my/cases/{case.id}").json()["images"][0]
    assert alice.api("DELETE", f"/my/cases/{case.id}/images/{first['id']}").status_code == 204
    add(alice, case, "four")
    shown = as_("").api("GET", f"/cases/{case.slug}").json()["images"]
    assert [image["caption"] for image in shown] == ["two", "three", "four"]
    assert alice.api("DELETE", f"/my/cases/{case.id}/images/{first['id']}").status_code == 404


def test_eight_at_most(as_, case):
    alice = as_("alice")
    for _number in range(8):
        add(alice, case)
    refused = alice.send(f"/my/cases/{case.id}", files={"picture": ("cup.png", picture(), "image/png")})
    assert refused.status_code == 422
    assert 'id="f-picture-error"' in refused.text


def test_what_was_typed_is_saved_with_the_picture(as_, case):
    alice, path = as_("alice"), f"/my/cases/{case.id}"
    files = {"picture": ("cup.png", picture(), "image/png")}
    answer = alice.send(path, files=files, then="add_picture", caption="A cup", goal="Regulars in the morning")
    assert answer.headers["location"] == f"{path}#pictures"
    stored = alice.api("GET", path).json()
    assert (stored["goal"], [image["caption"] for image in stored["images"]]) == ("Regulars in the morning", ["A cup"])
    files = {"picture": ("cup.png", b"no picture", "image/png")}
    refused = alice.send(path, files=files, then="add_picture", caption="Tea", goal="Guests at noon")
    assert refused.status_code == 422
    assert 'id="f-picture-error"' in refused.text
    assert "Guests at noon" in refused.text
    assert 'value="Tea"' in refused.text
    assert alice.api("GET", path).json() == stored


def test_a_picture_is_chosen_before_it_is_added(as_, case):
    refused = as_("alice").send(f"/my/cases/{case.id}", then="add_picture", goal="Guests at noon")
    assert refused.status_code == 422
    assert "Choose a picture first." in refused.text
    assert "Guests at noon" in refused.text


def test_strangers_add_and_remove_nothing(as_, case):
    upload = add(as_("alice"), case)
    image = as_("alice").api("GET", f"/my/cases/{case.id}").json()["images"][0]["id"]
    for name in ("mallory", "bob", "dina"):
        assert as_(name).api("DELETE", f"/my/cases/{case.id}/images/{image}").status_code == 404
        assert as_(name).api("DELETE", f"/my/cases/{case.id}").status_code == 404
    assert as_("").get(f"/files/{upload}").status_code == 200


def test_the_first_one_stands_on_the_card(as_, case):
    alice, nobody = as_("alice"), as_("")
    first = add(alice, case)
    second = add(alice, case)
    for path in ("/", "/cases", "/specialists/alice-social"):
        page = nobody.get(path).text
        assert f'<img src="/files/{first}"' in page
        assert second not in page
    shown = nobody.get(f"/cases/{case.slug}").text
    assert 'alt="Picture 1 of the case"' in shown
    assert 'alt="Picture 2 of the case"' in shown
