"""House rules for templates: they compile, obey the content policy, protect their forms and speak by gettext."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from jinja2 import Environment, meta

from core.templating import TEMPLATES

PATHS = sorted(path for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".txt"})
# Mail programs know no style sheets, and no policy of ours reaches them.
PAGES = [path for path in PATHS if path.suffix == ".html" and "email" not in str(path.relative_to(TEMPLATES))]
BANNED = {
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE),
    "inline style sheet": re.compile(r"<style\b", re.IGNORECASE),
    "style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "event attribute": re.compile(r"\son[a-z]+\s*=", re.IGNORECASE),
    "htmx event attribute": re.compile(r"\bhx-on\b"),
    "evaluated value": re.compile(r"\bhx-(?:vals|headers|confirm)\s*=\s*[\"'](?:js|javascript):"),
    "script address": re.compile(r"[\"']\s*javascript:", re.IGNORECASE),
    "trigger filter": re.compile(r"\bhx-trigger\s*=\s*[\"'][^\"']*\["),
    "outside address": re.compile(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=[\"'](?:https?:)?//"),
}
STATEMENT = re.compile(r"\{#.*?#\}|\{%.*?%\}", re.DOTALL)
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
TAG = re.compile(r"<[^>]*>", re.DOTALL)
ATTRIBUTE = re.compile(r"\b[\w-]+=\"[^\"]*\"")
ATTRIBUTE_BLOCK = re.compile(r"\{% block \w+_(?:class|attributes) %\}.*?\{% endblock %\}", re.DOTALL)
SPOKEN = re.compile(r"\b(?:aria-label|alt|placeholder|title)=\"([^\"]*)\"")
WORD = re.compile(r"(?<![\w/])[^\W\d_]{2,}")
SAME_IN_ALL_LANGUAGES = {"Postwright", "CSV", "nbsp", "middot", "amp", "rarr"}


def name(path: Path) -> str:
    return str(path.relative_to(TEMPLATES))


def untranslated(text: str) -> set[str]:
    """Words a reader sees or hears that do not pass through gettext."""
    markup = JINJA.sub(" ", ATTRIBUTE_BLOCK.sub(" ", text))
    shown = ATTRIBUTE.sub(" ", TAG.sub(" ", markup))
    spoken = " ".join(SPOKEN.findall(markup))
    return set(WORD.findall(f"{shown} {spoken}")) - SAME_IN_ALL_LANGUAGES


@pytest.fixture
def jinja(built_app: FastAPI) -> Environment:
    """The app's own templates, with the filters of every feature."""
    found: Environment = built_app.state.templates
    return found


@pytest.mark.parametrize("path", PATHS, ids=name)
def test_it_compiles_and_what_it_refers_to_exists(path: Path, jinja: Environment) -> None:
    jinja.get_template(name(path))
    referred = meta.find_referenced_templates(jinja.parse(path.read_text()))
    assert [other for other in referred if other and not (TEMPLATES / other).exists()] == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_nothing_the_content_policy_blocks(path: Path) -> None:
    markup = STATEMENT.sub("", path.read_text())
    assert [what for what, pattern in BANNED.items() if pattern.search(markup)] == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_posting_form_carries_its_token(path: Path) -> None:
    forms = re.findall(r"<form\b.*?</form>", path.read_text(), re.DOTALL | re.IGNORECASE)
    posting = [form for form in forms if re.search(r"method=[\"']?post", form, re.IGNORECASE)]
    assert [form[:120] for form in posting if "csrf" not in form] == []


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_text_is_translatable(path: Path) -> None:
    assert untranslated(path.read_text()) == set()


@pytest.mark.parametrize(
    ("markup", "rule"),
    [
        ("<script>go()</script>", "inline script"),
        ("<style>p{}</style>", "inline style sheet"),
        ('<p style="color:red">', "style attribute"),
        ('<p onclick="go()">', "event attribute"),
        ('<p data-hx-on:click="go()">', "htmx event attribute"),
        ("<p hx-vals='js:{a: b}'>", "evaluated value"),
        ('<a href="javascript:go()">', "script address"),
        ('<p data-hx-trigger="click[ctrlKey]">', "trigger filter"),
        ('<img src="//elsewhere.example/a.png">', "outside address"),
    ],
)
def test_the_rules_find_what_they_are_for(markup: str, rule: str) -> None:
    assert [what for what, pattern in BANNED.items() if pattern.search(markup)] == [rule]


def test_plain_words_are_found() -> None:
    markup = """<p class="small" title="Close">{{ _('Nothing here') }} yet <a href="/briefs">{{ name }}</a></p>"""
    assert untranslated(markup) == {"Close", "yet"}
