"""The shapes of the trade's data: one frozen record per entry of the files in `data/`.

Texts are English message ids; whoever shows one passes it through gettext. Records refuse unknown or
ill-typed fields, so a slip of the pen in a data file fails the start instead of reaching a page.
"""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints
from pydantic.dataclasses import dataclass

CLOSED = ConfigDict(extra="forbid")

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
ShortName = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Count = Annotated[int, Field(gt=0)]
Codes = Annotated[tuple[str, ...], Field(min_length=1)]

ScopePeriod = Literal["month", "quarter", "once"]
EvidenceType = Literal["post_url", "reply_log", "report", "file", "manual"]
OptionSource = Literal["platforms", "kpis", "responsibilities"]
BriefField = Literal[
    "platforms",
    "primary_kpi",
    "target",
    "responsibilities",
    "approver",
    "approval_window",
    "budget",
    "start",
    "term",
    "decision_date",
]


@dataclass(frozen=True, config=CLOSED)
class Unit:
    """What a scope limit counts; `one` and `other` are the two ids of a plural message."""

    code: str
    one: ShortName
    other: ShortName


@dataclass(frozen=True, config=CLOSED)
class Group:
    """One of the groups A to L, explained to an owner who has never hired anyone."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-L]$")]
    name: ShortName
    explanation: Text
    usual_hours: Text


@dataclass(frozen=True, config=CLOSED)
class Responsibility:
    """One duty of the trade with its unit and seeded defaults."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-L][1-9]$")]
    name: ShortName
    description: Text
    unit: str
    norm_minutes: Count
    """Minutes of work for one unit: an estimate until tracked time gives a median."""
    default_limit: Count
    """Units per `default_period`."""
    default_period: ScopePeriod
    evidence_type: EvidenceType
    sla_default_minutes: Count | None = None
    """Minutes to react inside the agreed hours, where reacting in time is part of the duty."""

    @property
    def group(self) -> str:
        """Code of the group it belongs to: the letter of its own code."""
        return self.code[0]


@dataclass(frozen=True, config=CLOSED)
class Platform:
    """A network; `legacy` ones stay readable in old data and are not offered for new work."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,2}$")]
    name: ShortName
    region: Literal["global", "cis", "vn"]
    legacy: bool = False
    url: Annotated[str, StringConstraints(pattern=r"^https://.*\{handle\}")] | None = None
    """Address of an account, with `{handle}` in place of its name."""


@dataclass(frozen=True, config=CLOSED)
class Niche:
    """A field of business."""

    code: str
    name: ShortName


@dataclass(frozen=True, config=CLOSED)
class Kpi:
    """A measure of results and how it is worked out."""

    code: str
    name: ShortName
    unit: Literal["percent", "count", "money", "minutes", "score", "sessions"]
    formula: Text
    direction: Literal["up", "down", "target"]
    """Whether more, less, or closer to `target` is better."""
    default_period: Literal["week", "month", "quarter"]
    target: int | None = None


@dataclass(frozen=True, config=CLOSED)
class Skill:
    """A skill, or a tool a specialist works with."""

    code: str
    name: ShortName
    kind: Literal["skill", "tool"]


@dataclass(frozen=True, config=CLOSED)
class Language:
    """A language by ISO 639-1 code, with its English name."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
    name: ShortName


@dataclass(frozen=True, config=CLOSED)
class Currency:
    """A currency by ISO 4217 code."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    name: ShortName
    symbol: ShortName
    minor_digits: Annotated[int, Field(ge=0, le=3)]
    per_eur: Annotated[Decimal, Field(gt=0)]
    """Units for one euro on `as_of`: to compare prices in filters, never to convert or charge."""
    as_of: dt.date


@dataclass(frozen=True, config=CLOSED)
class Preset:
    """A ready scope to start from."""

    code: str
    name: ShortName
    description: Text
    responsibilities: Codes
    limits: dict[str, Count] = Field(default_factory=dict)
    """Limits that differ from the default of the responsibility, by its code."""


@dataclass(frozen=True, config=CLOSED)
class Archetype:
    """An answer of the private onboarding quiz. Never shown to anyone but the specialist answering."""

    code: str
    name: ShortName
    quiz: Text
    responsibilities: Codes
    platforms: Codes
    suggestion: Text


@dataclass(frozen=True, config=CLOSED)
class Option:
    """One answer to choose from."""

    code: str
    name: Text


@dataclass(frozen=True, config=CLOSED)
class Section:
    """A step of the guided brief."""

    code: str
    name: ShortName
    intro: Text


@dataclass(frozen=True, config=CLOSED)
class Question:
    """A question of the guided brief.

    With `field` set, that column of the brief holds the answer and its control is drawn; `kind` then only
    tells its nature. Options are listed here or come from `options_from`. A number may have a `unit`; money is in
    the currency of the brief.
    """

    code: str
    section: str
    text: Text
    kind: Literal["text", "choice", "multi", "number"]
    hint: str = ""
    options: tuple[Option, ...] = ()
    options_from: OptionSource | None = None
    field: BriefField | None = None
    unit: Literal["", "money", "percent"] = ""


@dataclass(frozen=True, config=CLOSED)
class InterviewQuestion:
    """A question to ask before hiring, and what a good answer contains."""

    code: str
    text: Text
    listen_for: Text


@dataclass(frozen=True, config=CLOSED)
class DealSource:
    """Where a client came from."""

    code: str
    name: ShortName
    kind: Literal["exchange", "vacancy", "referral", "own", "outreach", "postwright", "other"]


@dataclass(frozen=True, config=CLOSED)
class BannedPractice:
    """A tactic no contract may include, why, and the clause that says so."""

    code: str
    name: ShortName
    why: Text
    clause: Text
