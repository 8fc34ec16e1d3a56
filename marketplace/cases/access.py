"""Loading a case of the viewer's own workspace."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from accounts.access import SpecialistMember
from marketplace.cases import queries
from marketplace.cases.models import Case
from web.deps import DB


def own_case(case_id: UUID, viewer: SpecialistMember, db: DB) -> Case:
    return queries.find_own(db, viewer, case_id)


OwnCase = Annotated[Case, Depends(own_case)]
