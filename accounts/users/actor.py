"""Who did something to their own account, before or outside of any workspace."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Oneself:
    """The actor of events about one's own account; these belong to no workspace unless one is named."""

    user_id: UUID
    workspace_id: UUID | None = None
