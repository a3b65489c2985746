"""One person, one account, one device, with ids that last: rules as data, whole columns at a time."""

from homeroom.engines.resolve.decided import DECISIONS_SCHEMA
from homeroom.engines.resolve.engine import Resolved, resolve, silent
from homeroom.engines.resolve.explaining import Explained, explain
from homeroom.engines.resolve.subjects import LEDGER_SCHEMA, SPENT_SCHEMA

__all__ = ["DECISIONS_SCHEMA", "LEDGER_SCHEMA", "SPENT_SCHEMA", "Explained", "Resolved", "explain", "resolve", "silent"]
