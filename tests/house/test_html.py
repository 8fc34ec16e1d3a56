"""Every page is valid HTML: it parses without one error, and what points at an id finds it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

import html5lib
import pytest
from httpx2 import Response

from tests.house.rooms import Rooms, furnish, page_routes

pytestmark = pytest.mark.usefixtures("in_one_thread")

POINTERS = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "popovertarget", "form", "list", "headers")


@dataclass
class Form:
    """Where a form goes, what it sends when nothing is typed, and whether it asks for anything."""

    post: bool
    action: str
    sent: dict[str, str] = field(default_factory=dict)
    asks: bool = False


class Parts(HTMLParser):
    """The ids of a page, who points at which, and its forms."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.wanted: set[tuple[str, str]] = set()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.forms.append(Form(given.get("method") == "post", given.get("action") or ""))
        elif self.forms and tag in {"input", "textarea", "select"} and "__n__" not in (name := given.get("name") or ""):
            kind = given.get("type")
            self.forms[-1].asks |= kind != "hidden"
            if kind not in {"checkbox", "radio", "file"}:
                self.forms[-1].sent[name] = (given.get("value") or "") if kind == "hidden" else ""
        for name, value in attrs:
            if name == "id":
                self.ids[value or ""] += 1
            elif name in POINTERS:
                self.wanted |= {(f"{tag} {name}", each) for each in (value or "").split()}
            elif tag == "a" and name == "href" and (value or "").startswith("#"):
                self.wanted.add((f"{tag} {name}", (value or "")[1:]))


def parts_of(text: str) -> Parts:
    parts = Parts()
    parts.feed(text)
    return parts


def faults(text: str) -> list[str]:
    """What is wrong with a page."""
    parser, lines, parts = html5lib.HTMLParser(), text.splitlines(), parts_of(text)
    parser.parse(text)
    found = []
    for (line, _column), code, values in parser.errors[:3]:
        found.append(f"{code} {values} near: {lines[line - 1].strip()[:200] if line <= len(lines) else 'the end'}")
    found += [f"id twice: {name}" for name, times in parts.ids.items() if times > 1 or not name]
    found += [f"{who} points at nothing: {name}" for who, name in sorted(parts.wanted) if name not in parts.ids]
    return found


def html(answer: Response) -> bool:
    return answer.headers.get("content-type", "").startswith("text/html")


@pytest.fixture
def rooms(web, database, portal) -> Rooms:
    return furnish(web, database, portal)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_page(web, rooms):
    seen, wrong = set(), []
    for name, path in rooms:
        answer = rooms.people[name].get(path)
        if answer.status_code == 200:
            seen.add(path.partition("?")[0])
        else:
            assert path == "/no-such-page", f"{name or 'nobody'} gets no page at {path}: {answer.status_code}"
        wrong += [f"{path} ({name or 'nobody'}): {fault}" for fault in faults(answer.text)]
    unseen = [r.path for r in page_routes(web) if not any(r.path_regex.match(path) for path in seen)]
    assert not unseen, f"pages nobody looked at; teach tests/house/rooms.py: {unseen}"
    assert not wrong, "\n".join(dict.fromkeys(wrong))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_form_that_comes_back(web, rooms):
    """What a form sent with nothing typed into it is answered with."""
    wrong, came_back = [], 0
    for name in ("", "alice", "bob"):
        person = rooms.people[name]
        for path in rooms.paths[name]:
            for form in parts_of(person.get(path).text).forms:
                if form.post and form.asks:
                    action = form.action or path
                    answer = person.post(action, form.sent)
                    came_back += answer.status_code == 422
                    wrong += [
                        f"{action} ({name or 'nobody'}): {fault}" for fault in faults(answer.text) if html(answer)
                    ]
    assert not wrong, "\n".join(dict.fromkeys(wrong))
    assert came_back > 20


@pytest.mark.parametrize(
    "part",
    [
        "<p><div></div></p>",
        "<ul><li></ul></li>",
        "<b id=x></b><i id=x></i>",
        '<label for="nobody">Name</label>',
        "<table><div></div></table>",
        "<section>",
    ],
)
def test_a_fault_is_seen(part):
    assert faults(f"<!doctype html><html lang=en><head><title>x</title></head><body>{part}</body></html>")
