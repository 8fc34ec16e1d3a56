"""The verbs on offers, for every door and for contracts: drafting, deciding, and what follows."""

from marketplace.offers.deciding import (
    accept,
    confirm,
    counter,
    decline,
    require_counter,
    require_revision,
    revise,
    take_up,
    view,
    withdraw,
)
from marketplace.offers.drafting import hire, propose, redraft, send
from marketplace.offers.outcomes import convert, lapse

__all__ = [
    "accept",
    "confirm",
    "convert",
    "counter",
    "decline",
    "hire",
    "lapse",
    "propose",
    "redraft",
    "require_counter",
    "require_revision",
    "revise",
    "send",
    "take_up",
    "view",
    "withdraw",
]
