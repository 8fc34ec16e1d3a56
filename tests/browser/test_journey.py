"""The main job in a real browser: two people who never met agree, sign, and see the same meter."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from app.checks import broken
from core.db import Database
from tests.accounts.mailbox import newest_path
from tests.browser.people import Visitor

PASSWORD = "seven loaves before sunrise"
ABOUT = (
    "I run social media for cafés and bakeries that want regulars. Every month starts with a plan and ends with "
    "numbers: what was posted, who came, and what it cost."
)


def arrive(party: Visitor, database: Database, way: str, *, name: str, workspace: str, email: str) -> None:
    """From the front page to the own workspace, by the mailed link."""
    party.get("/")
    party.page.get_by_role("link", name=way).last.click()
    party.fill(Your_name=name, Workspace_name=workspace, Password=PASSWORD, **{"E-mail": email})
    party.press("Create account")
    expect(party.page.get_by_role("heading", name="Check your mail")).to_be_visible()
    party.get(newest_path(database, "confirm_email", email))
    party.press("Confirm and log in")
    party.sees(workspace)


def publish_profile(nora: Visitor) -> None:
    """The short question ticks what she usually does; the rest is typed."""
    nora.go("My profile")
    nora.main.get_by_label("I prefer precise daily work").check()
    nora.press("Fill in")
    nora.fill(Headline="Cafés that want regulars", About_your_work=ABOUT)
    nora.main.get_by_label("Instagram").select_option("Expert")
    nora.main.get_by_label("Language 1", exact=True).select_option("English")
    nora.main.get_by_label("Level of language 1").select_option("Fluent")
    nora.fill(**{"A month, from": "600"}, Up_to="1200", Hours_a_week="20")
    nora.main.get_by_role("button", name="Save the profile").first.click()
    nora.sees("Everything is there.")
    nora.press("Publish")
    nora.sees("Published")


def post_brief(igor: Visitor, today: date) -> None:
    """The guided form, step by step, from a ready scope."""
    igor.go("My briefs")
    igor.open("Post a brief")
    igor.fill(Title="Bakery wants its street back")
    igor.main.get_by_label("Feed filler").check()
    igor.press("Start")
    igor.fill(In_your_words="Warm bread at seven, and the new neighbours do not know.")
    igor.press("Next")
    igor.main.get_by_label("Instagram").check()
    igor.main.get_by_label(": how many").first.fill("12")
    igor.press("Next")
    igor.fill(Your_goal="People within fifteen minutes’ walk come twice a week.", From="700", Up_to="900")
    igor.press("Next")
    igor.fill(You_choose_by=str(today + timedelta(days=14)), Work_starts=str(today))
    igor.press("Next")
    igor.sees("Is it all there?")
    igor.press("Send the brief out")
    igor.sees("Open")


def find_each_other(nora: Visitor, igor: Visitor) -> None:
    igor.go("Find specialists")
    igor.main.get_by_role("searchbox").first.fill("cafés")
    igor.main.get_by_role("searchbox").first.press("Enter")
    igor.open("Nora Social")
    igor.sees("Cafés that want regulars")
    igor.page.get_by_role("link", name="My workspace").click()
    nora.go("Briefs")
    nora.open("Bakery wants its street back")
    nora.sees("You cover")


def send_proposal(nora: Visitor, today: date) -> None:
    """From the brief's page; limits are those asked for."""
    nora.open("Send an offer")
    nora.fill(
        Total="860",
        Start=str(today),
        Term="3",
        Offer_valid_until=str(today + timedelta(days=10)),
        **{"What you would do first, and why you": "I live on that street."},
    )
    nora.press("Send the offer")
    nora.sees("Waiting")


def negotiate(nora: Visitor, igor: Visitor) -> None:
    """He asks for less money; she accepts."""
    igor.go("Offers")
    igor.open("Nora Social")
    igor.open("Make a counter-offer")
    igor.fill(Total="800", Why_you_change_it="Two months are quiet.")
    igor.press("Send to Nora Social")
    igor.sees("Waiting")
    nora.go("Offers")
    nora.open("Пекарня Заря")
    nora.sees("€800")
    nora.agree("Accept version 2")
    nora.sees("The contract draft has exactly these terms.")


def sign_both(nora: Visitor, igor: Visitor) -> None:
    nora.open("Open the contract")
    nora.open("Edit draft")
    for side in ("Specialist: Nora Social", "Client: Пекарня Заря"):
        part = nora.main.get_by_role("group", name=side)
        part.get_by_label("Legal name").fill(side.partition(": ")[2] + " Ltd")
        part.get_by_label("Legal address").fill("1 Quay, Riga, Latvia")
    nora.press("Save draft")
    nora.press("Send")
    sign(nora, "Nora Берг")
    igor.go("Contracts")
    igor.open("Bakery wants its street back")
    sign(igor, "Игорь Хлебов")
    igor.open("Open the scope")


def sign(party: Visitor, name: str) -> None:
    party.fill(Type_your_full_name=name)
    party.main.get_by_role("checkbox").check()
    party.press("Sign")
    party.sees("Signed")


def log_work(nora: Visitor, today: date) -> None:
    nora.go("Scopes")
    nora.open("Пекарня Заря")
    nora.main.get_by_role("link", name="Log").first.click()
    nora.fill(How_many="2", Done_on=str(today), Link="https://example.com/p/1", Note="Two posts")
    nora.press("Log it")
    nora.sees("2 of 12")


def meters(party: Visitor) -> list[list[float]]:
    """Value and limit of each meter on the page."""
    shown = party.main.get_by_role("meter")
    expect(shown.first).to_be_visible()
    return [list(pair) for pair in shown.evaluate_all("all => all.map(meter => [meter.value, meter.max])")]


@pytest.mark.parametrize(
    ("database", "width"), [("sqlite", 1280), ("postgresql", 390)], indirect=["database"], ids=["1280", "390"]
)
def test_from_sign_up_to_the_meter(visit, database, clock, width):
    nora, igor = visit(width=width), visit(width=width)
    today = clock().date()
    arrive(nora, database, "Create a profile", name="Nora Берг", workspace="Nora Social", email="nora@example.com")
    arrive(igor, database, "Post a brief", name="Игорь Хлебов", workspace="Пекарня Заря", email="igor@example.com")
    publish_profile(nora)
    post_brief(igor, today)
    find_each_other(nora, igor)
    send_proposal(nora, today)
    negotiate(nora, igor)
    sign_both(nora, igor)
    log_work(nora, today)

    igor.go("Scopes")
    igor.open("Nora Social")
    igor.sees("2 of 12")
    assert meters(nora) == meters(igor)
    assert [2, 12] in meters(igor)
    igor.open("2 of 12")
    igor.sees("Two posts")
    expect(igor.main.get_by_role("link", name="https://example.com/p/1")).to_be_visible()
    assert broken(database) == []
