"""Whoever may only look is offered nothing to write in: no form, or one that is locked and says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib
import pytest
from fastapi import FastAPI

from accounts.workspaces.models import Role
from tests.cast import CAST
from tests.house.rooms import furnish
from tests.people import Person
from web.routing import policies_of, routes_of

pytestmark = pytest.mark.usefixtures("in_one_thread")

CONTROLS = {"input", "select", "textarea", "button"}
ELSEWHERE = re.compile(r"/(offers|contracts)\b")
"""Forms of papers between two sides; no link leads a reader to them."""

READERS = {"agnes": ("alice", 10), "carol": ("bob", 7), "amir": ("alice", 1)}
"""Who looks at the pages of whom, and the least number of forms that are locked there."""


def out_of_reach(app: FastAPI, path: str, role: Role) -> bool:
    """Whether sending a form to ``path`` needs more than ``role``."""
    path = path.partition("?")[0]
    routes = [r for r in routes_of(app) if "POST" in (r.methods or ()) and r.path_regex.match(path)]
    needed = [Role(word) for r in routes[:1] for policy in policies_of(r) if (word := policy.partition(" ")[2])]
    return not all(role.reaches(each) for each in needed)


def open_controls(element: Element, locked: bool = False) -> Iterator[Element]:
    """What can be typed, ticked or pressed in ``element``."""
    locked = locked or (element.tag == "fieldset" and element.get("disabled") is not None)
    if element.tag in CONTROLS and element.get("type") != "hidden" and not locked and element.get("disabled") is None:
        yield element
    for child in element:
        yield from open_controls(child, locked)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_page_asks_a_reader_for_anything(web, database, portal):
    rooms = furnish(web, database, portal)
    for name, (of, least) in READERS.items():
        wrong, locked = [], 0
        for form, where in forms_out_of_reach(web, Person(web, CAST.members[name], portal), rooms.paths[of]):
            found = [each.get("name") or each.get("class") for each in open_controls(form)]
            if found:
                wrong.append(f"{where} offers {found[:4]}")
            if not any(each.get("class") == "notice" for each in form.iter("div")):
                wrong.append(f"{where} does not say why it is locked")
            locked += 1
        assert locked >= least, name
        assert not wrong, f"{name}\n" + "\n".join(dict.fromkeys(wrong))


def forms_out_of_reach(app: FastAPI, reader: Person, paths: list[str]) -> Iterator[tuple[Element, str]]:
    """The forms ``reader`` finds there and may not send, and where they are."""
    assert reader.part is not None
    for path in paths:
        answer = reader.get(path)
        if answer.status_code != 200:
            continue
        document = html5lib.parse(answer.text, namespaceHTMLElements=False)
        for form in document.iter("form"):
            action = form.get("action") or path
            if form.get("method") != "post" or ELSEWHERE.search(action):
                continue
            if out_of_reach(app, action, reader.part.role):
                yield form, f"{path}: the form to {action}"
