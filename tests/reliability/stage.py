"""The world as wrong input meets it: every verb has a row in the state it asks for, and a caller who may."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from fastapi.routing import APIRoute
from httpx2 import Request, Response
from pydantic import BaseModel

from accounts.two_factor import service as two_factor
from accounts.users import links
from accounts.users.models import LinkPurpose, User
from accounts.workspaces import members
from accounts.workspaces.models import Role
from accounts.workspaces.schemas import InvitationInput
from core.crypto import Keys, token_hash
from core.db import Database, Session
from crm.contracts.models import Contract
from crm.deals.models import Deal
from marketplace.briefs import service
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.offers.models import Offer
from tests.asgi import ORIGIN, ask
from tests.cast import CAST, viewer_of
from tests.factories.briefs import make_brief
from tests.factories.contracts import make_contract, make_sent
from tests.factories.offers import answer_data, make_counter, make_hire, make_proposal
from tests.factories.profiles import make_profile
from tests.house.world import World, build_world
from tests.reliability.bodies import Body, sound_bodies
from web.cookies import SESSION_COOKIE
from web.csrf import FIELD
from web.routing import policies_of

BOB = {
    "/briefs/{brief_id}/offers",
    "/contracts/{contract_id}/decline",
    "/offers/{offer_id}/acceptance",
    "/offers/{offer_id}/counter",
    "/offers/{offer_id}/decline",
    "/offers/{offer_id}/hire",
    "/offers/{offer_id}/viewing",
}
"""What the business does where both sides could."""


class Rehearsal(Database):
    """Requests reach the database and are taken back: each meets the same world, on both engines."""

    def session(self, *, write: bool) -> Session:
        session = super().session(write=write)
        if write:
            session.commit = partial(_rehearse, session)  # type: ignore[method-assign]
        return session


def _rehearse(session: Session) -> None:
    """All that a commit does but the commit; closing the session takes it back."""
    while session._last:
        session._last.popitem()[0](session)
    session.flush()


@dataclass
class Things:
    """Rows the sound bodies point at."""

    brief: Brief
    offer: Offer
    deal: Deal
    draft: Contract
    sent: Contract


@dataclass
class Stage:
    """The world, the bodies, and where each verb finds a row in its state."""

    world: World
    bodies: dict[type[BaseModel], Body]
    places: dict[str, dict[str, str]]
    changed: dict[str, Body]
    """By route, what its body says otherwise."""

    def body(self, route: APIRoute, model: type[BaseModel]) -> Body:
        """A sound body for this route."""
        return {**self.bodies[model], **self.changed.get(route.path.removeprefix("/api/v1"), {})}

    def path(self, route: APIRoute) -> str:
        """The route's address with the ids its verb asks for."""
        return self.world.fill(self._placed(route, {}))

    def path_with(self, route: APIRoute, name: str, part: str) -> str:
        """The same with another text in one place."""
        return self.world.fill(self._placed(route, {name: part}))

    def _placed(self, route: APIRoute, given: dict[str, str]) -> str:
        short = route.path.removeprefix("/api/v1")
        found = self.places.get(f"{min(route.methods or {''})} {short}") or self.places.get(short) or {}
        known = {**found, **given}
        return re.sub(r"{(\w+)}", lambda match: known.get(match.group(1), match.group(0)), route.path)


