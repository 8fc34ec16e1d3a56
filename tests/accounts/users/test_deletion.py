"""A person leaves: 30 days to change their mind, then nothing says who they were, and what was signed stays."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import delete, func, select, update
from sqlmodel import SQLModel, col

from accounts.users import deletion, jobs
from accounts.users import service as users
from accounts.users.models import User
from accounts.workspaces import members
from accounts.workspaces import service as workspaces
from accounts.workspaces.invariants import every_empty_workspace_is_closed
from accounts.workspaces.models import Membership, Role, Workspace
from app.checks import broken
from app.features import JOBS, SCHEDULE
from core.clock import ManualClock
from core.db import Database
from core.events import Event
from notifications.inbox.models import Notice
from tests.accounts.mailbox import newest_path, templates_to
from tests.cast import PASSWORD, viewer_of
from tests.factories.cases import make_case
from tests.factories.contracts import make_active
from tests.factories.crm import make_company, make_contact, make_deal
from tests.factories.profiles import make_profile
from tests.people import text_of


def stored(database: Database, part) -> User:
    with database.read() as db:
        return db.get_one(User, part.user_id)


def carry_out(database: Database) -> None:
    with database.write() as db:
        jobs.carry_out_deletions(db, {})


def words_of(database: Database) -> str:
    """Everything the database holds but the diary of events, the outbox and what is frozen in contracts."""
    with database.read() as db:
        tables = [t for t in SQLModel.metadata.sorted_tables if t.name not in {"event", "job", "contract_document"}]
        return "\n".join(repr(row) for table in tables for row in db.execute(select(table)))


def test_it_is_asked_and_withdrawn(as_, database, cast):
    dina = as_("dina")
    assert dina.post("/settings/deletion").status_code == 303
    assert stored(database, cast.dina).deletion_requested_at is not None
    page = text_of(dina.get("/settings/security"))
    assert "will be deleted on 1 July 2026" in page
    assert "Keep my account" in page
    assert dina.api("GET", "/me").json()["deletion_on"].startswith("2026-07-01")
    assert dina.post("/settings/deletion").status_code == 409
    assert dina.post("/settings/deletion/withdraw").status_code == 303
    assert stored(database, cast.dina).deletion_requested_at is None
    assert dina.post("/settings/deletion/withdraw").status_code == 409
    assert templates_to(database, cast.dina.email) == ["deletion_requested"]
    with database.read() as db:
        found = select(col(Event.kind)).where(col(Event.subject_id) == cast.dina.user_id)
        kinds = list(db.scalars(found.order_by(col(Event.id))))
    assert kinds == ["user.deletion_asked", "user.deletion_withdrawn"]


def test_over_json_it_takes_the_password(as_, database, cast):
    dina = as_("dina")
    wrong = dina.api("PUT", "/me/deletion", {"current_password": "not this one"})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (422, ["current_password"])
    assert dina.api("PUT", "/me/deletion", {"current_password": PASSWORD}).status_code == 204
    assert stored(database, cast.dina).deletion_requested_at is not None
    assert dina.api("DELETE", "/me/deletion").status_code == 204
    assert stored(database, cast.dina).deletion_requested_at is None


def test_after_thirty_days_nothing_says_who_it_was(as_, database, cast, clock: ManualClock):
    dina = as_("dina")
    with database.write() as db:
        make_profile(
            db, "dina", name="Dina Digital", about="I photograph bread at six in the morning, " * 5, city="Liepāja"
        )
        make_case(
            db, "dina", title="A case of bread", story="What I did at the bakery, every day. " * 9, published=True
        )
        company = make_company(db, "dina", name="Bakery Zaķis")
        make_contact(db, company, name="Zane Zaķe")
        make_deal(db, "dina", company="Rye & Co", title="Bread for spring")
    assert "Dina Digital" in as_("").get("/specialists").text
    dina.post("/settings/members/invitations", {"email": "zane@example.org", "role": "member"})
    as_("alice").post("/settings/members/invitations", {"email": cast.dina.email, "role": "member"})
    dina.post(newest_path(database, "invitation", cast.dina.email))
    assert cast.dina.full_name in text_of(as_("anton").get("/inbox"))
    dina.post("/settings/deletion")
    clock.forward(days=30, seconds=-1)
    carry_out(database)
    assert stored(database, cast.dina).email == cast.dina.email
    clock.forward(seconds=1)
    carry_out(database)
    gone = stored(database, cast.dina)
    assert (gone.name, gone.suspended_at is not None, gone.deletion_requested_at) == ("Deleted person", True, None)
    left = words_of(database)
    assert cast.dina.email not in left
    assert cast.dina.full_name not in left
    for said in ("Dina Digital", "bread at six", "Liepāja", "case of bread", "bakery", "Zane", "Bread for spring"):
        assert said not in left, said
    assert "zane@" not in left
    assert broken(database) == []
    assert templates_to(database, cast.dina.email) == ["invitation", "deletion_requested", "account_deleted"]
    assert dina.get("/settings").status_code == 303
    assert dina.api("GET", "/me").status_code == 401
    assert as_("").post("/log-in", {"email": cast.dina.email, "password": PASSWORD}).status_code == 422
    with database.read() as db:
        assert db.get_one(Workspace, cast.dina.workspace_id).suspended_at is not None
        mine = col(Membership.user_id) == cast.dina.user_id
        assert db.scalar(select(func.count()).select_from(Membership).where(mine)) == 0
        assert db.scalar(select(func.count()).where(col(Notice.user_id) == cast.dina.user_id)) == 0
    assert "Dina Digital" not in as_("").get("/specialists").text
    carry_out(database)
    assert len(templates_to(database, cast.dina.email)) == 3


def test_a_member_leaves_the_others_at_work(as_, database, cast, clock: ManualClock):
    amir = as_("amir")
    assert amir.post("/settings/deletion").status_code == 303
    clock.forward(days=30)
    carry_out(database)
    assert stored(database, cast.amir).name == "Deleted person"
    assert as_("alice").get("/companies").status_code == 200
    assert "Amir" not in as_("alice").get("/settings/members").text


def test_the_only_owner_of_others_stays(as_, database, cast, clock: ManualClock):
    bob = as_("bob")
    refused = bob.post("/settings/deletion")
    assert refused.status_code == 409
    assert "Bob&#39;s Café" in refused.text
    with database.write() as db:
        bella = col(Membership.user_id) == cast.bella.user_id
        db.execute(update(Membership).where(bella).values(role=Role.OWNER))
    assert bob.post("/settings/deletion").status_code == 303
    with database.write() as db:
        db.execute(update(Membership).where(bella).values(role=Role.MANAGER))
    clock.forward(days=30)
    carry_out(database)
    assert stored(database, cast.bob).email == cast.bob.email, "left alone as the owner again"


def own_too(database: Database, part) -> None:
    with database.write() as db:
        db.execute(update(Membership).where(col(Membership.user_id) == part.user_id).values(role=Role.OWNER))


def test_an_owner_who_is_suspended_does_not_take_over(as_, database, cast, clock: ManualClock):
    assert as_("alice").post("/settings/deletion").status_code == 409, "sam owns it too, but cannot act"
    own_too(database, cast.bella)
    assert as_("bob").post("/settings/deletion").status_code == 303
    with database.write() as db:
        users.suspend(db, cast.bella.email)
    clock.forward(days=30)
    carry_out(database)
    assert stored(database, cast.bob).email == cast.bob.email
    with database.write() as db:
        users.restore(db, cast.bella.email)
    carry_out(database)
    assert stored(database, cast.bob).name == "Deleted person"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_an_owner_is_not_erased_while_the_other_leaves(as_, database, cast, clock: ManualClock):
    own_too(database, cast.bella)
    assert as_("bob").post("/settings/deletion").status_code == 303
    clock.forward(days=30)
    erasing = threading.Thread(target=carry_out, args=(database,))
    with database.write() as db:
        hers = db.scalars(select(Membership).where(col(Membership.user_id) == cast.bella.user_id)).one()
        members.remove(db, hers, by=viewer_of(db, "bella"))
        erasing.start()
        erasing.join(0.5)
        assert erasing.is_alive(), "it waits for her to be gone"
    erasing.join()
    assert stored(database, cast.bob).email == cast.bob.email
    assert broken(database) == []


def test_who_may_not_leave_keeps_nobody_waiting(as_, database, cast, clock: ManualClock, monkeypatch):
    own_too(database, cast.bella)
    for name in ("bob", "dina", "mallory"):
        assert as_(name).post("/settings/deletion").status_code == 303
    with database.write() as db:
        hers = col(Membership.user_id) == cast.bella.user_id
        db.execute(update(Membership).where(hers).values(role=Role.MANAGER))
    clock.forward(days=30)
    monkeypatch.setattr(deletion, "BATCH", 1)
    carry_out(database)
    assert stored(database, cast.dina).name == "Deleted person"
    assert stored(database, cast.mallory).email == cast.mallory.email, "left to the next run"
    carry_out(database)
    assert stored(database, cast.mallory).name == "Deleted person"
    assert stored(database, cast.bob).email == cast.bob.email


@pytest.mark.parametrize("when", ["before", "afterwards"])
def test_nobody_leaves_a_running_contract(as_, database, cast, clock: ManualClock, when):
    def alone() -> None:
        with database.write() as db:
            others = col(Membership.user_id) != cast.alice.user_id
            at_alices = col(Membership.workspace_id) == cast.alice.workspace_id
            for member in db.scalars(select(Membership).where(others, at_alices)):
                db.delete(member)

    def sign() -> None:
        with database.write() as db:
            viewer_of(db, "alice")
            make_active(db, message="Agreed")

    alone()
    alice = as_("alice")
    if when == "before":
        sign()
        assert alice.post("/settings/deletion").status_code == 409
        assert stored(database, cast.alice).deletion_requested_at is None
        return
    assert alice.post("/settings/deletion").status_code == 303
    sign()
    clock.forward(days=30)
    carry_out(database)
    assert stored(database, cast.alice).email == cast.alice.email
    assert templates_to(database, cast.alice.email)[-1] != "account_deleted"


def test_who_was_suspended_meanwhile_is_erased_with_the_workspace(as_, database, cast, clock: ManualClock):
    with database.write() as db:
        make_profile(db, "dina", name="Dina Digital", about="I photograph bread at six in the morning, " * 5)
    assert as_("dina").post("/settings/deletion").status_code == 303
    with database.write() as db:
        users.suspend(db, cast.dina.email)
    clock.forward(days=30)
    carry_out(database)
    assert stored(database, cast.dina).name == "Deleted person"
    left = words_of(database)
    for said in (cast.dina.email, cast.dina.full_name, "Dina Digital", "bread at six"):
        assert said not in left, said
    with database.read() as db:
        place = db.get_one(Workspace, cast.dina.workspace_id)
    assert (place.name, place.legal_name, place.legal_address) == ("Closed workspace", "", "")
    assert broken(database) == []


def test_who_was_suspended_meanwhile_stays_while_a_contract_runs(as_, database, cast, clock: ManualClock):
    assert as_("dina").post("/settings/deletion").status_code == 303
    with database.write() as db:
        make_active(db, specialist="dina", message="Agreed")
    with database.write() as db:
        users.suspend(db, cast.dina.email)
    clock.forward(days=30)
    carry_out(database)
    assert stored(database, cast.dina).email == cast.dina.email
    assert broken(database) == []


def test_a_workspace_nobody_works_in_is_closed(database, cast):
    with database.write() as db:
        workspaces.suspend(db, db.get_one(Workspace, cast.dina.workspace_id))
        assert every_empty_workspace_is_closed(db) == []
        db.execute(delete(Membership).where(col(Membership.user_id) == cast.dina.user_id))
        assert every_empty_workspace_is_closed(db) == [f"workspace {cast.dina.workspace_id} is empty but not closed"]


def test_the_worker_knows_it():
    assert "users.carry_out_deletions" in JOBS
    assert "users.carry_out_deletions" in SCHEDULE
