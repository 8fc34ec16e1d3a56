"""Stages of a pipeline: made with the workspace, renamed, put in order, added and removed by its owner."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists, select
from sqlmodel import col

from accounts.viewers import Viewer
from core.db import Session
from core.errors import Conflict, Invalid, NotFound
from core.events import record
from core.i18n import gettext as _
from crm.deals.models import MOST_STAGES, OPEN_KINDS, Deal, Stage, StageKind
from crm.deals.schemas import NewStageInput, StageInput, StagesInput
from crm.deals.words import STAGE_NAMES

LIKELY = {
    StageKind.LEAD: 10,
    StageKind.CONTACTED: 20,
    StageKind.QUALIFIED: 40,
    StageKind.PROPOSAL: 50,
    StageKind.NEGOTIATION: 70,
    StageKind.WON_PENDING: 90,
    StageKind.WON: 100,
}
"""Percent, to begin with."""


def set_up(db: Session, workspace_id: UUID) -> list[Stage]:
    """Make the nine stages of a new specialist's workspace."""
    made = [
        Stage(workspace_id=workspace_id, kind=kind, name=name, position=number, probability=LIKELY.get(kind, 0))
        for number, (kind, name) in enumerate(STAGE_NAMES.items(), 1)
    ]
    db.add_all(made)
    db.flush()
    return made


def list_stages(db: Session, workspace_id: UUID) -> list[Stage]:
    """All stages from left to right."""
    return list(db.scalars(select(Stage).where(col(Stage.workspace_id) == workspace_id).order_by(col(Stage.position))))


def find_kind(db: Session, workspace_id: UUID, kind: StageKind) -> Stage:
    """The first stage of a kind, kept from being removed meanwhile. Raises ``NotFound`` where there is no pipeline."""
    found = db.scalar(
        select(Stage)
        .where(col(Stage.workspace_id) == workspace_id, col(Stage.kind) == kind)
        .order_by(col(Stage.position))
        .limit(1)
        .with_for_update(read=True, key_share=True)
    )
    if found is None:
        raise NotFound(_("This workspace has no pipeline."))
    return found


def find_stage(db: Session, workspace_id: UUID, stage_id: UUID) -> Stage:
    """A stage of the workspace, kept from being removed meanwhile. Raises ``Invalid`` on any other."""
    found = db.scalar(
        select(Stage)
        .where(col(Stage.workspace_id) == workspace_id, col(Stage.id) == stage_id)
        .with_for_update(read=True, key_share=True)
    )
    if found is None:
        raise Invalid(_("Choose a stage of your pipeline."), {"stage_id": _("Choose a stage of your pipeline.")})
    return found


def arrange(db: Session, data: StagesInput, *, by: Viewer) -> list[Stage]:
    """Rename stages and put the open ones in order; what a stage means stays. Stages left out stay as they are.

    Raises ``Invalid`` if one is not of the viewer's pipeline.
    """
    stages = {stage.id: stage for stage in list_stages(db, by.workspace_id)}
    given = {item.id: item for item in data.stages}
    if not given.keys() <= stages.keys() or len(given) < len(data.stages):
        raise Invalid(_("Choose stages of your pipeline, each once."), {"stages": _("Choose stages of your pipeline.")})
    for stage in stages.values():
        item = given.get(stage.id)
        if item is None:
            continue
        stage.name = STAGE_NAMES[stage.kind] if item.name == _(STAGE_NAMES[stage.kind]) else item.name
        if stage.kind in OPEN_KINDS:
            stage.probability = item.probability
    ordered = _number(sorted(stages.values(), key=lambda stage: _place(stage, given)))
    record(db, "stages.arranged", ordered[0], by=by)
    return ordered


def add(db: Session, data: NewStageInput, *, by: Viewer) -> Stage:
    """Add an open stage behind the last one that means the same.

    Raises ``Conflict`` if the board is full.
    """
    stages = _locked(db, by.workspace_id)
    if len(stages) >= MOST_STAGES:
        raise Conflict(_("A board has at most %(most)s stages.") % {"most": MOST_STAGES})
    place = max(number for number, stage in enumerate(stages, 1) if stage.kind.value == data.kind)
    made = Stage(
        workspace_id=by.workspace_id,
        kind=StageKind(data.kind),
        name=data.name,
        position=place,
        probability=data.probability,
    )
    db.add(made)
    _number([*stages[:place], made, *stages[place:]])
    record(db, "stage.added", made, by=by, name=made.name)
    return made


def remove(db: Session, stage_id: UUID, *, by: Viewer) -> None:
    """Take away a stage nothing stands in.

    Raises ``NotFound`` if it is not the viewer's, ``Conflict`` if it is the only one of its kind or holds deals.
    """
    stages = _locked(db, by.workspace_id)
    found = next((stage for stage in stages if stage.id == stage_id), None)
    if found is None:
        raise NotFound(_("There is no such stage here."))
    if sum(stage.kind is found.kind for stage in stages) == 1:
        raise Conflict(_("It is the only stage that means this; offers and contracts need it. Rename it instead."))
    if db.scalar(select(exists().where(col(Deal.stage_id) == found.id))):
        raise Conflict(_("Deals are in this stage. Move them to another one first."))
    record(db, "stage.removed", found, by=by, name=found.name)
    db.delete(found)
    db.flush()
    _number([stage for stage in stages if stage is not found])


def _locked(db: Session, workspace_id: UUID) -> list[Stage]:
    """All stages from left to right, held until the transaction ends."""
    return list(
        db.scalars(
            select(Stage)
            .where(col(Stage.workspace_id) == workspace_id)
            .order_by(col(Stage.position), col(Stage.id))
            .with_for_update()
        )
    )


def _number(stages: list[Stage]) -> list[Stage]:
    """Give each its place: open ones in the order given, behind them Won, On hold and Lost."""
    closed = [kind for kind in StageKind if kind not in OPEN_KINDS]
    ordered = sorted(stages, key=lambda stage: closed.index(stage.kind) if stage.kind in closed else -1)
    for number, stage in enumerate(ordered, 1):
        stage.position = number
    return ordered


def _place(stage: Stage, given: dict[UUID, StageInput]) -> tuple[int, int]:
    """Where a stage goes: one that moved up stands before the one whose place it takes, one that moved down behind."""
    wanted = given[stage.id].position if stage.id in given else stage.position
    return wanted, (wanted > stage.position) - (wanted < stage.position)
