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
def rooms(web, database) -> Rooms:
    return furnish(web, database)


def violations(page: Page, options: dict[str, Any] | None = None) -> list[str]:
    """What axe finds on the page as it is now."""
    asked = json.dumps({"resultTypes": ["violations"], **(options or {})})
    found = page.evaluate(f"axe.run({asked}).then(found => found.violations)")
    return [
        f"{fault['id']}: {node['html'][:160]} ({'; '.join(why['message'] for why in node['any'][:1])})"
        for fault in found
        for node in fault["nodes"]
    ]


def faults(page: Page) -> list[str]:
    """All that is wrong with the page, in both schemes and narrow."""
    found = violations(page)
    page.emulate_media(color_scheme="dark")
    if moving := page.evaluate("document.getAnimations().length"):
        found.append(f"{moving} transitions run for a reader who asked for none, and blur the colours")
    found += [f"dark, {fault}" for fault in violations(page, COLOURS)]
    page.set_viewport_size(NARROW)
    wider = page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
    if wider > 0:
        found.append(f"{wider} px too wide at {NARROW['width']} px")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(WIDE)
    return found


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_page(visit, rooms):
    wrong = []
    for name, paths in rooms.paths.items():
        visitor = visit()
        visitor.take(rooms.cookies(name))
        visitor.context.add_init_script(AXE_SCRIPT)
        for path in paths:
            visitor.get(path)
            wrong += [f"{path} ({name or 'nobody'}): {fault}" for fault in faults(visitor.page)]
    assert not wrong, "\n".join(dict.fromkeys(wrong))
