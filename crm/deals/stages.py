"""Stages of a pipeline: made with the workspace, renamed and put in order by its owner."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from accounts.viewers import Viewer
from core.db import Session
from core.errors import Invalid, NotFound
from core.events import record
from core.i18n import gettext as _
from crm.deals.models import OPEN_KINDS, Stage, StageKind
from crm.deals.schemas import StageInput, StagesInput
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
    """The stage of a kind. Raises ``NotFound`` where there is no pipeline."""
    found = db.scalar(select(Stage).where(col(Stage.workspace_id) == workspace_id, col(Stage.kind) == kind))
    if found is None:
        raise NotFound(_("This workspace has no pipeline."))
    return found


def find_stage(db: Session, workspace_id: UUID, stage_id: UUID) -> Stage:
    """A stage of the workspace. Raises ``Invalid`` on any other."""
    found = db.scalar(select(Stage).where(col(Stage.workspace_id) == workspace_id, col(Stage.id) == stage_id))
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
    openings = sorted((stage for stage in stages.values() if stage.kind in OPEN_KINDS), key=lambda s: _place(s, given))
    for number, stage in enumerate(openings, 1):
        stage.position = number
    record(db, "stages.arranged", openings[0], by=by)
    return sorted(stages.values(), key=lambda stage: stage.position)


def _place(stage: Stage, given: dict[UUID, StageInput]) -> tuple[int, int]:
    """Where a stage goes: one that moved up stands before the one whose place it takes, one that moved down behind."""
    wanted = given[stage.id].position if stage.id in given else stage.position
    return wanted, (wanted > stage.position) - (wanted < stage.position)
