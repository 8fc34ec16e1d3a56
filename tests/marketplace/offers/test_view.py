"""Reading an offer: only the recipient's own page tells, and only once."""

from __future__ import annotations

from marketplace.offers import service as offers
from marketplace.offers.models import OfferStatus
from tests.people import text_of


def test_the_recipients_page_tells_that_it_was_read(as_, stage):
    offer_id = stage.proposal()
    bob = as_("bob")
    page = bob.get(f"/offers/{offer_id}")
    assert f'data-hx-post="/offers/{offer_id}/viewing"' in page.text
    assert stage.offer(offer_id).status is OfferStatus.SENT
    assert bob.post(f"/offers/{offer_id}/viewing", htmx=True).status_code == 204
    assert bob.post(f"/offers/{offer_id}/viewing", htmx=True).status_code == 204
    offer = stage.offer(offer_id)
    assert offer.status is OfferStatus.VIEWED
    assert offer.viewed_at is not None
    assert stage.events(offer_id) == ["offer.sent", "offer.viewed"]
    assert "/viewing" not in bob.get(f"/offers/{offer_id}").text


def test_each_side_reads_who_opened_it(as_, stage):
    offer_id = stage.proposal()
    for path in (f"/offers/{offer_id}", "/offers?tab=all"):
        assert "New" in text_of(as_("bob").get(path))
        assert "Sent" in text_of(as_("alice").get(path))
    stage.do(offers.view, offer_id, by="bob")
    for path in (f"/offers/{offer_id}", "/offers?tab=all"):
        assert "Opened by you" in text_of(as_("bob").get(path))
        assert "Opened by them" in text_of(as_("alice").get(path))


def test_the_comparison_marks_only_what_is_new_or_decided(as_, stage):
    new, opened = stage.proposal("alice"), stage.proposal("dina")
    stage.do(offers.view, opened, by="bob")
    head = as_("bob").get(f"/briefs/{stage.brief_id}/offers").text.partition("<thead>")[2].partition("</thead>")[0]
    assert [head.count(word) for word in ('class="status', "New", "Opened")] == [1, 1, 0]
    stage.do(offers.accept, new, 1, by="bob")
    assert "Accepted" in as_("bob").get(f"/briefs/{stage.brief_id}/offers").text.partition("</thead>")[0]


def test_the_author_reads_without_a_trace(as_, stage):
    offer_id = stage.proposal()
    assert "/viewing" not in as_("alice").get(f"/offers/{offer_id}").text
    assert as_("alice").api("POST", f"/offers/{offer_id}/viewing").json()["status"] == "sent"
    assert stage.events(offer_id) == ["offer.sent"]


def test_strangers_see_nothing(as_, stage):
    offer_id = stage.proposal()
    for name in ("dina", "trent"):
        assert as_(name).get(f"/offers/{offer_id}").status_code == 404
        assert as_(name).api("GET", f"/offers/{offer_id}").status_code == 404
        assert as_(name).api("POST", f"/offers/{offer_id}/viewing").status_code == 404
    assert as_("carol").get(f"/offers/{offer_id}").status_code == 200
    assert as_("carol").api("POST", f"/offers/{offer_id}/viewing").status_code == 403


def test_comparing_is_reading(as_, stage):
    offer_id, rival_id = stage.proposal("alice"), stage.proposal("dina")
    stage.do(offers.view, rival_id, by="bob")
    page = as_("bob").get(f"/briefs/{stage.brief_id}/offers").text
    assert page.count("/viewing") == page.count(f'data-hx-post="/offers/{offer_id}/viewing"') == 1
    assert "/viewing" not in as_("carol").get(f"/briefs/{stage.brief_id}/offers").text


def test_what_cannot_be_accepted_is_not_offered(as_, stage):
    offer_id, bob = stage.proposal("alice"), as_("bob")
    both = [f"/briefs/{stage.brief_id}/offers", f"/offers/{offer_id}"]
    assert all(f'action="/offers/{offer_id}/acceptance"' in bob.get(path).text for path in both)
    bob.post(f"/my/briefs/{stage.brief_id}/pause")
    assert not any(f'action="/offers/{offer_id}/acceptance"' in bob.get(path).text for path in both)
    assert "The brief is paused" in text_of(bob.get(both[1]))
