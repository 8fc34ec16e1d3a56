"""The foot of the sidebar: who is logged in, where, and what belongs to that person."""

from __future__ import annotations

import pytest

from accounts.workspaces.models import Workspace
from tests.cast import CAST


def foot(person) -> str:
    return person.get("/home").text.split('class="sidebar-foot"')[1].split("</aside>")[0]


def test_it_names_the_person_and_the_workspace(as_):
    shown = foot(as_("bob"))
    assert "<bdi>Bob Brunner</bdi>" in shown
    assert "<bdi>Bob&#39;s Café</bdi>" in shown


@pytest.mark.parametrize(("name", "kind"), [("alice", "Specialist"), ("bob", "Business")])
def test_a_workspace_called_like_the_person_is_told_by_its_kind(as_, database, name, kind):
    with database.write() as db:
        part = CAST.members[name]
        db.get_one(Workspace, part.workspace_id).name = part.full_name
    shown = foot(as_(name))
    assert shown.count(f"<bdi>{part.full_name}</bdi>") == 1
    assert f"<bdi>{kind}</bdi>" in shown


@pytest.mark.parametrize(("name", "profiles"), [("alice", 1), ("bob", 0)])
def test_its_menu_leads_to_the_settings_and_a_specialists_profile(as_, name, profiles):
    shown = foot(as_(name))
    assert shown.count('href="/settings"') == 1
    assert shown.count('href="/my/profile"') == profiles
