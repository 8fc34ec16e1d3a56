"""People of a test: each has a browser that keeps cookies and sends the form's token, and an API client."""

from __future__ import annotations

import re
from functools import partial
from html.parser import HTMLParser
from typing import Any

from anyio.from_thread import BlockingPortal
from fastapi import FastAPI
from httpx2 import Cookies, Request, Response

from tests.asgi import ORIGIN, ask
from tests.cast import Part
from web.cookies import SESSION_COOKIE, VISITOR_COOKIE
from web.csrf import FIELD

UNSENT = {"checkbox", "radio", "file", "submit"}
"""Inputs that say nothing until they are ticked or pressed."""


class Client:
    """HTTP straight into the app: one hop to its event loop for a request, where a test client makes ten."""

    def __init__(self, app: FastAPI, portal: BlockingPortal, *, raises: bool = True) -> None:
        self.portal = portal
        self.cookies = Cookies()
        self._ask = partial(ask, app, raises=raises)

    def come_from(self, address: str) -> None:
        """Requests come from this network address from now on."""
        self._ask.keywords["address"] = (address, 5000)

    def request(self, method: str, path: str, **options: Any) -> Response:
        request = Request(method, ORIGIN + path, cookies=self.cookies, **options)
        answer: Response = self.portal.call(self._ask, request)
        if "set-cookie" in answer.headers:
            self.cookies.extract_cookies(answer)
        return answer

    def get(self, path: str, **options: Any) -> Response:
        return self.request("GET", path, **options)

    def head(self, path: str, **options: Any) -> Response:
        return self.request("HEAD", path, **options)

    def post(self, path: str, **options: Any) -> Response:
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> Response:
        return self.request("PUT", path, **options)

    def delete(self, path: str, **options: Any) -> Response:
        return self.request("DELETE", path, **options)


class Person:
    """``person.get("/deals")`` looks at a page, ``person.post`` sends a form, ``person.api`` calls the JSON API."""

    def __init__(self, app: FastAPI, part: Part | None, portal: BlockingPortal) -> None:
        self.app = app
        self.part = part
        self.browser, self.client = Client(app, portal), Client(app, portal)
        self.token = part.api_token if part else ""
        if part is not None:
            self.browser.cookies.set(SESSION_COOKIE, part.session_token)

    def csrf(self) -> str:
        """The token this person's forms carry."""
        session = self.browser.cookies.get(SESSION_COOKIE)
        if session:
            return str(self.app.state.keys.mac("csrf", "session:" + session))
        visitor = self.browser.cookies.get(VISITOR_COOKIE)
        if visitor is None:
            self.browser.get("/log-in")
            visitor = self.browser.cookies.get(VISITOR_COOKIE)
        return str(self.app.state.keys.mac("csrf", "visitor:" + visitor))

    def get(self, path: str, **options: Any) -> Response:
        return self.browser.get(path, **options)

    def post(self, path: str, data: dict[str, Any] | None = None, *, htmx: bool = False, **options: Any) -> Response:
        headers = {**options.pop("headers", {}), **({"HX-Request": "true"} if htmx else {})}
        return self.browser.post(path, data={**(data or {}), FIELD: self.csrf()}, headers=headers, **options)

    def send(self, path: str, action: str = "", *, files: Any = None, **changes: Any) -> Response:
        """Open a page and send its form that goes to ``action`` (or the page itself), with ``changes``."""
        return self.post(action or path, {**fields(self.get(path).text, action or path), **changes}, files=files)

    def api(self, method: str, path: str, json: Any = None, **options: Any) -> Response:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return self.client.request(method, f"/api/v1{path}", json=json, headers=headers, **options)


def text_of(response: Response) -> str:
    """The words of a page, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text))


def fields(text: str, action: str) -> dict[str, list[str]]:
    """What a browser would send from the page's form that goes to ``action``."""
    form = Form(action)
    form.feed(re.sub("\r\n?", "\n", text))
    assert form.seen, f"no form posts to {action}"
    return form.sent


class Form(HTMLParser):
    """What the first form that posts to ``action`` sends.

    Every page is valid HTML (``tests/house/test_html.py``): it is read without the rules for what is not, which take
    several times as long.
    """

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action = action
        self.sent: dict[str, list[str]] = {}
        self.seen = self.inside = False
        self._name = ""
        self._typed: list[str] = []
        self._options: list[str] = []
        """Of the select being read; only the chosen one, once it came."""
        self._chosen = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "form" and not self.seen:
            self.seen = self.inside = given.get("action") == self.action and given.get("method") == "post"
        elif not self.inside:
            return
        elif tag in {"textarea", "select"}:
            self._name, self._typed, self._options, self._chosen = name, [], [], False
        elif tag == "option" and not self._chosen:
            self._chosen = "selected" in given
            self._options = [given.get("value", "")] if self._chosen else [*self._options, given.get("value", "")]
        elif tag == "input" and name != FIELD and (kind not in UNSENT or "checked" in given):
            self._send(name, given.get("value", "on"))

    def handle_data(self, data: str) -> None:
        self._typed.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif self.inside and tag == "textarea":
            self._send(self._name, "".join(self._typed).removeprefix("\n"))
        elif self.inside and tag == "select":
            self._send(self._name, self._options[0])

    def _send(self, name: str, value: str) -> None:
        if "__n__" not in name:  # the pattern of further rows
            self.sent.setdefault(name, []).append(value)
