"""An accepted offer becomes a draft with everything in it; either side completes it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from core.events import Event
from crm.contracts import queries
from crm.contracts.models import Contract, ContractStatus, EvidenceType, PlanKind
from crm.deals.models import Deal
from marketplace.briefs.models import LineOwner
from marketplace.offers import service as offers
from tests.cast import viewer_of
from tests.factories.briefs import LINES, make_brief
from tests.factories.contracts import kinds_of, make_active, make_contract, make_sent, staged, stored
from tests.factories.offers import answers, make_hire, make_proposal
from tests.factories.profiles import make_profile
from tests.people import fields, text_of


def edit_data(contract, lines=(), **changes):
    """A draft as its form sends it, with ``changes``."""
    return {
        "version": contract.version,
        "specialist_legal_name": "ИП Аркадьева А. П.",
        "specialist_address": "ул. Ленина 1, Рига",
        "client_legal_name": "Công ty Phở",
        "client_address": "12 Trần Phú, Đà Nẵng",
        "client_country": "Vietnam",
        "approval_hours": 24,
        "notice_days": 30,
        "payment_days": 14,
        "governing_law": "Latvia",
        "notes": "Raw files stay with the client.",
        **{f"lines-{n}-{name}": value for n, line in enumerate(lines) for name, value in line.items()},
        **changes,
    }


def as_json(contract, lines=(), **changes):
    """The same over JSON."""
    return {**edit_data(contract, **changes), "lines": list(lines)}


def test_a_draft_holds_what_was_accepted(database, db):
    contract = make_contract(db)
    assert contract.status is ContractStatus.DRAFT
    assert (contract.currency, contract.total, contract.term_months) == ("EUR", 86_000, 6)
    assert contract.parties["client"]["legal_name"] == "Bob's Café Ltd"
    assert contract.parties["specialist"]["address"] == "1 Harbour Street, Riga"
    assert (contract.terms["approval_hours"], contract.terms["notice_days"], contract.terms["payment_days"]) == (
        48,
        14,
        7,
    )
    lines = queries.lines_of(db, contract.id)
    assert [(line.responsibility, line.owner, line.limit) for line in lines] == [
        ("C3", LineOwner.SPECIALIST, 12),
        ("D3", LineOwner.CLIENT, 10),
        ("D4", LineOwner.SPECIALIST, 4),
        ("E1", LineOwner.SPECIALIST, 100),
        ("K3", LineOwner.SPECIALIST, 1),
    ]
    assert lines[0].approver == "Ilse Brunner"
    assert lines[3].sla_minutes == 240
    assert {line.valid_from for line in lines} == {contract.starts_on}
    assert db.scalar(select(Deal.contract_id).where(col(Deal.offer_id) == contract.offer_id)) == contract.id
    db.commit()
    assert kinds_of(database, contract.id) == ["contract.drafted"]


def test_a_retainer_is_planned_month_by_month(db):
    start = date(2026, 8, 31)
    contract = make_contract(db, starts_on=str(start), term_months=3)
    plan = queries.plan_of(db, contract.id)
    assert [item.kind for item in plan] == [PlanKind.PERIOD] * 3
    assert [str(item.period_from) for item in plan] == ["2026-08-31", "2026-09-30", "2026-10-31"]
    assert [str(item.period_to) for item in plan] == ["2026-09-29", "2026-10-30", "2026-11-29"]
    assert sum(item.amount for item in plan) == 3 * contract.total


def test_milestones_stay_as_planned(db):
    rows = [
        {"title": "Strategy", "amount": 30_000, "due_on": str(date(2026, 7, 20))},
        {"title": "First month", "amount": 56_000, "due_on": str(date(2026, 8, 20))},
    ]
    contract = make_contract(db, billing="milestones", milestones=rows)
    plan = queries.plan_of(db, contract.id)
    assert [(item.title, item.amount, str(item.due_on)) for item in plan] == [
        ("Strategy", 30_000, "2026-07-20"),
        ("First month", 56_000, "2026-08-20"),
    ]


def test_what_was_left_out_is_named_and_the_clients_part_stays(db):
    side, client = viewer_of(db, "alice"), viewer_of(db, "bob")
    make_profile(db)
    brief = make_brief(db, client)
    left_out = answers(db, brief, D4={"coverage": "excluded"}, D3={"coverage": "excluded"})
    offer = make_proposal(db, brief, side, lines=left_out)
    offers.accept(db, offer, offer.number, by=client)
    contract = queries.contract_of_offer(db, offer.id)
    assert contract is not None
    assert contract.terms["excluded"] == [["D4", "IG"]]
    owners = {line.responsibility: line.owner for line in queries.lines_of(db, contract.id)}
    assert owners == {"C3": "specialist", "E1": "specialist", "K3": "specialist", "D3": "client"}


def scope_after_changes(as_, database, *briefs, more=()):
    """Responsibility, owner and limit of the lines signed once the client changed the brief to each of ``briefs``.

    ``more``: lines the proposal had beside the answers, before that.
    """
    with database.write() as db:
        make_profile(db)
        brief = make_brief(db, viewer_of(db, "bob"))
        offer = make_proposal(db, brief, viewer_of(db, "alice"), lines=[*answers(db, brief), *more])
        brief_id, offer_id = brief.id, offer.id
    alice, bob = as_("alice"), as_("bob")
    for lines in briefs:
        assert bob.api("PATCH", f"/my/briefs/{brief_id}", {"lines": lines}).status_code == 200
    assert alice.api("POST", f"/offers/{offer_id}/confirmation").status_code == 200
    assert bob.api("POST", f"/offers/{offer_id}/acceptance", {"number": 1}).status_code == 200
    read = bob.api("GET", f"/contracts/of-offer/{offer_id}").json()
    return [(line["responsibility"], line["owner"], line["limit"]) for line in read["lines"]]


@pytest.mark.parametrize("again", [{}, {"limit": 20}, {"owner": "third_party"}])
def test_what_left_the_brief_and_came_back_stands_once(as_, database, again):
    *others, photos = LINES
    found = scope_after_changes(as_, database, others, [*others, {**photos, **again}])
    assert [line for line in found if line[0] == "D3"] == [("D3", "client", 10)]
    assert len(found) == len(LINES)


def test_more_work_of_the_specialist_leaves_the_clients_part_in(as_, database):
    more = {"responsibility": "D2", "limit": 5}
    found = scope_after_changes(as_, database, [*LINES, {**more, "limit": 8, "owner": "client"}], more=[more])
    assert [line for line in found if line[0] == "D2"] == [("D2", "specialist", 5), ("D2", "client", 8)]


def test_a_hire_offer_without_a_brief_becomes_one_too(db):
    make_profile(db, responsibilities=["C1", "D1"])
    offer = make_hire(db, viewer_of(db, "bob"))
    offers.accept(db, offer, offer.number, by=viewer_of(db, "alice"))
    contract = queries.contract_of_offer(db, offer.id)
    assert contract is not None
    assert contract.brief_id is None
    assert contract.terms["approval_hours"] == 48
    assert [line.responsibility for line in queries.lines_of(db, contract.id)] == ["C1", "D1", "D3"]


def test_an_offer_has_one_contract(db):
    make_contract(db)
    assert db.scalar(select(func.count()).select_from(Contract)) == 1


@pytest.mark.parametrize("who", ["alice", "bella"])
def test_either_side_completes_the_draft(as_, database, who):
    contract_id = staged(database)
    with database.read() as db:
        contract, lines = stored(db, contract_id), queries.lines_of(db, contract_id)
    row = {"id": str(lines[0].id), "approver": "Ilse", "evidence": "file", "exclusions": "Stock photos"}
    answer = as_(who).post(f"/contracts/{contract_id}", edit_data(contract, [row]))
    assert answer.status_code == 303
    with database.read() as db:
        after, first = stored(db, contract_id), queries.lines_of(db, contract_id)[0]
        assert after.parties["client"]["legal_name"] == "Công ty Phở"
        assert after.parties["client"]["name"] == "Bob's Café"
        assert after.terms == {
            **contract.terms,
            "approval_hours": 24,
            "notice_days": 30,
            "payment_days": 14,
            "governing_law": "Latvia",
            "notes": "Raw files stay with the client.",
        }
        assert (first.approver, first.evidence, first.exclusions) == ("Ilse", EvidenceType.FILE, "Stock photos")
        assert (after.total, after.starts_on) == (contract.total, contract.starts_on)
    assert kinds_of(database, contract_id) == ["contract.drafted", "contract.edited"]
    assert "Công ty Phở" in text_of(as_("carol").get(f"/contracts/{contract_id}"))


def test_the_same_over_json(as_, database):
    contract_id = staged(database)
    alice = as_("alice")
    read = alice.api("GET", f"/contracts/{contract_id}").json()
    row = {"id": read["lines"][1]["id"], "approver": "Anna", "evidence": "report", "exclusions": ""}
    with database.read() as db:
        body = as_json(stored(db, contract_id), [row])
    done = alice.api("PUT", f"/contracts/{contract_id}", body)
    assert done.status_code == 200
    assert done.json()["lines"][1]["approver"] == "Anna"
    assert done.json()["terms"]["governing_law"] == "Latvia"
    assert done.json()["version"] == read["version"] + 1
    assert (read["missing"], read["notice_from"]) == ([], None)
    lacking = alice.api("PUT", f"/contracts/{contract_id}", {**body, "version": 2, "client_address": ""}).json()
    assert lacking["missing"] == ["client_address"]


def test_no_days_to_pay_are_on_receipt(as_, database):
    contract_id = staged(database)
    with database.read() as db:
        contract = stored(db, contract_id)
    here = f"/contracts/{contract_id}"
    assert as_("bob").api("PUT", here, as_json(contract, payment_days=0)).status_code == 200
    page = text_of(as_("alice").get(here))
    assert "An invoice is paid on receipt." in page
    assert "paid within" not in page


def test_who_reads_an_old_version_is_told(as_, database):
    contract_id = staged(database)
    with database.read() as db:
        contract = stored(db, contract_id)
    assert as_("bob").api("PUT", f"/contracts/{contract_id}", as_json(contract)).status_code == 200
    late = as_("alice").api("PUT", f"/contracts/{contract_id}", as_json(contract, notes="Mine"))
    assert late.status_code == 409
    with database.read() as db:
        assert stored(db, contract_id).terms["notes"] == "Raw files stay with the client."


WRONG = [
    ("approval_hours", "0"),
    ("approval_hours", "-5"),
    ("notice_days", "9999"),
    ("payment_days", "soon"),
    ("client_legal_name", "x" * 201),
    ("client_address", "x" * 301),
    ("client_country", "x" * 81),
    ("notes", "x" * 2001),
    ("governing_law", "a\u202eb"),
    ("total", "1"),
]


def test_wrong_input_is_named_and_nothing_is_stored(as_, database):
    contract_id = staged(database)
    alice = as_("alice")
    with database.read() as db:
        contract = stored(db, contract_id)
    for field, value in WRONG:
        answer = alice.post(f"/contracts/{contract_id}", edit_data(contract, **{field: value}))
        assert answer.status_code == 422
        refused = alice.api("PUT", f"/contracts/{contract_id}", as_json(contract, **{field: value}))
        assert (refused.status_code, set(refused.json()["fields"])) == (422, {field})
    with database.read() as db:
        after = stored(db, contract_id)
        assert (after.version, after.terms, after.parties) == (contract.version, contract.terms, contract.parties)


def test_a_line_of_another_contract_is_refused(as_, database):
    contract_id, other_id = staged(database), staged(database)
    with database.read() as db:
        contract, foreign = stored(db, contract_id), queries.lines_of(db, other_id)[0]
    row = {"id": str(foreign.id), "approver": "Mallory", "evidence": "file", "exclusions": ""}
    answer = as_("alice").api("PUT", f"/contracts/{contract_id}", as_json(contract, [row]))
    assert answer.status_code == 422
    assert "lines.0.id" in answer.json()["fields"]
    with database.read() as db:
        assert queries.lines_of(db, other_id)[0].approver == "Ilse Brunner"


def test_the_form_shows_what_is_stored(as_, database):
    contract_id = staged(database)
    page = as_("alice").get(f"/contracts/{contract_id}/edit")
    assert page.status_code == 200
    assert "Bob&#39;s Café Ltd" in page.text
    assert 'value="48"' in page.text
    assert "Ilse Brunner" in page.text


@pytest.mark.parametrize("make", [make_sent, make_active])
def test_what_was_sent_is_no_draft(as_, database, make):
    contract_id = staged(database, make)
    with database.read() as db:
        contract = stored(db, contract_id)
    late = as_("alice").get(f"/contracts/{contract_id}/edit")
    assert late.status_code == 409
    assert f'href="/contracts/{contract_id}">Back to the page' in late.text
    typed = as_("alice").post(f"/contracts/{contract_id}", edit_data(contract))
    assert typed.status_code == 409
    assert f'href="/contracts/{contract_id}">Open the contract' in typed.text
    assert as_("alice").api("PUT", f"/contracts/{contract_id}", as_json(contract)).status_code == 409


def test_only_managers_of_the_parties_edit(as_, database):
    contract_id = staged(database)
    with database.read() as db:
        contract = stored(db, contract_id)
    for who, status in [("mallory", 404), ("trent", 404), ("dina", 404), ("amir", 403), ("carol", 403)]:
        assert as_(who).post(f"/contracts/{contract_id}", edit_data(contract)).status_code == status
        assert as_(who).api("PUT", f"/contracts/{contract_id}", as_json(contract)).status_code == status
    with database.read() as db:
        assert stored(db, contract_id).version == contract.version
        assert db.scalar(select(func.count()).where(col(Event.kind) == "contract.edited")) == 0


def test_a_draft_is_for_fourteen_days(db):
    contract = make_contract(db)
    assert contract.expires_at == db.now() + timedelta(days=14)


def test_who_saves_second_is_told_and_keeps_what_was_typed(as_, database):
    contract_id = staged(database)
    alice, bob, page = as_("alice"), as_("bob"), f"/contracts/{contract_id}/edit"
    mine = fields(bob.get(page).text, f"/contracts/{contract_id}")
    assert alice.send(page, f"/contracts/{contract_id}", notes="Theirs").status_code == 303
    told = bob.post(f"/contracts/{contract_id}", {**mine, "notes": "Reports come on Mondays"})
    assert told.status_code == 409
    assert "Someone else changed this draft" in text_of(told)
    assert "Reports come on Mondays" in told.text
    again = fields(told.text, f"/contracts/{contract_id}")
    assert bob.post(f"/contracts/{contract_id}", again).status_code == 303
    assert "Reports come on Mondays" in bob.get(page).text
