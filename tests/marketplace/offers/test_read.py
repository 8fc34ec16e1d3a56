"""Lists, the offer's page and the comparison: what is shown, to whom, in how many queries."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col

from marketplace.offers import service as offers
from marketplace.offers.models import Offer, OfferStatus
from marketplace.offers.schemas import AnswerInput, DeclineInput
from tests.counting import counted
from tests.factories.offers import answer_data
from tests.files.pictures import picture
from tests.people import text_of


def ids(person, tab: str) -> list[str]:
    return [row["id"] for row in person.api("GET", f"/offers?tab={tab}").json()["rows"]]


def test_each_tab_has_its_offers(as_, stage):
    mine, declined = stage.proposal("alice"), stage.proposal("dina")
    stage.do(offers.decline, declined, DeclineInput(reason="price"), by="bob")
    stage.proposal("mallory", send=False)
    bob = as_("bob")
    assert ids(bob, "mine") == ids(as_("alice"), "theirs") == [str(mine)]
    assert ids(bob, "decided") == ids(as_("dina"), "decided") == [str(declined)]
    assert ids(bob, "theirs") == ids(bob, "drafts") == ids(as_("trent"), "mine") == []
    assert len(ids(as_("mallory"), "drafts")) == 1
    row = as_("bob").api("GET", "/offers").json()["rows"][0]
    assert row["other_name"] == "Alice Social"
    assert as_("bob").get("/offers?tab=nonsense").status_code == 422


def test_each_row_leads_to_the_offer_by_the_name_of_the_other_side(as_, stage):
    offer_id, rival_id, on_board = stage.proposal("alice"), stage.proposal("dina"), stage.hire()
    page = as_("bob").get("/offers?tab=all").text
    for row, name in ((offer_id, "Alice Social"), (rival_id, "Dina Digital"), (on_board, "Anyone on the board")):
        assert f'href="/offers/{row}"><bdi>{name}</bdi></a>' in page
    assert f'href="/offers/{offer_id}"><bdi>Bob&#39;s Café</bdi></a>' in as_("alice").get("/offers?tab=all").text


def test_the_page_names_the_platforms_the_brief_asks_for(as_, stage):
    offer_id, on_board = stage.proposal("alice"), stage.hire()
    for who in ("alice", "bob"):
        assert "Platforms Instagram, Facebook" in text_of(as_(who).get(f"/offers/{offer_id}"))
    assert "Platforms" not in text_of(as_("bob").get(f"/offers/{on_board}"))


def asked(person, query: str) -> list[str]:
    return [row["id"] for row in person.api("GET", f"/offers?{query}").json()["rows"]]


def test_an_offer_is_found_in_every_status(as_, stage):
    offer_id, unsent = str(stage.proposal("alice")), str(stage.proposal("dina", send=False))
    alice, bob = as_("alice"), as_("bob")
    for status in set(OfferStatus) - {OfferStatus.DRAFT}:
        with stage.database.write() as db:
            db.execute(update(Offer).where(col(Offer.id) == UUID(offer_id)).values(status=status))
        for person in (alice, bob):
            assert asked(person, f"status={status.value}") == [offer_id], status
            assert sum(ids(person, tab).count(offer_id) for tab in ("mine", "theirs", "decided", "drafts")) == 1, status
            assert asked(person, f"tab=drafts&status={status.value}") == []
        assert asked(as_("dina"), f"status={status.value}") == asked(as_("trent"), f"status={status.value}") == []
    assert asked(as_("dina"), "status=draft") == asked(as_("dina"), "tab=all") == [unsent]
    assert asked(bob, "status=draft") == [], "what was never sent is its author's alone"
    assert asked(bob, "tab=all") == [offer_id]
    hire = str(stage.hire(to="alice-social", on_board=False))
    assert asked(alice, "tab=all") == [hire, offer_id]
    first = alice.api("GET", "/offers?tab=all&limit=1").json()
    assert asked(alice, f"tab=all&limit=1&after={first['next']}") == [offer_id]
    refused = alice.api("GET", "/offers?status=nonsense")
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["status"])
    assert f"/offers/{unsent}" in as_("dina").get("/offers?tab=all").text
    assert "No offers yet" in as_("trent").get("/offers?tab=all").text


def test_after_a_change_of_the_brief_the_author_has_the_turn(as_, stage):
    offer_id = str(stage.proposal("alice"))
    assert as_("bob").api("PATCH", f"/my/briefs/{stage.brief_id}", {"budget_max": 95_000}).status_code == 200
    assert ids(as_("alice"), "mine") == ids(as_("bob"), "theirs") == [offer_id]
    assert ids(as_("bob"), "mine") == ids(as_("alice"), "theirs") == []
    assert "1 thing waits for you" in text_of(as_("alice").get("/home"))
    assert "Nothing waits for you" in text_of(as_("bob").get("/home"))
    assert "confirm or withdraw your offer" in text_of(as_("alice").get("/inbox"))
    stage.do(offers.confirm, UUID(offer_id), by="alice")
    assert ids(as_("bob"), "mine") == ids(as_("alice"), "theirs") == [offer_id]


def test_an_offer_on_standby_waits_for_nobody(as_, stage):
    chosen, rival = stage.proposal("alice"), str(stage.proposal("dina"))
    stage.do(offers.accept, chosen, 1, by="bob")
    assert ids(as_("bob"), "mine") == ids(as_("dina"), "mine") == []
    assert ids(as_("bob"), "theirs") == ids(as_("dina"), "theirs") == [rival]


def test_both_sides_are_named_over_json(as_, stage):
    shown = [as_("alice").api("GET", f"/offers/{offer_id}").json() for offer_id in (stage.proposal(), stage.hire())]
    names = [(offer["business_name"], offer["specialist_name"], offer["specialist_slug"]) for offer in shown]
    assert names == [("Bob's Café", "Alice Social", "alice-social"), ("Bob's Café", "", "")]


def test_the_last_day_is_read_as_it_is_written(as_, stage):
    last = stage.offer(stage.proposal()).valid_until.date().isoformat()
    alice, bob = as_("alice"), as_("bob")
    (row,) = alice.api("GET", "/offers?tab=theirs").json()["rows"]
    offer = bob.api("GET", f"/offers/{row['id']}").json()
    assert [row["valid_until"], offer["valid_until"], offer["versions"][0]["valid_until"]] == [last] * 3
    stage.hire()
    (on_board,) = alice.api("GET", "/offers/board").json()["rows"]
    assert len(on_board["valid_until"]) == 10


def test_an_offer_leads_to_the_profile_and_to_the_contract(as_, stage):
    offer_id = stage.proposal()
    stage.do(offers.accept, offer_id, 1, by="bob")
    bob = as_("bob")
    offer = bob.api("GET", f"/offers/{offer_id}").json()
    assert bob.api("GET", f"/specialists/{offer['specialist_slug']}").status_code == 200
    (contract,) = bob.api("GET", "/contracts").json()["rows"]
    assert (contract["offer_id"], contract["brief_id"]) == (offer["id"], offer["brief_id"])
    assert bob.api("GET", f"/contracts/of-offer/{offer_id}").json()["id"] == contract["id"]


def test_an_offer_on_the_board_waits_for_others(as_, stage):
    offer_id = str(stage.hire())
    assert ids(as_("bob"), "theirs") == [offer_id]
    assert ids(as_("bob"), "mine") == []


def test_lists_are_paged_by_keyset(as_, stage):
    for number in range(3):
        stage.hire(title=f"Hire {number}", to="alice-social", on_board=False)
    first = as_("alice").api("GET", "/offers?limit=2").json()
    assert [row["title"] for row in first["rows"]] == ["Hire 2", "Hire 1"]
    rest = as_("alice").api("GET", f"/offers?limit=2&after={first['next']}").json()
    assert [row["title"] for row in rest["rows"]] == ["Hire 0"]
    assert rest["next"] is None
    for broken in ("x", "WyJhIl0", "%00"):
        assert as_("alice").api("GET", f"/offers?after={broken}").status_code in (404, 422)


@pytest.mark.parametrize("path", ["/offers", "/offers?tab=decided", "/offers?tab=all", "/offers/board"])
def test_lists_ask_few_questions(as_, stage, database, path):
    for number in range(4):
        stage.hire(title=f"Hire {number}")
    with counted(database) as seen:
        assert as_("alice").get(path).status_code == 200
    assert len(seen) <= 8


def test_the_page_and_the_comparison_ask_few_questions(as_, stage, database):
    ids = [stage.proposal(name) for name in ("alice", "dina", "mallory")]
    for verb, total, by in ((offers.counter, 80_000, "bob"), (offers.revise, 81_000, "alice")):
        with database.read() as db:
            data = AnswerInput(**answer_data(db, stage.offer(ids[0]), total=total))
        stage.do(verb, ids[0], data, by=by)
    with counted(database) as seen:
        assert as_("bob").get(f"/offers/{ids[0]}").status_code == 200
    assert len(seen) <= 8
    with counted(database) as seen:
        assert as_("bob").get(f"/briefs/{stage.brief_id}/offers").status_code == 200
    assert len(seen) <= 8


def test_json_says_what_a_total_pays_for(as_, stage):
    rows = [{"title": "Strategy", "amount": 86_000, "due_on": "2026-07-20"}]
    in_parts = {"billing": "milestones", "milestones": rows}
    monthly, planned = str(stage.proposal("alice")), str(stage.proposal("dina", **in_parts))
    hires = str(stage.hire())
    alice, bob = as_("alice"), as_("bob")
    listed = {row["id"]: row["billing"] for row in bob.api("GET", "/offers?tab=all").json()["rows"]}
    assert listed == {monthly: "retainer", planned: "milestones", hires: "retainer"}
    assert [row["billing"] for row in alice.api("GET", "/offers/board").json()["rows"]] == ["retainer"]
    assert bob.api("GET", f"/offers/{planned}").json()["billing"] == "milestones"
    assert bob.api("POST", f"/offers/{planned}/viewing").json()["billing"] == "milestones"
    answer = {**stage.body(**in_parts), "number": 1}
    assert bob.api("POST", f"/offers/{monthly}/counter", answer).json()["billing"] == "milestones"


def test_json_compares_whose_turn_it_is_and_what_waits_to_be_confirmed(as_, stage, cast):
    stage.proposal("alice")
    bob, path = as_("bob"), f"/briefs/{stage.brief_id}/offers"
    (column,) = bob.api("GET", path).json()["columns"]
    assert (column["turn_id"], column["needs_confirmation"]) == (str(cast.bob.workspace_id), False)
    assert bob.api("PATCH", f"/my/briefs/{stage.brief_id}", {"budget_max": 95_000}).status_code == 200
    (column,) = bob.api("GET", path).json()["columns"]
    assert (column["turn_id"], column["needs_confirmation"]) == (str(cast.bob.workspace_id), True)


def test_the_comparison_marks_the_best_of_each_row(as_, stage, clock):
    lines = stage.body()["lines"]
    stage.proposal("alice", starts_on="2026-07-01")
    clock.forward(hours=3)
    other = [dict(line) for line in lines]
    other[stage.row("C3")]["limit"] = 14
    other[stage.row("E1")]["sla_minutes"] = 120
    other[stage.row("D4")] |= {"coverage": "excluded", "limit": None}
    stage.proposal("dina", lines=other, total=62_000, starts_on="2026-06-15")
    found = as_("bob").api("GET", f"/briefs/{stage.brief_id}/offers").json()
    assert [column["specialist"] for column in found["columns"]] == ["Alice Social", "Dina Digital"]
    assert [(column["covered"], column["asked"]) for column in found["columns"]] == [(4, 4), (3, 4)]
    best = {row["label"]: [cell["best"] for cell in row["cells"]] for row in found["rows"]}
    assert best["Price"] == best["Starts"] == [False, True]
    assert best["Covers the scope"] == best["Answered in"] == [True, False]
    assert best["Scheduling and publishing: 12 posts a month"] == [False, True]
    video = next(row for row in found["rows"] if row["label"].startswith("Video"))
    assert [cell["covered"] for cell in video["cells"]] == [True, False]
    assert [cell["best"] for cell in video["cells"]] == [True, False]
    reply = next(row for row in found["rows"] if row["label"].startswith("Comment"))
    assert [cell["best"] for cell in reply["cells"]] == [False, True]
    page = text_of(as_("bob").get(f"/briefs/{stage.brief_id}/offers"))
    assert "2 offers, side by side" in page
    assert "Paid every month every month" in " ".join(page.split())
    assert "Choose Alice Social" in page
    assert (
        "Choose"
        not in text_of(as_("carol").get(f"/briefs/{stage.brief_id}/offers")).split("side by side")[1].split(".")[2]
    )


def test_a_row_of_the_comparison_names_the_work_and_apart_what_was_asked(as_, stage):
    stage.proposal("alice")
    extra = [*stage.body()["lines"], {"coverage": "extra", "responsibility": "A1", "limit": 1, "period": "once"}]
    stage.proposal("dina", lines=extra)
    page = as_("bob").get(f"/briefs/{stage.brief_id}/offers").text
    assert 'row">Scheduling and publishing<br><span class="small muted">12 posts a month</span></th>' in page
    assert '>IG</abbr><br><span class="small muted">' in page
    assert '<th scope="row">Extras</th><td>–</td><td>' in page
    assert '>Choose<span class="visually-hidden"> <bdi>Dina Digital</bdi></span></button>' in page


def test_revisions_and_the_price_beyond_the_limit_are_read_before_it_is_accepted(as_, stage):
    """Of a line that is covered and of an extra; not of what the client does, nor of what is excluded."""
    rows = stage.body()["lines"]
    rows[stage.row("C3")] |= {"revision_rounds": 7, "overage_price": 12_345}
    rows[stage.row("D4")] |= {"coverage": "excluded", "limit": None, "revision_rounds": 6}
    rows[stage.row("D3")] |= {"revision_rounds": 5}
    rows.append({"responsibility": "G1", "limit": 1, "revision_rounds": 1, "overage_price": 4_400})
    offer_id, bob = stage.proposal("alice", lines=rows), as_("bob")
    for page in (as_("alice").get(f"/offers/{offer_id}"), bob.get(f"/offers/{offer_id}")):
        shown = text_of(page)
        assert "12 posts a month 7 revisions, each one more €123.45" in shown
        assert "1 revision, each one more €44" in shown
        assert not [rounds for rounds in (5, 6) if f"{rounds} revisions" in shown]
    found = bob.api("GET", f"/briefs/{stage.brief_id}/offers").json()["rows"]
    cells = {row["label"]: row["cells"][0] for row in found}
    assert "7 revisions, each one more €123.45" in next(cells[name]["note"] for name in cells if "Scheduling" in name)
    assert cells["Extras"]["text"].endswith(": 1 campaign a month, 1 revision, each one more €44")


def test_what_reads_alike_is_equally_good(as_, stage, clock):
    clock.forward(days=3)
    stage.proposal("alice")
    clock.forward(minutes=20)
    stage.proposal("dina")
    rows = as_("bob").api("GET", f"/briefs/{stage.brief_id}/offers").json()["rows"]
    answered = next(row["cells"] for row in rows if row["label"] == "Answered in")
    assert answered[0]["text"] == answered[1]["text"]
    assert [cell["best"] for cell in answered] == [False, False]


def test_a_profile_is_linked_only_while_it_is_public(as_, stage, database):
    offer_id, profile = stage.proposal("alice"), 'href="/specialists/alice-social"'
    alice = as_("alice")
    photo = {"photo": ("me.png", picture(), "image/png")}
    alice.client.put("/api/v1/profile/photo", files=photo, headers={"Authorization": f"Bearer {alice.token}"})
    pages = (f"/briefs/{stage.brief_id}/offers", f"/offers/{offer_id}")
    assert all(profile in as_("bob").get(path).text for path in pages)
    assert "/files/" in as_("bob").get(pages[0]).text
    assert alice.post("/my/profile/unpublish").status_code == 303
    for path in pages:
        page = as_("bob").get(path)
        assert "Alice Social" in text_of(page)
        assert profile not in page.text
        assert "/files/" not in page.text
    assert as_("bob").api("GET", pages[0]).json()["columns"][0]["slug"] == ""


def test_nobody_else_compares(as_, stage):
    stage.proposal("alice")
    path = f"/briefs/{stage.brief_id}/offers"
    for name in ("alice", "trent", "dina"):
        assert as_(name).api("GET", path).status_code == 404
    assert as_("trent").get(path).status_code == 404
    for name in ("alice", "dina"):
        assert as_(name).get(path).headers["location"] == f"{path}/new", "their own form, not what others offer"


def test_drafts_and_declined_offers_are_not_compared(as_, stage):
    stage.proposal("alice", send=False)
    declined = stage.proposal("dina")
    stage.do(offers.decline, declined, DeclineInput(reason="scope"), by="bob")
    assert as_("bob").api("GET", f"/briefs/{stage.brief_id}/offers").json()["columns"] == []
    assert "No offers yet" in text_of(as_("bob").get(f"/briefs/{stage.brief_id}/offers"))


def test_the_brief_counts_what_its_client_can_compare(as_, stage):
    stage.do(offers.withdraw, stage.proposal("alice"), by="alice")
    stage.proposal("alice")
    page = text_of(as_("bob").get(f"/briefs/{stage.brief_id}"))
    assert "Read the offer" in page
    assert "1 offer sent" in page
    assert "Compare" not in text_of(as_("dina").get(f"/briefs/{stage.brief_id}"))


def test_the_brief_leads_bidders_to_their_own_offer(as_, stage):
    sent, draft = stage.proposal("alice"), stage.proposal("dina", send=False)
    buttons = {"alice": (f'href="/offers/{sent}"', "Your offer"), "dina": (f"/offers/{draft}/edit", "Continue your")}
    for name, (address, words) in buttons.items():
        page = as_(name).get(f"/briefs/{stage.brief_id}")
        assert address in page.text
        assert words in text_of(page)
        assert "Send an offer" not in text_of(page)
    assert "Send an offer" in text_of(as_("mallory").get(f"/briefs/{stage.brief_id}"))


def test_a_draft_and_a_version_that_never_was_are_named(as_, stage):
    draft, offer = stage.hire(to="alice-social", on_board=False, send=False), stage.proposal()
    bob = as_("bob")
    answers = [bob.api("POST", f"/offers/{found}/acceptance", {"number": 9}).json() for found in (draft, offer)]
    assert [answer["detail"] for answer in answers] == [
        "This offer was not sent yet.",
        "There is no such version of this offer. Read it first.",
    ]
