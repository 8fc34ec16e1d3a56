"""Every mail can be written in every language, and nobody adds to its headers."""

from __future__ import annotations

from datetime import UTC, datetime

import jinja2
import pytest

from core.i18n import LOCALES, current_locale
from core.templating import TEMPLATES
from notifications.emails.message import Undeliverable, compose
from notifications.emails.render import Letter, render

NAMES = sorted(path.name for path in (TEMPLATES / "emails").iterdir() if path.is_dir())
BASE = "https://postwright.example/"
AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
PARAMS = {"path": "/confirm/tok-en_1?x=1", "inviter": "Đinh <Dina>", "workspace": "Bob's & Co", "sentence": "A & B <c>"}
LETTER = Letter("Subject", "Text\n", "<p>Text</p>")


def write(**changes):
    values = {"to": "bob@example.com", "sender": "Postwright <no-reply@postwright.example>", "key": "k", "at": AT}
    return compose(LETTER, **{**values, **changes})


@pytest.mark.parametrize("locale", [*LOCALES, "xx"])
@pytest.mark.parametrize("name", NAMES)
def test_every_mail_in_every_language(name, locale):
    letter = render(name, locale, PARAMS, BASE)
    assert letter.subject
    assert "\n" not in letter.subject
    link = "https://postwright.example/confirm/tok-en_1?x=1"
    assert link in letter.text
    assert f'href="{link}"' in letter.html
    assert f'<html lang="{locale if locale in LOCALES else "en"}">' in letter.html
    assert "<" not in letter.text.replace("<Dina>", "").replace("<c>", "")
    assert "&amp;" not in letter.text
    assert "&#" not in letter.text
    assert current_locale() == "en"


def test_names_are_text_in_html():
    letter = render("invitation", "en", PARAMS, BASE)
    assert "<Dina>" not in letter.html
    assert "Đinh &lt;Dina&gt; invites you" in letter.html
    assert letter.subject == "Đinh <Dina> invites you to Bob's & Co"


@pytest.mark.parametrize("path", ["https://evil.example", "//evil.example", "/a\nb", "/a b", ""])
def test_a_link_leads_to_our_site_only(path):
    with pytest.raises(ValueError, match="path"):
        render("notice", "en", {**PARAMS, "path": path}, BASE)


@pytest.mark.parametrize("name", ["../base", "notice/../notice", "", "Notice"])
def test_a_made_up_template_is_refused(name):
    with pytest.raises(ValueError, match="no mail"):
        render(name, "en", PARAMS, BASE)


def test_an_unknown_template_is_not_found():
    with pytest.raises(jinja2.TemplateNotFound):
        render("unknown", "en", PARAMS, BASE)


@pytest.mark.parametrize("line", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b", "\0"])
def test_a_subject_stays_one_line(line):
    letter = render("notice", "en", {**PARAMS, "sentence": f"Hello{line}Bcc: x@example.com"}, BASE)
    message = compose(letter, to="bob@example.com", sender="P <n@postwright.example>", key="k", at=AT)
    assert message["Bcc"] is None
    assert message["Subject"] == "Hello Bcc: x@example.com"
    head = message.as_bytes().split(b"\r\n\r\n")[0]
    assert not any(row.startswith(b"Bcc") for row in head.split(b"\r\n"))


@pytest.mark.parametrize(
    "to",
    [
        "bob@example.com\r\nBcc: x@example.com",
        "bob@example.com, x@example.com",
        "Bob <bob@example.com>",
        "bob",
        "",
        "@example.com",
        "a" * 300 + "@example.com",
    ],
)
def test_only_one_plain_address_is_taken(to):
    with pytest.raises(Undeliverable):
        write(to=to)


def test_a_sent_again_mail_is_recognised():
    first, second = write(key="job-1"), write(key="job-1")
    assert first["Message-ID"] == second["Message-ID"] == "<job-1@postwright.example>"
    assert first["Date"] == second["Date"]
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["List-Unsubscribe"] is None


def test_other_scripts_survive():
    message = compose(
        Letter("Пекарня «Хлеб»", "Phở Nhà Sen\n", "<p>Phở</p>"),
        to="đinh@bücher.example".replace("đinh", "dinh"),
        sender="Postwright <n@postwright.example>",
        key="k",
        at=AT,
    )
    assert message["Subject"] == "Пекарня «Хлеб»"
    assert message["To"] == "dinh@xn--bcher-kva.example"
    assert message.as_bytes().isascii()
    assert message.get_body(("plain",)).get_content().strip() == "Phở Nhà Sen"
