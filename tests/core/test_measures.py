"""Measured numbers are typed as people write them and kept in thousandths; what can be read in two ways is not."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from core.fields import Measure

measure: TypeAdapter[int] = TypeAdapter(Measure)


@pytest.mark.parametrize(
    ("typed", "thousandths"),
    [
        ("12500", 12_500_000),
        ("12 500", 12_500_000),
        ("12\u00a0500,5", 12_500_500),
        ("12,5", 12_500),
        ("0,125", 125),
        ("12.345", 12_345),
        (12.345, 12_345),
        (-3, -3_000),
    ],
)
def test_what_people_type(typed, thousandths):
    assert measure.validate_python(typed) == thousandths


@pytest.mark.parametrize(
    "typed", ["12,500", "1,280", "-4,000", "1,280,000", "12 50", "1  280", "1.23456", "", "٣", True]
)
def test_what_is_no_number_or_could_be_two(typed):
    with pytest.raises(ValidationError):
        measure.validate_python(typed)
