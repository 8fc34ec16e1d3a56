"""Refusals of one shape, whatever was wrong with the request, and pages where a person looks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import col
from structlog.testing import capture_logs

from accounts.workspaces import members
from accounts.workspaces.models import Membership, Role
from core.ids import new_id
from crm.companies import queries
from crm.deals import service as deals
from crm.deals.models import Deal
from tests.cast import viewer_of
from tests.factories.crm import make_deal
from tests.people import Client, Person, text_of


def problem(answer, status: int, code: str) -> dict[str, str]:
    """The named fields of a problem answer, checked for its shape."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body.keys() == {"error", "detail", "fields"}
    assert body["error"] == code
    assert body["detail"]
    found: dict[str, str] = body["fields"]
    return found


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1", "/api/v2/companies", "/api/v1/nothing"])
def test_what_is_not_there(as_, path):
    problem(as_("alice").client.get(path), 404, "not_found")


def test_what_cannot_be_done_names_all_that_can(as_):
    answer = as_("alice").api("PATCH", "/companies")
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", ""]
)
def test_another_kind_of_body(as_, kind):
    headers = {"content-type": kind} if kind else {}
    answer = as_("alice").api("POST", "/companies", content=b'{"name": "Korn"}', headers=headers)
    problem(answer, 415, "unsupported_media_type")
    assert "application/json" in answer.json()["detail"]


def test_beside_the_field_stands_a_sentence(as_):
    alice = as_("alice")
    asked = [
        ("after", alice.api("GET", "/companies?after=!!")),
        ("idempotency-key", alice.api("POST", "/companies", {"name": "A"}, headers={"Idempotency-Key": "\x7f"})),
    ]
    for name in ("Once", "Another"):
        again = alice.api("POST", "/companies", {"name": name}, headers={"Idempotency-Key": "k1"})
    for field, answer in (*asked, ("idempotency-key", again)):
        assert problem(answer, 422, "invalid") == {field: answer.json()["detail"]}


def test_a_parameter_nobody_knows_is_named(as_):
    """Who mistypes a filter must not take the whole list for its answer."""
    unknown = "This field is not known here."
    asked = as_("alice").api("GET", "/deals?colour=red&limit=many&=x")
    assert problem(asked, 422, "invalid") == {"colour": unknown, "limit": "Enter a whole number.", "": unknown}
    flood = "&".join(f"n{number}=" for number in range(1_000))
    assert len(problem(as_("alice").api("GET", f"/deals?{flood}"), 422, "invalid")) == 200
    assert as_("alice").client.head("/api/v1/catalogue/platform?colour=red").status_code == 422


def test_who_may_not_ask_is_told_so_before_what_is_wrong_with_the_question(as_, cast):
    problem(as_("").client.get("/api/v1/deals?colour=red"), 401, "not_signed_in")
    problem(as_("bob").api("GET", "/deals?colour=red"), 404, "not_found")
    problem(as_("alice").api("GET", f"/deals/{new_id()}?colour=red"), 404, "not_found")


def test_json_where_a_file_is_wanted(as_):
    answer = as_("alice").api("PUT", "/profile/photo", {"photo": "x"})
    problem(answer, 415, "unsupported_media_type")
    assert "multipart/form-data" in answer.json()["detail"]


def test_json_with_a_charset_or_a_dialect_is_json(as_):
    for name, kind in ((b"Korn", "application/json; charset=utf-8"), (b"Rye", "application/merge-patch+json")):
        body, headers = b'{"name": "%s"}' % name, {"content-type": kind}
        sent = as_("alice").api("POST", "/companies", content=body, headers=headers)
        assert sent.status_code == 201


def test_too_much_is_a_problem_for_clients_and_a_page_for_people(as_):
    alice = as_("alice")
    problem(alice.api("POST", "/companies", content=b"x" * 1_100_000), 413, "too_large")
    page = alice.browser.post("/companies", content=b"x" * 1_100_000)
    assert page.status_code == 413
    assert "at most 10 MB" in text_of(page)
    for answer in (page, alice.api("POST", "/companies", content=b"x" * 1_100_000)):
        assert "default-src" in answer.headers["content-security-policy"]


def test_without_a_token_the_way_in_is_named(as_):
    answer = as_("").client.get("/api/v1/me")
    problem(answer, 401, "not_signed_in")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "www-authenticate" not in as_("").get("/home").headers


@pytest.mark.parametrize(
    "error",
    [
        PoolTimeout("QueuePool limit"),
        OperationalError("UPDATE x", {}, Exception("database is locked")),
        OperationalError(
            "UPDATE x", {}, type("LockNotAvailable", (Exception,), {"__module__": "psycopg.errors"})("lock")
        ),
    ],
)
def test_a_busy_database_is_no_fault(as_, monkeypatch, error):
    def busy(*_args, **_options):
        raise error

    monkeypatch.setattr(queries, "list_companies", busy)
    answer = as_("alice").api("GET", "/companies")
    problem(answer, 503, "busy")
    assert answer.headers["retry-after"] == "2"
    page = as_("alice").get("/companies")
    assert page.status_code == 503
    assert "Try again in a moment" in text_of(page)


