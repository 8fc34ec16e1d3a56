"""Work is logged with the proof the contract asks for, through every door; nothing is stored without it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import SQLModel, col

from core.db import Database
from core.events import Event
from crm.contracts.models import EvidenceType, ScopeLine
from crm.scopes.models import UsageEntry, UsageTotal
from files.models import Upload
from marketplace.briefs.models import LineOwner
from tests.crm.contracts.test_draft import as_json
from tests.factories.contracts import make_active, make_contract, put_signature, staged, stored
from tests.factories.scopes import make_running_contract
from tests.people import text_of

LINK = {"evidence_url": "https://example.com/p/1"}
NOTE = {"note": "12 replies, the slowest after two hours"}
POST, REPLIES, REPORT = EvidenceType.POST_URL, EvidenceType.REPLY_LOG, EvidenceType.REPORT
PAPER, MANUAL = EvidenceType.FILE, EvidenceType.MANUAL
FILE = ("report.csv", b"month,reach\n2026-05,4000\n", "text/csv")


@pytest.fixture
def line_of(database: Database):
    """The addresses of a contract and of a line of it that asks for ``evidence``."""

    def make(evidence: EvidenceType, owner: LineOwner = LineOwner.SPECIALIST) -> tuple[str, str]:
        line = {"responsibility": "C3", "unit": "post", "limit": 12, "evidence": evidence, "owner": owner}
        with database.write() as db:
            contract = make_running_contract(db, lines=[line])
            found = db.scalars(select(col(ScopeLine.id)).where(col(ScopeLine.contract_id) == contract.id)).one()
        return f"/contracts/{contract.id}", f"/contracts/{contract.id}/lines/{found}"

    return make


def body(**more: Any) -> dict[str, Any]:
    return {"quantity": 1, "done_on": "2026-06-01", **more}


def count(database: Database, table: type[SQLModel]) -> int:
    with database.read() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def nothing_is_logged(database: Database) -> bool:
    with database.read() as db:
        told = db.scalar(select(func.count()).where(col(Event.kind).startswith("usage.")))
    return count(database, UsageEntry) == count(database, UsageTotal) == told == 0


REFUSED = [
    (POST, {}, "evidence_url", "The contract asks for a link to the post."),
    (POST, NOTE, "evidence_url", "The contract asks for a link to the post."),
    (REPORT, NOTE, "evidence_url", "The contract asks for the report: give its link or attach it."),
    (PAPER, NOTE, "upload_id", "The contract asks for the file: attach it, or give the link to where it lies."),
    (REPLIES, {}, "note", "The contract asks for a log of replies: write it in the note, link to it or attach it."),
]


@pytest.mark.parametrize(("evidence", "given", "field", "sentence"), REFUSED)
def test_without_it_the_contract_is_quoted(as_, database, line_of, evidence, given, field, sentence):
    _contract, line = line_of(evidence)
    refused = as_("alice").api("POST", f"{line}/usage", body(**given))
    assert (refused.status_code, refused.json()["fields"]) == (422, {field: sentence})
    field = {"upload_id": "evidence_file"}.get(field, field)
    page = as_("alice").post(f"{line}/usage", body(quantity="7", **given))
    assert page.status_code == 422
    assert sentence in text_of(page).partition("This period")[0]
    assert f'id="f-{field}-error"' in page.text
    assert 'name="quantity" inputmode="numeric" value="7"' in page.text
    assert all(value in page.text for value in given.values())
    assert nothing_is_logged(database)


@pytest.mark.parametrize(
    ("evidence", "given"),
    [(POST, LINK), (REPORT, LINK), (PAPER, LINK), (REPLIES, LINK), (REPLIES, NOTE), (MANUAL, {}), (MANUAL, LINK)],
)
def test_with_it_the_work_is_logged(as_, database, line_of, evidence, given):
    _contract, line = line_of(evidence)
    assert as_("alice").api("POST", f"{line}/usage", body(**given)).status_code == 201
    assert as_("alice").post(f"{line}/usage", body(**given)).status_code == 303
    assert count(database, UsageEntry) == 2


@pytest.mark.parametrize(("evidence", "status"), [(REPORT, 201), (PAPER, 201), (REPLIES, 201), (POST, 422)])
def test_a_file_is_proof_where_one_can_be(as_, database, line_of, evidence, status):
    contract, line = line_of(evidence)
    alice = as_("alice")
    sent = alice.api("POST", f"{contract}/evidence", files={"file": FILE}).json()["upload_id"]
    assert alice.api("POST", f"{line}/usage", body(upload_id=sent)).status_code == status
    page = alice.post(f"{line}/usage", body(), files={"evidence_file": FILE})
    assert page.status_code == (303 if status == 201 else 422)
    assert count(database, UsageEntry) == (2 if status == 201 else 0)
    assert count(database, Upload) == (2 if status == 201 else 1)


def test_an_empty_file_is_none(as_, database, line_of):
    _contract, line = line_of(PAPER)
    page = as_("alice").post(f"{line}/usage", body(), files={"evidence_file": ("empty.csv", b"", "text/csv")})
    assert page.status_code == 422
    assert 'id="f-evidence_file-error"' in page.text
    assert nothing_is_logged(database)


def test_what_the_client_or_a_third_party_does_needs_none(as_, line_of):
    for owner, who in ((LineOwner.CLIENT, "bob"), (LineOwner.THIRD_PARTY, "alice")):
        contract, line = line_of(POST, owner)
        assert as_(who).api("GET", f"{contract}/scope").json()["lines"][0]["evidence"] == "manual"
        assert "asks for no proof" in text_of(as_(who).get(line))
        assert as_(who).api("POST", f"{line}/usage", body()).status_code == 201
    contract, line = line_of(POST, LineOwner.SHARED)
    assert as_("bob").api("GET", f"{contract}/scope").json()["lines"][0]["evidence"] == "post_url"
    assert as_("bob").api("POST", f"{line}/usage", body()).status_code == 422
    assert as_("bob").api("POST", f"{line}/usage", body(**LINK)).status_code == 201


def test_a_refusal_leaves_the_key_for_the_work_that_comes_with_its_proof(as_, database, line_of):
    _contract, line = line_of(POST)
    alice, key = as_("alice"), {"Idempotency-Key": "post-of-monday"}
    assert alice.api("POST", f"{line}/usage", body(), headers=key).status_code == 422
    first = alice.api("POST", f"{line}/usage", body(**LINK), headers=key)
    again = alice.api("POST", f"{line}/usage", body(**LINK), headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert count(database, UsageEntry) == 1


def test_taking_it_back_needs_only_a_reason(as_, database, line_of):
    contract, line = line_of(PAPER)
    entries = [as_("alice").api("POST", f"{line}/usage", body(**LINK)).json()["id"] for _ in range(2)]
    corrected = as_("alice").api("POST", f"{contract}/usage/{entries[0]}/correction", {"reason": "Counted twice"})
    undone = as_("alice").api("POST", f"{contract}/usage/{entries[1]}/undo")
    assert (corrected.status_code, undone.status_code) == (201, 201)
    assert count(database, UsageEntry) == 4


def field_of(page: str, name: str) -> str:
    """The label and control of a field of the form."""
    return page.partition(f'<label for="f-{name}">')[2].partition("</div>")[0]


@pytest.mark.parametrize(
    ("evidence", "needed", "required"),
    [
        (POST, {"evidence_url"}, True),
        (REPORT, {"evidence_url", "evidence_file"}, False),
        (REPLIES, {"evidence_url", "evidence_file", "note"}, False),
        (MANUAL, set(), False),
    ],
)
def test_the_form_marks_what_is_needed(as_, line_of, evidence, needed, required):
    _contract, line = line_of(evidence)
    page = as_("alice").get(line).text
    fields = {name: field_of(page, name) for name in ("evidence_url", "evidence_file", "note")}
    assert {name for name, field in fields.items() if "optional" not in field} == needed
    assert (" required" in fields["evidence_url"]) is required


def test_both_may_agree_on_less_while_it_is_a_draft(as_, database):
    with database.write() as db:
        contract = make_contract(db, starts_on=str(db.now().date()))
        line = db.scalars(
            select(ScopeLine).where(ScopeLine.contract_id == contract.id).order_by(col(ScopeLine.position))
        ).first()
        assert line is not None
        assert line.evidence is POST
    here, alice = f"/contracts/{contract.id}", as_("alice")
    kept = alice.api("PUT", here, as_json(contract, [{"id": str(line.id)}])).json()
    assert kept["lines"][0]["evidence"] == "post_url"
    changed = {**as_json(contract, [{"id": str(line.id), "evidence": "manual"}]), "version": kept["version"]}
    version = alice.api("PUT", here, changed).json()["version"]
    assert alice.api("POST", f"{here}/send", {"version": version}).status_code == 200
    with database.write() as db:
        for who in ("alice", "bob"):
            put_signature(db, stored(db, contract.id), who)
    assert alice.api("POST", f"{here}/lines/{line.id}/usage", body()).status_code == 201


def test_a_draft_asks_for_proof_only_where_work_is_proved(as_, database):
    """The second line of the cast's contract is the client's."""
    page = as_("bob").get(f"/contracts/{staged(database)}/edit").text
    shown = [f'name="lines-{number}-evidence"' in page for number in range(5)]
    assert shown == [True, False, True, True, True]


def test_what_was_signed_asks_for_it_as_it_reads(as_, database):
    contract_id = staged(database, make_active)
    page = text_of(as_("bob").get(f"/contracts/{contract_id}"))
    lines = as_("bob").api("GET", f"/contracts/{contract_id}/scope").json()["lines"]
    assert page.count("Proof: ") == len([line for line in lines if line["owner"] in ("specialist", "shared")])
    assert {line["evidence"] for line in lines if line["owner"] == "client"} == {"manual"}
