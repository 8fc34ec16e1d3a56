"""Whatever a page can change, the API can: a new form without a twin fails here."""

from __future__ import annotations

import re

from fastapi import FastAPI

from web.routing import routes_of

OF_THE_BROWSER = {
    "/log-in": "a token is asked for with the password",
    "/log-in/code": "the same, with the code",
    "/log-out": "a token is revoked",
    "/prove": "the password goes along in the body",
    "/workspaces/switch": "a token belongs to one workspace",
    "/language": "Accept-Language",
    "/theme": "no colours in JSON",
}
"""Verbs on the browser itself, and what a client does instead."""
OF_STAFF = re.compile(r"/staff/")
"""Moderation is done by a person who looks, never by a token (docs/adr/0001)."""
ELSEWHERE = {
    "/confirm-email/{token}": "/confirmations",
    "/forgot-password": "/password-resets",
    "/reset-password/{token}": "/password-resets",
    "/change-email/{token}": "/email-changes",
    "/invitations/{token}": "/invitations",
    "/invitations/{token}/account": "/invitations/accounts",
    "/inbox/{notice_id}/opening": "/inbox/{notice_id}/reading",
    "/my/profile": "/profile",
    "/my/profile/unpublish": "/profile/publication",
    "/my/cases/{case_id}/removal": "/my/cases/{case_id}",
    "/my/cases/{case_id}/withdrawal": "/my/cases/{case_id}/publication",
    "/my/cases/{case_id}/images/{image_id}/removal": "/my/cases/{case_id}/images/{image_id}",
    "/my/briefs/{brief_id}/steps/{step}": "/my/briefs/{brief_id}",
    "/my/briefs/{brief_id}/steps/{step}/draft": "/my/briefs/{brief_id}",
    "/my/briefs/{brief_id}/steps/{step}/estimate": "/my/briefs/{brief_id}",
    "/companies/{company_id}/archive": "/companies/{company_id}",
    "/companies/{company_id}/contacts/{contact_id}/delete": "/companies/{company_id}/contacts/{contact_id}",
    "/deals/stages": "/stages",
    "/deals/stages/new": "/stages",
    "/deals/stages/{stage_id}/remove": "/stages/{stage_id}",
    "/deals/{deal_id}/edit": "/deals/{deal_id}",
    "/deals/{deal_id}/delete": "/deals/{deal_id}",
    "/deals/{deal_id}/notes/{note_id}/delete": "/deals/{deal_id}/notes/{note_id}",
    "/settings": "/me",
    "/settings/password": "/me/password",
    "/settings/email": "/me/email",
    "/settings/email/resend": "/me/confirmation",
    "/settings/deletion": "/me/deletion",
    "/settings/deletion/withdraw": "/me/deletion",
    "/settings/sessions/revoke-others": "/sessions",
    "/settings/sessions/{session_id}/revoke": "/sessions/{session_id}",
    "/settings/two-factor/begin": "/me/two-factor/secret",
    "/settings/two-factor/confirm": "/me/two-factor",
    "/settings/two-factor/codes": "/me/two-factor/codes",
    "/settings/two-factor/disable": "/me/two-factor/disabled",
    "/settings/workspace": "/workspace",
    "/settings/members/invitations": "/workspace/invitations",
    "/settings/members/invitations/{invitation_id}/revocation": "/workspace/invitations/{invitation_id}",
    "/settings/members/{member_id}/role": "/workspace/members/{member_id}/role",
    "/settings/members/{member_id}/removal": "/workspace/members/{member_id}",
    "/settings/tokens": "/tokens",
    "/settings/tokens/{token_id}/revocation": "/tokens/{token_id}",
    "/settings/notices": "/preferences",
}
"""Where the twin's address differs: there a verb is a method."""


def changing(app: FastAPI, *, api: bool) -> set[str]:
    """Addresses that take something other than GET."""
    return {
        route.path.removeprefix("/api/v1")
        for route in routes_of(app)
        if route.path.startswith("/api/") is api and (route.methods or set()) - {"GET"}
    }


def test_every_verb_of_a_page_has_a_twin(built_app: FastAPI) -> None:
    twins = changing(built_app, api=True)
    missing = {
        path
        for path in changing(built_app, api=False)
        if path not in OF_THE_BROWSER and not OF_STAFF.match(path) and ELSEWHERE.get(path, path) not in twins
    }
    assert missing == set()


def test_the_exceptions_are_still_pages(built_app: FastAPI) -> None:
    assert OF_THE_BROWSER.keys() | ELSEWHERE.keys() <= changing(built_app, api=False)
