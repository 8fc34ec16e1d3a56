"""Imports every module that declares tables, so that the metadata is complete."""

import accounts.sessions.models
import accounts.tokens.models
import accounts.two_factor.models
import accounts.users.models
import accounts.workspaces.models
import core.events
import core.jobs
import core.search
import crm.companies.models
import crm.contracts.models
import crm.deals.models
import crm.scopes.models
import files.models
import marketplace.briefs.models
import marketplace.cases.models
import marketplace.offers.models
import marketplace.profiles.models
import marketplace.taxonomy.models
import notifications.inbox.models
import web.idempotency
import web.limits
