"""Mail that was given up is seen at the console and brought back from there; its link is seen by nobody."""

from __future__ import annotations

import sys

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.cli import main
from core import dead_letters
from core.clock import system_clock
from core.ids import new_token
from core.jobs import MOST_ATTEMPTS, Job, JobState, claim, enqueue, fail
from tests.mails import sent, text_of_mail

SECRET = new_token()


@pytest.fixture
def run(database, monkeypatch, capsys):
    """``run("list")`` is exit code and what was said, on the test's database."""
    monkeypatch.setenv("POSTWRIGHT_DATABASE_URL", database.url)

    def one(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["postwright", "jobs", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert SECRET not in said.out + said.err
        return int(ended.value.code or 0), said.out + said.err

    return one


@pytest.fixture
def buried(database) -> Job:
    """A mail to bob whose server was gone at every attempt."""
    mail = {"to": "bob@example.com", "template": "reset_password", "locale": "en"}
    with database.write() as db:
        enqueue(db, "emails.send", {**mail, "params": {"path": f"/reset/{SECRET}"}})
        job = db.scalars(select(Job).where(col(Job.kind) == "emails.send")).one()
        job.attempts = MOST_ATTEMPTS - 1
        db.flush()
        (job,) = claim(db, "worker")
        db.refresh(job)
        fail(db, job, "worker", f"ConnectionRefusedError: mail to bob@example.com with /reset/{SECRET}")
    return job


def test_none_is_listed_where_none_was_given_up(run):
    assert run("list") == (0, "no job was given up\n")
    assert run("retry", "all") == (0, "to be run again: 0\n")


def test_one_is_listed_without_address_and_link(run, clock, buried):
    assert run("list") == (
        0,
        f"{buried.id}  {clock():%Y-%m-%d %H:%M} UTC  emails.send  8 attempts  "
        "ConnectionRefusedError: mail to … with /reset/…\n",
    )


def test_more_than_a_page_are_counted(run, database, monkeypatch, buried):
    monkeypatch.setattr(dead_letters, "MOST_SHOWN", 2)
    with database.write() as db:
        for _number in range(3):
            db.add(Job(kind="test", state=JobState.DEAD, run_at=db.now(), created_at=db.now()))
    code, said = run("list")
    assert code == 0
    assert len(said.splitlines()) == 3
    assert said.endswith("… and 2 more\n")


@pytest.mark.parametrize("which", ["id", "all"])
def test_a_mail_brought_back_is_sent(run, database, clock, worker, mail_folder, buried, which):
    assert run("retry", str(buried.id) if which == "id" else "all") == (0, "to be run again: 1\n")
    clock.at = system_clock()  # the console knows no other
    worker.drain()
    (mail,) = sent(mail_folder)
    assert SECRET in text_of_mail(mail)
    with database.read() as db:
        assert db.get_one(Job, buried.id).state is JobState.DONE


@pytest.mark.parametrize("which", ["0190c0de-0000-7000-8000-000000000000", "yesterday", "", "ALL"])
def test_an_unknown_one_is_answered_in_a_sentence(run, database, buried, which):
    code, said = run("retry", which)
    assert (code, said) == (1, f"No job with the id {which} was given up. See: postwright jobs list\n")
    with database.read() as db:
        assert dead_letters.count(db) == 1


def test_readyz_counts_it_and_stays_ready(as_, buried):
    answer = as_("").get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    assert answer.json()["checks"]["queue"] == {"ok": True, "waiting": 0, "dead": 1}
