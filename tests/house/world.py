"""One of everything, owned by alice (specialist) or bob (business), with words in it that nobody else may ever read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlmodel import SQLModel, col

from accounts.sessions.models import LoginSession
from accounts.tokens.models import ApiToken
from accounts.workspaces import members
from accounts.workspaces.models import Membership, Role
from accounts.workspaces.schemas import InvitationInput
from core.db import Database, Session
from crm.contracts.models import ScopeLine
from crm.deals import service as deals
from crm.deals.schemas import NoteInput
from crm.scopes import service as scopes
from crm.scopes.schemas import UsageInput
from files.models import Upload, UploadKind
from marketplace.briefs.models import LineOwner
from marketplace.cases.models import CaseImage
from notifications.inbox.models import Notice
from tests.cast import CAST, viewer_of
from tests.factories.briefs import make_brief, make_draft
from tests.factories.cases import make_case
from tests.factories.contracts import make_active
from tests.factories.crm import make_company, make_contact, make_deal
from tests.factories.offers import make_proposal
from tests.factories.profiles import make_profile

SECRET = "SECRET-OF-THE-TWO"


@dataclass
class World:
    """Values for the parameters of every route, as the owner would send them."""

    ids: dict[str, str] = field(default_factory=dict)
    by_path: dict[str, str] = field(default_factory=dict)
    """More specific: ``{"/cases/slug": …}`` holds for ``slug`` in paths that contain the first part."""

    def fill(self, path: str) -> str:
        """The path of a route with its parameters filled in. An unknown one fails the walk: teach it here."""

        def value(match: re.Match[str]) -> str:
            name = match.group(1)
            for key, found in self.by_path.items():
                part, _slash, parameter = key.rpartition("/")
                if parameter == name and part in path:
                    return found
            assert name in self.ids, f"tests/house/world.py has no value for {{{name}}} of {path}"
            return self.ids[name]

        return re.sub(r"{(\w+)(?::\w+)?}", value, path)


def build_world(db: Session) -> World:
    """Make one of everything through the services."""
    alice, bob = viewer_of(db, "alice"), viewer_of(db, "bob")
    profile = make_profile(db)
    company = make_company(db, name=f"{SECRET} company", note=SECRET)
    contact = make_contact(db, company, name=f"{SECRET} contact")
    deal = make_deal(db, company=f"{SECRET} deal", next_step=SECRET)
    note = deals.note(db, deal, NoteInput(text=SECRET), by=alice)
    case = make_case(db, title=f"{SECRET} case", client_name=SECRET)
    contract = make_active(db, message=f"{SECRET} accepted", starts_on=str(db.now().date()))
    open_brief = make_brief(db, bob, title="Open to everyone")
    offer = make_proposal(db, open_brief, alice, message=f"{SECRET} proposal")
    draft = make_draft(db, bob, title=f"{SECRET} brief")
    mine = (col(ScopeLine.contract_id) == contract.id) & (col(ScopeLine.owner) == LineOwner.SPECIALIST)
    line = db.scalars(select(ScopeLine).where(mine)).first()
    assert line is not None
    done = UsageInput(quantity=1, done_on=db.now().date(), note=SECRET, evidence_url="https://example.com/p/1")
    entry = scopes.log(db, contract, line, done, by=alice)
    upload = _upload(db)
    db.add(CaseImage(case_id=case.id, upload_id=upload.id, position=0, caption=SECRET))
    invitation = members.invite(db, InvitationInput(email="guest@example.com", role=Role.VIEWER), by=alice)
    db.flush()
    image = db.scalars(select(CaseImage)).one()
    notice = db.scalars(select(Notice).where(col(Notice.user_id) == CAST.bob.user_id)).first()
    assert notice is not None
    ids = {
        "company_id": company.id,
        "contact_id": contact.id,
        "deal_id": deal.id,
        "stage_id": deal.stage_id,
        "note_id": note.id,
        "case_id": case.id,
        "image_id": image.id,
        "contract_id": contract.id,
        "line_id": line.id,
        "entry_id": entry.id,
        "offer_id": offer.id,
        "brief_id": open_brief.id,
        "upload_id": upload.id,
        "invitation_id": invitation.id,
        "member_id": _member(db, "anton"),
        "session_id": _one(db, LoginSession, "alice"),
        "token_id": _one(db, ApiToken, "alice"),
        "notice_id": notice.id,
        "token": "no-such-token",
        "kind": "responsibility",
        "step": "scope",
        "slug": profile.slug,
    }
    by_path = {
        "/cases/slug": case.slug,
        "/my/briefs/brief_id": str(draft.id),
        "/staff/briefs/brief_id": str(draft.id),
        "/contracts/of-offer/offer_id": str(contract.offer_id),
    }
    return World({name: str(value) for name, value in ids.items()}, by_path)


def _upload(db: Session) -> Upload:
    upload = Upload(
        workspace_id=CAST.alice.workspace_id,
        kind=UploadKind.IMAGE,
        name=f"{SECRET}.webp",
        mime="image/webp",
        size=3,
        sha256="0" * 64,
        storage_key="secret/picture",
        created_at=db.now(),
    )
    db.add(upload)
    db.flush()
    return upload


def _member(db: Session, name: str) -> Any:
    return db.scalars(select(col(Membership.id)).where(col(Membership.user_id) == CAST.members[name].user_id)).one()


def _one(db: Session, table: Any, name: str) -> Any:
    return db.scalars(select(table.id).where(table.user_id == CAST.members[name].user_id)).first()


def dump(database: Database) -> dict[str, dict[str, str]]:
    """Every row of every table as text, by table and key, as the driver gives it; to see that nothing changed."""
    found: dict[str, dict[str, str]] = {}
    with database.read() as db:
        for table in SQLModel.metadata.sorted_tables:
            keys = [place for place, column in enumerate(table.columns) if column.primary_key]
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            rows = db.connection().exec_driver_sql(f'SELECT {names} FROM "{table.name}"').all()
            found[table.name] = {"/".join(str(row[place]) for place in keys): repr(row) for row in rows}
    return found


def changes(before: dict[str, dict[str, str]], after: dict[str, dict[str, str]]) -> list[tuple[str, str]]:
    """Table and content of every row that came, went or changed."""
    found = []
    for table, rows in after.items():
        old = before[table]
        touched = [key for key in rows.keys() | old.keys() if rows.get(key) != old.get(key)]
        found += [(table, rows.get(key, "") + old.get(key, "")) for key in touched]
    return found
