"""What comes in and goes out about companies and contacts."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from accounts.users.schemas import Email
from core.fields import Blank, Input, MaybeLine, Read, Remark, ShortLine, Url
from marketplace.taxonomy.catalogue import load

Place = Annotated[MaybeLine, Field(max_length=80)]


def _niche(code: str) -> str:
    if code and code not in load().niches:
        raise PydanticCustomError("niche", "Choose a field from the list.")
    return code


class CompanyInput(Input):
    name: ShortLine
    website: Annotated[Url | None, Blank] = None
    country: Place = ""
    city: Place = ""
    niche: Annotated[str, AfterValidator(_niche)] = ""
    note: Remark = ""


class NewCompanyInput(CompanyInput):
    """``again``: it is meant although the address book has one of this name."""

    again: bool = False


class ContactInput(Input):
    name: ShortLine
    position: Annotated[MaybeLine, Field(max_length=120)] = ""
    email: Annotated[Email | None, Blank] = None
    phone: Annotated[MaybeLine, Field(max_length=40)] = ""
    messenger: Annotated[MaybeLine, Field(max_length=120)] = ""


class CompanyRead(Read):
    """``client_id``: the business's workspace, if it is on Postwright. ``archived``: off the lists."""

    id: UUID
    name: str
    website: str
    country: str
    city: str
    niche: str
    note: str
    client_id: UUID | None
    archived: bool


class ContactRead(Read):
    id: UUID
    company_id: UUID
    name: str
    position: str
    email: str
    phone: str
    messenger: str


class CompanyPage(Read):
    """``next`` is the ``after`` of the next page, null on the last."""

    rows: list[CompanyRead]
    next: str | None
