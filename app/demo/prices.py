"""Prices of lines: a total split by the hours behind each line, in round numbers."""

from __future__ import annotations

from typing import Any

from app.demo.stage import minor
from marketplace.taxonomy.catalogue import load

ROUND = {"RUB": 500, "KZT": 1_000, "VND": 50_000, "THB": 100, "PLN": 20, "RSD": 500, "TRY": 250}
"""What people round to in a currency; 5 elsewhere."""
OURS = ("specialist", "shared")
PIECES = ("D1", "D2", "D4", "D5", "D6")
"""Work that is easily asked for once more, so that one unit beyond the limit has a price."""

Lines = list[dict[str, Any]]


def spread(lines: Lines, total: int, currency: str) -> Lines:
    """The lines with prices in minor units that add up to ``total``, by their usual hours."""
    return _split(lines, [_minutes(line) if _is_ours(line) else 0 for line in lines], total, currency)


def scaled(lines: Lines, total: int, currency: str) -> Lines:
    """The same lines for another total; lines without prices stay so."""
    if any(line.get("price") for line in lines):
        return _split(lines, [line.get("price") or 0 for line in lines], total, currency)
    return lines


def _is_ours(line: dict[str, Any]) -> bool:
    return line.get("owner", "specialist") in OURS and line.get("coverage") != "excluded"


def _minutes(line: dict[str, Any]) -> int:
    duty = load().responsibility(line["responsibility"])
    shares = {"month": 1, "quarter": 3, "once": 6}[line.get("period", "month")]
    return max(1, duty.norm_minutes * int(line.get("limit") or duty.default_limit) // shares)


def _split(lines: Lines, weights: list[int], total: int, currency: str) -> Lines:
    step = minor(ROUND.get(currency, 5), currency)
    whole = sum(weights)
    parts = [total * weight // whole // step * step for weight in weights]
    heaviest = weights.index(max(weights))
    parts[heaviest] += total - sum(parts)
    return [
        {**line, "price": part, "overage_price": _one_more(line, part, step)} if weight else line
        for line, part, weight in zip(lines, parts, weights, strict=True)
    ]


def _one_more(line: dict[str, Any], price: int, step: int) -> int | None:
    """A unit beyond the limit costs a tenth more than one within."""
    limit = int(line.get("limit") or 0)
    if line["responsibility"] not in PIECES or limit < 2:
        return None
    return -(-price * 11 // (limit * 10) // step) * step
