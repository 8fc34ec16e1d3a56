"""The PDF says what the page says, in three scripts, and the same state gives the same bytes."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import tomllib

import pytest
from pypdf import PdfReader

from crm.contracts import queries
from crm.contracts.pdf import FONTS
from tests.crm.contracts.test_pages import HOSTILE, hostile
from tests.factories.contracts import make_active, make_contract, make_sent, put_signature, staged, stored


def pdf_of(person, contract_id) -> bytes:
    answer = person.get(f"/contracts/{contract_id}/document.pdf")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("attachment")
    return answer.content


def words_of(content: bytes) -> str:
    """The text of all pages with single spaces."""
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages))


def test_what_was_typed_comes_out_as_typed(as_, database):
    contract_id = staged(database)
    alice = as_("alice")
    alice.api("PUT", f"/contracts/{contract_id}", hostile(database, contract_id))
    words = words_of(pdf_of(alice, contract_id))
    for text in HOSTILE:
        assert re.sub(r"\s+", " ", text) in words
    assert "DRAFT" in words


def test_names_and_money_in_three_scripts(as_, database):
    brief = {
        "title": "Phở Nhà Sen: Đà Nẵng – Пекарня «Северный Хлеб»",
        "currency": "VND",
        "budget_min": 10_000_000,
        "budget_max": 20_000_000,
    }
    contract_id = staged(database, make_sent, brief=brief, total=15_500_000)
    with database.write() as db:
        put_signature(db, stored(db, contract_id), "bob", "Nguyễn Thị Ánh Tuyết")
        put_signature(db, stored(db, contract_id), "alice", "Пётр Щёголев")
    words = words_of(pdf_of(as_("alice"), contract_id))
    for text in (brief["title"], "₫15,500,000", "Nguyễn Thị Ánh Tuyết", "Пётр Щёголев", "203.0.113.7"):
        assert text in words
    with database.read() as db:
        document = queries.current_document(db, stored(db, contract_id))
        proof = [document.sha256, *(signature.sha256 for signature in queries.signatures_of(db, contract_id))]
    assert all(value in words.replace(" ", "") for value in proof)


@pytest.mark.parametrize("make", [make_contract, make_sent, make_active])
def test_the_same_state_gives_the_same_bytes(as_, database, clock, make):
    contract_id = staged(database, make)
    first = pdf_of(as_("alice"), contract_id)
    clock.forward(days=1)
    assert pdf_of(as_("bob"), contract_id) == first
    over_json = as_("carol").api("GET", f"/contracts/{contract_id}/document.pdf")
    assert (over_json.status_code, over_json.content) == (200, first)


def test_page_and_pdf_name_the_contract_alike_and_shortly(as_, database):
    contract_id = staged(database, make_sent)
    name = f"Contract PW-{contract_id.hex[-8:].upper()}, version 1"
    assert name in words_of(pdf_of(as_("alice"), contract_id))
    assert name in as_("bob").get(f"/contracts/{contract_id}").text


def test_a_dead_contract_is_marked(as_, database):
    contract_id = staged(database, make_sent)
    assert "CALLED OFF" not in words_of(pdf_of(as_("alice"), contract_id))
    as_("alice").api("POST", f"/contracts/{contract_id}/void", {"reason": "No"})
    assert "CALLED OFF" in words_of(pdf_of(as_("alice"), contract_id))


def test_the_fonts_are_the_listed_ones():
    manifest = tomllib.loads((FONTS / "fonts.toml").read_text("utf-8"))
    listed = {entry["path"]: entry["sha384"] for entry in manifest["file"]}
    for path, sha384 in listed.items():
        found = base64.b64encode(hashlib.sha384((FONTS / path).read_bytes()).digest()).decode()
        assert sha384 == f"sha384-{found}"
    assert {path.name for path in FONTS.iterdir()} == {*listed, "fonts.toml"}
    assert "SIL OPEN FONT LICENSE" in (FONTS / manifest["licence_file"]).read_text("utf-8")
