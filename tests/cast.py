"""The cast: the same people, with fixed ids and keys, in every test's database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from uuid import UUID

from accounts.sessions.models import LoginSession
from accounts.tokens.models import SCOPES, ApiToken
from accounts.users.models import User
from accounts.viewers import Viewer, find_by_session
from accounts.workspaces.models import Membership, Role, Workspace, WorkspaceKind
from core.crypto import token_hash
from core.db import Session
from core.events import record

PASSWORD = "a long walk to the harbour"


@dataclass(frozen=True)
class Part:
    """One member of the cast: a person in a workspace."""

    name: str
    full_name: str
    workspace: str
    kind: WorkspaceKind | None
    role: Role
    number: int
    verified: bool = True
    suspended: bool = False
    staff: bool = False

    @property
    def user_id(self) -> UUID:
        return UUID(int=0x0190_0000_0000_7000_8000_0000_0000_0000 + self.number)

    @property
    def workspace_id(self) -> UUID:
        number = WORKSPACES.index(self.workspace) + 1
        return UUID(int=0x0190_0000_0000_7000_9000_0000_0000_0000 + number)

    @property
    def email(self) -> str:
        return f"{self.name}@example.com"

    @property
    def session_token(self) -> str:
        return f"session-of-{self.name}"

    @property
    def api_token(self) -> str:
        return f"token-of-{self.name}"

    @property
    def read_only_token(self) -> str:
        return f"read-only-token-of-{self.name}"


S, B = WorkspaceKind.SPECIALIST, WorkspaceKind.BUSINESS
WORKSPACES = ["Alice Social", "Bob's Café", "Dina Digital", "Mallory Media", "Trent Trading", "Staff"]
PARTS = [
    Part("alice", "Alice Аркадьева", "Alice Social", S, Role.OWNER, 1),
    Part("anton", "Anton Manager", "Alice Social", S, Role.MANAGER, 2),
    Part("amir", "Amir Member", "Alice Social", S, Role.MEMBER, 3),
    Part("agnes", "Agnes Reader", "Alice Social", S, Role.VIEWER, 4),
    Part("bob", "Bob Brunner", "Bob's Café", B, Role.OWNER, 5),
    Part("bella", "Bella Manager", "Bob's Café", B, Role.MANAGER, 6),
    Part("boris", "Boris Member", "Bob's Café", B, Role.MEMBER, 7),
    Part("carol", "Carol Reader", "Bob's Café", B, Role.VIEWER, 8),
    Part("dina", "Đinh Dina", "Dina Digital", S, Role.OWNER, 9),
    Part("mallory", "Mallory Stranger", "Mallory Media", S, Role.OWNER, 10),
    Part("trent", "Trent Stranger", "Trent Trading", B, Role.OWNER, 11),
    Part("ursula", "Ursula Unconfirmed", "Trent Trading", B, Role.OWNER, 12, verified=False),
    Part("sam", "Sam Suspended", "Alice Social", S, Role.OWNER, 13, suspended=True),
    Part("sofia", "Sofia Staff", "Staff", B, Role.OWNER, 14, staff=True),
]
"""alice, dina, mallory: specialists; bob, trent: businesses. anton/amir/agnes work for alice, bella/boris/carol for
bob, as manager, member, viewer. ursula has not confirmed her address, sam is suspended, sofia is staff."""


@dataclass(frozen=True)
class Cast:
    members: dict[str, Part] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Part:
        try:
            return self.members[name]
        except KeyError:
            raise AttributeError(name) from None


CAST = Cast({part.name: part for part in PARTS})


@lru_cache(maxsize=1)
def password_hash() -> str:
    """Argon2id of ``PASSWORD``."""
    from accounts.users.passwords import hash_password

    return hash_password(PASSWORD)


def put_cast_on_stage(db: Session) -> None:
    """Write the cast; each has a running log-in, a token with all scopes and a read-only one."""
    now = db.now()
    for part in PARTS:
        first = next(p for p in PARTS if p.workspace == part.workspace)
        if first is part:
            workspace = Workspace(
                id=part.workspace_id,
                kind=part.kind,
                name=part.workspace,
                legal_name=f"{part.workspace} Ltd",
                legal_address="1 Harbour Street, Riga",
                country="Latvia",
                city="Riga",
                created_at=now,
            )
            db.add(workspace)
            db.flush()
            record(db, "workspace.created", workspace, by=None, kind=workspace.kind.value)
        db.add(
            User(
                id=part.user_id,
                email=part.email,
                email_verified_at=now if part.verified else None,
                name=part.full_name,
                password_hash=password_hash(),
                password_changed_at=now,
                is_staff=part.staff,
                suspended_at=now if part.suspended else None,
                created_at=now,
            )
        )
        db.flush()
        db.add(Membership(workspace_id=part.workspace_id, user_id=part.user_id, role=part.role, created_at=now))
        db.add(
            LoginSession(
                user_id=part.user_id,
                workspace_id=part.workspace_id,
                token_hash=token_hash(part.session_token),
                created_at=now,
                seen_at=now,
                proven_at=now,
                expires_at=now + timedelta(days=3650),
            )
        )
        for token, scopes in (
            (part.api_token, list(SCOPES)),
            (part.read_only_token, [scope for scope in SCOPES if scope.endswith(":read")]),
        ):
            db.add(
                ApiToken(
                    user_id=part.user_id,
                    workspace_id=part.workspace_id,
                    name="Test",
                    token_hash=token_hash(token),
                    hint=token[:8],
                    scopes=scopes,
                    created_at=now,
                )
            )
    db.flush()


def viewer_of(db: Session, who: str | Part) -> Viewer:
    """A member of the cast as the services see them."""
    part = CAST.members[who] if isinstance(who, str) else who
    found = find_by_session(db, part.session_token)
    assert found is not None
    return found
