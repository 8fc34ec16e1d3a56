"""Text people write: Markdown to sanitised HTML."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt

_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
_TAGS = {
    *("p", "br", "strong", "em", "s", "ul", "ol", "li", "blockquote", "code", "pre", "hr", "a"),
    *("h3", "h4", "h5", "table", "thead", "tbody", "tr", "th", "td"),
}


def to_html(text: str) -> str:
    """Safe HTML of ``text``: no images, no raw HTML, headings from ``h3`` down, links marked ``nofollow``."""
    html = _markdown.render(text)
    for level in (3, 2, 1):
        html = html.replace(f"<h{level}>", f"<h{level + 2}>").replace(f"</h{level}>", f"</h{level + 2}>")
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
    )
