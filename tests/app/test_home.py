"""The first page after signing in shows what waits, at a fixed number of questions to the database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.briefs.models import BriefStatus
from tests.cast import viewer_of
from tests.counting import counted
from tests.factories.briefs import make_brief
from tests.factories.crm import make_deal
from tests.factories.offers import make_proposal
from tests.factories.profiles import make_profile
from tests.factories.scopes import make_running_contract
from tests.people import text_of


@pytest.mark.parametrize(("name", "words"), [("alice", "Next steps"), ("bob", "Your briefs"), ("agnes", "Next steps")])
def test_each_kind_has_its_own(as_, name, words):
    assert words in text_of(as_(name).get("/home"))


def test_nobody_is_sent_to_the_log_in(as_):
    answer = as_("").get("/home")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/log-in?next=/home"


def test_it_says_how_much_waits_and_how_far_each_brief_has_come(as_, cast, database):
    assert "Nothing waits for you" in text_of(as_("bob").get("/home"))
    with database.write() as db:
        make_profile(db)
        make_proposal(db, make_brief(db, viewer_of(db, "bob")), viewer_of(db, "alice"))
    words = text_of(as_("bob").get("/home"))
    assert "1 thing waits for you" in words
    assert "Open" in words.partition("Your briefs")[2]


@pytest.mark.parametrize(("billing", "words"), [("retainer", "€860 a month"), ("milestones", "€860 by milestones")])
def test_an_offer_that_waits_says_what_its_price_is_for(as_, database, billing, words):
    plan = (
        {"milestones": [{"title": "All", "amount": 86_000, "due_on": "2026-08-01"}]} if billing == "milestones" else {}
    )
    with database.write() as db:
        make_profile(db)
        brief = make_brief(db, viewer_of(db, "bob"))
        make_proposal(db, brief, viewer_of(db, "alice"), billing=billing, **plan)
    assert words in text_of(as_("bob").get("/home"))


def test_a_late_step_is_told_in_a_word(as_, database):
    with database.write() as db:
        make_deal(db)
    assert "Late" not in text_of(as_("alice").get("/home"))
    with database.write() as db:
        make_deal(db, company="Old promises", next_step_on=db.now().date() - timedelta(days=2))
    assert text_of(as_("alice").get("/home")).count("Late, ") == 1


def test_staff_read_what_waits_for_a_check(as_, database):
    with database.write() as db:
        make_brief(db, viewer_of(db, "bob")).status = BriefStatus.IN_REVIEW
    page = text_of(as_("sofia").get("/home"))
    assert "1 thing waits for you" in page
    assert "1 brief waits for a check" in page
    assert "waits for a check" not in text_of(as_("bob").get("/home"))


def test_running_scopes_are_metered(as_, database):
    with database.write() as db:
        make_running_contract(db)
        make_running_contract(db)
    assert "Bob&#39;s Café" in as_("alice").get("/home").text
    with counted(database) as statements:
        as_("alice").get("/home")
    assert len(statements) <= 8


def test_the_process_says_how_it_is(as_, database):
    nobody = as_("")
    assert nobody.get("/healthz").text == "ok\n"
    answer = nobody.get("/readyz").json()
    assert answer["checks"]["database"]["ok"]
    assert "queue" in answer["checks"]
