"""What people write in Markdown comes out harmless."""

from __future__ import annotations

import pytest

from core.markdown import to_html


def test_links_give_no_weight_to_anyone():
    assert 'rel="nofollow noopener noreferrer"' in to_html("[us](https://example.com)")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](https://example.com/p.png)",
        '<a href="https://example.com" onclick="alert(1)">x</a>',
        "<svg/onload=alert(1)>",
    ],
)
def test_nothing_runs_and_nothing_loads(text):
    html = to_html(text)
    for part in ("<script", "<svg", "<img", 'href="javascript', 'href="data', '<a href="https://example.com" onclick'):
        assert part not in html
