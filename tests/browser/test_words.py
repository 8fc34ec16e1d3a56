"""Words stay whole: columns and buttons never get narrower than a word of ours."""

from __future__ import annotations

import pytest

from tests.factories.contracts import make_active, staged

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SPLIT = """() => {
  const found = [];
  for (const element of document.querySelectorAll("td, th, .button")) {
    const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      for (const word of node.data.matchAll(/[\\p{L}\\d]+/gu)) {
        const range = document.createRange();
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) found.push(word[0]);
      }
    }
  }
  return found;
}"""


@pytest.mark.parametrize("width", [1024, 1280])
def test_no_word_of_a_table_stands_on_two_lines(visit, database, width):
    contract_id = staged(database, make_active)
    page = visit("alice", width=width).page
    for path in ("/responsibilities", f"/contracts/{contract_id}", f"/contracts/{contract_id}/scope"):
        page.goto(path)
        assert page.evaluate(SPLIT) == [], path