def test_a_fault_of_ours_stays_one(web, portal, as_, monkeypatch):
    def broken(*_args, **_options):
        raise OperationalError("SELECT x", {}, Exception("no such table: company"))

    monkeypatch.setattr(queries, "list_companies", broken)
    alice: Person = as_("alice")
    alice.client = Client(web, portal, raises=False)
    problem(alice.api("GET", "/companies"), 500, "unexpected")


def membership(part, **changes) -> dict[str, object]:
    """The row of a membership the part has already."""
    row = {"id": new_id(), "workspace_id": part.workspace_id, "user_id": part.user_id, "role": Role.MEMBER}
    return {**row, "created_at": datetime.now(UTC), **changes}


@pytest.mark.parametrize("overtaken", ["its row is gone", "the row it points at is gone", "it is there already"])
def test_what_others_changed_meanwhile_is_a_conflict(as_, cast, monkeypatch, overtaken):
    def work(db, *_arguments, **_options):
        if overtaken == "its row is gone":
            member = db.scalars(select(Membership).where(col(Membership.user_id) == cast.amir.user_id)).one()
            db.execute(delete(Membership).execution_options(synchronize_session=False))
            member.role = Role.VIEWER
            db.flush()
        elif overtaken == "the row it points at is gone":
            db.execute(insert(Membership).values(membership(cast.amir, user_id=new_id())))
        else:
            db.execute(insert(Membership).values(membership(cast.amir)))

    monkeypatch.setattr(members, "invite", work)
    alice = as_("alice")
    wanted = {"email": "new@example.com", "role": "member"}
    with capture_logs() as told:
        problem(alice.api("POST", "/workspace/invitations", wanted), 409, "conflict")
    assert [entry["event"] for entry in told] == ["overtaken"]
    assert str(cast.amir.user_id) not in str(told), "what the database says of a key stays out of the log"
    page = alice.post("/settings/members/invitations", wanted)
    assert page.status_code == 409
    assert "Reload the page" in text_of(page)
    assert as_("amir").get("/companies").status_code == 200


def test_a_row_that_may_never_be_stays_a_fault_of_ours(web, portal, as_, cast, monkeypatch):
    def work(db, *_arguments, **_options):
        db.execute(insert(Membership).values(membership(cast.amir, role=None)))

    monkeypatch.setattr(members, "invite", work)
    alice = as_("alice")
    alice.client = Client(web, portal, raises=False)
    answer = alice.api("POST", "/workspace/invitations", {"email": "new@example.com", "role": "member"})
    problem(answer, 500, "unexpected")


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_note_on_a_deal_that_was_just_deleted(as_, database, monkeypatch):
    with database.write() as db:
        deal_id = make_deal(db).id
    write_down = deals.note

    def be_overtaken(*arguments, **options):
        with database.write() as db:
            deals.delete(db, db.get_one(Deal, deal_id), by=viewer_of(db, "alice"))
        return write_down(*arguments, **options)

    monkeypatch.setattr(deals, "note", be_overtaken)
    problem(as_("amir").api("POST", f"/deals/{deal_id}/notes", {"text": "Called"}), 409, "conflict")


def test_the_address_of_a_refused_verb_leads_back_to_its_page(as_):
    """Reloading or sharing what the address bar shows after a refusal."""
    for path, page in (("/my/profile/unpublish", "/my/profile"), ("/deals/stages/new", "/deals/stages")):
        answer = as_("alice").get(path)
        assert answer.status_code == 405
        assert f'href="{page}">Back to the page' in answer.text


@pytest.mark.parametrize("path", ["/", "/healthz", "/specialists", "/api/v1/specialists", "/openapi.json", "/nothing"])
def test_head_is_get_without_the_body(as_, path):
    nobody = as_("").client
    asked, told = nobody.get(path), nobody.head(path)
    assert (told.status_code, told.content) == (asked.status_code, b"")
    assert told.headers["content-type"] == asked.headers["content-type"]


def test_head_of_a_stream_ends(as_):
    assert as_("alice").browser.head("/inbox/stream").status_code == 200


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"name": "\xff"}', b'{"name": ' + b"9" * 5_000 + b"}", b'{"name":'])
def test_what_is_no_json_is_said_to_be_none(as_, body):
    answer = as_("alice").api("POST", "/companies", content=body, headers={"content-type": "application/json"})
    assert problem(answer, 422, "invalid") == {}
    assert answer.json()["detail"] == "The body is not valid JSON."


@pytest.mark.parametrize("body", [[], "x", 7])
def test_a_body_that_is_no_object(as_, body):
    answer = as_("alice").api("POST", "/companies", body)
    assert problem(answer, 422, "invalid") == {}
    assert answer.json()["detail"] == "Send a JSON object."


def test_a_wrong_type_is_named(as_):
    fields = problem(as_("alice").api("POST", "/my/cases", {"title": 5, "platforms": None}), 422, "invalid")
    assert fields == {"title": "Send text.", "platforms": "Send a list."}
    asked = as_("alice").api("GET", "/companies?limit=many")
    assert problem(asked, 422, "invalid") == {"limit": "Enter a whole number."}


def test_no_answer_over_json_is_kept_by_anybody(as_):
    for path in ("/api/v1/specialists", "/api/v1/nothing"):
        assert as_("").client.get(path).headers["cache-control"] == "no-store"
