"""A person at a real browser: one context with its cookies, one page, and all that page complains about."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Locator, Page, Response, expect

REPORT = "addEventListener('securitypolicyviolation', e => cspReport(`${e.violatedDirective} ${e.blockedURI}`))"
ANSWERS = {"document", "fetch", "xhr"}
"""Kinds of request that may be refused; a picture, style or script never is."""
PATIENCE = 20_000
"""Milliseconds until something that should appear has failed to."""
expect.set_options(timeout=PATIENCE)


class Visitor:
    """``visitor.page`` is the tab; ``visitor.complaints`` must be empty at the end of the test."""

    def __init__(self, context: BrowserContext, address: str, *, wide: bool = True) -> None:
        self.context = context
        self.address = address
        self.wide = wide
        self.complaints: list[str] = []
        self.questions: list[str] = []
        context.set_default_timeout(PATIENCE)
        context.expose_binding("cspReport", self._hear_policy)
        context.add_init_script(REPORT)
        self.page = self.open_tab()

    def open_tab(self) -> Page:
        """A further tab of the same browser, listened to like the first."""
        page = self.context.new_page()
        page.on("console", self._hear_console)
        page.on("pageerror", lambda error: self._complain(f"script error: {error}"))
        page.on("response", self._hear_response)
        page.on("dialog", self._leave)
        return page

    def get(self, path: str) -> Response:
        """Open a page of the app."""
        answer = self.page.goto(path)
        assert answer is not None
        return answer

    def take(self, cookies: dict[str, str]) -> None:
        """Go on with somebody's cookies."""
        for name, value in cookies.items():
            self.context.add_cookies([{"name": name, "value": value, "url": self.address}])

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    def go(self, place: str) -> None:
        """To a place of the workspace by its menu: the sidebar, or the tabs of a phone."""
        if self.wide:
            self.page.get_by_role("navigation", name="Workspace").get_by_role("link", name=place, exact=True).click()
            return
        tabs = self.page.get_by_role("navigation", name="Tabs")
        link = tabs.get_by_role("link", name=place, exact=True)
        if not link.is_visible():
            tabs.get_by_role("button", name="More").click()
        link.click()

    def open(self, link: str) -> None:
        """Follow a link in the page itself."""
        self.main.get_by_role("link", name=link).first.click()

    def press(self, button: str) -> None:
        self.main.get_by_role("button", name=button, exact=True).click()

    def agree(self, button: str) -> None:
        """Press a button that is asked back, then the same words in the question."""
        self.press(button)
        self.page.get_by_role("dialog").get_by_role("button", name=button, exact=True).click()

    def fill(self, **fields: str) -> None:
        """Type into fields by their whole labels: ``fill(Your_name="Nora")``."""
        for name, text in fields.items():
            label = re.escape(name.replace("_", " "))
            self.main.get_by_label(re.compile(f"^{label}( optional)?$")).fill(text)

    def sees(self, text: str) -> None:
        expect(self.main.get_by_text(text).first).to_be_visible()

    def _leave(self, dialog: Dialog) -> None:
        """What was typed may be lost; no other question is the browser's to ask."""
        self.questions.append(dialog.message)
        if dialog.type != "beforeunload":
            self._complain(f"asked by the browser: {dialog.message}")
        dialog.accept()

    def _complain(self, what: str) -> None:
        self.complaints.append(f"{self.page.url}: {what}")

    def _hear_policy(self, _source: Any, report: str) -> None:
        self._complain(f"content security policy: {report}")

    def _hear_console(self, message: ConsoleMessage) -> None:
        refused = message.text.startswith("Failed to load resource")  # judged by its status instead
        if message.type in {"error", "warning"} and not refused:
            self._complain(f"console: {message.text}")

    def _hear_response(self, answer: Response) -> None:
        allowed = 499 if answer.request.resource_type in ANSWERS else 399
        if answer.status > allowed:
            self._complain(f"{answer.request.method} {answer.url}: {answer.status}")
