"""What the steps of a draft show: which are done, how a long scope folds, and what comes before the button."""

from __future__ import annotations

import re

import pytest

from marketplace.briefs.lines import lines_of_preset
from marketplace.taxonomy.catalogue import load
from tests.cast import viewer_of
from tests.factories.briefs import make_draft
from tests.people import text_of

FULL = max(load().presets, key=lambda code: len(load().presets[code].responsibilities))
"""The ready scope with the most lines."""


def draft_of(database, cast, **overrides):
    with database.write() as db:
        return make_draft(db, viewer_of(db, cast.bob), **overrides)


@pytest.fixture
def long(database, cast):
    """A draft whose scope has more lines than one wants to see at once."""
    return draft_of(database, cast, lines=[line.model_dump() for line in lines_of_preset(FULL)])


def folds(page) -> dict[str, bool]:
    """Groups of the scope by what their summaries say, and whether each is open."""
    found = re.findall(r'<details class="fold"( open)?><summary><h3[^>]*>([^<]*)</h3>', page.text)
    return {title: bool(is_open) for is_open, title in found}


def typed(draft, **changed: str) -> dict[str, str]:
    """The draft's scope as its form sends it."""
    sent = {"platforms": "IG"}
    for n, line in enumerate(lines_of_preset(FULL)):
        sent |= {f"lines-{n}-responsibility": line.responsibility, f"lines-{n}-limit": str(line.limit or "")}
    return sent | changed


def test_a_long_scope_is_folded_by_group(as_, long):
    shown = folds(as_("bob").get(f"/my/briefs/{long.id}/steps/scope"))
    assert not all(shown.values())
    assert sum(int(re.search(r": (\d+) lines?$", title)[1]) for title in shown) == len(lines_of_preset(FULL))
    assert all(is_open == (int(re.search(r"(\d+) line", title)[1]) <= 2) for title, is_open in shown.items())


def test_a_short_scope_is_open(as_, database, cast):
    draft = draft_of(database, cast)
    assert all(folds(as_("bob").get(f"/my/briefs/{draft.id}/steps/scope")).values())


def test_a_group_with_a_mistake_is_open(as_, long):
    wrong = next(n for n, line in enumerate(lines_of_preset(FULL)) if line.responsibility[0] == "A")
    sent = typed(long, **{f"lines-{wrong}-limit": "many", "then": "next"})
    page = as_("bob").post(f"/my/briefs/{long.id}/steps/scope", sent)
    assert page.status_code == 422
    [group] = [title for title in folds(page) if title.startswith("Strategy and planning")]
    assert folds(page)[group]
    assert not all(folds(page).values())
    assert f'id="f-lines-{wrong}-limit-error"' in page.text


def test_the_estimate_brings_the_number_of_lines_of_each_group(as_, long):
    sent = typed(long)
    gone = next(name for name, value in sent.items() if value.startswith("A") and name.endswith("responsibility"))
    before = len([value for name, value in sent.items() if value.startswith("A") and name.endswith("responsibility")])
    answer = as_("bob").post(
        f"/my/briefs/{long.id}/steps/scope/estimate", {name: sent[name] for name in sent if name != gone}
    )
    assert f'hx-target="#fold-A" hx-swap="innerHTML">Strategy and planning: {before - 1} lines' in answer.text


def test_number_and_owner_have_labels_one_can_see(as_, database, cast):
    draft = draft_of(database, cast)
    page = as_("bob").get(f"/my/briefs/{draft.id}/steps/scope").text
    assert '<label for="f-lines-0-limit">How many</label>' in page
    assert '<label for="f-lines-0-owner">Who does it</label>' in page


@pytest.mark.parametrize("step", ["scope", "money"])
def test_the_estimate_comes_before_the_button(as_, database, cast, step):
    draft = draft_of(database, cast)
    page = text_of(as_("bob").get(f"/my/briefs/{draft.id}/steps/{step}"))
    assert page.index("Your brief so far") < page.index("Save and leave")


@pytest.mark.parametrize(
    ("overrides", "done"),
    [
        ({}, ["Business", "Goal and money", "Work"]),
        ({"title": "", "decision_on": None}, ["Goal and money"]),
        ({"goal": ""}, ["Business", "Work"]),
    ],
)
def test_steps_with_nothing_missing_are_done(as_, database, cast, overrides, done):
    draft = draft_of(database, cast, **overrides)
    page = as_("bob").get(f"/my/briefs/{draft.id}/steps/scope").text
    found = re.findall(r'<li class="done"><a [^>]*>([^<]*)', page)
    assert found == done
    review = as_("bob").get(f"/my/briefs/{draft.id}/review").text
    assert re.findall(r'<li class="done"><a [^>]*>([^<]*)', review) == [
        name for name in ("Business", "Scope", "Goal and money", "Work") if name in [*done, "Scope"]
    ]


@pytest.mark.parametrize(
    ("step", "code", "before", "after"),
    [("business", "average_bill", "£", ""), ("business", "regulars_share", "", "%"), ("money", "ad_budget", "£", "")],
)
def test_fields_of_amounts_and_shares_show_their_unit(as_, database, cast, step, code, before, after):
    draft = draft_of(database, cast, currency="GBP")
    page = as_("bob").get(f"/my/briefs/{draft.id}/steps/{step}").text
    found = re.search(
        rf'<div class="affix">(?:<span>([^<]*)</span>)?\s*<input[^>]*name="{code}"[^>]*>(?:<span>([^<]*)</span>)?', page
    )
    assert found is not None
    assert (found[1] or "", found[2] or "") == (before, after)


def test_another_currency_changes_the_sign_beside_amounts(as_, database, cast):
    draft = draft_of(database, cast)
    answer = as_("bob").post(f"/my/briefs/{draft.id}/steps/money/estimate", {"currency": "GBP"})
    assert 'hx-target=".affix:has(#f-ad_budget) span" hx-swap="innerHTML">£</hx-partial>' in answer.text
