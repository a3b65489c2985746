"""Microsoft's attack simulations into drill events, and the requests that read them.

Source: Microsoft Graph v1.0, resources simulation, userSimulationDetails and userSimulationEventInfo; List simulations
and List simulationUsers, both with the permission AttackSimulation.Read.All and `@odata.nextLink`. Graph names no lure
of a simulation without a request for its payload, and of a saved page only `@odata.context` names the simulation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from homeroom.ingest.contract.connector import ADDED, Reading
from homeroom.ingest.drills.drill_events import DrillFile, parse_text
from homeroom.ingest.drills.drill_history import is_recent, parse_first_day
from homeroom.ingest.drills.drill_readings import DrillNames, build_drill_reading
from homeroom.ingest.drills.simulation_users import read_user_rows
from homeroom.ingest.remote import errors
from homeroom.ingest.remote.api_spec import FeedPage
from homeroom.ingest.remote.errors import RemoteError

SIMULATION = "simulation"
"""What the sync puts beside a user: the simulation that it is of."""
NOT_BEGUN = ("draft", "scheduled", "excluded")
"""States of simulations without a report: those that did not begin, and those that the district left out of reports."""
_ID = re.compile(r"simulations\((?:'|%27)?([^')%]+)")


def read_simulations(users: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read users of simulations into `drill_events`; simulations that a sync lists among them have no event."""
    file = DrillFile(file="")
    rows = [(row, user) for row, user in enumerate(users, start=first) if _is_user(user)]
    names = {row: _describe_simulation(user) for row, user in rows}
    read_user_rows(((row, names[row].drill, user) for row, user in rows), file)
    return build_drill_reading(file, describe=lambda row, _drill: names[row])


def list_simulations(page: FeedPage) -> Sequence[Any]:
    """Return id, name and day of the recent simulations of a page that have a report.

    Raise RemoteError if it has no list.
    """
    simulations = page.document.get("value") if isinstance(page.document, dict) else None
    if not isinstance(simulations, list):
        raise RemoteError(errors.GARBLED, "attack simulations: the answer is not what Graph gives")
    return [
        {name: simulation.get(name) for name in ("id", "displayName", "launchDateTime")}
        for simulation in simulations
        if isinstance(simulation, dict)
        and isinstance(simulation.get("id"), str)
        and simulation.get("status") not in NOT_BEGUN
        and is_recent(simulation.get("launchDateTime"), now=page.sent_at)
    ]


def add_simulation(simulation: Any, users: Any) -> list[Any]:
    """Return the users of a simulation, each with its simulation."""
    return [{**user, SIMULATION: simulation} for user in users if isinstance(user, dict)]


def _is_user(user: Mapping[str, Any]) -> bool:
    return "simulationUser" in user or "simulationEvents" in user


def _describe_simulation(user: Mapping[str, Any]) -> DrillNames:
    simulation = user.get(SIMULATION)
    if isinstance(simulation, Mapping):
        return DrillNames(
            drill=str(simulation.get("id")),
            name=parse_text(simulation.get("displayName")),
            sent_on=parse_first_day(simulation.get("launchDateTime")),
        )
    added = user.get(ADDED, {})
    match = _ID.search(added.get("@odata.context", ""))
    return DrillNames(drill=match[1] if match else added.get("file") or "simulation")
