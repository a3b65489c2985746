"""Microsoft Graph after its reference: client credentials, `$select`, pages, delta links, errors.

Source: Graph v1.0 pages about each list and about delta queries: `value`, `@odata.context`, `@odata.nextLink` with a
`$skiptoken`, `@odata.deltaLink` with a `$deltatoken` that is good for seven days (then 410 with `syncStateNotFound`),
deleted rows with `@removed`; `error.code`; 403 `Authorization_RequestDenied` if a permission was not granted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.services import entra, simulations
from tests.services.console import Call, Console, Reply
from tests.services.world import World

TENANT, ID, SECRET = "maple.example", "11111111-2222-3333-4444-555555555555", "graph~client-secret-01"
_DELTA_LIFETIME = timedelta(days=7)
_BETWEEN = re.compile(r"(\w+) ge (\S+) and (\w+) le (\S+)")
type ListedRows = list[dict[str, Any]] | None


@dataclass(frozen=True, kw_only=True)
class GraphMethod:
    """A list: its required permission, the allowed property names of its rows, and how many rows a page has at most."""

    path: str
    permission: str
    names: frozenset[str]
    page_limit: int
    rows: Callable[[Graph, Mapping[str, str]], ListedRows]
    time: str = ""


def _list_all(name: str) -> Callable[[Graph, Mapping[str, str]], ListedRows]:
    return lambda graph, _path_values: list(graph.rows[name].values())


def _list_nested(name: str, parent: str) -> Callable[[Graph, Mapping[str, str]], ListedRows]:
    """Return a lister of the nested rows under the key in the path; it returns None if the parent row is gone."""
    return lambda graph, path_values: (
        graph.nested[name].get(path_values["key"], []) if path_values["key"] in graph.rows[parent] else None
    )


METHODS = (
    GraphMethod(path="users", permission="User.Read.All", names=entra.USER, page_limit=12, rows=_list_all("users")),
    GraphMethod(
        path="reports/authenticationMethods/userRegistrationDetails",
        permission="AuditLog.Read.All",
        names=entra.REGISTRATION,
        page_limit=15,
        rows=_list_all("registration"),
    ),
    GraphMethod(
        path="deviceManagement/managedDevices",
        permission="DeviceManagementManagedDevices.Read.All",
        names=entra.DEVICE,
        page_limit=20,
        rows=_list_all("devices"),
    ),
    GraphMethod(
        path="deviceManagement/detectedApps",
        permission="DeviceManagementManagedDevices.Read.All",
        names=entra.APP,
        page_limit=5,
        rows=_list_all("apps"),
    ),
    GraphMethod(
        path="deviceManagement/detectedApps/(?P<key>[^/]+)/managedDevices",
        names=entra.DEVICE,
        page_limit=6,
        permission="DeviceManagementManagedDevices.Read.All",
        rows=_list_nested("installs", "apps"),
    ),
    GraphMethod(
        path="servicePrincipals",
        permission="Application.Read.All",
        names=entra.PRINCIPAL,
        page_limit=4,
        rows=_list_all("principals"),
    ),
    GraphMethod(
        path="servicePrincipals/(?P<key>[^/]+)/appRoleAssignments",
        permission="Application.Read.All",
        names=entra.ROLE,
        page_limit=100,
        rows=_list_nested("roles", "principals"),
    ),
    GraphMethod(
        path="servicePrincipals/(?P<key>[^/]+)/oauth2PermissionGrants",
        permission="Directory.Read.All",
        names=entra.GRANT,
        page_limit=100,
        rows=_list_nested("grants", "principals"),
    ),
    GraphMethod(
        path="auditLogs/signIns",
        permission="AuditLog.Read.All",
        names=entra.SIGN_IN,
        page_limit=15,
        rows=_list_all("signins"),
        time="createdDateTime",
    ),
    GraphMethod(
        path="auditLogs/directoryAudits",
        permission="AuditLog.Read.All",
        names=entra.AUDIT,
        page_limit=15,
        rows=_list_all("audits"),
        time="activityDateTime",
    ),
    GraphMethod(
        path="security/alerts_v2",
        permission="SecurityAlert.Read.All",
        names=entra.ALERT,
        page_limit=2,
        rows=_list_all("alerts"),
        time="lastUpdateDateTime",
    ),
    GraphMethod(
        path="security/secureScores",
        permission="SecurityEvents.Read.All",
        names=entra.SCORE,
        page_limit=10,
        rows=_list_all("scores"),
    ),
    GraphMethod(
        path="security/attackSimulation/simulations",
        permission="AttackSimulation.Read.All",
        names=simulations.SIMULATION,
        page_limit=2,
        rows=_list_all("simulations"),
    ),
    GraphMethod(
        path="security/attackSimulation/simulations/(?P<key>[^/]+)/report/simulationUsers",
        permission="AttackSimulation.Read.All",
        names=simulations.USER,
        page_limit=10,
        rows=_list_nested("simulation_users", "simulations"),
    ),
)


def build_console(world: World) -> Graph:
    return Graph(world)


class Graph(Console):
    """30 accounts, 45 devices, and their data. `granted` are the permissions with an administrator's consent."""

    client = "microsoft"
    secrets = (SECRET,)

    def __init__(self, world: World, *, skew: timedelta = timedelta()) -> None:
        super().__init__(world, skew=skew)
        self.rows, self.nested = entra.build_tenant()
        began = world.read_clock() - timedelta(days=2)
        self.rows["simulations"] = simulations.build_simulations(began)
        self.nested["simulation_users"] = simulations.build_simulation_users(began)
        self.granted = {method.permission for method in METHODS}
        self._changes: list[tuple[datetime, str]] = []
        self._states: dict[str, tuple[datetime, int, str]] = {}

    def build_settings(self, url: str) -> dict[str, str]:
        return {"tenant": TENANT, "client_id": ID, "client_secret": SECRET, "address": url, "login": url}

    def handle_call(self, call: Call) -> Reply:
        if call.path == f"/{TENANT}/oauth2/v2.0/token":
            return self._handle_token(call)
        if not self.is_valid_token(call.bearer):
            return _build_failure(401, "InvalidAuthenticationToken")
        path = call.path.removeprefix("/v1.0/")
        if path == "users/delta":
            return self._handle_delta(call)
        for method in METHODS:
            match = re.fullmatch(method.path, path)
            if match:
                return self._handle_list(call, method, match.groupdict())
        return _build_failure(404, "ResourceNotFound")

    def change_rows(self) -> None:
        """Add an account, change one, delete one; remove a laptop, install an app on one more, and sign somebody in."""
        users = self.rows["users"]
        users["u0901"] = entra.build_user(901)
        users["u0003"]["accountEnabled"] = False
        del users["u0005"]
        self._changes += [(self.world.read_clock(), key) for key in ("u0901", "u0003", "u0005")]
        del self.rows["devices"]["a0007"]
        self.nested["installs"]["app1"].append({"id": "a0009", "deviceName": "LT-0009"})
        self.rows["signins"]["late"] = entra.build_sign_in(900, at=self.world.read_clock())
        self.rows["alerts"]["new"] = entra.build_alert(900, at=self.world.read_clock())
        self.rows["audits"]["late"] = entra.build_audit(900, at=self.world.read_clock())
        self.nested["simulation_users"]["s1"].append(simulations.build_user(99, self.world.read_clock()))

    def _handle_token(self, call: Call) -> Reply:
        form = call.form
        if (form.get("client_id"), form.get("client_secret")) != (ID, SECRET):
            return Reply(status=401, body={"error": "invalid_client", "error_description": "AADSTS7000215"})
        if form.get("grant_type") != "client_credentials" or form.get("scope") != f"{call.url}/.default":
            return Reply(status=400, body={"error": "invalid_scope"})
        reply_body = {
            "access_token": self.issue_token(),
            "token_type": "Bearer",
            "ext_expires_in": self.token_seconds - 1,
        }
        return Reply(body=reply_body | {"expires_in": self.token_seconds - 1})

    def _handle_list(self, call: Call, method: GraphMethod, path_values: Mapping[str, str]) -> Reply:
        selected = [name for name in call.get_param("$select").split(",") if name]
        needs = {method.permission} | ({"AuditLog.Read.All"} if "signInActivity" in selected else set())
        if not needs <= self.granted:
            return _build_failure(403, "Authorization_RequestDenied")
        if not set(selected) <= method.names:
            return _build_failure(400, "BadRequest")
        rows = method.rows(self, path_values)
        if rows is None:
            return _build_failure(404, "ResourceNotFound")
        rows = _filter_by_time(rows, method, call.get_param("$filter"))
        start = int(call.get_param("$skiptoken", "0"))
        stop = start + min(int(call.get_param("$top") or method.page_limit), method.page_limit)
        page_rows = [_select_fields(row, selected) for row in rows[start:stop]]
        page: dict[str, Any] = {"@odata.context": f"{call.url}/v1.0/$metadata#{method.path}", "value": page_rows}
        if stop < len(rows):
            page["@odata.nextLink"] = _build_url(call, **{"$skiptoken": str(stop)})
        return Reply(body=page)

    def _handle_delta(self, call: Call) -> Reply:
        """Reply with all users in pages, then a link to later changes; a link that is too old is forgotten."""
        if "User.Read.All" not in self.granted:
            return _build_failure(403, "Authorization_RequestDenied")
        token = call.get_param("$deltatoken") or call.get_param("$skiptoken")
        if token and token not in self._states:
            return _build_failure(410, "syncStateNotFound")
        began, start, select = self._states.get(token, (self.world.read_clock(), 0, call.get_param("$select")))
        if self.world.read_clock() - began > _DELTA_LIFETIME:
            return _build_failure(410, "syncStateNotFound")
        only_changes = bool(call.get_param("$deltatoken")) or token.startswith("changes")
        rows = (
            self._list_changes(began, select)
            if only_changes
            else [_select_fields(user, select.split(",")) for user in self.rows["users"].values()]
        )
        stop = start + 10
        page: dict[str, Any] = {"@odata.context": f"{call.url}/v1.0/$metadata#users/$delta", "value": rows[start:stop]}
        link, at, next_start = (
            ("nextLink", began, stop) if stop < len(rows) else ("deltaLink", self.world.read_clock(), 0)
        )
        name = f"{'changes' if only_changes or link == 'deltaLink' else 'all'}-{len(self._states)}"
        self._states[name] = (at, next_start, select)
        param = "$deltatoken" if link == "deltaLink" else "$skiptoken"
        page[f"@odata.{link}"] = f"{call.url}/v1.0/users/delta?{param}={name}"
        return Reply(body=page)

    def _list_changes(self, since: datetime, select: str) -> list[dict[str, Any]]:
        keys = dict.fromkeys(key for at, key in self._changes if at >= since)
        users = self.rows["users"]
        removed_mark = {"@removed": {"reason": "changed"}}
        return [
            _select_fields(users[key], select.split(",")) if key in users else {"id": key, **removed_mark}
            for key in keys
        ]


def _filter_by_time(rows: list[dict[str, Any]], method: GraphMethod, condition: str) -> list[dict[str, Any]]:
    if not condition:
        return rows
    match = _BETWEEN.fullmatch(condition)
    assert match is not None, condition
    assert method.time == match[1] == match[3], condition
    return [row for row in rows if match[2] <= row[method.time] <= match[4]]


def _select_fields(row: dict[str, Any], names: list[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not names or name in names}


def _build_url(call: Call, **replacements: str) -> str:
    """Return the requested URL with these parameters replaced, encoded as Graph encodes them."""
    params = {**dict(call.query), **replacements}
    return f"{call.url}{call.path}?{'&'.join(f'{name}={value.replace(" ", "%20")}' for name, value in params.items())}"


def _build_failure(status: int, code: str) -> Reply:
    inner = {"date": "2026-11-20T02:00:00", "request-id": "0"}
    return Reply(status=status, body={"error": {"code": code, "message": "Not carried out.", "innerError": inner}})
