"""Microsoft Entra and Intune over Graph: what an app registration with application permissions that only read may see.

Source: Microsoft Graph v1.0: `$select`, `$top`, `@odata.nextLink`; delta queries of users with `@odata.deltaLink`, which a
tenant forgets after a week (410 or 400, and then everything is asked for); each list's page names the least permission.

The token comes from plain client credentials through the exchange that every client shares. msal would ask over a
connection of its own, insists on an https authority, and dates its requests by this machine's clock alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import msgspec

from homeroom.ingest.remote.client import Client, Each, Exchange, Feed, Field, Page, Request, Settings, Start, Token
from homeroom.ingest.remote.paging import by_address
from homeroom.ingest.remote.signing import by_client_credentials

GRAPH, LOGIN = "https://graph.microsoft.com", "https://login.microsoftonline.com"
FIRST_DAYS = timedelta(days=7)
"""How far back the logs are asked for at first; Entra keeps a week without a licence, and a month with one."""
LATE = timedelta(hours=2)
MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
"""The tenant that Microsoft's own apps come from: their roles are no choice of the district."""
USER = (
    "id,userPrincipalName,givenName,surname,accountEnabled,createdDateTime,jobTitle,department,employeeId,mail,otherMails,"
    "proxyAddresses,lastPasswordChangeDateTime,passwordPolicies"
)
DEVICE = (
    "id,deviceName,serialNumber,azureADDeviceId,manufacturer,model,operatingSystem,osVersion,deviceRegistrationState,"
    "userPrincipalName,userDisplayName,managedDeviceOwnerType,enrolledDateTime,lastSyncDateTime,isEncrypted,complianceState,"
    "imei,meid,udid,wiFiMacAddress,ethernetMacAddress,deviceCategoryDisplayName,notes,"
    "isSupervised,jailBroken,freeStorageSpaceInBytes,totalStorageSpaceInBytes"
)
PRINCIPAL = "id,appId,displayName,servicePrincipalType,appOwnerOrganizationId,verifiedPublisher"
SIGN_IN = (
    "id,createdDateTime,userPrincipalName,userId,appId,appDisplayName,ipAddress,clientAppUsed,conditionalAccessStatus,"
    "isInteractive,riskDetail,riskLevelAggregated,riskLevelDuringSignIn,riskState,resourceDisplayName,status,deviceDetail,location"
)
_REGISTERED = "reports/authenticationMethods/userRegistrationDetails"


def _authorise(settings: Settings, exchange: Exchange, at: datetime) -> Token:
    return by_client_credentials(
        exchange,
        url=f"{settings['login'].rstrip('/')}/{quote(settings['tenant'], safe='')}/oauth2/v2.0/token",
        name=settings["client_id"],
        secret=settings["client_secret"],
        at=at,
        scope=f"{settings['address'].rstrip('/')}/.default",
        in_header=False,
    )


def _at(settings: Settings, path: str) -> str:
    return f"{settings['address'].rstrip('/')}/v1.0/{path}"


def _asking(path: str, **params: str) -> Callable[[Settings, Start], Request]:
    """The first request of a list; `$` stands before every param's name."""
    asked = tuple((f"${name}", value) for name, value in params.items())
    return lambda settings, _start: Request(url=_at(settings, path), params=asked)


def _since(path: str, *, time: str, **params: str) -> Callable[[Settings, Start], Request]:
    """The first request of a log, for what came since the last walk and not after this one began."""
    asked = tuple((f"${name}", value) for name, value in params.items())

    def first(settings: Settings, start: Start) -> Request:
        since = start.since or start.at - FIRST_DAYS
        between = f"{time} ge {_written(since)} and {time} le {_written(start.at)}"
        return Request(url=_at(settings, path), params=(("$filter", between), *asked))

    return first


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _accounts(settings: Settings, start: Start) -> Request:
    """Users with what changed since the bookmark; without one, all of them."""
    prefer = {"Prefer": "odata.maxpagesize=500"}
    if start.bookmark:
        return Request(url=start.bookmark, headers=prefer)
    return Request(url=_at(settings, "users/delta"), params=(("$select", USER),), headers=prefer)


def _bookmark(page: Page) -> str:
    found = page.document.get("@odata.deltaLink")
    return found if isinstance(found, str) else ""


def _standing(page: Page) -> Sequence[Any]:
    """The rows; an account that was deleted has nothing left but its id, and cannot be signed in with."""
    return [_deleted(row) if "@removed" in row else row for row in page.rows]


def _deleted(row: dict[str, Any]) -> dict[str, Any]:
    return {"id": row.get("id"), "userPrincipalName": None, "accountEnabled": False}


def _named(*names: str, where: Callable[[Any], bool]) -> Callable[[Any], Sequence[str]]:
    """Ids that carry what is known of a row beside it, as JSON, so that it can be put beside what is asked for."""

    def ids(page: Any) -> list[str]:
        wanted = [row for row in page["value"] if row.get("id") and where(row)]
        return [msgspec.json.encode({name: row.get(name) for name in names}).decode() for row in wanted]

    return ids


def _each(
    of: str, path: str, *, ids: Callable[[Any], Sequence[str]], rows: Callable[[Any, Any], Any], select: str
) -> Each:
    def first(settings: Settings, found: str) -> Request:
        key = quote(msgspec.json.decode(found)["id"], safe="")
        return Request(url=_at(settings, path.format(key)), params=(("$select", select),) if select else ())

    def made(found: str, document: Any) -> list[Any]:
        return list(rows(msgspec.json.decode(found), document.get("value") or []))

    return Each(of=of, ids=ids, first=first, rows=made)


