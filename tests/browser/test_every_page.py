"""Every page in a real browser: no fault of access, in light and in dark; nothing wider than a small phone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.house.rooms import Rooms, furnish

COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@pytest.fixture
def rooms(web, database, portal) -> Rooms:
    return furnish(web, database, portal)


def violations(page: Page, options: dict[str, Any] | None = None) -> list[str]:
    """What axe finds on the page as it is now."""
    asked = json.dumps({"resultTypes": ["violations"], **(options or {})})
    found = page.evaluate(f"axe.run({asked}).then(found => found.violations)")
    return [
        f"{fault['id']}: {node['html'][:160]} ({'; '.join(why['message'] for why in node['any'][:1])})"
        for fault in found
        for node in fault["nodes"]
    ]


def turn(page: Page, *, dark: bool) -> list[str]:
    """Dark is looked at on a small phone, light on a wide screen."""
    page.set_viewport_size(NARROW if dark else WIDE)
    page.emulate_media(color_scheme="dark" if dark else "light")
    if moving := page.evaluate("document.getAnimations().length"):
        return [f"{moving} transitions run for a reader who asked for none, and blur the colours"]
    return []


def faults(page: Page, *, dark: bool) -> list[str]:
    """Light: everything axe knows. Dark: the colours again, and the width."""
    if not dark:
        return violations(page)
    found = [f"dark, {fault}" for fault in violations(page, COLOURS)]
    wider = page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
    return [*found, f"{wider} px too wide at {NARROW['width']} px"] if wider > 0 else found


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_page(visit, rooms):
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
            found += turn(visitor.page, dark=dark) + faults(visitor.page, dark=dark)
            wrong += [f"{path} ({name or 'nobody'}): {fault}" for fault in found]
        visitor.context.close()  # a page left open still listens for news
    assert not wrong, "\n".join(dict.fromkeys(wrong))
