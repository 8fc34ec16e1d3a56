"""Bodies as a whole: too large, cut off, nested without end, of the wrong type. Refused early and in one shape."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from core.db import Database
from tests.cast import CAST
from tests.house.world import changes, dump
from tests.reliability.stage import Desk, Stage
from tests.reliability.test_wrong_input import problem
from web.cookies import SESSION_COOKIE

pytestmark = pytest.mark.parametrize("scene", ["sqlite"], indirect=True)
"""None of this reaches the database."""

At = Callable[[Database], Desk]
CHUNK = b"x" * 65_536
CHUNKS = 480
"""30 MB."""
KINDS = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/plain", "")
ADDRESSES = ("/api/v1/companies", "/companies", "/log-in", "/my/profile", "/api/v1/profile/photo", "/api/v1/tokens")
MOST = 11 * 1024 * 1024
"""A picture of 10 MiB and its envelope; nothing larger is ever read."""


def headers(kind: str, **more: str) -> dict[str, str]:
    return {
        "authorization": f"Bearer {CAST.alice.api_token}",
        "cookie": f"{SESSION_COOKIE}={CAST.alice.session_token}",
        **({"content-type": kind} if kind else {}),
        **more,
    }


class Stream:
    """30 MB that are not announced; ``sent`` is how much was taken."""

    def __init__(self, first: bytes) -> None:
        self.first = first
        self.sent = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.first
        for _ in range(CHUNKS):
            self.sent += len(CHUNK)
            yield CHUNK


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("kind", KINDS)
def test_thirty_megabytes_are_not_read(stage: Stage, at: At, real: Database, path: str, kind: str) -> None:
    desk, before = at(real), dump(real)
    method = "PUT" if path.endswith("photo") else "POST"
    first = b'{"name": "'
    if kind.startswith("multipart"):
        first = b'--b\r\ncontent-disposition: form-data; name="photo"; filename="a.png"\r\n\r\n'
    stream = Stream(first)
    answer = desk.send(method, path, headers=headers(kind), content=stream)
    wanted = {413, 415} if path.startswith("/api/") else {403, 413}
    assert answer.status_code in wanted, answer.text
    assert stream.sent < MOST
    announced = desk.send(method, path, headers=headers(kind, **{"content-length": "31457280"}), content=b"")
    assert announced.status_code == 413
    if path.startswith("/api/"):
        assert problem(announced) == ""
    else:
        assert "That is too large" in announced.text
    assert changes(before, dump(real)) == []


@pytest.mark.parametrize("length", ["-1", "1e3", "abc", "", "9" * 5_000, "\xb2"])
def test_a_wrong_length_is_refused(at: At, real: Database, length: str) -> None:
    answer = at(real).send(
        "POST",
        "/api/v1/companies",
        headers={**headers("application/json"), "content-length": length.encode("latin-1")},
        content=b"{}",
    )
    assert answer.status_code in {400, 413, 422}


MULTIPART = {
    "no boundary": ("multipart/form-data", b"--b\r\n\r\n"),
    "empty boundary": ("multipart/form-data; boundary=", b"--\r\n\r\n"),
    "long boundary": ("multipart/form-data; boundary=" + "b" * 5_000, b"--b"),
    "boundary of another": ("multipart/form-data; boundary=c", b"--b\r\ncontent-disposition: form-data\r\n\r\n"),
    "nothing": ("multipart/form-data; boundary=b", b""),
    "cut off": ("multipart/form-data; boundary=b", b'--b\r\ncontent-disposition: form-data; name="na'),
    "no name": ("multipart/form-data; boundary=b", b"--b\r\ncontent-disposition: form-data\r\n\r\nx\r\n--b--\r\n"),
    "no disposition": ("multipart/form-data; boundary=b", b"--b\r\nx-a: b\r\n\r\nx\r\n--b--\r\n"),
    "wrong header": ("multipart/form-data; boundary=b", b"--b\r\n\x00\xff: b\r\n\r\nx\r\n--b--\r\n"),
    "long header": ("multipart/form-data; boundary=b", b"--b\r\nx-a: " + b"a" * 200_000 + b"\r\n\r\nx\r\n--b--\r\n"),
    "wrong charset": (
        "multipart/form-data; boundary=b; charset=utf-99",
        b'--b\r\ncontent-disposition: form-data; name="name"\r\n\r\n\xff\x00\r\n--b--\r\n',
    ),
    "a file for a text": (
        "multipart/form-data; boundary=b",
        b'--b\r\ncontent-disposition: form-data; name="name"; filename="x"\r\n\r\nx\r\n--b--\r\n',
    ),
    "3,000 fields": (
        "multipart/form-data; boundary=b",
        b'--b\r\ncontent-disposition: form-data; name="name"\r\n\r\nx\r\n' * 3_000 + b"--b--\r\n",
    ),
    "2,000 files": (
        "multipart/form-data; boundary=b",
        b'--b\r\ncontent-disposition: form-data; name="name"; filename="x"\r\n\r\nx\r\n' * 2_000 + b"--b--\r\n",
    ),
}


@pytest.mark.parametrize("path", ["/companies", "/log-in", "/my/profile", "/deals/stages"])
@pytest.mark.parametrize("name", MULTIPART)
def test_a_broken_form_is_refused(at: At, real: Database, path: str, name: str) -> None:
    desk, before = at(real), dump(real)
    kind, body = MULTIPART[name]
    token = desk.app.state.keys.mac("csrf", "session:" + CAST.alice.session_token)
    answer = desk.send("POST", path, headers=headers(kind, **{"x-csrf-token": token}), content=body)
    assert 400 <= answer.status_code < 500, answer.text[:300]
    assert changes(before, dump(real)) == []


URLENCODED = (b"", b"&&&&", b"=", b"name", b"%", b"name=%zz%00", b"name=%ff%00", b"name=\xff\x00", b"a=1&" * 5_000)


@pytest.mark.parametrize("body", URLENCODED, ids=range(len(URLENCODED)))
def test_a_broken_plain_form_is_refused(at: At, real: Database, body: bytes) -> None:
    desk, before = at(real), dump(real)
    token = desk.app.state.keys.mac("csrf", "session:" + CAST.alice.session_token)
    for kind in ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-16", ""):
        answer = desk.send("POST", "/companies", headers=headers(kind, **{"x-csrf-token": token}), content=body)
        assert 400 <= answer.status_code < 500, answer.text[:300]
    assert changes(before, dump(real)) == []


JSON = {
    "nothing": b"",
    "no object": b"[]",
    "a number": b"1",
    "null": b"null",
    "cut off": b'{"name": "x',
    "twice": b'{"name": 1}{"name": 2}',
    "comment": b'{"name": "x" /* y */}',
    "single quotes": b"{'name': 'x'}",
    "no utf-8": b'{"name": "\xff\xfe"}',
    "utf-16": '{"name": 1}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"name": 1}',
    "nul": b'{"name": "\x00"}',
    "1,000 lists": b'{"name": ' + b"[" * 1_000 + b"]" * 1_000 + b"}",
    "100,000 objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "unclosed": b"[" * 500_000,
    "number of 5,000 digits": b'{"name": ' + b"9" * 5_000 + b"}",
    "same name twice": b'{"name": "", "name": ""}',
    "60,000 names": b"{" + b",".join(b'"a%d":1' % number for number in range(60_000)) + b"}",
    "name of 100,000 characters": b'{"' + b"a" * 100_000 + b'": 1}',
    "name with a surrogate": b'{"\\ud800": 1, "name": ""}',
    "proto": b'{"__proto__": {"name": "x"}, "constructor": 1}',
}


@pytest.mark.parametrize("name", JSON)
def test_broken_json_is_refused(at: At, real: Database, name: str) -> None:
    desk, before = at(real), dump(real)
    kinds = ("application/json", "application/json; charset=utf-16", "application/problem+json", "text/json", "")
    for kind in kinds:
        for path in ("/api/v1/companies", "/api/v1/tokens"):
            answer = desk.send("POST", path, headers=headers(kind), content=JSON[name])
            assert problem(answer) == "", f"{kind} {path}"
    assert changes(before, dump(real)) == []


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("authorization", "Bearer " + "x" * 100_000),
        ("authorization", "Bearer \xff"),
        ("authorization", "Bearer a b c"),
        ("authorization", "Basic !!"),
        ("idempotency-key", ""),
        ("idempotency-key", "x" * 121),
        ("idempotency-key", "\xe9"),
        ("if-none-match", '"\xff'),
        ("accept-language", "x" * 50_000),
        ("accept-language", "en;q=nan,*;q=1e999,,,;;="),
        ("cookie", "postwright_session=\xff; =; ;;; a"),
        ("cookie", "postwright_flash=x.y; postwright_locale=../../x; postwright_theme=<script>"),
        ("range", "bytes=" + "0-," * 20_000),
        ("hx-request", "\xff"),
        ("referer", "http://[::1"),
        ("user-agent", "\xff\xfe" * 5_000),
        ("x-forwarded-for", "not an address, " * 1_000),
        ("accept", "\xff;q="),
    ],
)
def test_strange_headers_break_nothing(at: At, real: Database, header: str, value: str) -> None:
    desk = at(real)
    sent = {"authorization": f"Bearer {CAST.alice.api_token}", "content-type": "application/json"}
    calls = (
        ("GET", "/"),
        ("GET", "/log-in"),
        ("GET", "/api/v1/companies"),
        ("POST", "/api/v1/companies"),
        ("POST", "/theme"),
    )
    for method, path in calls:
        raw = {**sent, header: value.encode("latin-1")}
        assert desk.send(method, path, headers=raw, content=b"{}").status_code < 500, f"{method} {path}"
