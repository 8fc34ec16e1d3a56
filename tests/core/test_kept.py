"""Parts of pages that are drawn once for the same values."""

from __future__ import annotations

import itertools
from functools import partial

import jinja2
import pytest

from core import i18n, templating


@pytest.fixture
def templates():
    made = templating.environment()
    made.loader = jinja2.DictLoader(
        {
            "_part.html": "{{ name }} {{ number|number }} {{ draws() }}",
            "page.html": "{% for n in numbers %}{{ kept('_part.html', name=name, number=n) }};{% endfor %}",
        }
    )
    made.globals["draws"] = partial(next, itertools.count(1))
    return made


def test_the_same_values_are_drawn_once(templates):
    page = templates.get_template("page.html")
    assert page.render(name="<b>", numbers=[1, 2, 1]) == "&lt;b&gt; 1 1;&lt;b&gt; 2 2;&lt;b&gt; 1 1;"
    assert page.render(name="c", numbers=[1]) == "c 1 3;"


def test_each_language_has_its_own(templates, monkeypatch):
    monkeypatch.setitem(i18n.LOCALES, "ru", "Русский")
    page = templates.get_template("page.html")
    assert page.render(name="a", numbers=[1234.5]) == "a 1,234.5 1;"
    with i18n.speaking("ru"):
        assert page.render(name="a", numbers=[1234.5]) == "a 1\xa0234,5 2;"


def test_what_anybody_may_type_at_length_is_not_kept(templates):
    """Else a stranger's long questions, thousands of them, would stay in memory."""
    page = templates.get_template("page.html")
    long = "x" * (templating.LONGEST_KEPT + 1)
    assert page.render(name=long, numbers=[1, 1]) == f"{long} 1 1;{long} 1 2;"


def test_a_part_sees_nothing_but_its_values(templates):
    templates.loader.mapping["_nosy.html"] = "{{ viewer }}"
    templates.loader.mapping["page.html"] = "{{ kept('_nosy.html') }}"
    with pytest.raises(jinja2.UndefinedError):
        templates.get_template("page.html").render(viewer="alice")