def set_stage(db: Session, keys: Keys) -> Stage:
    """Everything one database needs, made through the services."""
    alice, bob = viewer_of(db, "alice"), viewer_of(db, "bob")
    world = build_world(db)
    make_profile(db, "dina")
    briefs = {name: make_brief(db, bob, title=name) for name in ("Open", "In review", "Closed", "Countered")}
    closed = service.lock(db, briefs["Closed"].id)
    service.close(db, closed, by=bob)
    briefs["In review"].status = BriefStatus.IN_REVIEW
    drafted = make_proposal(db, briefs["Open"], alice, send=False)
    countered = make_counter(db, make_proposal(db, briefs["Countered"], alice), bob)
    hire_draft, board = make_hire(db, bob, send=False), make_hire(db, bob, title="For everybody")
    draft, sent = make_contract(db), make_sent(db)
    two_factor.begin(db, keys, by=alice)
    user = db.get_one(User, alice.user_id)
    reset = links.issue(db, user, LinkPurpose.RESET_PASSWORD).rpartition("/")[2]
    invitation = members.invite(db, InvitationInput(email="newcomer@example.com", role=Role.VIEWER), by=alice)
    invitation.token_hash = token_hash("invited")
    offer = db.get_one(Offer, UUID(world.ids["offer_id"]))
    deal = db.get_one(Deal, UUID(world.ids["deal_id"]))
    db.flush()
    places = {
        "/briefs/{brief_id}/offers": {"brief_id": briefs["Open"].id},
        "/my/briefs/{brief_id}": {"brief_id": world.by_path["/my/briefs/brief_id"]},
        "/my/briefs/{brief_id}/invitations": {"brief_id": briefs["Open"].id},
        "/my/briefs/{brief_id}/reopening": {"brief_id": closed.id},
        "/staff/briefs/{brief_id}/return": {"brief_id": briefs["In review"].id},
        "/offers/{offer_id}/proposal": {"offer_id": drafted.id},
        "/offers/{offer_id}/hire": {"offer_id": hire_draft.id},
        "/offers/{offer_id}/take-up": {"offer_id": board.id},
        "/offers/{offer_id}/revision": {"offer_id": countered.id},
        "POST /contracts/{contract_id}": {"contract_id": draft.id},
        "PUT /contracts/{contract_id}": {"contract_id": draft.id},
        "/contracts/{contract_id}/edit": {"contract_id": draft.id},
        "/contracts/{contract_id}/send": {"contract_id": draft.id},
        "/contracts/{contract_id}/sign": {"contract_id": sent.id},
        "/contracts/{contract_id}/decline": {"contract_id": sent.id},
        "/contracts/{contract_id}/void": {"contract_id": sent.id},
        "/reset-password/{token}": {"token": reset},
        "/invitations/{token}/account": {"token": "invited"},
    }
    changed = {
        "/offers/{offer_id}/revision": answer_data(db, countered, total=countered.total + 500),
        "/offers/{offer_id}/counter": {"total": offer.total - 500},
    }
    bodies = sound_bodies(db, Things(briefs["Open"], offer, deal, draft, sent))
    return Stage(world, bodies, {path: _texts(ids) for path, ids in places.items()}, changed)


def _texts(ids: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in ids.items()}


def caller_of(route: APIRoute) -> str:
    """Who calls: the side the policy names, else alice."""
    short = route.path.removeprefix("/api/v1")
    if short == "/briefs/{brief_id}/offers" and "POST" in (route.methods or ()):
        return "dina"  # alice has answered
    named = " ".join(policies_of(route))
    if "staff" in named:
        return "sofia"
    if "business" in named or (short in BOB and "specialist" not in named):
        return "bob"
    return "alice"


class Desk:
    """Requests straight to the app, in one event loop: thousands of them take seconds."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.runner = asyncio.Runner()

    def close(self) -> None:
        self.runner.close()

    def send(self, method: str, path: str, **options: Any) -> Response:
        """One request; what the app raises is the text of a 500."""
        try:
            return self.runner.run(ask(self.app, Request(method, ORIGIN + path, **options)))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
            return Response(500, text=f"{type(error).__name__}: {error}")

    def api(self, who: str, method: str, path: str, body: str | None = None) -> Response:
        """JSON text as it is."""
        headers = {"authorization": f"Bearer {CAST.members[who].api_token}", "content-type": "application/json"}
        content = None if body is None else body.encode("utf-8", "surrogatepass")
        return self.send(method, path, headers=headers, content=content)

    def form(self, who: str, path: str, fields: dict[str, Any]) -> Response:
        """A form of a page, with its token."""
        token = CAST.members[who].session_token
        sealed = self.app.state.keys.mac("csrf", "session:" + token)
        headers = {"cookie": f"{SESSION_COOKIE}={token}"}
        return self.send("POST", path, headers=headers, data={**fields, FIELD: sealed})

    def page(self, who: str, path: str) -> Response:
        return self.send("GET", path, headers={"cookie": f"{SESSION_COOKIE}={CAST.members[who].session_token}"})


def json_text(body: Any) -> str:
    """JSON text; a ``Raw`` in it stands for itself."""
    marks: list[str] = []

    def mark(value: Any) -> str:
        if not isinstance(value, Raw):
            raise TypeError(type(value))
        marks.append(value.text)
        return f"\x00raw{len(marks) - 1}\x00"

    text = json.dumps(body, default=mark)
    return re.sub(r'"\\u0000raw(\d+)\\u0000"', lambda match: marks[int(match.group(1))], text)


@dataclass(frozen=True)
class Raw:
    """JSON text to be put into a body as it is."""

    text: str
