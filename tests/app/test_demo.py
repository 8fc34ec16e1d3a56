"""The demo market: alive, sound, the same twice, and open to its log-ins."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from accounts.sessions import service as sessions
from accounts.users.models import User
from accounts.users.passwords import weakness
from accounts.workspaces.models import Invitation, Membership, Role
from app import schema
from app.checks import broken
from app.demo import market
from app.demo.people import LOG_INS, PASSWORD
from app.features import REACTIONS
from core.db import Database, Session
from core.errors import Invalid
from core.events import Event
from core.jobs import Job
from crm.companies.models import Company, Contact
from crm.contracts.models import Contract, ContractStatus
from crm.deals.models import Deal, StageKind
from crm.scopes.models import UsageEntry
from files.models import Upload
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.cases.models import Case, CaseStatus
from marketplace.offers.models import LIVE, Offer, OfferKind, OfferStatus, OfferVersion
from marketplace.profiles.models import Profile, ProfileStatus
from notifications.inbox.models import Notice
from tests.conftest import SETTINGS

UNTIL = datetime(2026, 11, 18, 14, 20, tzinfo=UTC)
_numbers = itertools.count()


def build_empty(url: str) -> None:
    database = Database(url, synchronous="OFF")
    schema.upgrade(database)
    database.dispose()


def build_demo(url: str) -> None:
    build_empty(url)
    database = Database(url, reactions=REACTIONS, synchronous="OFF")
    assert market.is_empty(database)
    market.load_demo(SETTINGS, database, until=UNTIL)
    database.dispose()


Cloner = Callable[..., Database]


@pytest.fixture(scope="module")
def clone_of(request: pytest.FixtureRequest) -> Iterator[Cloner]:
    """``clone_of("sqlite", build_demo)`` is a copy of what ``build_demo`` builds, once a run, on that engine."""
    made: list[tuple[Any, str, Database]] = []

    def clone(engine: str, build: Callable[[str], None]) -> Database:
        server = request.getfixturevalue("sqlite" if engine == "sqlite" else "postgres")
        template, name = f"template_{build.__name__}", f"demo{os.getpid()}_{next(_numbers)}"
        server.template(template, build)
        url = server.clone(template, name)
        database = Database(url, clock=lambda: UNTIL, reactions=REACTIONS, synchronous="OFF")
        made.append((server, name, database))
        return database

    yield clone
    for server, name, database in made:
        database.dispose()
        server.drop(name)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def demo(engine: str, clone_of: Cloner) -> Database:
    return clone_of(engine, build_demo)


@pytest.fixture
def db(demo: Database) -> Iterator[Session]:
    with demo.read() as session:
        yield session


def count(db: Session, column: Any, *conditions: Any) -> Counter[Any]:
    """How many rows have each value of ``column``."""
    return Counter(dict(db.execute(select(column, func.count()).where(*conditions).group_by(column)).all()))


def test_it_is_a_market(db):
    assert count(db, col(Profile.status))[ProfileStatus.PUBLISHED] >= 40
    assert count(db, col(Profile.status))[ProfileStatus.DRAFT] >= 3
    cases = count(db, col(Case.status))
    assert cases[CaseStatus.PUBLISHED] >= 60
    assert cases[CaseStatus.DRAFT] >= 1
    assert count(db, col(Case.is_nda))[True] >= 5
    assert sum(count(db, col(Brief.status)).values()) >= 30


def test_briefs_and_offers_are_in_every_state(db):
    assert set(count(db, col(Brief.status))) == set(BriefStatus)
    assert set(count(db, col(Offer.status))) == set(OfferStatus)
    assert set(count(db, col(Offer.status), col(Offer.on_standby)).elements()) <= LIVE
    assert count(db, col(Offer.on_standby))[True] >= 3
    assert count(db, col(Offer.needs_confirmation))[True] >= 1
    assert count(db, col(Offer.on_board), col(Offer.status) == OfferStatus.SENT)[True] >= 2
    to_one = (col(Offer.kind) == OfferKind.HIRE, ~col(Offer.on_board))
    assert sum(count(db, col(Offer.status), *to_one).values()) >= 3
    assert max(db.scalars(select(col(OfferVersion.number)))) >= 3


def test_contracts_are_in_several_states_and_used(db):
    contracts = count(db, col(Contract.status))
    assert contracts[ContractStatus.ACTIVE] >= 5
    for status in ("draft", "sent", "partially_signed", "declined", "expired", "void", "ending", "ended", "terminated"):
        assert contracts[ContractStatus(status)] >= 1
    months = db.execute(
        select(col(UsageEntry.contract_id), func.count(func.distinct(UsageEntry.period))).group_by(
            col(UsageEntry.contract_id)
        )
    ).all()
    assert sum(1 for _contract, periods in months if periods >= 3) >= 5
    assert count(db, col(UsageEntry.goodwill))[True] >= 1
    assert db.scalar(select(func.count()).where(col(UsageEntry.corrects_id).is_not(None))) >= 1
    assert db.scalar(select(func.count()).where(col(UsageEntry.upload_id).is_not(None))) >= 1


def test_pipelines_companies_and_notices(db):
    assert set(count(db, col(Deal.stage_kind))) == set(StageKind)
    lost = (col(Deal.stage_kind) == StageKind.LOST, col(Deal.lost_reason).is_(None))
    assert not count(db, col(Deal.stage_kind), *lost)
    assert db.scalar(select(func.count(Company.id))) >= 30
    assert db.scalar(select(func.count(Contact.id))) >= 30
    assert count(db, col(Notice.read_at).is_(None)).keys() == {True, False}


def test_teams_have_members_and_readers(db):
    roles = count(db, col(Membership.role))
    assert roles.keys() == set(Role)
    assert db.scalar(select(func.count()).where(col(Invitation.accepted_at).is_(None))) >= 1


def test_pictures_are_public_where_their_pages_are(db):
    shown = select(col(Upload.public)).join(Profile, col(Profile.photo_id) == Upload.id)
    assert set(db.scalars(shown.where(col(Profile.status) == ProfileStatus.PUBLISHED))) == {True}
    assert db.scalar(select(func.count()).where(col(Upload.mime) == "image/webp")) >= 35


def test_nothing_is_broken_and_no_mail_waits(demo, db):
    assert broken(demo) == []
    assert not db.scalars(select(Job)).all()


def test_it_ends_just_before_now(db):
    first, last = db.execute(select(func.min(Event.at), func.max(Event.at))).one()
    assert UNTIL - timedelta(days=155) < first < UNTIL - timedelta(days=140)
    assert UNTIL - timedelta(hours=3) < last <= UNTIL
    ordered = list(db.scalars(select(col(Event.at)).order_by(col(Event.id))))
    assert ordered == sorted(ordered)


def test_its_log_ins_work(demo):
    assert weakness(PASSWORD) is None
    with demo.write() as db:
        people = [sessions.check_password(db, email, PASSWORD) for email, _who in LOG_INS]
        assert [person.email for person in people] == [email for email, _who in LOG_INS]
        assert people[-1].is_staff
        with pytest.raises(Invalid):
            sessions.check_password(db, LOG_INS[0][0], PASSWORD + "?")


def content(database: Database) -> list[Any]:
    """Names, states and sums, without ids."""
    with database.read() as db:
        return [
            sorted(db.scalars(select(col(User.name)))),
            sorted(map(tuple, db.execute(select(col(Brief.title), col(Brief.status), col(Brief.offer_count))).all())),
            sorted(map(tuple, db.execute(select(col(Offer.title), col(Offer.status), col(Offer.total))).all())),
            sorted(
                map(tuple, db.execute(select(col(Contract.title), col(Contract.status), col(Contract.total))).all())
            ),
            sorted(
                map(
                    tuple,
                    db.execute(select(col(Deal.title), col(Deal.stage_kind), func.coalesce(Deal.amount, 0))).all(),
                )
            ),
            sorted(
                map(
                    tuple,
                    db.execute(select(col(UsageEntry.period), col(UsageEntry.quantity), col(UsageEntry.note))).all(),
                )
            ),
            db.scalar(select(func.count(Notice.id))),
        ]


def test_it_is_the_same_every_time(clone_of):
    once, again = clone_of("sqlite", build_demo), clone_of("postgresql", build_demo)
    assert content(once) == content(again)


def test_a_load_that_fails_leaves_an_empty_database(engine, clone_of, monkeypatch):
    database = clone_of(engine, build_empty)

    def fail(db: Session, _payload: dict[str, Any]) -> None:
        raise RuntimeError("the machine stops")

    monkeypatch.setattr(market, "JOBS", {**market.JOBS, "briefs.expire": fail})
    with pytest.raises(RuntimeError):
        market.load_demo(SETTINGS, database, until=UNTIL)
    assert market.is_empty(database)


def test_the_pictures_stay_small():
    folder = Path(market.__file__).parent / "pictures"
    assert sum(path.stat().st_size for path in folder.rglob("*.webp")) <= 300 * 1024
