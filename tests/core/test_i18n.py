"""Texts, dates and money follow the language; a language is offered only where its catalogue is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from markupsafe import Markup

from core import i18n
from core.money import format_money
from core.templating import show_date, show_initials, show_weekday, translated
from notifications.inbox.kinds import sentence


@pytest.fixture
def russian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small Russian catalogue."""
    catalogue = Catalog(locale="ru")
    catalogue.add("Hello %(name)s", "Привет, %(name)s")
    catalogue.add(("%(n)s post", "%(n)s posts"), ("%(n)s пост", "%(n)s поста", "%(n)s постов"))
    target = tmp_path / "ru" / "LC_MESSAGES" / "postwright.mo"
    target.parent.mkdir(parents=True)
    with target.open("wb") as file:
        write_mo(file, catalogue)
    monkeypatch.setattr(i18n, "CATALOGUES", tmp_path)
    monkeypatch.setitem(i18n.LOCALES, "ru", "Русский")
    i18n._catalogue.cache_clear()
    yield
    i18n._catalogue.cache_clear()


@pytest.mark.usefixtures("russian")
def test_texts_and_plurals_follow_the_language():
    with i18n.speaking("ru"):
        assert translated("Hello %(name)s", name="<b>") == "Привет, &lt;b&gt;"
        forms = [i18n.ngettext("%(n)s post", "%(n)s posts", n) % {"n": n} for n in (1, 3, 11, 21)]
    assert forms == ["1 пост", "3 поста", "11 постов", "21 пост"]
    assert translated("Hello %(name)s", name="Ann") == "Hello Ann"


def test_a_name_written_from_right_to_left_leaves_the_sentence_around_it_in_order():
    assert translated("%(who)s sent %(n)s offers", who="سارة", n=3) == "\u2068سارة\u2069 sent 3 offers"
    assert translated("Move %(name)s", name="<b>דנה") == "Move \u2068&lt;b&gt;דנה\u2069"
    assert translated("Move %(name)s", name=Markup("<b>דנה</b>")) == "Move \u2068<b>דנה</b>\u2069"
    assert translated("Move %(name)s", name="Тест Ån") == "Move Тест Ån"
    told = sentence("contract.sent", {"title": "حملة", "who": "Alice Social"})
    assert told == "Alice Social sent the contract to sign: \u2068حملة\u2069"


@pytest.mark.usefixtures("russian")
def test_dates_and_money_follow_the_language():
    with i18n.speaking("ru"):
        assert show_date(date(2026, 6, 14)) == "14 июня 2026\u202fг."
        assert format_money(1_250_050, "RUB") == "12\xa0500,50\xa0₽"
    assert format_money(1_250_000, "VND", "vi") == "1.250.000\xa0₫"
    assert format_money(128_000, "EUR") == "€1,280"


def test_a_language_without_a_catalogue_is_not_offered():
    assert set(i18n.LOCALES) <= set(i18n.NAMES)
    assert i18n.best_locale("xx, zz;q=0.5") == "en"
    with i18n.speaking("xx"):
        assert i18n.current_locale() == "en"


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Marina Sokolova", "MS"), ("Салон «Шёлк»", "СШ"), ("Nguyễn Thị Phương", "NP"), ("Halden", "H"), ("«…»", "?")],
)
def test_initials_are_letters(name, letters):
    assert show_initials(name) == letters


def test_a_day_is_named():
    assert show_weekday(date(2026, 6, 14)) == "Sunday, 14 June"