_INSTALLS = _each(
    "apps",
    "deviceManagement/detectedApps/{}/managedDevices",
    ids=_named("id", "displayName", "version", "publisher", "platform", where=lambda app: bool(app.get("deviceCount"))),
    rows=lambda app, devices: [{**app, "managedDevices": [{"id": one.get("id")} for one in devices]}],
    select="id",
)
_ROLES = _each(
    "principals",
    "servicePrincipals/{}/appRoleAssignments",
    ids=_named(*PRINCIPAL.split(","), where=lambda app: app.get("appOwnerOrganizationId") != MICROSOFT),
    rows=lambda app, roles: [{**app, "appRoleAssignments": roles}] if roles else [],
    select="",
)
_GRANTS = _each(
    "principals",
    "servicePrincipals/{}/oauth2PermissionGrants",
    ids=_named("id", "displayName", "verifiedPublisher", where=lambda _app: True),
    rows=lambda app, grants: [{**grant, "app": app} for grant in grants],
    select="",
)
_NEXT: dict[str, Any] = {"next": by_address(at="@odata.nextLink")}
_MAY_LACK: dict[str, Any] = {**_NEXT, "optional": True}

CLIENT = Client(
    name="microsoft",
    title="Microsoft 365 (Entra and Intune)",
    settings=(
        Field(name="tenant", title="Tenant", help="Its id, or its main domain.", example="maple.example"),
        Field(name="client_id", title="Application (client) id"),
        Field(name="client_secret", title="Client secret", secret=True, help="Its value, which Entra shows once."),
        Field(name="address", title="Address of Graph", required=False, default=GRAPH, address=True),
        Field(name="login", title="Address to sign in at", required=False, default=LOGIN, address=True),
    ),
    grant=(
        "In the Entra admin center, under Identity, Applications, App registrations, make a registration for this one organisation and without a redirect address.",
        "Under its API permissions, add application permissions of Microsoft Graph: User.Read.All, AuditLog.Read.All, DeviceManagementManagedDevices.Read.All, Application.Read.All, Directory.Read.All and SecurityEvents.Read.All. Leave out those of what Homeroom should not read.",
        "Grant admin consent for them.",
        "Under Certificates & secrets, make a client secret that ends within a year, and copy its value, the client id and the tenant id to here.",
    ),
    authorise=_authorise,
    whole_every=timedelta(days=1),
    feeds=(
        Feed(
            id="users",
            title="accounts",
            kind="microsoft.users.json",
            scopes=("User.Read.All",),
            first=_accounts,
            incremental="delta",
            bookmark=_bookmark,
            shape=_standing,
            **_NEXT,
        ),
        Feed(
            id="activity",
            title="last sign-ins",
            kind="microsoft.activity",
            scopes=("User.Read.All", "AuditLog.Read.All"),
            first=_asking("users", select="id,userPrincipalName,signInActivity", top="120"),
            **_MAY_LACK,
        ),
        Feed(
            id="registration",
            title="second factors",
            kind="microsoft.registration.json",
            scopes=("AuditLog.Read.All",),
            first=_asking(_REGISTERED),
            **_MAY_LACK,
        ),
        Feed(
            id="devices",
            title="managed devices",
            kind="microsoft.devices.json",
            scopes=("DeviceManagementManagedDevices.Read.All",),
            first=_asking("deviceManagement/managedDevices", select=DEVICE, top="500"),
            **_MAY_LACK,
        ),
        Feed(
            id="apps",
            title="discovered apps",
            kind="microsoft.apps",
            scopes=("DeviceManagementManagedDevices.Read.All",),
            first=_asking("deviceManagement/detectedApps", top="500"),
            **_MAY_LACK,
        ),
        Feed(
            id="installs",
            title="devices of discovered apps",
            kind="microsoft.apps",
            scopes=("DeviceManagementManagedDevices.Read.All",),
            each=_INSTALLS,
            **_MAY_LACK,
        ),
        Feed(
            id="principals",
            title="apps of the tenant",
            kind="microsoft.principals",
            scopes=("Application.Read.All",),
            first=_asking("servicePrincipals", select=PRINCIPAL, top="500"),
            **_MAY_LACK,
        ),
        Feed(
            id="roles",
            title="roles of apps",
            kind="microsoft.principals",
            scopes=("Application.Read.All",),
            each=_ROLES,
            **_MAY_LACK,
        ),
        Feed(
            id="grants",
            title="apps that accounts let in",
            kind="microsoft.grants",
            scopes=("Directory.Read.All",),
            each=_GRANTS,
            **_MAY_LACK,
        ),
        Feed(
            id="signins",
            title="the sign-in log",
            kind="microsoft.signins",
            scopes=("AuditLog.Read.All",),
            first=_since("auditLogs/signIns", time="createdDateTime", select=SIGN_IN, top="500"),
            incremental="since",
            overlap=LATE,
            **_MAY_LACK,
        ),
        Feed(
            id="audits",
            title="the audit log",
            kind="microsoft.audits",
            scopes=("AuditLog.Read.All",),
            first=_since("auditLogs/directoryAudits", time="activityDateTime", top="500"),
            incremental="since",
            overlap=LATE,
            **_MAY_LACK,
        ),
        Feed(
            id="scores",
            title="the newest Secure Score",
            kind="microsoft.scores",
            scopes=("SecurityEvents.Read.All",),
            first=_asking("security/secureScores", top="1"),
            optional=True,
        ),
    ),
)
