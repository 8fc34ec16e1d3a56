"""Every page in a real browser: no fault of access, in light and in dark; nothing wider than a small phone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.house.rooms import Rooms, furnish

COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
LOOK = """async (asked) => {
  const moving = document.getAnimations().length;
  const { violations } = await axe.run(asked);
  return { violations, moving, wider: document.scrollingElement.scrollWidth - innerWidth };
}"""
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@pytest.fixture
def rooms(web, database, portal) -> Rooms:
    return furnish(web, database, portal)


def look(page: Page, options: dict[str, Any] | None = None) -> dict[str, Any]:
    """What axe finds on the page as it is now, how wide it is, and what moves on it: one question to the browser."""
    asked = json.dumps({"resultTypes": ["violations"], **(options or {})})
    answer: dict[str, Any] = page.evaluate(f"({LOOK})({asked})")
    return answer


def violations(faults: list[dict[str, Any]]) -> list[str]:
    return [
        f"{fault['id']}: {node['html'][:160]} ({'; '.join(why['message'] for why in node['any'][:1])})"
        for fault in faults
        for node in fault["nodes"]
    ]


def turn(page: Page, *, dark: bool) -> None:
    """Dark is looked at on a small phone, light on a wide screen."""
    page.set_viewport_size(NARROW if dark else WIDE)
    page.emulate_media(color_scheme="dark" if dark else "light")


def faults(page: Page, *, dark: bool) -> list[str]:
    """Light: everything axe knows. Dark: the colours again, and the width."""
    seen = look(page, COLOURS if dark else None)
    found = [f"dark, {fault}" if dark else fault for fault in violations(seen["violations"])]
    if seen["moving"]:
        found.append(f"{seen['moving']} transitions run for a reader who asked for none, and blur the colours")
    if dark and seen["wider"] > 0:
        found.append(f"{seen['wider']} px too wide at {NARROW['width']} px")
    return found


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_page(in_one_thread, visit, rooms):
    wrong = []
    for name, paths in rooms.paths.items():
        visitor = visit()
        visitor.take(rooms.cookies(name))
        visitor.context.add_init_script(AXE_SCRIPT)
        dark = False
        for path in paths:
            visitor.get(path)
            found = faults(visitor.page, dark=dark)
            dark = not dark  # the next page opens as this one is left: half the turns
            turn(visitor.page, dark=dark)
            found += faults(visitor.page, dark=dark)
            wrong += [f"{path} ({name or 'nobody'}): {fault}" for fault in found]
        visitor.context.close()  # a page left open still listens for news
    assert not wrong, "\n".join(dict.fromkeys(wrong))
