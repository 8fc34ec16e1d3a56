"""Who is on stage: accounts, workspaces and their teams. One password opens all of them."""

from __future__ import annotations

from functools import partial

from sqlalchemy import select
from sqlmodel import col

from accounts.users import account, service
from accounts.users.models import User
from accounts.users.schemas import AccountInput
from accounts.viewers import Place, Viewer
from accounts.workspaces import members
from accounts.workspaces import service as workspaces
from accounts.workspaces.models import Role, WorkspaceKind
from accounts.workspaces.schemas import InvitationInput, WorkspaceInput
from app.demo.stage import Facts, Stage
from core.db import Session
from core.jobs import Job
from marketplace.profiles.slugs import slug_of

PASSWORD = "warm bread at seven"  # noqa: S105 - printed at the first start
LOG_INS = [
    ("marina@example.com", "a specialist: full pipeline, running contracts, offers out"),
    ("ilse@example.com", "a café: a brief with five offers to compare"),
    ("henrik@example.com", "a coffee roaster: two scopes in use"),
    ("chau@example.com", "a member of a studio in Hanoi, reader at a restaurant"),
    ("nora@example.com", "staff: briefs waiting for a check"),
]
"""Address and what there is to see."""


def open_workspace(db: Session, stage: Stage, key: str, facts: Facts, kind: WorkspaceKind) -> None:
    """A person with a confirmed address and a workspace of their own."""
    person = _sign_up(db, stage, facts["owner"] if "owner" in facts else facts["name"], facts)
    workspace = workspaces.create(db, kind=kind, name=facts["name"], owner=db.get_one(User, person.user_id))
    place = Place(workspace.id, workspace.name, kind, Role.OWNER)
    viewer = _working(person, place)
    details = WorkspaceInput(
        name=facts["name"],
        legal_name=facts.get("legal", ""),
        legal_address=facts.get("address", ""),
        country=facts["country"] if "country" in facts else facts["region"],
        city=facts["city"],
        website=facts.get("website"),
        time_zone=facts["zone"],
        currency=facts["currency"],
    )
    workspaces.edit(db, workspace, details, by=viewer)
    stage.viewers[key] = viewer
    stage.currencies[key] = facts["currency"]


def plan_team(stage: Stage, host: str, facts: Facts) -> None:
    """Everybody named under ``team`` is invited and joins two days later."""
    for number, member in enumerate(facts.get("team", ())):
        day = facts["joined"] - 4 - 3 * number
        stage.calendar.at(day, partial(_let_in, stage=stage, host=host, member={**member, "zone": facts["zone"]}))


def plan_readers(stage: Stage) -> None:
    """Chau of the studio may read along at a restaurant; one invitation is still on its way."""
    stage.calendar.at(20, partial(_invite_known, stage=stage, host="sen", guest="chau", role=Role.VIEWER))
    stage.calendar.at(2, partial(_invite_only, stage=stage, host="linh", email="duong@example.com"))


def _sign_up(db: Session, stage: Stage, name: str, facts: Facts) -> Viewer:
    address = facts.get("email") or slug_of(name).replace("-", ".")
    user = service.create_user(
        db,
        name=name,
        email=f"{address}@example.com",
        password=PASSWORD,
        verified=True,
        staff=facts.get("staff", False),
        password_hash=stage.password_hash,
    )
    viewer = Viewer(
        user_id=user.id,
        name=name,
        email=user.email,
        email_verified=True,
        is_staff=user.is_staff,
        unread=0,
        time_zone=facts["zone"],
        place=None,
        places=(),
    )
    account.edit(db, AccountInput(name=name, locale="en", time_zone=facts["zone"]), by=viewer)
    return viewer


def _working(person: Viewer, place: Place) -> Viewer:
    """The person, at work in ``place``."""
    return Viewer(
        user_id=person.user_id,
        name=person.name,
        email=person.email,
        email_verified=True,
        is_staff=person.is_staff,
        unread=0,
        time_zone=person.time_zone,
        place=place,
        places=(*person.places, place),
    )


def _let_in(db: Session, stage: Stage, host: str, member: Facts) -> None:
    person = _sign_up(db, stage, member["name"], {**member, "email": member.get("email", member["key"])})
    stage.viewers[member["key"]] = _join(db, stage.viewers[host], person, Role(member["role"]))


def _invite_known(db: Session, stage: Stage, host: str, guest: str, role: Role) -> None:
    _join(db, stage.viewers[host], stage.viewers[guest], role)


def _invite_only(db: Session, stage: Stage, host: str, email: str) -> None:
    members.invite(db, InvitationInput(email=email, role=Role.MEMBER), by=stage.viewers[host])


def _join(db: Session, host: Viewer, person: Viewer, role: Role) -> Viewer:
    """Invited by the host, the person opens the link of the mail."""
    members.invite(db, InvitationInput(email=person.email, role=role), by=host)
    mail = db.scalars(select(Job).where(col(Job.kind) == "emails.send").order_by(col(Job.id).desc()).limit(1)).one()
    token = str(mail.payload["params"]["path"]).rsplit("/", 1)[-1]
    workspace = members.join(db, token, by=person)
    return _working(person, Place(workspace.id, workspace.name, workspace.kind, role))
