"""A route that tells at a glance that it is not meant: there are hundreds, and each request asks them in turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope


class Route(APIRoute):
    """Compares the fixed beginning of its path before anything else."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self._beginning = path.partition("{")[0]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if not scope.get("root_path") and not scope.get("path", "").startswith(self._beginning):
            return Match.NONE, {}
        return super().matches(scope)
