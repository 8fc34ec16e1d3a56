"""A draft open in two tabs, or at two people: what one wrote is not replaced by the other unseen."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from core.db import Database
from marketplace.briefs import queries
from marketplace.briefs.models import Brief
from tests.cast import viewer_of
from tests.factories.briefs import make_draft
from tests.people import Person, fields, text_of
from web import forms

JSON = {"Accept": "application/json"}
STEPS = ["business", "scope", "money", "work"]


@pytest.fixture
def draft(database: Database, cast):
    with database.write() as db:
        return make_draft(db, viewer_of(db, cast.bob))


def stored(database: Database, draft: Brief) -> Brief:
    with database.read() as db:
        return db.get_one(Brief, draft.id)


class Tab:
    """A page of a step with what it would send."""

    def __init__(self, person: Person, draft: Brief, step: str) -> None:
        self.person, self.path = person, f"/my/briefs/{draft.id}/steps/{step}"
        self.form: dict[str, Any] = fields(person.get(self.path).text, self.path)

    def save(self, **typed: Any) -> Any:
        """What the page does while one types."""
        self.form |= typed
        answer = self.person.post(f"{self.path}/draft", self.form, headers=JSON)
        if answer.status_code == 200:
            self.form["_seen"] = answer.json()["seen"]
            self.form.pop("_sent", None)
        return answer

    def lose(self, **typed: Any) -> None:
        """The same, but the answer never comes."""
        self.form |= typed
        said = {name: value for name, value in self.form.items() if name not in {"_seen", "_sent"}}
        assert self.person.post(f"{self.path}/draft", self.form, headers=JSON).status_code == 200
        self.form["_sent"] = [*self.form.get("_sent", []), urlencode(said, doseq=True)]

    def press(self, **typed: Any) -> Any:
        self.form |= typed
        return self.person.post(self.path, {**self.form, "then": "next"})


def test_autosave_stores_nothing_over_what_its_page_did_not_show(as_, database, draft):
    first, second = Tab(as_("bob"), draft, "money"), Tab(as_("bob"), draft, "money")
    assert first.save(goal="Twice as many guests").status_code == 200
    refused = second.save(goal="Half as many", budget_min="about 5")
    assert (refused.status_code, refused.json()["error"]) == (409, "conflict")
    assert "press Next to replace it" in refused.json()["detail"]
    brief = stored(database, draft)
    assert (brief.goal, brief.typed) == ("Twice as many guests", {})
    assert first.save(goal="Thrice as many").status_code == 200
    assert Tab(as_("bob"), draft, "money").save(goal="Four times").status_code == 200


def test_the_button_says_so_once_and_then_replaces(as_, database, draft):
    first, second = Tab(as_("bob"), draft, "money"), Tab(as_("bob"), draft, "money")
    first.save(goal="Twice as many guests")
    told = second.press(goal="Half as many")
    assert told.status_code == 409
    assert "changed after you opened it" in text_of(told)
    assert "Half as many" in told.text
    assert "data-autosave-url" not in told.text
    assert stored(database, draft).goal == "Twice as many guests"
    again = fields(told.text, second.path)
    assert as_("bob").post(second.path, {**again, "then": "next"}).headers["location"].endswith("/steps/work")
    assert stored(database, draft).goal == "Half as many"


def test_two_people_are_told_as_well(as_, database, draft):
    bob, boris = Tab(as_("bob"), draft, "business"), Tab(as_("boris"), draft, "business")
    assert bob.save(title="Café").status_code == 200
    assert boris.save(title="Bar").status_code == 409
    assert boris.press().status_code == 409
    assert stored(database, draft).title == "Café"


def test_other_steps_and_the_same_words_are_no_conflict(as_, database, draft):
    money, scope, same = (Tab(as_("bob"), draft, step) for step in ("money", "scope", "money"))
    assert money.save(goal="More guests", currency="USD").status_code == 200
    assert same.save(goal="More guests", currency="USD").status_code == 200
    assert scope.save(platforms=["IG", "VK"]).status_code == 200
    brief = stored(database, draft)
    assert (brief.currency, brief.platforms) == ("USD", ["IG", "VK"])


@pytest.mark.parametrize("step", STEPS)
def test_a_page_nobody_typed_into_shows_what_is_stored(as_, database, draft, step):
    """The mark of what is sent is the mark of what is then stored: nobody trips over their own saves."""
    tab = Tab(as_("bob"), draft, step)
    mark = tab.form["_seen"][0]
    for _turn in range(2):
        assert tab.save().json() == {"seen": mark, "unread": {}}
    assert tab.press().status_code == 303


TYPING: dict[str, list[dict[str, Any]]] = {
    "business": [{"average_bill": "12,50"}, {"average_bill": "about 12"}, {"average_bill": "", "title": " Café "}],
    "scope": [{"lines-0-limit": "a dozen"}, {"lines-0-limit": "012"}, {"add": ["C3"], "platforms": ["FB", "IG"]}],
    "money": [{"budget_min": "900", "budget_max": "100"}, {"kpi_target": "1.50"}, {"budget_max": "1 000,5"}],
    "work": [{"decision_on": "soon"}, {"decision_on": "", "term_months": "06"}, {"languages": ["ru", "en", "ru"]}],
}


@pytest.mark.parametrize("step", STEPS)
def test_an_answer_that_never_came_is_no_conflict(as_, database, draft, step):
    """Whatever was typed: sound, unread or contradicting itself, and whichever of the last forms got through."""
    for typed in TYPING[step]:
        tab = Tab(as_("bob"), draft, step)
        tab.lose(**typed)
        tab.lose(**typed)
        assert tab.save().status_code == 200, typed
        tab.lose(**typed)
        assert tab.press().status_code in {303, 422}, typed
    last = {"business": "title", "scope": "platforms", "money": "goal", "work": "languages"}[step]
    tab, other = Tab(as_("bob"), draft, step), Tab(as_("bob"), draft, step)
    tab.lose()
    assert other.save(**{last: {"scope": ["VK"], "work": ["vi"]}.get(step, "Elsewhere")}).status_code == 200
    assert tab.save(**typed).status_code == 409


def test_lines_a_button_added_are_known_after_going_back(as_, draft):
    """The page left by a button is shown again as it was; it knows what the button did."""
    tab = Tab(as_("bob"), draft, "scope")
    pressed = {**tab.form, "add": ["K1"], "then": "add"}
    assert as_("bob").post(tab.path, pressed).status_code == 303
    said = {name: value for name, value in pressed.items() if name != "_seen"}
    tab.form["_sent"] = [urlencode(said, doseq=True)]
    assert tab.save().status_code == 200


def test_a_form_refused_for_what_it_says_goes_on_saving_itself(as_, database, draft):
    tab = Tab(as_("bob"), draft, "money")
    tab.lose(budget_min="900")
    refused = tab.press(kpi_target="many")
    assert refused.status_code == 422
    assert "data-autosave-url" in refused.text
    tab.form = fields(refused.text, tab.path)
    assert tab.save(kpi_target="5").status_code == 200
    assert stored(database, draft).kpi_target == 5000


def test_what_a_page_says_it_sent_is_believed_of_its_form_only(as_, database, draft):
    tab, other = Tab(as_("bob"), draft, "money"), Tab(as_("bob"), draft, "money")
    other.save(goal="Elsewhere")
    for said in ("", "%", "goal=Elsewhere", "a" * 5000, "lines-0-limit=5&goal=%00", "_sent=goal%3Dx&_seen=x"):
        tab.form["_sent"] = [said] * 4
        assert tab.save().status_code == 409, said
    with database.read() as db:
        assert len(queries.lines_of(db, draft.id)) == 5


def test_a_flood_of_fields_said_to_be_sent_before_is_not_read(as_, draft, monkeypatch):
    """Every name is looked for among all: as many as fit into a body would keep a process busy for hours."""
    read: list[int] = []
    collect = forms.collect

    async def counted(model: Any, form: Any) -> Any:
        read.append(len(form.multi_items()))
        return await collect(model, form)

    monkeypatch.setattr(forms, "collect", counted)
    tab = Tab(as_("bob"), draft, "money")
    tab.form["_sent"] = ["&".join(f"n{number}=" for number in range(20_000))] * 3
    assert tab.save().status_code == 200
    assert max(read) < 2_000
