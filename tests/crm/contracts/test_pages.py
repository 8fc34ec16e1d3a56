"""The pages of a contract: who sees what, in how many queries, and what people typed stays text."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col

from accounts.users.models import User
from core.events import Event
from crm.contracts.models import Contract, ContractStatus
from tests.cast import CAST
from tests.counting import counted
from tests.crm.contracts.test_draft import as_json
from tests.factories.contracts import make_active, make_contract, make_sent, put_signature, staged, stored
from tests.people import text_of

HOSTILE = [
    "{{ 7 * 7 }} {% for x in () %}",
    "<script>alert(1)</script>",
    '#set page(width: 1pt) #panic("x") $x^2$ *b* _i_ `r` @l \\',
    "%(title)s %s ${7*7}",
    "Phở Nhà Sen — Пекарня «Хлеб»",
]


def hostile(database, contract_id):
    """A draft whose every editable text is an attempt to be more than text."""
    with database.read() as db:
        contract = stored(db, contract_id)
    return as_json(
        contract,
        client_legal_name=HOSTILE[0],
        client_address=HOSTILE[1],
        specialist_legal_name=HOSTILE[2],
        specialist_address=HOSTILE[4],
        governing_law=HOSTILE[3],
        notes="\n".join(HOSTILE),
    )


def test_what_was_typed_is_shown_as_typed(as_, database):
    contract_id = staged(database)
    alice = as_("alice")
    read = alice.api("GET", f"/contracts/{contract_id}").json()
    row = {"id": read["lines"][0]["id"], "approver": HOSTILE[1], "evidence": "file", "exclusions": HOSTILE[2]}
    assert (
        alice.api("PUT", f"/contracts/{contract_id}", {**hostile(database, contract_id), "lines": [row]}).status_code
        == 200
    )
    with database.write() as db:
        db.execute(update(Contract).values(title=HOSTILE[0] + HOSTILE[1]))
    for address in (f"/contracts/{contract_id}", f"/contracts/{contract_id}/edit", "/contracts"):
        page = alice.get(address).text
        assert "<script>alert" not in page
        assert "{{ 7 * 7 }}" in page
    version = alice.api("GET", f"/contracts/{contract_id}").json()["version"]
    assert alice.api("POST", f"/contracts/{contract_id}/send", {"version": version}).status_code == 200
    page = alice.get(f"/contracts/{contract_id}").text
    for text in (
        "{{ 7 * 7 }} {% for x in () %}",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "#panic(&#34;x&#34;)",
        "%(title)s %s",
    ):
        assert text in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("make", [make_contract, make_sent, make_active])
def test_a_page_asks_a_fixed_number_of_times(as_, database, make):
    first = staged(database, make)
    alice = as_("alice")
    lists = ("/contracts?show=running", "/contracts?show=all", "/contracts")
    for address in (f"/contracts/{first}", f"/contracts/{first}/verification", *lists):
        with counted(database) as statements:
            assert alice.get(address).status_code == 200
        assert len(statements) <= 8, statements


def test_the_list_has_three_parts(as_, database):
    draft, sent, active = staged(database), staged(database, make_sent), staged(database, make_active)
    gone = staged(database)
    as_("bob").api("POST", f"/contracts/{gone}/void", {"reason": "Changed plans"})

    def listed(who, show):
        return {row["id"] for row in as_(who).api("GET", f"/contracts?show={show}").json()["rows"]}

    for who in ("alice", "carol"):
        assert listed(who, "open") == {str(draft), str(sent)}
        assert listed(who, "running") == {str(active)}
        assert listed(who, "closed") == {str(gone)}
    assert f"/contracts/{sent}" in as_("bob").get("/contracts").text
    assert "Waits for you, until" in text_of(as_("bob").get("/contracts"))
    assert f"/contracts/{active}" in as_("bob").get("/contracts?show=running").text
    assert f"/contracts/{gone}" in as_("bob").get("/contracts?show=closed").text
    for who in ("mallory", "dina", "trent"):
        assert listed(who, "open") == listed(who, "running") == listed(who, "closed") == set()
        assert "Nothing to sign" in as_(who).get("/contracts").text
    assert as_("alice").get("/contracts?show=nonsense").status_code == 422
    assert as_("alice").get("/contracts?after=!!").status_code == 422


def test_the_list_and_the_first_page_say_whose_turn_it_is(as_, database):
    contract_id = staged(database, make_sent)

    def read(who):
        return [text_of(as_(who).get(path)) for path in ("/contracts", "/home")]

    assert all("Waits for you" in page for page in read("bob"))
    with database.write() as db:
        put_signature(db, stored(db, contract_id), "bob")
    assert all("Waits for Alice Social" in page and "Waits for you" not in page for page in read("bob"))
    assert all("Waits for you" in page for page in read("alice"))
    assert "Contracts in the making" in read("bob")[1]


def test_the_list_tells_days_where_the_reader_lives(as_, database, clock):
    clock.at = clock.at.replace(hour=0, minute=30)
    staged(database)
    with database.write() as db:
        db.execute(update(User).where(col(User.id) == CAST.bob.user_id).values(time_zone="America/Los_Angeles"))
    assert "Send it before 15 June 2026" in text_of(as_("alice").get("/contracts"))
    assert "Send it before 14 June 2026" in text_of(as_("bob").get("/contracts"))
    staged(database, make_sent)
    assert "Waits for you, until 15 June 2026" in text_of(as_("alice").get("/contracts"))
    assert "Waits for you, until 14 June 2026" in text_of(as_("bob").get("/contracts"))


def test_a_contract_is_found_in_every_status(as_, database):
    first, second = str(staged(database)), str(staged(database))

    def asked(who, query):
        return [row["id"] for row in as_(who).api("GET", f"/contracts?{query}").json()["rows"]]

    for status in ContractStatus:
        with database.write() as db:
            db.execute(update(Contract).where(col(Contract.id) == UUID(first)).values(status=status))
        drafts = [second] if status is ContractStatus.DRAFT else []
        for who in ("alice", "bob"):
            assert asked(who, f"status={status.value}") == [*drafts, first], status
            assert [first in asked(who, f"show={show}") for show in ("open", "running", "closed")].count(True) == 1
            assert asked(who, "show=all") == [second, first]
        assert asked("dina", f"status={status.value}") == asked("trent", "show=all") == []
    assert asked("alice", "show=running&status=draft") == []
    page = as_("bob").api("GET", "/contracts?show=all&limit=1").json()
    assert asked("bob", f"show=all&limit=1&after={page['next']}") == [first]
    assert f"/contracts/{first}" in as_("bob").get("/contracts?show=all").text
    assert "No contracts yet" in as_("trent").get("/contracts?show=all").text


def test_the_list_is_paged(as_, database):
    made = {str(staged(database)) for _ in range(3)}
    alice, seen, after = as_("alice"), [], ""
    while True:
        page = alice.api("GET", f"/contracts?limit=1&after={after}").json()
        seen += [row["id"] for row in page["rows"]]
        if not page["next"]:
            break
        after = page["next"]
    assert sorted(seen, reverse=True) == seen
    assert set(seen) == made


@pytest.mark.parametrize("make", [make_contract, make_active])
def test_the_offer_leads_to_its_contract(as_, database, make):
    contract_id = staged(database, make)
    with database.read() as db:
        offer_id = stored(db, contract_id).offer_id
    path = f"/contracts/of-offer/{offer_id}"
    for who in ("alice", "bob"):
        assert f'href="{path}"' in as_(who).get(f"/offers/{offer_id}").text
        assert as_(who).get(path).headers["location"] == f"/contracts/{contract_id}"
        assert as_(who).api("GET", path).json()["id"] == str(contract_id)
    for who in ("mallory", "trent"):
        assert as_(who).get(path).status_code == as_(who).api("GET", path).status_code == 404
    nothing = f"/contracts/of-offer/{contract_id}"
    assert as_("alice").get(nothing).status_code == as_("alice").api("GET", nothing).status_code == 404


@pytest.mark.parametrize("make", [make_contract, make_sent, make_active])
def test_strangers_find_nothing(as_, database, make):
    contract_id = staged(database, make)
    for who in ("mallory", "trent", "dina"):
        for address in ("", "/edit", "/document.pdf", "/verification"):
            assert as_(who).get(f"/contracts/{contract_id}{address}").status_code == 404
        for address in ("", "/document.pdf", "/verification"):
            assert as_(who).api("GET", f"/contracts/{contract_id}{address}").status_code == 404
    assert as_("").get(f"/contracts/{contract_id}").status_code == 303
    assert as_("").api("GET", f"/contracts/{contract_id}").status_code == 401
    assert as_("sam").api("GET", f"/contracts/{contract_id}").status_code == 401


@pytest.mark.parametrize(
    ("make", "who", "verbs"),
    [
        (make_contract, "alice", {"edit", "send", "void"}),
        (make_contract, "bob", {"edit", "send", "void"}),
        (make_contract, "carol", set()),
        (make_sent, "alice", {"sign", "recall", "void"}),
        (make_sent, "bob", {"sign", "decline"}),
        (make_sent, "amir", set()),
        (make_active, "alice", set()),
        (make_active, "bob", set()),
    ],
)
def test_a_page_offers_what_can_be_done(as_, database, make, who, verbs):
    contract_id = staged(database, make)
    page = as_(who).get(f"/contracts/{contract_id}").text
    offered = {
        verb
        for verb in ("edit", "send", "sign", "recall", "decline", "void")
        if f'"/contracts/{contract_id}/{verb}"' in page
    }
    assert offered == verbs
    assert (f"/contracts/{contract_id}/scope" in page) is (make is make_active)


def test_readers_see_the_whole_text(as_, database):
    contract_id = staged(database, make_active)
    page = text_of(as_("agnes").get(f"/contracts/{contract_id}"))
    for words in (
        "Bob&#39;s Café Ltd",
        "Alice Social Ltd",
        "€860 a month for 6 months",
        "Reaction within 4 hours",
        "Approves or comments within 48 hours",
        "does not create, buy or rent accounts",
        "Month 1: 1 July 2026 to 31 July 2026",
        "In force",
        "Alice Аркадьева",
    ):
        assert words in page


def test_the_text_keeps_the_language_it_was_frozen_in(as_, database):
    contract_id = staged(database, make_sent)
    page = as_("bob").get(f"/contracts/{contract_id}", headers={"Accept-Language": "ru"})
    assert '<article class="contract stack roomy" lang="en"' in page.text
    with database.read() as db:
        assert stored(db, contract_id).status is ContractStatus.SENT


def test_a_long_history_ends_with_what_happened_last(as_, database):
    contract_id = staged(database, make_sent)
    with database.write() as db:
        happened = {"kind": "contract.edited", "subject_type": "contract", "subject_id": contract_id, "at": db.now()}
        db.add_all([*(Event(**happened) for _ in range(101)), Event(**{**happened, "kind": "contract.expired"})])
    assert "Expired unsigned" in text_of(as_("alice").get(f"/contracts/{contract_id}"))
