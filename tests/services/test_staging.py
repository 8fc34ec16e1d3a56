"""What a test begins with is a copy; what comes later in a test is made in its place."""

from __future__ import annotations

from sqlmodel import col, func, select

from crm.contracts.models import Contract
from tests.backdrop import CAST_ALONE
from tests.cast import viewer_of
from tests.factories.contracts import make_active, make_sent, staged


def contracts(database):
    with database.read() as db:
        return db.scalar(select(func.count(col(Contract.id))))


def test_each_test_begins_with_the_same(database, clock):
    first = staged(database, make_active)
    assert contracts(database) == 1
    database.begin(CAST_ALONE, database._lend, clock)  # as for the next test
    assert contracts(database) == 0
    assert staged(database, make_active) == first


def test_a_second_is_another(database):
    assert staged(database, make_active) != staged(database, make_active)
    assert contracts(database) == 2


def test_nothing_written_before_is_lost(database):
    with database.write() as db:
        before = make_sent(db).id
    after = staged(database, make_sent)
    with database.read() as db:
        assert set(db.scalars(select(col(Contract.id)))) == {before, after}


def test_nobody_is_cut_off_while_reading(database):
    with database.read() as db:
        viewer_of(db, "alice")
        staged(database, make_sent)
    assert contracts(database) == 1


def test_once_time_has_passed_it_is_made_then(database, clock):
    clock.forward(days=1)
    contract_id = staged(database, make_sent)
    with database.read() as db:
        assert db.get_one(Contract, contract_id).created_at == clock()
