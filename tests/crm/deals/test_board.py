"""The board: exact sums by currency, the newest cards, what is late or old, in a fixed number of queries."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from crm.deals import board, moves, queries, ways
from crm.deals.models import Deal, StageKind
from marketplace.offers import service as offers
from tests.cast import viewer_of
from tests.counting import counted
from tests.factories.briefs import make_brief
from tests.factories.crm import make_deal, move_to
from tests.factories.offers import make_proposal
from tests.factories.profiles import make_profile
from tests.people import text_of

K = StageKind
LARGEST = 10**12


def column(found, kind):
    return next(part for part in found if part.kind is kind)


def test_sums_are_exact_and_by_currency(database, as_):
    with database.write() as db:
        for amount, currency, monthly in [
            (85_000, "EUR", True),
            (70_001, "EUR", True),
            (LARGEST, "EUR", False),
            (LARGEST, "EUR", False),
            (6_000_000, "RUB", True),
            (None, "EUR", True),
        ]:
            make_deal(db, amount=amount, currency=currency, monthly=monthly)
        make_deal(db, stage=K.QUALIFIED, amount=10_000)
        make_deal(db, by="mallory", amount=5)
    with database.read() as db:
        found = board.read(db, viewer_of(db, "alice"))
    lead = column(found, K.LEAD)
    assert lead.count == 6
    assert [(part.currency, part.monthly, part.amount) for part in lead.sums] == [
        ("EUR", True, 155_001),
        ("EUR", False, 2 * LARGEST),
        ("RUB", True, 6_000_000),
    ]
    summary = board.summary(found)
    assert summary.count == 7
    worth, weighted = summary.worth[0], summary.weighted[0]
    assert (worth.currency, worth.monthly, worth.amount) == ("EUR", True, 165_001)
    assert (weighted.currency, weighted.monthly, weighted.amount) == ("EUR", True, 19_500)
    page = text_of(as_("alice").get("/deals"))
    assert "€1,550.01 + ₽60,000 a month, €20,000,000,000 once" in page
    stages = {row["kind"]: row for row in as_("agnes").api("GET", "/stages").json()}
    assert stages["lead"]["count"] == 6
    assert stages["lead"]["sums"][0]["count"] == 3
    assert stages["lead"]["sums"][1] == {"currency": "EUR", "monthly": False, "amount": 2 * LARGEST, "count": 2}


@pytest.mark.parametrize("open_stage", [True, False])
def test_a_column_shows_its_newest_cards_and_a_way_to_all(database, as_, clock, open_stage):
    kind, most = (K.CONTACTED, board.MOST_CARDS) if open_stage else (K.LOST, board.MOST_CLOSED)
    with database.write() as db:
        for number in range(most + 2):
            clock.forward(minutes=1)
            make_deal(db, company=f"Client {number}", stage=kind)
    with database.read() as db:
        shown = column(board.read(db, viewer_of(db, "alice")), kind)
    assert [card.company for card in shown.cards] == [f"Client {number}" for number in range(most + 1, 1, -1)]
    page = as_("alice").get("/deals").text
    assert f'href="/deals/list?stage={shown.id}"' in page
    assert f"Show all {most + 2}" in page


def test_what_is_moved_lands_on_top(database, clock):
    with database.write() as db:
        first = make_deal(db, company="First", stage=K.CONTACTED)
        clock.forward(seconds=1)
        make_deal(db, company="Second", stage=K.CONTACTED)
        clock.forward(seconds=1)
        viewer = viewer_of(db, "alice")
        for kind in (K.LEAD, K.CONTACTED):
            moves.move(db, first, move_to(db, first, kind), by=viewer)
        found = board.read(db, viewer)
    assert [card.company for card in column(found, K.CONTACTED).cards] == ["First", "Second"]


@pytest.mark.parametrize(
    ("kind", "days", "expected"),
    [
        (K.LEAD, 13, ""),
        (K.LEAD, 14, "old"),
        (K.CONTACTED, 20, "old"),
        (K.CONTACTED, 21, "stale"),
        (K.QUALIFIED, 9, ""),
        (K.QUALIFIED, 10, "old"),
        (K.PROPOSAL, 14, "old"),
        (K.PROPOSAL, 15, "stale"),
        (K.ON_HOLD, 400, ""),
        (K.LOST, 400, ""),
    ],
)
def test_deals_age_by_stage(clock, kind, days, expected):
    entered = clock()
    assert board.aged(kind, entered, entered + timedelta(days=days)) == (days, expected)


def test_late_is_late_where_the_viewer_lives(database, clock, as_):
    with database.write() as db:
        make_deal(db, next_step_on=db.now().date())
        viewer = viewer_of(db, "alice")
        assert not column(board.read(db, viewer), K.LEAD).cards[0].late
        clock.forward(hours=14, minutes=59)
        assert not column(board.read(db, viewer), K.LEAD).cards[0].late
        clock.forward(minutes=1)
        assert column(board.read(db, viewer), K.LEAD).cards[0].late
    pages = [text_of(as_("alice").get(path)) for path in ("/deals", "/deals/list")]
    assert [page.count("Late: Mon 1 Jun") for page in pages] == [1, 1]  # a word, not a colour alone


def test_the_same_queries_for_10_and_for_200_deals(database, as_):
    numbers = []
    for more in (10, 190):
        with database.write() as db:
            for number in range(more):
                kind = (K.LEAD, K.CONTACTED, K.NEGOTIATION, K.LOST)[number % 4]
                make_deal(db, company=f"Client {number}", contact=f"Person {number}", stage=kind)
        with counted(database) as seen:
            answer = as_("alice").get("/deals")
        numbers.append(len([one for one in seen if "SELECT" in one]))
    assert numbers == [4, 4]
    cards = len(re.findall("data-deal-id", answer.text))
    assert cards == 3 * board.MOST_CARDS + board.MOST_CLOSED


def test_each_card_says_where_it_may_not_go(database, cast):
    """As the form of a move does, which asks for one deal alone."""
    with database.write() as db:
        alice, bob = viewer_of(db, "alice"), viewer_of(db, "bob")
        make_profile(db, "alice")
        accepted = make_proposal(db, make_brief(db, bob), alice)
        offers.accept(db, accepted, 1, by=bob)
        make_deal(db, company="Halden Coffee")
        make_deal(db, company="Gone", stage=K.LOST)
        make_deal(db, company="Won", stage=K.WON)
        make_deal(db, company="Agreed by post", stage=K.PROPOSAL)
        make_deal(db, company="Trent Trading", stage=K.QUALIFIED)
        make_proposal(db, make_brief(db, viewer_of(db, "trent")), alice, send=False)
    with database.read() as db:
        columns = board.read(db, viewer_of(db, "alice"))
        cards = {card.company: (card, column.kind) for column in columns for card in column.cards}
        deals = {str(deal.id): deal for deal in db.scalars(select(Deal))}
        assert len(cards) == len(deals) == 6
        for card, kind in cards.values():
            assert card.barred == ways.barred(kind, queries.offer_status(db, deals[card.id])), card.company
    assert cards["Halden Coffee"][0].barred == "won_pending:open"
    assert cards["Trent Trading"][0].barred == "proposal:draft won_pending:open"
    assert cards["Bob's Café"][0].barred.startswith("lead:signing")


def test_deals_of_one_company_are_told_apart(database, as_):
    with database.write() as db:
        for title in ("Instagram", "Website"):
            make_deal(db, title=title)
        make_deal(db, company="Phở Nhà Sen", title="")
    alice = as_("alice")
    for page in (alice.get("/deals").text, alice.get("/deals/list").text):
        assert page.count("Instagram</") == page.count("Website</") == 1
        assert page.count(">Phở Nhà Sen</") == 1


def test_a_reader_sees_no_way_to_move(database, as_):
    with database.write() as db:
        make_deal(db)
    page = as_("agnes").get("/deals").text
    assert "Halden Coffee" in page
    assert "data-move" not in page.replace("data-moved", "")
    assert "board.js" not in page


def test_an_empty_board_says_how_to_begin(as_):
    page = text_of(as_("alice").get("/deals"))
    assert "No deals yet" in page
    assert "Drag a card" not in page


def test_a_business_has_no_board(as_):
    assert as_("bob").get("/deals").status_code == 404
    assert as_("bob").api("GET", "/deals").status_code == 404
    assert as_("").get("/deals").headers["location"] == "/log-in?next=/deals"
