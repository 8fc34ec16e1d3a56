"""Every page of the app, by who sees it: all GET routes filled in from the world, and what needs more than that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pyotp
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import select

from accounts.users import service as users
from core.db import Database, Session
from crm.contracts import leaving
from crm.contracts.schemas import NoticeInput
from files.models import Upload
from tests.accounts.mailbox import newest_path
from tests.cast import CAST, PASSWORD, viewer_of
from tests.factories.briefs import make_brief
from tests.factories.cases import make_case
from tests.factories.contracts import make_active, make_contract, make_sent
from tests.factories.offers import make_counter, make_hire, make_proposal
from tests.factories.profiles import make_profile
from tests.files.pictures import picture
from tests.house.world import build_world
from tests.people import Person
from web.routing import policies_of, routes_of

NO_PAGES = {
    "/healthz",
    "/readyz",
    "/inbox/stream",
    "/files/{upload_id}",
    "/settings/two-factor/qr.svg",
    "/my/briefs/{brief_id}",
    "/contracts/of-offer/{offer_id}",
}
"""Answers that are no pages: signs of life, a stream, pictures, signposts to another address."""
FILES = (".pdf", ".csv")
STEPS = ("business", "work", "scope", "money")
SAME_FOR_ALL = ("/settings", "/prove", "/workspaces")
NEWCOMERS = {
    "mallory": "home inbox deals deals/list companies contracts scopes offers offers/board my/cases my/profile",
    "trent": "home my/briefs offers contracts",
}
"""People who have nothing yet see the empty pages."""


@dataclass
class Rooms:
    """Who looks (``""`` is nobody, ``"agnes"`` is half-way through a log-in) at which addresses."""

    people: dict[str, Person]
    paths: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, *paths: str) -> None:
        known = self.paths.setdefault(name, [])
        known += [path for path in paths if path not in known]

    def cookies(self, name: str) -> dict[str, str]:
        return dict(self.people[name].browser.cookies)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for name, paths in self.paths.items():
            for path in paths:
                yield name, path


def page_routes(app: FastAPI) -> list[APIRoute]:
    """Routes that answer a GET with a page."""
    return [
        route
        for route in routes_of(app)
        if "GET" in (route.methods or ())
        and not route.path.startswith("/api/")
        and not route.path.endswith(FILES)
        and route.path not in NO_PAGES
    ]


def furnish(app: FastAPI, database: Database, portal: BlockingPortal) -> Rooms:
    """Build the world, and say who can look at what."""
    with database.write() as db:
        world = build_world(db)
        _hang_pictures(app, db)
        more = _more(db)
    people = {name: Person(app, CAST.members[name], portal) for name in ("alice", "bob", "sofia", "anton", *NEWCOMERS)}
    rooms = Rooms({"": Person(app, None, portal), "agnes": Person(app, None, portal), **people})
    for route in page_routes(app):
        path = world.fill(route.path)
        viewers = [""] if "anyone" in policies_of(route) else ["alice", "bob", "sofia"]
        for name in viewers:
            if name in {"", "alice"} or not path.startswith(SAME_FOR_ALL):
                rooms.add(name, *([path] if people.get(name, rooms.people[""]).get(path).status_code == 200 else []))
    for name, paths in more.items():
        rooms.add(name, *paths)
    for name, words in NEWCOMERS.items():
        rooms.add(name, *(f"/{word}" for word in words.split()))
    rooms.add("bob", *(world.fill("/my/briefs/{brief_id}/steps/") + step for step in STEPS))
    rooms.add("alice", *(world.fill(path) for path in ("/briefs/{brief_id}", "/cases/{slug}", "/offers/{offer_id}")))
    rooms.add("", "/specialists?q=nothing-like-this", "/briefs?q=nothing-like-this", "/no-such-page")
    _mailed_links(rooms, database)
    _two_factor(rooms, app, portal)
    return rooms


def _hang_pictures(app: FastAPI, db: Session) -> None:
    """The bytes of the world's pictures, so that pages show them."""
    for upload in db.scalars(select(Upload)):
        app.state.storage.put(upload.storage_key, picture("WEBP", (640, 480)), upload.mime)


def _more(db: Session) -> dict[str, list[str]]:
    """Things in states the world has none of."""
    alice, bob, dina = (viewer_of(db, name) for name in ("alice", "bob", "dina"))
    brief = make_brief(db, bob, title="Ресторан ищет SMM-специалиста на лето 2026 года")
    draft = make_proposal(db, make_brief(db, bob, title="With a draft"), alice, send=False)
    make_profile(db, "dina")
    make_proposal(db, brief, dina, total=91_000)
    countered = make_counter(db, make_proposal(db, make_brief(db, bob, title="With a counter-offer"), alice), bob)
    hire = make_hire(db, bob)
    contract, sent = make_contract(db, message="Drafted"), make_sent(db, message="Sent")
    running, ending = make_active(db, message="Running"), make_active(db, message="Ending")
    notice = NoticeInput(last_day=db.now().date() + timedelta(days=30), message="We hire somebody")
    leaving.give_notice(db, ending, notice, by=bob)
    case = make_case(db, title="Open case", published=True)
    return {
        "alice": [
            f"/briefs/{brief.id}/offers/new",
            f"/offers/{draft.id}/edit",
            f"/offers/{hire.id}",
            f"/offers/{countered.id}/revision",
            f"/contracts/{contract.id}",
            f"/contracts/{contract.id}/edit",
            f"/contracts/{sent.id}",
            f"/contracts/{running.id}",
            f"/contracts/{ending.id}",
        ],
        "bob": [
            f"/briefs/{brief.id}",
            f"/briefs/{brief.id}/offers",
            f"/contracts/{sent.id}",
            "/my/briefs?invite=dina-digital",
        ],
        "": [f"/cases/{case.slug}"],
    }


def _mailed_links(rooms: Rooms, database: Database) -> None:
    nobody, alice = rooms.people[""], rooms.people["alice"]
    new = {"kind": "business", "name": "Nell", "workspace_name": "Nell", "email": "nell@example.com"}
    nobody.post("/sign-up", {**new, "password": PASSWORD})
    with database.write() as db:
        users.send_reset(db, CAST.bob.email)
    alice.post("/settings/email", {"email": "alice.new@example.com"})
    for template in ("confirm_email", "reset_password", "change_email", "invitation"):
        rooms.add("", newest_path(database, template))
    rooms.add("alice", newest_path(database, "invitation"))


def _two_factor(rooms: Rooms, app: FastAPI, portal: BlockingPortal) -> None:
    """anton is about to turn it on; agnes has it on and has given her password."""
    rooms.people["anton"].post("/settings/two-factor/begin")
    rooms.add("anton", "/settings/two-factor")
    agnes = Person(app, CAST.agnes, portal)
    agnes.post("/settings/two-factor/begin")
    secret = agnes.get("/settings/two-factor").text.partition('id="totp-secret">')[2].partition("<")[0]
    agnes.post("/settings/two-factor/confirm", {"code": pyotp.TOTP(secret.replace(" ", "")).at(app.state.clock())})
    rooms.people["agnes"].post("/log-in", {"email": CAST.agnes.email, "password": PASSWORD})
    rooms.add("agnes", "/log-in/code")
