"""Log-in, log-out, proof of the password and the list of log-ins."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Response

from accounts.access import Anyone, Person
from accounts.sessions import queries
from accounts.sessions import service as sessions
from accounts.sessions.access import OwnSession, few_proofs
from accounts.sessions.admission import admit
from accounts.sessions.schemas import LogInInput, Path, ProofInput
from accounts.two_factor.pending import ask_code
from accounts.users.schemas import one_spelling
from core.i18n import gettext as _
from web.deps import DB
from web.forms import Submitted, blank, form_of
from web.limits import Limit
from web.responses import end_session, local_path, page, redirect
from web.routing import pages

router = pages()

LogInForm = Annotated[Submitted[LogInInput], Depends(form_of(LogInInput))]
ProofForm = Annotated[Submitted[ProofInput], Depends(form_of(ProofInput))]


@router.get("/log-in")
def log_in_form(request: Request, viewer: Anyone, next: Path = "/home") -> Response:
    if viewer is not None:
        return redirect(request, next)
    return page(request, "accounts/sessions/log_in.html", form=blank(next=local_path(next)))


@router.post("/log-in", dependencies=[Limit("log_in", most=10, seconds=300, field="email", spelling=one_spelling)])
def log_in(request: Request, viewer: Anyone, db: DB, form: LogInForm) -> Response:
    user = form.attempt(db, lambda data: sessions.check_password(db, data.email, data.password))
    if user is None:
        return page(request, "accounts/sessions/log_in.html", status=422, form=form)
    stay, to = form.data.stay, local_path(form.data.next)
    if user.totp_confirmed_at is not None:
        return ask_code(request, user, stay=stay, to=to)
    return admit(request, db, user, stay=stay, to=to)


@router.post("/log-out")
def log_out(request: Request, viewer: Anyone, db: DB, next: Path = "/log-in") -> Response:
    if viewer is not None:
        sessions.log_out(db, by=viewer)
    response = redirect(request, next, flash=_("You are logged out"))
    end_session(response, request)
    return response


@router.get("/prove")
def prove_form(request: Request, viewer: Person, next: Path = "/settings") -> Response:
    return page(request, "accounts/sessions/prove.html", form=blank(next=local_path(next)))


@router.post("/prove", dependencies=[Depends(few_proofs)])
def prove(request: Request, viewer: Person, db: DB, form: ProofForm) -> Response:
    form.attempt(db, lambda data: sessions.prove(db, data.password, by=viewer))
    if form.errors:
        return page(request, "accounts/sessions/prove.html", status=422, form=form)
    return redirect(request, form.data.next)


@router.get("/settings/sessions")
def index(request: Request, viewer: Person, db: DB) -> Response:
    return page(request, "accounts/sessions/index.html", sessions=queries.list_sessions(db, viewer))


@router.post("/settings/sessions/revoke-others")
def revoke_others(request: Request, viewer: Person, db: DB) -> Response:
    sessions.revoke_others(db, by=viewer)
    return redirect(request, "/settings/sessions", flash=_("All other sessions ended"))


@router.post("/settings/sessions/{session_id}/revoke")
def revoke(request: Request, viewer: Person, session: OwnSession, db: DB) -> Response:
    sessions.revoke(db, session, by=viewer)
    return redirect(request, "/settings/sessions", flash=_("Session ended"))
