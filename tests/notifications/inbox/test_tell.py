"""Those across the table hear of what happened; nobody else does."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from accounts.users.models import User
from accounts.workspaces import members
from accounts.workspaces.models import Membership
from core.db import Database
from core.jobs import Job
from notifications.inbox.checks import wrong_counts
from notifications.inbox.kinds import KINDS, sentence
from notifications.inbox.models import Notice
from tests.cast import CAST, viewer_of
from tests.factories.notices import happen
from tests.mails import sent, text_of_mail
from tests.people import text_of


def unread(database: Database) -> dict[str, int]:
    """Who has how much to read."""
    names = {part.user_id: name for name, part in CAST.members.items()}
    with database.read() as db:
        rows = db.execute(select(col(User.id), col(User.unread)).where(col(User.unread) != 0)).all()
        assert wrong_counts(db) == []
    return {names[row.id]: row.unread for row in rows}


def mailed(database: Database) -> list[str]:
    with database.read() as db:
        return sorted(job.payload["to"] for job in db.scalars(select(Job).where(col(Job.kind) == "emails.send")))


def test_the_other_side_hears_of_it_except_readers_and_strangers(as_, database):
    with database.write() as db:
        happen(db, title="Posts for June")
    assert unread(database) == {"bob": 1, "bella": 1, "boris": 1}
    page = as_("boris").get("/inbox")
    assert "Alice Social sent an offer: Posts for June" in text_of(page)
    for name in ("carol", "alice", "trent", "mallory", "sofia"):
        assert "Posts for June" not in as_(name).get("/inbox").text
        assert as_(name).api("GET", "/inbox").json()["rows"] == []


def test_whoever_did_it_is_not_told(database):
    with database.write() as db:
        happen(db, by="bella")
    assert unread(database) == {"bob": 1, "boris": 1}


def test_a_timer_tells_both_sides(database):
    with database.write() as db:
        happen(db, "offer.expired", by=None, to="bob", also=str(CAST.alice.workspace_id))
    assert unread(database) == {"bob": 1, "bella": 1, "boris": 1, "alice": 1, "anton": 1, "amir": 1}


def test_suspended_people_hear_nothing_and_unconfirmed_addresses_get_no_mail(database):
    with database.write() as db:
        happen(db, to="alice", by="bob")
        happen(db, to="trent")
    assert "sam" not in unread(database)
    assert unread(database)["ursula"] == 1
    assert mailed(database) == [f"{name}@example.com" for name in ("alice", "amir", "anton", "trent")]


def test_quiet_kinds_are_not_mailed_and_other_kinds_not_told(database):
    with database.write() as db:
        happen(db, "offer.viewed")
        happen(db, "deal.moved")
    assert unread(database) == {"bob": 1, "bella": 1, "boris": 1}
    assert mailed(database) == []


def test_nothing_is_told_when_the_verb_fails(database):
    with database.write() as db:
        happen(db)
        db.rollback()
        happen(db)
    assert unread(database) == {"bob": 1, "bella": 1, "boris": 1}
    with pytest.raises(RuntimeError):
        fail_after_telling(database)
    assert unread(database) == {"bob": 1, "bella": 1, "boris": 1}


def test_a_part_that_fails_alone_takes_its_notices_back(database):
    with database.write() as db:
        happen(db, by="bella")
        with suppress(RuntimeError), db.attempt():
            happen(db, to="alice", by="bob")
            happen(db)
            raise RuntimeError
    assert unread(database) == {"bob": 1, "boris": 1}


def fail_after_telling(database: Database) -> None:
    with database.write() as db:
        happen(db)
        raise RuntimeError


def test_the_mail_says_it_in_the_reader_s_words_and_links_there(database, worker, mail_folder):
    with database.write() as db:
        db.execute(update(User).where(col(User.id) != CAST.bob.user_id).values(email_verified_at=None))
        facts = {"total": 86_000, "currency": "EUR", "valid_until": "2026-06-30"}
        happen(db, title="Posts & Reels <June>\r\nBcc: x@example.com", url="/offers/42", **facts)
    worker.drain()
    (mail,) = sent(mail_folder)
    assert mail["To"] == "bob@example.com"
    assert mail["Subject"] == "Alice Social sent an offer: Posts & Reels <June> Bcc: x@example.com"
    assert mail["Bcc"] is None
    assert "http://testserver/offers/42" in text_of_mail(mail)
    assert "Total: €860. Valid until 30 June 2026." in text_of_mail(mail)
    assert "For your workspace Bob" in text_of_mail(mail)
    assert mail["List-Unsubscribe"] == "<http://testserver/settings/notices>"
    html = mail.get_body(("html",)).get_content()
    assert "Posts &amp; Reels &lt;June&gt;" in html
    assert 'href="http://testserver/offers/42"' in html


def test_the_mail_tells_until_when_to_sign_in_the_reader_s_time(database, worker, mail_folder):
    zones = {"bob": "America/Los_Angeles", "bella": "Asia/Kolkata"}
    with database.write() as db:
        for name, zone in zones.items():
            db.execute(update(User).where(col(User.id) == CAST.members[name].user_id).values(time_zone=zone))
        happen(db, "contract.sent", expires_at="2026-06-15T00:30:00+00:00")
    worker.drain()
    said = {mail["To"].partition("@")[0]: text_of_mail(mail) for mail in sent(mail_folder)}
    assert "To be signed by 14 Jun 2026, 17:30 UTC−7." in said["bob"]
    assert "To be signed by 15 Jun 2026, 06:00 UTC+5:30." in said["bella"]
    assert "To be signed by 15 Jun 2026, 00:30 UTC." in said["boris"]


@pytest.mark.parametrize("url", ["https://evil.example", "//evil.example", "", "javascript:alert(1)", "/" + "x" * 300])
def test_a_notice_only_leads_to_places_of_ours(database, url):
    with database.write() as db:
        happen(db, url=url)
    with database.read() as db:
        assert set(db.scalars(select(col(Notice.url)))) == {"/inbox"}


def test_a_title_is_shown_as_text(as_, database):
    with database.write() as db:
        happen(db, title="<script>alert(1)</script> %(who)s 100%")
    page = as_("bob").get("/inbox").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; %(who)s 100%" in page


def test_a_removed_member_loses_the_notices(as_, database):
    with database.write() as db:
        happen(db)
        happen(db)
    with database.write() as db:
        member = db.scalars(select(Membership).where(col(Membership.user_id) == CAST.boris.user_id)).one()
        members.remove(db, member, by=viewer_of(db, "bob"))
    assert unread(database) == {"bob": 2, "bella": 2}


def test_the_count_is_exact_under_twenty_threads(database):
    """Ten tell both sides in opposite order while ten read everything: no deadlock, no lost count."""
    with database.write() as db:
        happen(db, to="bob")
        happen(db, to="alice", by="bob")
    start = threading.Barrier(20)
    errors: list[BaseException] = []

    def run(number: int) -> None:
        from notifications.inbox import service as inbox

        start.wait()
        try:
            with database.write() as db:
                if number % 2:
                    inbox.read_all(db, by=viewer_of(db, ("alice", "bob", "bella")[number % 3]))
                else:
                    sides = ("bob", "alice") if number % 4 else ("alice", "bob")
                    for side in sides:
                        happen(db, "offer.viewed", to=side, by=None)
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    counts = unread(database)
    assert counts["boris"] == 11
    assert counts["anton"] == 11


def test_the_event_of_one_person_makes_one_notice(database):
    with database.write() as db:
        event = happen(db)
        found = list(db.scalars(select(Notice).where(col(Notice.event_id) == event.id)))
        assert len(found) == len({notice.user_id for notice in found}) == 3


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_sentence_can_be_said(kind):
    said = sentence(kind, {"title": "100% <b>", "who": "Bob's Café", "line": "Reels"})
    assert "100% <b>" in said
    assert "%(" not in said
    assert "%%" not in said
    assert sentence(kind, {})


def test_work_names_its_line(as_, database):
    with database.write() as db:
        happen(db, "usage.near", title="June", line="Instagram Reels")
    assert "80% of what is agreed is used, Instagram Reels: June" in text_of(as_("bob").get("/inbox"))
