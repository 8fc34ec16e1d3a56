"""Drafts: seen by their author alone, changed freely, sent later."""

from __future__ import annotations

from marketplace.offers.models import OfferStatus
from tests.people import text_of


def test_a_draft_is_kept_changed_and_sent(as_, stage):
    alice = as_("alice")
    draft = alice.api("POST", f"/briefs/{stage.brief_id}/offers", stage.body(send=False, total=None)).json()
    assert draft["status"] == "draft"
    assert stage.events(stage.offer(draft["id"]).id) == ["offer.drafted"]
    assert stage.brief().offer_count == 0
    refused = alice.api("POST", f"/offers/{draft['id']}/sending")
    assert refused.status_code == 422
    assert "total" in refused.json()["fields"]
    changed = alice.api("PUT", f"/offers/{draft['id']}/proposal", stage.body(send=False, total=70_000))
    assert (changed.status_code, changed.json()["total"]) == (200, 70_000)
    sent = alice.api("POST", f"/offers/{draft['id']}/sending")
    assert sent.json()["status"] == "sent"
    assert stage.brief().offer_count == 1
    assert alice.api("POST", f"/offers/{draft['id']}/sending").status_code == 409
    assert alice.api("PUT", f"/offers/{draft['id']}/proposal", stage.body()).status_code == 409


def test_nobody_else_sees_a_draft(as_, stage):
    offer_id = stage.proposal("alice", send=False)
    for name in ("bob", "dina", "trent"):
        assert as_(name).get(f"/offers/{offer_id}").status_code == 404
        assert as_(name).api("POST", f"/offers/{offer_id}/sending").status_code == 404
    assert "Café wants" not in text_of(as_("bob").get("/offers?tab=drafts"))
    assert "Café wants" in text_of(as_("alice").get("/offers?tab=drafts"))


def test_the_page_edits_a_draft(as_, stage):
    offer_id = stage.proposal("alice", send=False)
    alice = as_("alice")
    assert 'value="860.00"' in alice.get(f"/offers/{offer_id}/edit").text
    assert alice.get(f"/briefs/{stage.brief_id}/offers/new").headers["location"] == f"/offers/{offer_id}/edit"
    wrong = alice.post(f"/offers/{offer_id}/proposal", {"currency": "EUR", "action": "send"})
    assert wrong.status_code == 422
    assert alice.post(f"/offers/{offer_id}/sending").status_code == 303
    assert alice.get(f"/offers/{offer_id}/edit").headers["location"] == f"/offers/{offer_id}"


def test_a_draft_is_thrown_away_quietly(as_, stage):
    offer_id = stage.proposal("alice", send=False)
    assert as_("alice").post(f"/offers/{offer_id}/withdrawal").status_code == 303
    assert stage.offer(offer_id).status is OfferStatus.WITHDRAWN
    assert as_("bob").get(f"/offers/{offer_id}").status_code == 404
    assert "Café wants" not in text_of(as_("bob").get("/offers?tab=decided"))
    assert as_("alice").get(f"/offers/{offer_id}").status_code == 200


def test_a_draft_of_an_old_brief_is_checked_again(as_, stage, clock):
    offer_id = stage.proposal("alice", send=False)
    clock.forward(days=20)
    answer = as_("alice").api("POST", f"/offers/{offer_id}/sending")
    assert answer.status_code == 422
    assert "valid_until" in answer.json()["fields"]


def test_a_draft_that_cannot_go_out_opens_with_its_faults(as_, stage, clock):
    offer_id = stage.proposal("alice", send=False, total=None)
    clock.forward(days=20)
    page = as_("alice").post(f"/offers/{offer_id}/sending")
    assert page.status_code == 422
    assert f'action="/offers/{offer_id}/proposal"' in page.text
    assert 'id="f-total-error"' in page.text
    assert 'id="f-valid_until-error"' in page.text
    assert stage.offer(offer_id).status is OfferStatus.DRAFT
    hire_id = stage.hire(send=False, lines=[], total=None)
    hired = as_("bob").post(f"/offers/{hire_id}/sending")
    assert (hired.status_code, f'action="/offers/{hire_id}/hire"' in hired.text) == (422, True)
