"""A sound body for every input model, so that one wrong field at a time can be put into it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import col

from accounts.sessions.schemas import LogInInput, ProofInput
from accounts.tokens.schemas import CredentialsInput, TokenInput
from accounts.two_factor.schemas import CodeInput, FirstCodeInput
from accounts.users import schemas as people
from accounts.users.pages import SignUpSubmission
from accounts.workspaces import schemas as workspaces
from accounts.workspaces.pages import NewcomerSubmission
from core.db import Session
from crm.companies.schemas import CompanyInput, ContactInput, NewCompanyInput
from crm.contracts.models import Contract
from crm.contracts.queries import current_document, lines_of
from crm.contracts.schemas import DraftInput, NoticeInput, ReasonInput, SendInput, SignInput
from crm.deals.models import Deal, Stage, StageKind
from crm.deals.schemas import DealEdit, DealInput, MoveInput, NewStageInput, NextStepInput, NoteInput, StagesInput
from crm.scopes.pages import UsageFormInput
from crm.scopes.schemas import CorrectionInput, UsageInput, UsageWithFile
from marketplace.briefs import schemas as briefs
from marketplace.briefs.models import Brief
from marketplace.cases.pages import CaseSubmission
from marketplace.cases.schemas import CaseInput
from marketplace.directory.schemas import DirectoryInput, DirectoryQuery
from marketplace.offers import schemas as offers
from marketplace.offers.models import Offer
from marketplace.profiles.pages import ProfileForm
from marketplace.profiles.schemas import PresetInput, ProfileInput
from marketplace.taxonomy.catalogue import load
from notifications.inbox.kinds import KINDS
from notifications.inbox.schemas import PreferencesInput, ReadingInput
from tests.cast import CAST, PASSWORD
from tests.factories.briefs import brief_data
from tests.factories.cases import COMPLETE
from tests.factories.offers import answer_data, hire_data, proposal_data
from tests.factories.profiles import profile_values

NEW_PASSWORD = "quiet road down to the lake"
Body = dict[str, Any]


def sound_bodies(db: Session, things: Any) -> dict[type[BaseModel], Body]:
    """By model; ``things`` are the rows the bodies point at (see ``stage``)."""
    return {
        **_accounts(),
        **_briefs(db),
        **_marketplace(db, things.brief, things.offer),
        **_deals(db, things.deal),
        **_contracts(db, things.draft, things.sent),
    }


def _accounts() -> dict[type[BaseModel], Body]:
    return {
        LogInInput: {"email": CAST.alice.email, "password": PASSWORD, "stay": False, "next": "/home"},
        ProofInput: {"password": PASSWORD, "next": "/settings"},
        CodeInput: {"code": "123456"},
        FirstCodeInput: {"current_password": PASSWORD, "code": "123456"},
        people.ProvenInput: {"current_password": PASSWORD},
        people.PasswordChangeInput: {"current_password": PASSWORD, "password": NEW_PASSWORD},
        people.EmailChangeInput: {"current_password": PASSWORD, "email": "other@example.com"},
        NewcomerSubmission: {"name": "Nora New", "password": NEW_PASSWORD, "time_zone": "Asia/Tbilisi"},
        people.InvitedInput: {"token": "no-such-token", "name": "Nora New", "password": NEW_PASSWORD},
        people.LinkInput: {"token": "no-such-token"},
        people.ResetInput: {"token": "no-such-token", "password": NEW_PASSWORD},
        TokenInput: {"name": "Reports", "scopes": ["crm:read"], "days": "30"},
        CredentialsInput: {
            "email": CAST.alice.email,
            "password": PASSWORD,
            "code": "",
            "workspace_id": None,
            "workspace": None,
            "name": "Reports",
            "scopes": ["crm:read"],
            "days": "30",
        },
        people.SignUpInput: {
            "kind": "business",
            "name": "Nora New",
            "workspace_name": "Nora's Kiosk",
            "email": "nora@example.com",
            "password": NEW_PASSWORD,
            "time_zone": "Asia/Tbilisi",
        },
        SignUpSubmission: {
            "next": "/briefs",
            "time_zone": "Asia/Tbilisi",
            "kind": "business",
            "name": "Nora New",
            "workspace_name": "Nora's Kiosk",
            "email": "nora@example.com",
            "password": NEW_PASSWORD,
        },
        people.EmailInput: {"email": "other@example.com"},
        people.NewPasswordInput: {"password": NEW_PASSWORD},
        people.AccountInput: {"name": "Alice A.", "locale": "en", "time_zone": "Europe/Riga"},
        people.LanguageInput: {"locale": "en"},
        people.ThemeInput: {"theme": "dark"},
        workspaces.NewWorkspaceInput: {"kind": "business", "name": "Second"},
        workspaces.WorkspaceInput: {
            "name": "Alice Social",
            "legal_name": "Alice Social Ltd",
            "legal_address": "1 Harbour Street",
            "country": "Latvia",
            "city": "Riga",
            "website": "https://example.com/",
            "time_zone": "Europe/Riga",
            "currency": "EUR",
        },
        workspaces.InvitationInput: {"email": "guest2@example.com", "role": "member"},
        workspaces.RoleInput: {"role": "member"},
        workspaces.SwitchInput: {"workspace_id": str(CAST.alice.workspace_id)},
        PreferencesInput: {"in_app": [min(KINDS)], "email": [max(KINDS)]},
        ReadingInput: {"url": "/offers"},
    }


def _briefs(db: Session) -> dict[type[BaseModel], Body]:
    whole = brief_data(db)
    answers = whole["answers"]
    steps = {
        model: {
            name: value for name, value in {**whole, **answers, "then": "next"}.items() if name in model.model_fields
        }
        for model in briefs.STEPS.values()
    }
    return {
        **steps,
        briefs.BriefInput: whole,
        briefs.StartInput: {"title": "Café wants regulars back", "preset": ""},
        briefs.BriefInvitationInput: {"profile": "alice-social"},
        briefs.CancellationInput: {"reason": "budget", "note": "Next year"},
        briefs.ReturnInput: {"reason": "contact_details", "note": "Take the number out"},
        briefs.ReopeningInput: {"decision_on": whole["decision_on"], "confirmed": True},
        briefs.EntryInput: {"key": "no-such-key"},
        briefs.BoardFilters: {},
        briefs.BoardQuery: {},
    }


def _marketplace(db: Session, brief: Brief, offer: Offer) -> dict[type[BaseModel], Body]:
    proposal, hire = proposal_data(db, brief), hire_data(db)
    answer = answer_data(db, offer)
    profile = profile_values()
    return {
        CaseInput: COMPLETE,
        CaseSubmission: {**COMPLETE, "caption": "Before and after"},
        ProfileInput: profile,
        ProfileForm: {**profile, "remove_photo": False},
        PresetInput: {"archetype": min(load().archetypes)},
        offers.ProposalInput: proposal,
        offers.ProposalForm: {**proposal, "action": "send"},
        offers.HireInput: hire,
        offers.HireForm: {**hire, "action": "send"},
        offers.AnswerInput: answer,
        offers.AnswerForm: {**answer, "action": "send"},
        offers.VersionNumber: {"number": offer.number},
        offers.DeclineInput: {"reason": "price", "note": "Too much for us"},
        DirectoryInput: {},
        DirectoryQuery: {},
    }


def _deals(db: Session, deal: Deal) -> dict[type[BaseModel], Body]:
    stages = db.scalars(
        select(Stage).where(col(Stage.workspace_id) == deal.workspace_id).order_by(col(Stage.position))
    ).all()
    other = next(stage for stage in stages if stage.kind is StageKind.QUALIFIED)
    soon = str(db.now().date() + timedelta(days=5))
    facts = {
        "title": "Autumn",
        "amount": 85_000,
        "currency": "EUR",
        "monthly": True,
        "platforms": ["IG"],
        "source": min(load().deal_sources),
        "next_step": "Call",
        "next_step_on": soon,
    }
    company = {
        "name": "Halden Roastery",
        "website": "https://halden.example/",
        "country": "Norway",
        "city": "Oslo",
        "niche": "food",
        "note": "Met at the fair",
    }
    return {
        CompanyInput: company,
        NewCompanyInput: {**company, "again": True},
        ContactInput: {
            "name": "Henrik Lund",
            "position": "Owner",
            "email": "henrik@halden.example",
            "phone": "+47 555 0101",
            "messenger": "@henrik",
        },
        DealInput: {**facts, "company": "Fjord Bakery", "contact": "Ida"},
        DealEdit: {**facts, "version": deal.version, "contact_id": None},
        MoveInput: {
            "stage_id": str(other.id),
            "version": deal.version,
            "next_step": "Send the plan",
            "next_step_on": soon,
            "reason": None,
            "resume_on": None,
            "note": "",
        },
        NextStepInput: {"next_step": "Send the plan", "next_step_on": soon},
        NoteInput: {"text": "They like the idea"},
        NewStageInput: {"name": "Call booked", "kind": "qualified", "probability": 45},
        StagesInput: {
            "stages": [
                {
                    "id": str(stage.id),
                    "name": stage.name,
                    "position": max(1, stage.position),
                    "probability": stage.probability,
                }
                for stage in stages
            ]
        },
    }


def _contracts(db: Session, draft: Contract, sent: Contract) -> dict[type[BaseModel], Body]:
    document = current_document(db, sent)
    assert document is not None
    usage = {
        "quantity": 1,
        "done_on": str(db.now().date()),
        "note": "Carousel",
        "evidence_url": "https://example.com/p/1",
        "goodwill": False,
    }
    return {
        DraftInput: {
            "version": draft.version,
            "specialist_legal_name": "Alice Social Ltd",
            "specialist_address": "1 Harbour Street",
            "specialist_country": "Latvia",
            "client_legal_name": "Bob's Café Ltd",
            "client_address": "1 Harbour Street",
            "client_country": "Latvia",
            "approval_hours": 48,
            "notice_days": 14,
            "payment_days": 14,
            "governing_law": "Latvia",
            "notes": "",
            "reply_hours": "weekdays_9_18",
            "lines": [
                {
                    "id": str(line.id),
                    "approver": "Ilse",
                    "evidence": "post_url",
                    "exclusions": "No video",
                    "rollover_cap": 0,
                }
                for line in lines_of(db, draft.id)
            ],
        },
        SendInput: {"version": draft.version},
        SignInput: {"typed_name": CAST.alice.full_name, "agree": True, "document_sha256": document.sha256},
        ReasonInput: {"reason": "We found somebody else"},
        NoticeInput: {"last_day": str(db.now().date() + timedelta(days=20)), "message": "We do it ourselves"},
        UsageInput: usage,
        UsageWithFile: {**usage, "upload_id": None},
        UsageFormInput: usage,
        CorrectionInput: {"reason": "Counted twice"},
    }
