"""The trade's data files as one checked, read-only catalogue. No database, no HTTP.

`load()` reads `data/*.toml` once per process and refuses to return a catalogue whose entries do not fit
together. Each file carries a `version`, so a loader can tell whether stored rows are older.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from marketplace.taxonomy.entries import (
    Archetype,
    BannedPractice,
    Currency,
    DealSource,
    Group,
    InterviewQuestion,
    Kpi,
    Language,
    Niche,
    Platform,
    Preset,
    Question,
    Responsibility,
    Section,
    Skill,
    Unit,
)

Entry = TypeVar("Entry")
Document = Mapping[str, Any]

FILES = (
    "responsibilities",
    "units",
    "platforms",
    "niches",
    "kpis",
    "skills",
    "languages",
    "currencies",
    "presets",
    "archetypes",
    "questionnaire",
    "interview",
    "deal_sources",
    "banned_practices",
)


class UnknownCode(KeyError):
    """Nothing of this kind has this code."""

    def __init__(self, kind: str, code: str) -> None:
        super().__init__(kind, code)
        self.kind = kind
        self.code = code

    def __str__(self) -> str:
        return f"no {self.kind} has the code {self.code!r}"


class BrokenCatalogue(ValueError):
    """The data files contradict their shape or each other; the message names every fault found."""


class Table(Mapping[str, Entry], Generic[Entry]):
    """Entries of one kind by code, in the order of their file."""

    def __init__(self, kind: str, entries: Mapping[str, Entry]) -> None:
        self.kind = kind
        self._entries = dict(entries)

    def __getitem__(self, code: str) -> Entry:
        """Return the entry; raise `UnknownCode` when there is none."""
        if code not in self._entries:
            raise UnknownCode(self.kind, code)
        return self._entries[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


@dataclass(frozen=True)
class Catalogue:
    """Everything the trade is made of. Lookups by code raise `UnknownCode`."""

    versions: Mapping[str, int]
    groups: Table[Group]
    responsibilities: Table[Responsibility]
    units: Table[Unit]
    platforms: Table[Platform]
    niches: Table[Niche]
    kpis: Table[Kpi]
    skills: Table[Skill]
    languages: Table[Language]
    currencies: Table[Currency]
    presets: Table[Preset]
    archetypes: Table[Archetype]
    sections: Table[Section]
    questions: Table[Question]
    interview_questions: Table[InterviewQuestion]
    deal_sources: Table[DealSource]
    banned_practices: Table[BannedPractice]

    def group(self, code: str) -> Group:
        """Return the group with this letter."""
        return self.groups[code]

    def responsibility(self, code: str) -> Responsibility:
        """Return the responsibility with this code, "A1" to "L4"."""
        return self.responsibilities[code]

    def unit(self, code: str) -> Unit:
        """Return what a limit is counted in."""
        return self.units[code]

    def platform(self, code: str) -> Platform:
        """Return the network with this short code, such as "IG"."""
        return self.platforms[code]

    def niche(self, code: str) -> Niche:
        """Return the field of business."""
        return self.niches[code]

    def kpi(self, code: str) -> Kpi:
        """Return the measure."""
        return self.kpis[code]

    def skill(self, code: str) -> Skill:
        """Return the skill or tool."""
        return self.skills[code]

    def language(self, code: str) -> Language:
        """Return the language with this ISO 639-1 code."""
        return self.languages[code]

    def currency(self, code: str) -> Currency:
        """Return the currency with this ISO 4217 code."""
        return self.currencies[code]

    def preset(self, code: str) -> Preset:
        """Return the ready scope."""
        return self.presets[code]

    def archetype(self, code: str) -> Archetype:
        """Return the answer of the onboarding quiz."""
        return self.archetypes[code]

    def section(self, code: str) -> Section:
        """Return the step of the guided brief."""
        return self.sections[code]

    def question(self, code: str) -> Question:
        """Return the question of the guided brief."""
        return self.questions[code]

    def deal_source(self, code: str) -> DealSource:
        """Return where a client may come from."""
        return self.deal_sources[code]

    def banned_practice(self, code: str) -> BannedPractice:
        """Return the tactic no contract may include."""
        return self.banned_practices[code]

    def responsibilities_of(self, group: str) -> tuple[Responsibility, ...]:
        """Return the responsibilities of a group in order; `UnknownCode` for an unknown letter."""
        letter = self.groups[group].code
        return tuple(entry for entry in self.responsibilities.values() if entry.group == letter)

    def questions_of(self, section: str) -> tuple[Question, ...]:
        """Return the questions of a section in order; `UnknownCode` for an unknown section."""
        code = self.sections[section].code
        return tuple(entry for entry in self.questions.values() if entry.section == code)

    def current_platforms(self) -> tuple[Platform, ...]:
        """Return the networks offered for new work: all but the legacy ones."""
        return tuple(platform for platform in self.platforms.values() if not platform.legacy)

    def preset_limits(self, code: str) -> dict[str, int]:
        """Return the lines of a ready scope: responsibility code to its limit per default period."""
        preset = self.presets[code]
        return {
            line: preset.limits.get(line, self.responsibilities[line].default_limit) for line in preset.responsibilities
        }


@lru_cache(maxsize=1)
def load() -> Catalogue:
    """Return the catalogue shipped with the product. Raise `BrokenCatalogue` when the files do not fit."""
    folder = files("marketplace.taxonomy") / "data"
    return build({name: tomllib.loads((folder / f"{name}.toml").read_text("utf-8")) for name in FILES})


def build(documents: Mapping[str, Document]) -> Catalogue:
    """Make a catalogue from parsed files, by file name. Raise `BrokenCatalogue` naming every fault."""

    def table(file: str, kind: str, make: Callable[..., Entry], **shared: object) -> Table[Entry]:
        return Table(kind, _entries(file, documents[file].get(kind, {}), make, shared))

    currencies = documents["currencies"]
    catalogue = Catalogue(
        versions={name: _version(name, documents[name]) for name in FILES},
        groups=table("responsibilities", "group", Group),
        responsibilities=table("responsibilities", "responsibility", Responsibility),
        units=table("units", "unit", Unit),
        platforms=table("platforms", "platform", Platform),
        niches=table("niches", "niche", Niche),
        kpis=table("kpis", "kpi", Kpi),
        skills=table("skills", "skill", Skill),
        languages=table("languages", "language", Language),
        currencies=table("currencies", "currency", Currency, as_of=currencies.get("as_of")),
        presets=table("presets", "preset", Preset),
        archetypes=table("archetypes", "archetype", Archetype),
        sections=table("questionnaire", "section", Section),
        questions=table("questionnaire", "question", Question),
        interview_questions=table("interview", "interview_question", InterviewQuestion),
        deal_sources=table("deal_sources", "deal_source", DealSource),
        banned_practices=table("banned_practices", "banned_practice", BannedPractice),
    )
    if faults := list(_faults(catalogue)):
        raise BrokenCatalogue("; ".join(faults))
    return catalogue


def _version(file: str, document: Document) -> int:
    version = document.get("version")
    if not isinstance(version, int) or version < 1:
        raise BrokenCatalogue(f"{file}.toml: version must be a whole number from 1")
    return version


def _entries(file: str, tables: Document, make: Callable[..., Entry], shared: Document) -> dict[str, Entry]:
    """Make one record per table; `scope` only groups fields on one line of the file."""
    entries = {}
    for code, fields in tables.items():
        flat = {key: value for key, value in fields.items() if key != "scope"}
        try:
            entries[code] = make(code=code, **{**flat, **fields.get("scope", {}), **shared})
        except (ValidationError, TypeError) as error:
            raise BrokenCatalogue(f"{file}.toml, {code}: {error}") from error
    return entries


def _faults(catalogue: Catalogue) -> Iterator[str]:
    """Yield a sentence for every code that points nowhere and every entry that contradicts itself."""
    for duty in catalogue.responsibilities.values():
        yield from _missing(duty.code, (duty.group,), catalogue.groups)
        yield from _missing(duty.code, (duty.unit,), catalogue.units)
    for preset in catalogue.presets.values():
        yield from _missing(preset.code, preset.responsibilities, catalogue.responsibilities)
        for code in preset.limits.keys() - set(preset.responsibilities):
            yield f"{preset.code}: a limit for {code}, which is not among its responsibilities"
    for archetype in catalogue.archetypes.values():
        yield from _missing(archetype.code, archetype.responsibilities, catalogue.responsibilities)
        yield from _missing(archetype.code, archetype.platforms, catalogue.platforms)
    for kpi in catalogue.kpis.values():
        if (kpi.direction == "target") != (kpi.target is not None):
            yield f"{kpi.code}: a target value goes with the direction target, and only with it"
    for question in catalogue.questions.values():
        yield from _missing(question.code, (question.section,), catalogue.sections)
        sources = bool(question.options) + (question.options_from is not None)
        if sources != (question.kind in {"choice", "multi"}):
            yield f"{question.code}: a choice has one source of options, any other kind has none"
        if question.unit and question.kind != "number":
            yield f"{question.code}: only a number has a unit"


def _missing(owner: str, codes: tuple[str, ...], table: Table[Any]) -> Iterator[str]:
    for code in codes:
        if code not in table:
            yield f"{owner}: {UnknownCode(table.kind, code)}"
