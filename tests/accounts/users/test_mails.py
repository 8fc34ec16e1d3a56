"""The mails about accounts: each has a subject, a text and an HTML body, and links to this site alone."""

from __future__ import annotations

import re

import pytest

from core.i18n import LOCALES
from core.templating import TEMPLATES
from notifications.emails.render import render

MAILS = (
    "account_deleted",
    "already_registered",
    "change_email",
    "confirm_email",
    "deletion_requested",
    "email_changed",
    "password_changed",
    "reset_password",
    "two_factor_off",
    "two_factor_on",
)
BASE = "https://postwright.example"


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", MAILS)
def test_it_renders_in_every_language(name, locale):
    letter = render(name, locale, {"path": "/here/t0k-en_1"}, BASE)
    assert letter.subject
    assert "&" not in letter.text
    assert f"{BASE}/here/t0k-en_1" in letter.text
    assert set(re.findall(r'href="([^"]*)"', letter.html)) == {f"{BASE}/here/t0k-en_1"}


def test_every_mail_that_is_asked_for_exists():
    sources = (path.read_text() for path in (TEMPLATES.parent / "accounts").rglob("*.py"))
    asked = {name for source in sources for name in re.findall(r'\bsend\(\s*db, "(\w+)"', source)}
    assert asked == set(MAILS)
