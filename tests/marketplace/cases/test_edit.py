"""Writing a case: what was typed comes back unchanged, rows without scripts, drafts can be thrown away."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from core import jobs
from files.models import Upload
from marketplace.cases.models import Case, CaseKpi, CaseStatus
from tests.counting import counted
from tests.factories.cases import COMPLETE, make_case
from tests.factories.profiles import make_profile
from tests.marketplace.cases.test_pictures import add


def fields_of(page: str) -> dict[str, str]:
    """The one-line fields of a page as a browser would send them."""
    return dict(re.findall(r'<input class="input"[^>]* name="([^"]+)"[^>]* value="([^"]*)"', page))


@pytest.mark.parametrize("value", ["1234567.5", "41800.125", "0.001", "-12.5", "100000000", "0"])
def test_a_number_is_shown_as_it_was_typed(as_, database, value):
    with database.write() as db:
        case = make_case(db, kpis=[{**COMPLETE["kpis"][0], "before": value}])
    assert fields_of(as_("alice").get(f"/my/cases/{case.id}").text)["kpis-0-before"] == value


def test_there_is_always_room_for_one_more_number(as_, database):
    with database.write() as db:
        case = make_case(db)
    page = as_("alice").get(f"/my/cases/{case.id}").text
    fields = fields_of(page)
    assert fields["kpis-1-before"] == ""
    plain = {name: value for name, value in COMPLETE.items() if name != "kpis"}
    typed = {name: value for name, value in fields.items() if name.startswith("kpis-") and "__n__" not in name}
    typed |= {"kpis-0-kpi": "leads", "kpis-1-kpi": "reach", "kpis-1-before": "5", "kpis-1-after": "9"}
    assert as_("alice").post(f"/my/cases/{case.id}", {**plain, **typed}).status_code == 303
    stored = as_("alice").api("GET", f"/my/cases/{case.id}").json()["kpis"]
    assert [(kpi["kpi"], kpi["before"]) for kpi in stored] == [("leads", 31), ("reach", 5)]
    cleared = {**typed, **dict.fromkeys(("kpis-0-before", "kpis-0-after", "kpis-0-label", "kpis-0-source_note"), "")}
    wrong = as_("alice").post(f"/my/cases/{case.id}", {**plain, **cleared, "kpis-1-after": "many"})
    assert wrong.status_code == 422
    assert 'value="many"' in re.search(r"<input[^>]*aria-invalid[^>]*>", wrong.text).group()
    assert as_("alice").post(f"/my/cases/{case.id}", {**plain, **cleared}).status_code == 303
    assert [kpi["kpi"] for kpi in as_("alice").api("GET", f"/my/cases/{case.id}").json()["kpis"]] == ["reach"]


def test_a_half_filled_number_is_not_dropped(as_, database):
    plain = {name: value for name, value in COMPLETE.items() if name != "kpis"}
    row = {"kpis-0-kpi": "leads", "kpis-0-before": "", "kpis-0-after": "", "kpis-0-label": "Orders"}
    answer = as_("alice").post("/my/cases", {**plain, **row})
    assert answer.status_code == 422
    assert 'id="f-kpis-0-before-error"' in answer.text
    assert 'value="Orders"' in answer.text


def test_money_needs_a_currency(as_, database):
    plain = {name: value for name, value in COMPLETE.items() if name != "kpis"}
    row = {"kpis-0-kpi": "cost_per_lead", "kpis-0-before": "49.70", "kpis-0-after": "13.05", "kpis-0-currency": ""}
    answer = as_("alice").post("/my/cases", {**plain, **row})
    assert answer.status_code == 422
    assert 'id="f-kpis-0-currency-error"' in answer.text
    assert as_("alice").post("/my/cases", {**plain, **row, "kpis-0-currency": "EUR"}).status_code == 303


def test_what_is_missing_is_said_beside_each_field(as_, database):
    alice = as_("alice")
    path = alice.post("/my/cases", {"title": "Empty"}).headers["location"]
    page = alice.send(path, then="publish").text
    for field in ("client_name", "platforms", "responsibilities", "goal", "story", "period_from", "kpis"):
        assert f'id="f-{field}-error"' in page


def test_a_draft_can_be_thrown_away_but_not_a_published_case(as_, database, worker):
    with database.write() as db:
        make_profile(db)
        draft, shown = make_case(db), make_case(db, published=True)
    alice = as_("alice")
    upload = add(alice, draft)
    assert alice.post(f"/my/cases/{shown.id}/removal").status_code == 409
    assert alice.api("DELETE", f"/my/cases/{shown.id}").status_code == 409
    assert alice.post(f"/my/cases/{draft.id}/removal").headers["location"] == "/my/cases"
    assert alice.get(f"/my/cases/{draft.id}").status_code == 404
    assert alice.get(f"/files/{upload}").status_code == 404
    with database.read() as db:
        assert list(db.scalars(select(col(Case.id)))) == [shown.id]
        assert db.scalar(select(func.count()).select_from(CaseKpi)) == 1
        assert db.scalar(select(func.count()).select_from(Upload)) == 0
        assert db.scalar(select(func.count()).where(col(jobs.Job.kind) == "files.remove")) == 1
    assert [row["id"] for row in alice.api("GET", "/my/cases").json()["rows"]] == [str(shown.id)]


def test_the_latest_published_come_first_and_pages_do_not_overlap(as_, database, clock):
    with database.write() as db:
        make_profile(db)
        cases = [make_case(db, title=f"Case {number}") for number in range(5)]
    alice, nobody = as_("alice"), as_("")
    for case in (cases[3], cases[0], cases[4], cases[1]):
        clock.forward(minutes=1)
        alice.api("POST", f"/my/cases/{case.id}/publication")
    first = nobody.api("GET", "/cases?limit=2").json()
    assert [row["title"] for row in first["rows"]] == ["Case 1", "Case 4"]
    clock.forward(minutes=1)
    alice.api("POST", f"/my/cases/{cases[2].id}/publication")
    second = nobody.api("GET", f"/cases?limit=2&after={first['next']}").json()
    assert [row["title"] for row in second["rows"]] == ["Case 0", "Case 3"]
    assert second["next"] is None
    for broken in ("x", "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwgIngiXQ", first["next"][:-3]):
        assert nobody.get(f"/cases?after={broken}").status_code == 422


def test_a_page_seen_before_is_not_sent_again(as_, database):
    with database.write() as db:
        make_profile(db)
        case = make_case(db, published=True)
    nobody, alice = as_(""), as_("alice")
    path = f"/cases/{case.slug}"
    nobody.get("/cases")
    tag = nobody.get(path).headers["etag"]
    with counted(database) as seen:
        again = nobody.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert len([statement for statement in seen if statement.startswith("SELECT")]) == 1
    assert "etag" not in alice.get(path).headers
    add(alice, case, "A new picture")
    changed = nobody.get(path, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert "A new picture" in changed.text
    alice.api("DELETE", f"/my/cases/{case.id}/publication")
    assert nobody.get(path, headers={"If-None-Match": changed.headers["etag"]}).status_code == 404
    with database.read() as db:
        assert db.get(Case, case.id).status is CaseStatus.DRAFT


@pytest.mark.parametrize("query", ["q=" + "a" * 130, "q=%00", "niche=nonsense", "after=" + "x" * 500])
def test_a_wrong_question_is_said_on_the_page(as_, database, query):
    page = as_("").get(f"/cases?{query}")
    assert page.status_code == 422
    assert "One thing to fix" in page.text
    assert 'action="/cases"' in page.text


def test_the_own_list_goes_on_over_pages(as_, database):
    with database.write() as db:
        made = [make_case(db, title=f"Case {number}") for number in range(27)]
    alice = as_("alice")
    first = alice.api("GET", "/my/cases?limit=20").json()
    second = alice.api("GET", f"/my/cases?limit=20&after={first['next']}").json()
    assert [row["id"] for row in first["rows"] + second["rows"]] == [str(case.id) for case in reversed(made)]
    assert second["next"] is None
    page = alice.get("/my/cases").text
    assert "Case 2</a>" in page
    assert "Case 1</a>" not in page
    following = re.search(r'href="(/my/cases\?after=[^"]+)" rel="next"', page)
    assert following is not None
    rest = alice.get(following.group(1)).text
    assert "Case 1</a>" in rest
    assert "Case 0</a>" in rest
    assert 'rel="next"' not in rest
    assert alice.get("/my/cases?after=x").status_code == 422
    assert as_("trent").get(following.group(1)).status_code in {303, 403, 404}
