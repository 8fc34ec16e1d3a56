"""What comes in about the second factor."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from core.fields import Input, ShortLine


class CodeInput(Input):
    code: Annotated[ShortLine, StringConstraints(max_length=20)]
