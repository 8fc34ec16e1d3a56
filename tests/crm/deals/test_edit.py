"""One deal: its page, its facts, the next step, notes, and taking it away."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from core.events import Event
from crm.deals.models import Deal, DealNote, StageKind
from tests.counting import counted
from tests.factories.crm import make_company, make_contact, make_deal
from tests.people import text_of


@pytest.fixture
def deal(database):
    with database.write() as db:
        return make_deal(db, contact="Henrik Lund")


def stored(database, deal):
    with database.read() as db:
        return db.get(Deal, deal.id)


def facts(**changes):
    return {"version": 1, "title": "Instagram", "amount": "900.50", "currency": "EUR", "monthly": "true", **changes}


def test_facts_are_edited(as_, database, deal):
    alice = as_("alice")
    form = alice.get(f"/deals/{deal.id}/edit").text
    assert 'value="850.00"' in form
    assert 'value="IG" checked' in form
    assert alice.post(f"/deals/{deal.id}/edit", facts(platforms=["TT"], source="referral")).status_code == 303
    now = stored(database, deal)
    assert (now.title, now.amount, now.platforms, now.source) == ("Instagram", 90_050, ["TT"], "referral")
    assert (now.version, now.contact_id) == (2, None)
    with database.read() as db:
        assert db.scalar(select(func.count()).where(col(Event.kind) == "deal.edited")) == 1


def test_an_old_page_does_not_overwrite(as_, database, deal):
    alice = as_("alice")
    assert alice.post(f"/deals/{deal.id}/edit", facts(title="First")).status_code == 303
    assert alice.post(f"/deals/{deal.id}/edit", facts(title="Second")).status_code == 409
    answer = alice.api("PUT", f"/deals/{deal.id}", {"version": 1, "title": "Third"})
    assert answer.status_code == 409
    assert stored(database, deal).title == "First"


def test_a_contact_of_another_company_is_refused(as_, database, deal):
    with database.write() as db:
        other = make_contact(db, make_company(db, name="Other"), name="Somebody")
    answer = as_("alice").api("PUT", f"/deals/{deal.id}", {"version": 1, "contact_id": str(other.id)})
    assert answer.status_code == 422
    assert "contact_id" in answer.json()["fields"]
    assert stored(database, deal).version == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "x" * 201),
        ("amount", "many"),
        ("amount", "1.234.567.890.123,00"),
        ("platforms", ["??"]),
        ("next_step", "Only"),
    ],
)
def test_wrong_facts_are_shown_beside_the_field(as_, database, deal, field, value):
    answer = as_("alice").post(f"/deals/{deal.id}/edit", facts(**{field: value}))
    assert answer.status_code == 422
    assert "to fix" in answer.text
    assert stored(database, deal).version == 1


def test_the_next_step_is_set(as_, database, deal):
    alice = as_("alice")
    fields = {"next_step": "Send ideas", "next_step_on": "2026-06-30"}
    assert alice.post(f"/deals/{deal.id}/next-step", fields).status_code == 303
    assert stored(database, deal).next_step == "Send ideas"
    page = text_of(alice.get(f"/deals/{deal.id}"))
    assert "Tue 30 Jun" in page
    assert "Next step: Send ideas, 30 June 2026" in page
    over_json = alice.api("PUT", f"/deals/{deal.id}/next-step", {**fields, "next_step": "Call"})
    assert over_json.json()["next_step"] == "Call"


@pytest.mark.parametrize(
    "change", [{"next_step": ""}, {"next_step_on": ""}, {"next_step_on": "x"}, {"next_step": "x" * 201}]
)
def test_half_a_next_step_is_refused(as_, database, deal, change):
    fields = {"next_step": "Send ideas", "next_step_on": "2026-06-30", **change}
    answer = as_("alice").post(f"/deals/{deal.id}/next-step", fields)
    assert answer.status_code == 422
    assert "to fix" in answer.text
    assert as_("alice").api("PUT", f"/deals/{deal.id}/next-step", fields).status_code == 422
    assert stored(database, deal).next_step == "Call about the autumn offer"


def test_a_won_deal_has_no_next_step(as_, database):
    with database.write() as db:
        deal = make_deal(db, stage=StageKind.WON)
    fields = {"next_step": "Send ideas", "next_step_on": "2026-06-30"}
    alice = as_("alice")
    assert alice.api("PUT", f"/deals/{deal.id}/next-step", fields).status_code == 409
    answer = alice.api("PUT", f"/deals/{deal.id}", {"version": deal.version, **fields})
    assert (answer.status_code, set(answer.json()["fields"])) == (422, {"next_step"})
    assert alice.post(f"/deals/{deal.id}/edit", facts(version=deal.version, **fields)).status_code == 422
    assert "next_step" not in alice.get(f"/deals/{deal.id}/edit").text
    assert alice.post(f"/deals/{deal.id}/edit", facts(version=deal.version)).status_code == 303


def test_notes(as_, database, deal):
    alice = as_("alice")
    assert alice.post(f"/deals/{deal.id}/notes", {"text": "Wants oat milk recipes\nNo giveaways"}).status_code == 303
    made = as_("amir").api("POST", f"/deals/{deal.id}/notes", {"text": "<script>alert(1)</script>"})
    assert (made.status_code, made.json()["by"]) == (201, "Amir Member")
    page = alice.get(f"/deals/{deal.id}").text
    assert "Wants oat milk recipes" in page
    assert "<script>alert" not in page
    assert [note["by"] for note in alice.api("GET", f"/deals/{deal.id}/notes").json()["rows"]] == [
        "Amir Member",
        "Alice Аркадьева",
    ]


def test_ones_own_note_is_taken_away(as_, deal):
    alice, amir, here = as_("alice"), as_("amir"), f"/deals/{deal.id}"
    alice.post(f"{here}/notes", {"text": "Wrong deal"})
    note = alice.api("GET", f"{here}/notes").json()["rows"][0]["id"]
    removal = f'action="{here}/notes/{note}/delete"'
    assert alice.get(here).text.count(removal) == 2  # with the message that it was added, and beside the note
    assert removal not in amir.get(here).text
    assert amir.api("DELETE", f"{here}/notes/{note}").status_code == 403
    assert as_("mallory").post(f"{here}/notes/{note}/delete").status_code == 404
    assert alice.post(f"{here}/notes/{note}/delete").status_code == 303
    assert "Wrong deal" not in text_of(alice.get(here))
    assert alice.api("DELETE", f"{here}/notes/{note}").status_code == 404


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001, "a\x00b"])
def test_an_empty_or_broken_note_is_refused(as_, database, deal, text):
    assert as_("alice").post(f"/deals/{deal.id}/notes", {"text": text}).status_code == 422
    assert as_("alice").api("POST", f"/deals/{deal.id}/notes", {"text": text}).status_code == 422
    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(DealNote)) == 0


def test_deleted_with_its_history(as_, database, deal):
    alice = as_("alice")
    alice.api("POST", f"/deals/{deal.id}/notes", {"text": "By mistake"})
    assert alice.post(f"/deals/{deal.id}/delete").status_code == 303
    assert stored(database, deal) is None
    assert alice.api("DELETE", f"/deals/{deal.id}").status_code == 404
    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(DealNote)) == 0


@pytest.mark.parametrize(("name", "status"), [("agnes", 403), ("mallory", 404), ("bob", 404)])
def test_others_change_nothing(as_, database, deal, name, status):
    other, step = as_(name), {"next_step": "Mine", "next_step_on": "2026-06-30"}
    assert other.post(f"/deals/{deal.id}/edit", facts()).status_code == status
    assert other.post(f"/deals/{deal.id}/next-step", step).status_code == status
    assert other.post(f"/deals/{deal.id}/notes", {"text": "Hi"}).status_code == status
    assert other.post(f"/deals/{deal.id}/delete").status_code == status
    assert other.api("PUT", f"/deals/{deal.id}", {"version": 1}).status_code == status
    assert other.api("DELETE", f"/deals/{deal.id}").status_code == status
    assert stored(database, deal).version == 1


def test_a_reader_sees_the_page_without_forms(as_, deal):
    page = as_("agnes").get(f"/deals/{deal.id}")
    assert "Halden Coffee" in page.text
    assert f'action="/deals/{deal.id}' not in page.text


def test_the_page_asks_the_database_a_fixed_number_of_times(as_, database, deal):
    alice = as_("alice")
    for number in range(5):
        alice.api("POST", f"/deals/{deal.id}/notes", {"text": f"Note {number}"})
    with counted(database) as seen:
        alice.get(f"/deals/{deal.id}")
    assert len([one for one in seen if "SELECT" in one]) == 6
