"""People of a test: each has a browser that keeps cookies and sends the form's token, and an API client."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import html5lib
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
    sent: dict[str, list[str]] = {}
    document = html5lib.parse(text, namespaceHTMLElements=False)
    form = next(form for form in document.iter("form") if form.get("action") == action and form.get("method") == "post")
    for field in form.iter():
        name, kind = field.get("name", ""), field.get("type", "text")
        if "__n__" in name:  # the pattern of further rows
            continue
        if field.tag == "textarea":
            sent.setdefault(name, []).append((field.text or "").removeprefix("\n"))
        elif field.tag == "select":
            options = list(field.iter("option"))
            chosen = next((option for option in options if option.get("selected") is not None), options[0])
            sent.setdefault(name, []).append(chosen.get("value", ""))
        elif field.tag == "input" and name != "_csrf" and (kind not in UNSENT or field.get("checked") is not None):
            sent.setdefault(name, []).append(field.get("value", "on"))
    return sent
