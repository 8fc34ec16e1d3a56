"""A contract in force ends by notice, by a breach or with its term; its last week of work can still be written down."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from app import schema
from app.checks import broken
from crm.contracts import leaving, verification
from crm.contracts.models import Contract, ContractStatus, ScopeLine
from crm.contracts.queries import documents_of, lines_of, plan_of, signatures_of
from crm.contracts.schemas import NoticeInput, ReasonInput
from marketplace.briefs.models import LineOwner
from marketplace.profiles.models import Profile
from notifications.inbox.models import Notice
from tests.cast import CAST, viewer_of
from tests.crm.contracts.test_races import count, race
from tests.factories.contracts import kinds_of, make_active, make_sent, put_signature, staged, stored
from tests.people import text_of

TODAY = date(2026, 6, 1)
IN_TWO_WEEKS = TODAY + timedelta(days=14)
LAST = date(2026, 11, 30)
"""The last day of six months from today."""


def make_half_a_year(db):
    return make_active(db, starts_on=str(TODAY), term_months=6)


@pytest.fixture
def contract_id(database):
    return staged(database, make_half_a_year)


def give_notice(database, contract_id, who="bob", last_day=IN_TWO_WEEKS):
    with database.write() as db:
        data = NoticeInput(last_day=last_day, message="We hire somebody.")
        leaving.give_notice(db, stored(db, contract_id), data, by=viewer_of(db, who))


def timer(database, worker):
    with database.write() as db:
        worker.jobs["contracts.end_over"](db, {})


def state(database, contract_id):
    with database.read() as db:
        contract = stored(db, contract_id)
        return contract.status, contract.ends_on


def told(database, kind):
    with database.read() as db:
        return set(db.scalars(select(Notice.workspace_id).where(col(Notice.kind) == kind)))


def log(person, database, contract_id, day):
    with database.read() as db:
        lines = (col(ScopeLine.contract_id) == contract_id, col(ScopeLine.owner) == LineOwner.SPECIALIST)
        line = db.scalars(select(col(ScopeLine.id)).where(*lines).order_by(col(ScopeLine.position))).first()
    body = {"quantity": 1, "done_on": str(day), "evidence_url": "https://example.com/p/1"}
    return person.api("POST", f"/contracts/{contract_id}/lines/{line}/usage", body)


@pytest.mark.parametrize(("who", "other"), [("alice", "bob"), ("bob", "alice")])
def test_either_side_gives_notice(as_, database, contract_id, who, other):
    sent = {"last_day": str(IN_TWO_WEEKS), "message": "We hire somebody."}
    assert as_(who).post(f"/contracts/{contract_id}/notice", sent).status_code == 303
    assert state(database, contract_id) == (ContractStatus.ENDING, IN_TWO_WEEKS)
    assert told(database, "contract.notice_given") == {CAST.members[other].workspace_id}
    page = text_of(as_(other).get(f"/contracts/{contract_id}"))
    assert "Notice was given: the last day is 15 June 2026" in page
    assert "We hire somebody." in page
    assert "5 planned months no longer begin." in page


def test_notice_over_json(as_, database, contract_id):
    read = as_("alice").api("GET", f"/contracts/{contract_id}").json()
    assert (read["notice_from"], read["missing"]) == (str(IN_TWO_WEEKS), [])
    answer = as_("alice").api("POST", f"/contracts/{contract_id}/notice", {"last_day": "2026-08-31"})
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["ends_on"]) == ("ending", "2026-08-31")
    assert as_("alice").api("GET", f"/contracts/{contract_id}").json()["notice_from"] is None
    again = as_("bob").api("POST", f"/contracts/{contract_id}/notice", {"last_day": "2026-07-31"})
    assert again.status_code == 409
    assert state(database, contract_id) == (ContractStatus.ENDING, date(2026, 8, 31))


@pytest.mark.parametrize("day", [IN_TWO_WEEKS - timedelta(days=1), LAST + timedelta(days=1)])
def test_a_day_before_the_notice_or_after_the_term_is_refused(as_, database, contract_id, day):
    answer = as_("bob").post(f"/contracts/{contract_id}/notice", {"last_day": str(day), "message": "Soon"})
    assert answer.status_code == 422
    assert "Choose a day from 15 June 2026 to 30 November 2026." in text_of(answer)
    assert f'value="{day}"' in answer.text
    assert state(database, contract_id) == (ContractStatus.ACTIVE, LAST)


def test_no_notice_when_the_term_ends_before_it_would(as_, database, contract_id, clock):
    clock.forward(days=(LAST - TODAY).days - 13)
    alice = as_("alice")
    page = alice.get(f"/contracts/{contract_id}")
    assert "It ends by itself on 30 November 2026." in text_of(page)
    assert f"/contracts/{contract_id}/notice" not in page.text
    assert alice.api("POST", f"/contracts/{contract_id}/notice", {"last_day": str(LAST)}).status_code == 422
    assert state(database, contract_id) == (ContractStatus.ACTIVE, LAST)


def test_notice_before_the_start_names_a_day_of_the_term(as_, database):
    contract_id = staged(database, make_active, starts_on="2026-07-15", term_months=2)
    assert as_("bob").api("POST", f"/contracts/{contract_id}/notice", {"last_day": "2026-07-14"}).status_code == 422
    assert as_("bob").api("POST", f"/contracts/{contract_id}/notice", {"last_day": "2026-07-15"}).status_code == 200


def test_it_goes_on_when_both_want_to(as_, database, contract_id):
    give_notice(database, contract_id)
    alice, bob, path = as_("alice"), as_("bob"), f"/contracts/{contract_id}/keep"
    assert alice.post(path, {}).status_code == 303
    assert state(database, contract_id) == (ContractStatus.ENDING, IN_TWO_WEEKS)
    assert alice.api("POST", path).status_code == 409
    assert "You asked to go on." in text_of(alice.get(f"/contracts/{contract_id}"))
    assert "asks to go on" in text_of(bob.get(f"/contracts/{contract_id}"))
    assert bob.api("POST", path).json()["status"] == "active"
    assert state(database, contract_id) == (ContractStatus.ACTIVE, LAST)
    assert kinds_of(database, contract_id)[-3:] == ["contract.notice_given", "contract.keep_asked", "contract.kept"]
    with database.read() as db:
        contract = stored(db, contract_id)
        assert (contract.keep_asked_by, contract.reason) == (None, "")


def test_after_the_last_day_it_does_not_go_on(as_, database, contract_id, clock):
    give_notice(database, contract_id)
    clock.forward(days=15)
    assert as_("alice").api("POST", f"/contracts/{contract_id}/keep").status_code == 409


def test_it_ends_once_the_last_day_is_over_everywhere(as_, database, contract_id, clock, worker):
    give_notice(database, contract_id)
    clock.forward(days=15, hours=2, minutes=59)  # 11:59 UTC on the day after
    timer(database, worker)
    assert state(database, contract_id)[0] is ContractStatus.ENDING
    clock.forward(minutes=1)
    timer(database, worker)
    timer(database, worker)
    assert state(database, contract_id) == (ContractStatus.ENDED, IN_TWO_WEEKS)
    assert kinds_of(database, contract_id).count("contract.ended") == 1
    assert told(database, "contract.ended") == {CAST.alice.workspace_id, CAST.bob.workspace_id}
    assert "Ended on 15 June 2026" in text_of(as_("alice").get(f"/contracts/{contract_id}"))


def test_without_notice_it_ends_with_its_term(database, contract_id, clock, worker):
    clock.forward(days=(LAST - TODAY).days)
    timer(database, worker)
    assert state(database, contract_id)[0] is ContractStatus.ACTIVE
    clock.forward(days=2)
    timer(database, worker)
    assert state(database, contract_id) == (ContractStatus.ENDED, LAST)


@pytest.mark.parametrize(("who", "other"), [("alice", "bob"), ("bob", "alice")])
def test_a_breach_ends_it_today(as_, database, contract_id, clock, who, other):
    clock.forward(days=3)
    path = f"/contracts/{contract_id}/terminate"
    assert as_(who).post(path, {"reason": ""}).status_code == 422
    assert state(database, contract_id)[0] is ContractStatus.ACTIVE
    assert as_(who).post(path, {"reason": "Two invoices stayed unpaid."}).status_code == 303
    assert state(database, contract_id) == (ContractStatus.TERMINATED, TODAY + timedelta(days=3))
    assert told(database, "contract.terminated") == {CAST.members[other].workspace_id}
    assert "Two invoices stayed unpaid." in text_of(as_(other).get(f"/contracts/{contract_id}"))
    assert as_(other).api("POST", path, {"reason": "You too"}).status_code == 409


def test_a_breach_before_the_start_ends_it_before_the_work_began(as_, database):
    contract_id = staged(database, make_active, starts_on="2026-07-01", term_months=6)
    alice, here = as_("alice"), f"/contracts/{contract_id}"
    ended = as_("bob").api("POST", f"{here}/terminate", {"reason": "The accounts were sold."}).json()
    assert (ended["status"], ended["ends_on"]) == ("terminated", str(TODAY))
    page = text_of(alice.get(here))
    assert "Ended on 1 June 2026 because of a breach" in page
    assert "The work had not begun. 6 planned months no longer begin." in page
    assert "can be logged" not in page
    scope = text_of(alice.get(f"{here}/scope"))
    assert "The contract ended on 1 June 2026, before the work began. There is nothing to log." in scope
    assert "can be logged" not in scope
    assert alice.api("GET", f"{here}/scope").json()["month"] == "2026-07"
    assert log(alice, database, contract_id, TODAY).status_code == 409
    assert broken(database) == []


def test_a_breach_on_the_first_day_of_the_work_somewhere_leaves_that_day_in(as_, database, clock):
    contract_id = staged(database, make_active, starts_on="2026-06-02")
    clock.forward(hours=1)  # 2 June begins on Kiritimati, fourteen hours ahead of UTC
    assert as_("bob").api("POST", f"/contracts/{contract_id}/terminate", {"reason": "Broken"}).status_code == 200
    assert state(database, contract_id) == (ContractStatus.TERMINATED, date(2026, 6, 2))
    assert "5 planned months no longer begin." in text_of(as_("alice").get(f"/contracts/{contract_id}"))


def test_work_until_the_last_day_is_logged_for_a_week_after(as_, database, contract_id, clock, worker):
    alice = as_("alice")
    give_notice(database, contract_id)
    clock.forward(days=16)
    timer(database, worker)
    assert log(alice, database, contract_id, IN_TWO_WEEKS + timedelta(days=1)).status_code == 422
    assert log(alice, database, contract_id, IN_TWO_WEEKS).status_code == 201
    assert "can be logged until" in text_of(alice.get(f"/contracts/{contract_id}/scope"))
    clock.forward(days=7, seconds=1)
    assert log(alice, database, contract_id, IN_TWO_WEEKS).status_code == 409
    assert "for a week after its end" in text_of(alice.get(f"/contracts/{contract_id}/scope"))


def test_an_ended_contract_gives_the_hours_back(database, contract_id, clock, worker):
    def busy():
        with database.read() as db:
            mine = col(Profile.workspace_id) == CAST.alice.workspace_id
            return db.scalars(select(col(Profile.busy_minutes)).where(mine)).one()

    assert busy() > 0
    give_notice(database, contract_id)
    assert busy() > 0
    clock.forward(days=16)
    timer(database, worker)
    assert busy() == 0


def test_after_the_end_a_party_may_go(as_, database):
    contract_id = staged(database, make_active, specialist="dina", starts_on=str(TODAY))
    dina = as_("dina")
    refused = dina.post("/settings/deletion")
    assert refused.status_code == 409
    assert "is under way. End it" in text_of(refused)
    with database.write() as db:
        leaving.terminate(db, stored(db, contract_id), ReasonInput(reason="Unpaid"), by=viewer_of(db, "dina"))
    assert dina.post("/settings/deletion").status_code == 303


def test_before_it_is_in_force_nobody_leaves_it(as_, database):
    contract_id = staged(database, make_sent)
    bodies = {"notice": {"last_day": "2026-08-31"}, "keep": None, "terminate": {"reason": "Broken"}}
    for verb, body in bodies.items():
        assert as_("bob").api("POST", f"/contracts/{contract_id}/{verb}", body).status_code == 409
    assert state(database, contract_id) == (ContractStatus.SENT, None)


def test_only_managers_of_the_parties_leave(as_, database, contract_id):
    bodies = {"notice": {"last_day": "2026-08-31"}, "keep": {}, "terminate": {"reason": "Broken"}}
    for verb, body in bodies.items():
        for who, status in [("mallory", 404), ("trent", 404), ("amir", 403), ("carol", 403)]:
            assert as_(who).post(f"/contracts/{contract_id}/{verb}", body).status_code == status
    assert state(database, contract_id) == (ContractStatus.ACTIVE, LAST)


def test_twenty_notices_breaches_and_timers_at_once_have_one_effect(database, contract_id):
    def notice(db):
        leaving.give_notice(db, stored(db, contract_id), NoticeInput(last_day=IN_TWO_WEEKS), by=viewer_of(db, "alice"))

    def breach(db):
        leaving.terminate(db, stored(db, contract_id), ReasonInput(reason="Unpaid"), by=viewer_of(db, "bob"))

    assert race(database, notice, breach)["done"] == 1
    assert count(database, "contract.notice_given") + count(database, "contract.terminated") == 1


def test_the_signed_text_stays_as_it_was(database, contract_id):
    give_notice(database, contract_id)
    with database.read() as db:
        contract = stored(db, contract_id)
        parts = (found(db, contract_id) for found in (documents_of, signatures_of, lines_of, plan_of))
        assert list(verification.faults(contract, *parts)) == []


def test_contracts_from_before_get_the_last_day_of_their_term(database):
    with database.write() as db:
        in_force = make_active(db, starts_on="2026-08-31", term_months=6).id
        sent = make_sent(db)
        put_signature(db, sent, "alice")
        waiting = sent.id
    schema.downgrade(database, "0001")
    schema.upgrade(database)
    with database.read() as db:
        assert db.get_one(Contract, in_force).ends_on == date(2027, 2, 27)
        assert db.get_one(Contract, waiting).ends_on is None
