"""What is wrong with an input, said to a person: one sentence for each field, saying what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from core.i18n import gettext as _


def sentence(kind: str, context: Mapping[str, Any], message: str) -> str:
    """A translated sentence for one of pydantic's error types, saying what to do."""
    if context.get("field_type") == "Value":  # so it calls a text that was cleaned before it was measured
        kind = kind.replace("too_", "string_too_")
    match kind:
        case "missing":
            return _("Fill this in.")
        case "string_too_short" | "too_short":
            least = context.get("min_length", 1)
            return _("Fill this in.") if least == 1 else _("Use at least %(n)s.") % {"n": least}
        case "string_too_long":
            return _("Use at most %(n)s characters.") % {"n": context.get("max_length")}
        case "too_long":
            return _("Choose at most %(n)s.") % {"n": context.get("max_length")}
        case "greater_than_equal" | "greater_than":
            return _("Enter %(n)s or more.") % {"n": context.get("ge", context.get("gt"))}
        case "less_than_equal" | "less_than":
            return _("Enter %(n)s or less.") % {"n": context.get("le", context.get("lt"))}
        case "string_type":
            return _("Send text.")
        case "list_type":
            return _("Send a list.")
        case "dict_type" | "model_type" | "model_attributes_type":
            return _("Send an object.")
        case "int_type" | "int_parsing" | "int_from_float" | "int_parsing_size":
            return _("Enter a whole number.")
        case "enum" | "literal_error":
            return _("Choose one of the list.")
        case "extra_forbidden":
            return _("This field is not known here.")
        case "bool_type" | "bool_parsing":
            return _("Say yes or no.")
        case "uuid_parsing" | "uuid_type":
            return _("Choose one of the list.")
        case kind if kind.startswith(("date", "time")):
            return _("Enter a date, for example 2026-11-30.")
        case "string_pattern_mismatch":
            return _("This does not look right. Check it for typing errors.")
        case "value_error":
            return _(str(context.get("error") or message))
        case kind if "_" not in kind or kind in {"one_line", "whole_number"}:
            return _(message)
        case _:
            return _("This does not look right. Check it for typing errors.")


def field_errors(error: ValidationError, separator: str) -> dict[str, str]:
    """Sentences by field; what was sent is never part of them."""
    found: dict[str, str] = {}
    for item in error.errors(include_url=False, include_input=False):
        name = separator.join(str(part) for part in item["loc"] if not str(part).startswith("function-"))
        found.setdefault(name, sentence(item["type"], item.get("ctx", {}), item["msg"]))
    return found
