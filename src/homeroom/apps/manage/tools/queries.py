"""Queries over tools: the portfolio of the resolved snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from homeroom.domain.manage.tools.portfolio import Portfolio
from homeroom.engines.manage.tools.portfolio import ToolContent
from homeroom.engines.manage.tools.stored_portfolio import read_portfolio
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session
from homeroom.library.know.connectors import load_connectors
from homeroom.library.manage.tools.capability_files import load_capabilities
from homeroom.library.manage.tools.product_files import load_tool_products


class ToolsNotResolved(Exception):
    """Nothing was resolved yet, so nobody knows the people and devices of the schools."""


def load_portfolio(*, store: EvidenceStore) -> Portfolio:
    """Return the portfolio of the newest resolved snapshot. Raise ToolsNotResolved if there is none."""
    newest = store.get_latest_derived()
    if newest is None:
        raise ToolsNotResolved("nothing was loaded yet; run homeroom load, then homeroom assess")
    with open_session(store.pin_snapshot(derived=newest.id)) as session:
        return read_portfolio(session)


@cache
def load_tool_content() -> ToolContent:
    """Load what content knows of products, capabilities and consoles."""
    return ToolContent(
        products=load_tool_products(),
        capabilities={entry.id: entry for entry in load_capabilities()},
        consoles=_load_console_titles(),
    )


def build_portfolio_document(portfolio: Portfolio) -> dict[str, Any]:
    """Build the JSON document of the portfolio."""
    return {
        "tools": [
            {
                "id": tool.id,
                "name": tool.name,
                "known": str(tool.known),
                "does": list(tool.does),
                "also_does": list(tool.also_does),
                "schools": list(tool.schools),
                "users": tool.users,
                "seats": tool.seats,
                "records": [{"table": record.table, "key": record.key} for record in tool.records],
                "contracts": dict(tool.contracts),
            }
            for tool in portfolio.tools
        ],
        "overlaps": [
            {
                "capability": overlap.capability,
                "kind": str(overlap.kind),
                "tools": list(overlap.tools),
                "schools": list(overlap.schools),
                "people": overlap.people,
                "dollars_minor": overlap.dollars_minor,
            }
            for overlap in portfolio.overlaps
        ],
        "gaps": [
            {
                "capability": gap.capability,
                "for": gap.audience,
                "kind": str(gap.kind),
                "schools": None if gap.schools is None else list(gap.schools),
                "because": gap.because,
            }
            for gap in portfolio.gaps
        ],
        "hollow": [
            {
                "tool": entry.tool,
                "kind": str(entry.kind),
                "of": entry.of,
                "working": entry.working,
                "dollars_minor": entry.dollars_minor,
            }
            for entry in portfolio.hollow
        ],
        "cannot_tell": [{"about": entry.about, "id": entry.id, "why": entry.why} for entry in portfolio.cannot_tell],
        "renewals": [
            {
                "contract": renewal.contract,
                "tool": renewal.tool,
                "suggestion": str(renewal.suggestion),
                "seats": renewal.seats,
                "notice_on": renewal.notice_on,
                "dollars_minor": renewal.dollars_minor,
                "why": renewal.why,
            }
            for renewal in portfolio.renewals
        ],
    }


def _load_console_titles() -> Mapping[str, str]:
    """Return the name of each connector's product, without what is read of it."""
    return {connector.name: connector.title.partition(" (")[0] for connector in load_connectors()}
