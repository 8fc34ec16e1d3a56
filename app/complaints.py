"""What went wrong at the console, in a sentence, when a person there can put it right."""

from __future__ import annotations

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from app.backup import BackupError
from core.db import is_crossed
from core.errors import DomainError, Invalid
from web.sentences import field_errors


def complaint(error: Exception) -> str | None:
    """The sentence, or ``None`` for a fault of our own: that one keeps its traceback."""
    match error:
        case Invalid() if error.fields:
            return _listed(error.fields)
        case DomainError():
            return error.detail
        case ValidationError():
            return _listed(field_errors(error, "."))
        case BackupError():
            return str(error)
        case DBAPIError() if error.connection_invalidated or error.statement is None:
            return f"The database cannot be reached: {str(error.orig).strip()}"
        case DBAPIError() if is_crossed(error):
            return "The database is busy and nothing was changed. Try again in a moment."
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            return f"{where}{error.strerror or error}"
        case _ if type(error).__module__.startswith("alembic.util"):
            return str(error)
        case _:
            return None


def _listed(fields: dict[str, str]) -> str:
    return "\n".join(f"{name}: {text}" for name, text in fields.items())
