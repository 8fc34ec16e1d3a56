"""The list of log-ins: one's own only, each can be ended."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlmodel import col

from accounts.sessions.devices import device
from accounts.sessions.models import LoginSession
from accounts.sessions.service import sweep
from core.db import Database
from tests.cast import PASSWORD
from tests.people import Person, text_of

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def on_another_device(as_, part) -> Person:
    other = as_("")
    other.post("/log-in", {"email": part.email, "password": PASSWORD}, headers={"User-Agent": FIREFOX})
    return other


def ids(person: Person) -> list[str]:
    return [row["id"] for row in person.api("GET", "/sessions").json()]


def test_the_list_names_devices_and_marks_this_one(as_, cast):
    on_another_device(as_, cast.alice)
    page = text_of(as_("alice").get("/settings/sessions"))
    assert "Firefox on Windows" in page
    assert page.count("This one") == 1
    assert "Firefox" not in text_of(as_("mallory").get("/settings/sessions"))


def test_one_is_ended(as_, cast, database):
    alice, other = as_("alice"), on_another_device(as_, cast.alice)
    newest = ids(alice)[0]
    assert alice.post(f"/settings/sessions/{newest}/revoke").status_code == 303
    assert other.get("/settings").status_code == 303
    assert alice.get("/settings").status_code == 200
    assert alice.post(f"/settings/sessions/{newest}/revoke").status_code == 404


def test_all_others_are_ended(as_, cast):
    others = [on_another_device(as_, cast.alice) for _number in range(3)]
    alice = as_("alice")
    assert alice.post("/settings/sessions/revoke-others").status_code == 303
    assert [other.get("/settings").status_code for other in others] == [303] * 3
    assert alice.get("/settings").status_code == 200
    assert as_("bob").get("/settings").status_code == 200


def test_nobody_ends_a_strangers(as_, database):
    theirs = ids(as_("alice"))[0]
    for name in ("mallory", "anton", "sofia"):
        assert as_(name).post(f"/settings/sessions/{theirs}/revoke").status_code == 404
        assert as_(name).api("DELETE", f"/sessions/{theirs}").status_code == 404
    assert as_("alice").get("/settings").status_code == 200


def test_over_json(as_, cast):
    alice, other = as_("alice"), on_another_device(as_, cast.alice)
    rows = alice.api("GET", "/sessions").json()
    assert len(rows) == 2
    assert set(rows[0]) == {"id", "device", "address", "created_at", "expires_at", "proven_at"}
    reader = {"Authorization": f"Bearer {cast.alice.read_only_token}"}
    assert alice.client.delete(f"/api/v1/sessions/{rows[0]['id']}", headers=reader).status_code == 403
    assert alice.api("DELETE", f"/sessions/{rows[0]['id']}").status_code == 204
    assert other.get("/settings").status_code == 303
    assert alice.api("DELETE", "/sessions/not-an-id").status_code == 404


def test_old_log_ins_are_forgotten(as_, cast, database: Database, clock):
    on_another_device(as_, cast.alice)
    clock.forward(hours=13)
    with database.write() as db:
        sweep(db)
        assert db.scalar(select(func.count()).where(col(LoginSession.user_id) == cast.alice.user_id)) == 1


def test_devices_in_words():
    assert device("") == "Unknown device"
    assert device("curl/8.1") == "Unknown device"
    edge = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"
    assert device(edge) == "Edge on macOS"
