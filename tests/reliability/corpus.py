"""Wrong and strange values, by name. JSON values are JSON text, as some of them no Python object can give."""

from __future__ import annotations

import json
from typing import Any

LONG = 10_000
VERY_LONG = 1_000_000

TEXTS: dict[str, str] = {
    "empty": "",
    "blank": " \t ",
    "no-break space": "\u00a0\u2003",
    "invisible": "\u200b\u2060\u3164\u00ad",
    "10 thousand characters": "x" * LONG,
    "201 characters": "w" * 201,
    "200 characters": "v" * 200,
    "121 characters": "u" * 121,
    "emoji": "Ждём 👩🏽‍🍳🥐 \U0001f1fb\U0001f1f3",
    "right to left": "مرحبا بالعالم",
    "zero width": "a\u200bb\u200dc\ufeff",
    "combining": "Z" + "\u0351\u0489" * 15,
    "100 thousand spaces": "a" + " " * 100_000 + "b",
    "100 thousand digits": "9" * 100_000,
    "line separators": "one\u2028two\u2029three",
    "lines": "one\r\ntwo\rthree\n",
    "html": "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>",
    "template": "{{ 7 * 7 }}{% for %} ${7*7} %(x)s %s {0}",
    "markdown": "[x](javascript:alert(1)) ![](http://[::1) <svg/onload=x> ``` **",
    "sql": "'; DROP TABLE company; --\" OR 1=1 /* \\",
    "like": "%_\\%' ESCAPE",
    "search": "\"* AND (NOT OR NEAR/2 -:& | ! <-> '",
    "formula": "=cmd|' /C calc'!A0",
    "address": "javascript:alert(1)",
    "address with credentials": "https://user:pass@example.com/",
    "path": "../../../../etc/passwd",
    "backslashes": "\\\\evil.example\\x",
    "percent": "%00%0d%0aSet-Cookie: a=b",
    "zero": "0",
    "minus one": "-1",
    "one": "1",
    "2^31": "2147483648",
    "2^63": "9223372036854775808",
    "10^18": "1000000000000000000",
    "10^12": "1000000000000",
    "decimal": "1.5",
    "many decimals": "0.1234567890123456789",
    "exponent": "1e999",
    "nan": "NaN",
    "infinity": "-Infinity",
    "hexadecimal": "0x10",
    "arabic digits": "١٢٣",
    "full-width digits": "１２",
    "underscored": "1_000",
    "first day": "0001-01-01",
    "last day": "9999-12-31",
    "no such day": "2026-02-30",
    "no such month": "2026-13-01",
    "moment": "2026-06-01T25:61:00Z",
    "year of five digits": "10000-01-01",
    "seconds since 1970": "1767225600",
    "no uuid": "0190-xyz",
    "nil uuid": "00000000-0000-0000-0000-000000000000",
    "urn": "urn:uuid:00000000-0000-7000-8000-000000000000",
    "true": "true",
    "null": "null",
    "json": '{"$ne": null}',
    "mail header": "a@example.com\r\nBcc: b@example.com",
    "mail with a comment": "(x)a@example.com",
    "long mail": "a" * 64 + "@" + "b." * 120 + "com",
}
"""What can be typed or sent; each field takes it as sound text or refuses it."""

HOSTILE: dict[str, str] = {
    "nul": "a\x00b",
    "control": "a\x07\x1bb",
    "high control": "a\x9fb",
    "bidi override": "a\u202egnp.exe",
    "bidi isolate": "a\u2066b\u2069",
    "right-to-left mark": "a\u200fb",
    "no character": "a\uffffb",
    "stacked marks": "e" + "\u0301\u0323" * 16,
}
"""Text no field may take."""

JSON_VALUES: dict[str, str] = {
    **{name: json.dumps(text) for name, text in {**TEXTS, **HOSTILE}.items()},
    "null value": "null",
    "yes": "true",
    "no": "false",
    "number zero": "0",
    "number minus one": "-1",
    "number one": "1",
    "number 2^31": "2147483648",
    "number 2^63": "9223372036854775808",
    "number 10^18": "1000000000000000000",
    "number 10^12": "1000000000000",
    "number of 4,000 digits": "9" * 4_000,
    "float": "1.5",
    "tiny": "5e-324",
    "seconds since 1970 as a number": "1767225600",
    "list": "[]",
    "list of null": "[null]",
    "list in list": "[[1]]",
    "object": "{}",
    "unknown field": '{"__class__": "x"}',
    "300 lists": "[" * 300 + "]" * 300,
    "300 objects": '{"a":' * 300 + "1" + "}" * 300,
    "1,000 items": json.dumps(["x"] * 1_000),
}

NEVER_SOUND: dict[str, str] = {
    **{name: json.dumps(text) for name, text in HOSTILE.items()},
    "lone surrogate": '"a\\ud800b"',
    "half a pair": '"\\udfff"',
    "number nan": "NaN",
    "number infinity": "Infinity",
    "number minus infinity": "-Infinity",
    "number 1e999": "1e999",
    "very long": json.dumps("y" * (VERY_LONG - 50_000)),
}
"""JSON no field at all may take."""

PARSED: dict[str, Any] = {name: json.loads(text) for name, text in {**JSON_VALUES, **NEVER_SOUND}.items()}
TYPED: dict[str, str] = {**TEXTS, **HOSTILE}
"""What a form can send."""
LARGE = ("10 thousand characters", "201 characters", "200 characters", "121 characters")
"""Longest first: a field that takes text is asked to keep the longest it takes."""
