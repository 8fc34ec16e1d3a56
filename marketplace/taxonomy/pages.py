"""The public page "What a social media manager does"."""

from __future__ import annotations

from fastapi import Request, Response

from accounts.access import Anyone
from marketplace.taxonomy.catalogue import load
from web.responses import page
from web.routing import pages

router = pages("/responsibilities")


@router.get("")
def index(request: Request, viewer: Anyone) -> Response:
    catalogue = load()
    groups = [(group, catalogue.responsibilities_of(code)) for code, group in catalogue.groups.items()]
    return page(request, "marketplace/taxonomy/index.html", groups=groups, catalogue=catalogue)
