"""How often one specialist may offer to one brief."""

from __future__ import annotations


def test_a_specialist_tries_three_times_and_no_more(as_, stage):
    alice = as_("alice")
    for _try in range(3):
        made = alice.api("POST", f"/briefs/{stage.brief_id}/offers", stage.body())
        assert made.status_code == 201, made.text
        assert alice.api("POST", f"/offers/{made.json()['id']}/withdrawal").status_code == 200
    again = alice.api("POST", f"/briefs/{stage.brief_id}/offers", stage.body())
    assert (again.status_code, again.json()["error"]) == (409, "many_offers")
    assert as_("dina").api("POST", f"/briefs/{stage.brief_id}/offers", stage.body()).status_code == 201
