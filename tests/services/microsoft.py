"""Microsoft Graph as its reference has it: client credentials, `$select`, pages with whole addresses, delta links, errors.

Source: Graph v1.0 pages about each list and about delta queries: `value`, `@odata.context`, `@odata.nextLink` with a
`$skiptoken`, `@odata.deltaLink` with a `$deltatoken` that is good for seven days (then 410 with `syncStateNotFound`), deleted
rows with `@removed`; `error.code`; 403 `Authorization_RequestDenied` where a permission was not granted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.services import entra
from tests.services.console import Call, Console, Reply
from tests.services.world import World

TENANT, ID, SECRET = "maple.example", "11111111-2222-3333-4444-555555555555", "graph~client-secret-01"
_KEPT = timedelta(days=7)
_BETWEEN = re.compile(r"(\w+) ge (\S+) and (\w+) le (\S+)")
type Found = list[dict[str, Any]] | None


@dataclass(frozen=True, kw_only=True)
class Method:
    """A list: the permission it takes, the names its rows may have, and how many rows are in a page at most."""

    path: str
    permission: str
    names: frozenset[str]
    most: int
    rows: Callable[[Graph, Mapping[str, str]], Found]
    time: str = ""


def _all(name: str) -> Callable[[Graph, Mapping[str, str]], Found]:
    return lambda graph, _found: list(graph.rows[name].values())


def _inside(name: str, of: str) -> Callable[[Graph, Mapping[str, str]], Found]:
    """The rows that a list of that name keeps under the key in the path; nothing is there where the row itself went."""
    return lambda graph, found: graph.inside[name].get(found["key"], []) if found["key"] in graph.rows[of] else None


METHODS = (
    Method(path="users", permission="User.Read.All", names=entra.USER, most=12, rows=_all("users")),
    Method(path="reports/authenticationMethods/userRegistrationDetails", permission="AuditLog.Read.All",
           names=entra.REGISTRATION, most=15, rows=_all("registration")),
    Method(path="deviceManagement/managedDevices", permission="DeviceManagementManagedDevices.Read.All",
           names=entra.DEVICE, most=20, rows=_all("devices")),
    Method(path="deviceManagement/detectedApps", permission="DeviceManagementManagedDevices.Read.All", names=entra.APP,
           most=5, rows=_all("apps")),
    Method(path="deviceManagement/detectedApps/(?P<key>[^/]+)/managedDevices", names=entra.DEVICE, most=6,
           permission="DeviceManagementManagedDevices.Read.All", rows=_inside("installs", "apps")),
    Method(path="servicePrincipals", permission="Application.Read.All", names=entra.PRINCIPAL, most=4,
           rows=_all("principals")),
    Method(path="servicePrincipals/(?P<key>[^/]+)/appRoleAssignments", permission="Application.Read.All",
           names=entra.ROLE, most=100, rows=_inside("roles", "principals")),
    Method(path="servicePrincipals/(?P<key>[^/]+)/oauth2PermissionGrants", permission="Directory.Read.All",
           names=entra.GRANT, most=100, rows=_inside("grants", "principals")),
    Method(path="auditLogs/signIns", permission="AuditLog.Read.All", names=entra.SIGN_IN, most=15, rows=_all("signins"),
           time="createdDateTime"),
    Method(path="auditLogs/directoryAudits", permission="AuditLog.Read.All", names=entra.AUDIT, most=15,
           rows=_all("audits"), time="activityDateTime"),
    Method(path="security/secureScores", permission="SecurityEvents.Read.All", names=entra.SCORE, most=10,
           rows=_all("scores")),
)  # fmt: skip


def console(world: World) -> Graph:
    return Graph(world)


class Graph(Console):
    """30 accounts, 45 devices, and what goes with them. `granted` are the permissions with an administrator's consent."""

    client = "microsoft"
    secrets = (SECRET,)

    def __init__(self, world: World, *, skew: timedelta = timedelta()) -> None:
        super().__init__(world, skew=skew)
        self.rows, self.inside = entra.tenant()
        self.granted = {method.permission for method in METHODS}
        self._changes: list[tuple[datetime, str]] = []
        self._states: dict[str, tuple[datetime, int, str]] = {}

    def settings(self, url: str) -> dict[str, str]:
        return {"tenant": TENANT, "client_id": ID, "client_secret": SECRET, "address": url, "login": url}

    def answer(self, call: Call) -> Reply:
        if call.path == f"/{TENANT}/oauth2/v2.0/token":
            return self._token(call)
        if not self.good(call.bearer):
            return _failure(401, "InvalidAuthenticationToken")
        path = call.path.removeprefix("/v1.0/")
        if path == "users/delta":
            return self._delta(call)
        for method in METHODS:
            found = re.fullmatch(method.path, path)
            if found:
                return self._list(call, method, found.groupdict())
        return _failure(404, "ResourceNotFound")

    def change(self) -> None:
        """An account is made, one is changed, one is deleted; a laptop goes, an app is found on one more, somebody signs in."""
        users = self.rows["users"]
        users["u0901"] = entra.user(901)
        users["u0003"]["accountEnabled"] = False
        del users["u0005"]
        self._changes += [(self.world.now(), key) for key in ("u0901", "u0003", "u0005")]
        del self.rows["devices"]["a0007"]
        self.inside["installs"]["app1"].append({"id": "a0009", "deviceName": "LT-0009"})
        self.rows["signins"]["late"] = entra.sign_in(900, at=self.world.now())
        self.rows["audits"]["late"] = entra.audit(900, at=self.world.now())

    def _token(self, call: Call) -> Reply:
        form = call.form
        if (form.get("client_id"), form.get("client_secret")) != (ID, SECRET):
            return Reply(status=401, body={"error": "invalid_client", "error_description": "AADSTS7000215"})
        if form.get("grant_type") != "client_credentials" or form.get("scope") != f"{call.url}/.default":
            return Reply(status=400, body={"error": "invalid_scope"})
        said = {"access_token": self.issue(), "token_type": "Bearer", "ext_expires_in": self.token_seconds - 1}
        return Reply(body=said | {"expires_in": self.token_seconds - 1})

    def _list(self, call: Call, method: Method, found: Mapping[str, str]) -> Reply:
        selected = [name for name in call.param("$select").split(",") if name]
        needs = {method.permission} | ({"AuditLog.Read.All"} if "signInActivity" in selected else set())
        if not needs <= self.granted:
            return _failure(403, "Authorization_RequestDenied")
        if not set(selected) <= method.names:
            return _failure(400, "BadRequest")
        rows = method.rows(self, found)
        if rows is None:
            return _failure(404, "ResourceNotFound")
        rows = _within(rows, method, call.param("$filter"))
        start = int(call.param("$skiptoken", "0"))
        stop = start + min(int(call.param("$top") or method.most), method.most)
        kept = [_selected(row, selected) for row in rows[start:stop]]
        page: dict[str, Any] = {"@odata.context": f"{call.url}/v1.0/$metadata#{method.path}", "value": kept}
        if stop < len(rows):
            page["@odata.nextLink"] = _address(call, **{"$skiptoken": str(stop)})
        return Reply(body=page)

    def _delta(self, call: Call) -> Reply:
        """All users in pages, then a link to what changes from there on; a link that is too old is forgotten."""
        if "User.Read.All" not in self.granted:
            return _failure(403, "Authorization_RequestDenied")
        token = call.param("$deltatoken") or call.param("$skiptoken")
        if token and token not in self._states:
            return _failure(410, "syncStateNotFound")
        began, start, select = self._states.get(token, (self.world.now(), 0, call.param("$select")))
        if self.world.now() - began > _KEPT:
            return _failure(410, "syncStateNotFound")
        changed = bool(call.param("$deltatoken")) or token.startswith("changes")
        rows = (
            self._changed(began, select)
            if changed
            else [_selected(one, select.split(",")) for one in self.rows["users"].values()]
        )
        stop = start + 10
        page: dict[str, Any] = {"@odata.context": f"{call.url}/v1.0/$metadata#users/$delta", "value": rows[start:stop]}
        link, at, where = ("nextLink", began, stop) if stop < len(rows) else ("deltaLink", self.world.now(), 0)
        name = f"{'changes' if changed or link == 'deltaLink' else 'all'}-{len(self._states)}"
        self._states[name] = (at, where, select)
        param = "$deltatoken" if link == "deltaLink" else "$skiptoken"
        page[f"@odata.{link}"] = f"{call.url}/v1.0/users/delta?{param}={name}"
        return Reply(body=page)

    def _changed(self, since: datetime, select: str) -> list[dict[str, Any]]:
        keys = dict.fromkeys(key for at, key in self._changes if at >= since)
        users = self.rows["users"]
        gone = {"@removed": {"reason": "changed"}}
        return [_selected(users[key], select.split(",")) if key in users else {"id": key, **gone} for key in keys]


def _within(rows: list[dict[str, Any]], method: Method, asked: str) -> list[dict[str, Any]]:
    if not asked:
        return rows
    found = _BETWEEN.fullmatch(asked)
    assert found is not None, asked
    assert method.time == found[1] == found[3], asked
    return [row for row in rows if found[2] <= row[method.time] <= found[4]]


def _selected(row: dict[str, Any], names: list[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not names or name in names}


def _address(call: Call, **more: str) -> str:
    """The address that was asked for with these params, written as Graph writes them."""
    params = {**dict(call.query), **more}
    return f"{call.url}{call.path}?{'&'.join(f'{name}={value.replace(" ", "%20")}' for name, value in params.items())}"


def _failure(status: int, code: str) -> Reply:
    inner = {"date": "2026-11-20T02:00:00", "request-id": "0"}
    return Reply(status=status, body={"error": {"code": code, "message": "Not carried out.", "innerError": inner}})
