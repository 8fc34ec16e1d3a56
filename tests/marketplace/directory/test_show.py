"""A specialist's public page, and the front page."""

from __future__ import annotations

import pytest

from marketplace.cases.models import Case, CaseStatus
from marketplace.profiles import service as profiles
from tests.counting import counted
from tests.factories.profiles import make_profile
from tests.people import text_of


@pytest.fixture
def published(database):
    with database.write() as db:
        make_profile(db, "alice", available_from="2026-06-15")


def put_case(database, cast, title: str, **values) -> None:
    """A published case of alice's, straight into the table."""
    with database.write() as db:
        case = Case(
            workspace_id=cast.alice.workspace_id,
            slug=title.lower().replace(" ", "-"),
            title=title,
            client_name="Halden",
            platforms=["IG"],
            status=CaseStatus.PUBLISHED,
            published_at=db.now(),
            created_at=db.now(),
            updated_at=db.now(),
            **values,
        )
        db.add(case)
        db.flush()
        profiles.refresh(db, cast.alice.workspace_id, case_count=1)


def test_everything_public_is_there(as_, published):
    shown = text_of(as_("").get("/specialists/alice-social"))
    for words in (
        "Cafés that want regulars",
        "Riga, UTC+3",
        "English, Russian",
        "Instagram",
        "Expert",
        "Content plan",
        "Cafés and restaurants",
        "Canva",
        "€600–1,200",
        "€25",
        "20 hours a week",
        "Free from 15 June",
    ):
        assert words in shown


def test_the_same_over_json(as_, published):
    answer = as_("").client.get("/api/v1/specialists/alice-social")
    assert answer.status_code == 200
    body = answer.json()
    assert body["platforms"] == [{"code": "IG", "level": "expert"}, {"code": "TG", "level": "confident"}]
    assert (body["rate_min"], body["currency"], body["free_hours"]) == (60_000, "EUR", 20)
    assert {"archetype", "workspace_id", "rank", "busy_minutes", "version"}.isdisjoint(body)


@pytest.mark.parametrize(
    "slug", ["nobody", "Alice-Social", "%00", "a%00b", "..%2Fetc", "x" * 200, "alice-social'", "🙂"]
)
def test_what_is_not_there_is_a_404(as_, published, slug):
    assert as_("").get(f"/specialists/{slug}").status_code == 404
    assert as_("").client.get(f"/api/v1/specialists/{slug}").status_code == 404


def test_only_businesses_are_offered_to_hire(as_, published):
    assert 'href="/offers/new?to=alice-social"' in as_("bob").get("/specialists/alice-social").text
    assert "/offers/new" not in as_("dina").get("/specialists/alice-social").text
    assert "/offers/new" not in as_("").get("/specialists/alice-social").text
    assert "This is how others see you" in text_of(as_("alice").get("/specialists/alice-social"))


def test_published_cases_are_listed_and_a_client_under_nda_is_not_named(as_, database, published, cast):
    put_case(database, cast, "Orders doubled", is_nda=True)
    shown = text_of(as_("").get("/specialists/alice-social"))
    assert "Orders doubled" in shown
    assert "Halden" not in shown
    assert "1 case" in text_of(as_("").get("/specialists"))


def test_names_are_shown_as_text(as_, database):
    with database.write() as db:
        make_profile(db, "alice", name="<script>alert(1)</script>", headline='"><img src=x onerror=alert(1)>')
    for path in ("/specialists/alice-social", "/specialists", "/"):
        page = as_("").get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_a_page_seen_before_is_not_sent_again(as_, database, published, cast):
    nobody = as_("")
    nobody.get("/specialists")
    first = nobody.get("/specialists/alice-social")
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    with counted(database) as seen:
        again = nobody.get("/specialists/alice-social", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert len([s for s in seen if s.startswith("SELECT")]) == 1
    put_case(database, cast, "Something new")
    changed = nobody.get("/specialists/alice-social", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag
    vietnamese = nobody.get("/specialists/alice-social", headers={"If-None-Match": tag, "Accept-Language": "vi"})
    assert vietnamese.status_code == 200


def test_pages_of_people_signed_in_are_never_kept(as_, published):
    page = as_("bob").get("/specialists/alice-social")
    assert "etag" not in page.headers
    assert page.headers["cache-control"] == "no-store"


def test_unpublished_is_gone_for_those_who_had_it(as_, published):
    nobody = as_("")
    nobody.get("/specialists")
    tag = nobody.get("/specialists/alice-social").headers["etag"]
    as_("alice").api("DELETE", "/profile/publication")
    assert nobody.get("/specialists/alice-social", headers={"If-None-Match": tag}).status_code == 404


def test_the_page_asks_a_fixed_number_of_questions(as_, database, published, cast):
    put_case(database, cast, "First")
    with counted(database) as one:
        as_("bob").get("/specialists/alice-social")
    for number in range(10):
        put_case(database, cast, f"Case {number}")
    with counted(database) as many:
        as_("bob").get("/specialists/alice-social")
    assert len(one) == len(many)
    assert len([s for s in many if s.startswith("SELECT")]) <= 8


def test_the_front_page_is_for_everyone(as_, database, published, cast):
    put_case(database, cast, "Orders doubled")
    for name in ("", "bob", "alice"):
        page = as_(name).get("/")
        assert page.status_code == 200
        shown = text_of(page)
        assert "Search 1 specialist" in shown
        assert "Alice Social" in shown
        assert "Orders doubled" in shown
    with counted(database) as seen:
        as_("bob").get("/")
    assert len([s for s in seen if s.startswith(("SELECT", "WITH"))]) <= 8


def test_the_front_page_of_an_empty_market(as_):
    page = as_("").get("/")
    assert page.status_code == 200
    assert "New here" not in text_of(page)
