"""Entity resolution: link the records of all sources to persons, accounts and devices with stable ids."""

from homeroom.engines.know.resolve.derived.explanations import MatchExplanation, explain
from homeroom.engines.know.resolve.derived.membership_status import NAMED_LISTS_SCHEMA
from homeroom.engines.know.resolve.derived.training import HELP_TALKS_SCHEMA
from homeroom.engines.know.resolve.pipeline import ResolveResult, resolve
from homeroom.engines.know.resolve.records.manual_decisions import DECISIONS_SCHEMA
from homeroom.engines.know.resolve.records.subject_ids import LEDGER_SCHEMA, SPENT_SCHEMA

__all__ = [
    "DECISIONS_SCHEMA",
    "HELP_TALKS_SCHEMA",
    "LEDGER_SCHEMA",
    "NAMED_LISTS_SCHEMA",
    "SPENT_SCHEMA",
    "MatchExplanation",
    "ResolveResult",
    "explain",
    "ignore_progress",
    "resolve",
]
