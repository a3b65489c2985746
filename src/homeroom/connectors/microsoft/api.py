"""Microsoft Entra and Intune over Graph, for an app registration with read-only application permissions.

Source: Microsoft Graph v1.0: `$select`, `$top`, `@odata.nextLink`; delta queries of users with `@odata.deltaLink`,
which a tenant forgets after a week (410 or 400, and then everything is requested); each list's page names the least
permission.

The token comes from plain client credentials through the exchange that every client shares. msal would open a
connection of its own, insists on an https authority, and dates its requests by this machine's clock alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import msgspec

from homeroom.connectors.microsoft.simulations import add_simulation, list_simulations
from homeroom.ingest.remote.api_spec import (
    AccessToken,
    ApiSpec,
    ChildFeed,
    Exchange,
    Feed,
    FeedPage,
    Request,
    SettingField,
    Settings,
    SyncStart,
)
from homeroom.ingest.remote.auth import request_client_credentials_token
from homeroom.ingest.remote.pagination import page_by_url

GRAPH, LOGIN = "https://graph.microsoft.com", "https://login.microsoftonline.com"
FIRST_DAYS = timedelta(days=7)
"""How far back the first sync requests the logs; Entra holds a week without a license, and a month with one."""
LOG_OVERLAP, LOG_DELAY = timedelta(minutes=30), timedelta(hours=26)
"""Entra shows entries minutes to hours late; those that are stored already count once."""
MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
"""The tenant of Microsoft's own apps: the district does not choose their roles."""
USER = (
    "id,userPrincipalName,givenName,surname,accountEnabled,createdDateTime,jobTitle,department,employeeId,mail,otherMails,"
    "proxyAddresses,lastPasswordChangeDateTime,passwordPolicies,onPremisesImmutableId,onPremisesSecurityIdentifier,"
    "onPremisesSamAccountName,onPremisesDomainName"
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
    "isInteractive,riskDetail,riskLevelAggregated,riskLevelDuringSignIn,riskState,riskEventTypes_v2,correlationId,"
    "resourceDisplayName,resourceId,status,deviceDetail,location"
)
_REGISTRATION_PATH = "reports/authenticationMethods/userRegistrationDetails"


def _authenticate(settings: Settings, exchange: Exchange, at: datetime) -> AccessToken:
    return request_client_credentials_token(
        exchange,
        url=f"{settings['login'].rstrip('/')}/{quote(settings['tenant'], safe='')}/oauth2/v2.0/token",
        name=settings["client_id"],
        secret=settings["client_secret"],
        at=at,
        scope=f"{settings['address'].rstrip('/')}/.default",
        in_header=False,
    )


def _build_url(settings: Settings, path: str) -> str:
    return f"{settings['address'].rstrip('/')}/v1.0/{path}"


def _build_list_request(path: str, **params: str) -> Callable[[Settings, SyncStart], Request]:
    """Build the function that makes the first request of a list; every param's name is prefixed with `$`."""
    query = tuple((f"${name}", value) for name, value in params.items())
    return lambda settings, _start: Request(url=_build_url(settings, path), params=query)


def _build_log_request(path: str, *, time: str, **params: str) -> Callable[[Settings, SyncStart], Request]:
    """Build the function that makes the first request of a log.

    It asks for the entries since the last sync and before this one began.
    """
    query = tuple((f"${name}", value) for name, value in params.items())

    def build_first_request(settings: Settings, start: SyncStart) -> Request:
        since = start.since or start.at - FIRST_DAYS
        between = f"{time} ge {_format_time(since)} and {time} le {_format_time(start.at)}"
        return Request(url=_build_url(settings, path), params=(("$filter", between), *query))

    return build_first_request


def _format_time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _build_accounts_request(settings: Settings, start: SyncStart) -> Request:
    """Build the request for users that changed since the bookmark; without one, for all of them."""
    prefer = {"Prefer": "odata.maxpagesize=500"}
    if start.bookmark:
        return Request(url=start.bookmark, headers=prefer)
    return Request(url=_build_url(settings, "users/delta"), params=(("$select", USER),), headers=prefer)


def _get_bookmark(page: FeedPage) -> str:
    link = page.document.get("@odata.deltaLink")
    return link if isinstance(link, str) else ""


def _replace_deleted_rows(page: FeedPage) -> Sequence[Any]:
    """Return the rows; a deleted account has nothing left but its id, and nobody can sign in with it."""
    return [_build_deleted_account(row) if "@removed" in row else row for row in page.rows]


def _build_deleted_account(row: dict[str, Any]) -> dict[str, Any]:
    return {"id": row.get("id"), "userPrincipalName": None, "accountEnabled": False}


def _build_parent_ids(*names: str, where: Callable[[Any], bool]) -> Callable[[Any], Sequence[str]]:
    """Build a function that lists parent ids together with fields of the parent row, as JSON.

    The fields are later put beside the rows of the child feed.
    """

    def list_parent_ids(page: Any) -> list[str]:
        parent_rows = [row for row in page["value"] if row.get("id") and where(row)]
        return [msgspec.json.encode({name: row.get(name) for name in names}).decode() for row in parent_rows]

    return list_parent_ids


def _build_child_feed(
    parent_feed: str, path: str, *, ids: Callable[[Any], Sequence[str]], rows: Callable[[Any, Any], Any], select: str
) -> ChildFeed:
    def build_first_request(settings: Settings, parent_id: str) -> Request:
        key = quote(msgspec.json.decode(parent_id)["id"], safe="")
        return Request(url=_build_url(settings, path.format(key)), params=(("$select", select),) if select else ())

    def extract_rows(parent_id: str, document: Any) -> list[Any]:
        return list(rows(msgspec.json.decode(parent_id), document.get("value") or []))

    return ChildFeed(parent=parent_feed, ids=ids, first=build_first_request, rows=extract_rows)


_INSTALLS = _build_child_feed(
    "apps",
    "deviceManagement/detectedApps/{}/managedDevices",
    ids=_build_parent_ids(
        "id", "displayName", "version", "publisher", "platform", where=lambda app: bool(app.get("deviceCount"))
    ),
    rows=lambda app, devices: [{**app, "managedDevices": [{"id": device.get("id")} for device in devices]}],
    select="id",
)
_ROLES = _build_child_feed(
    "principals",
    "servicePrincipals/{}/appRoleAssignments",
    ids=_build_parent_ids(*PRINCIPAL.split(","), where=lambda app: app.get("appOwnerOrganizationId") != MICROSOFT),
    rows=lambda app, roles: [{**app, "appRoleAssignments": roles}] if roles else [],
    select="",
)
_GRANTS = _build_child_feed(
    "principals",
    "servicePrincipals/{}/oauth2PermissionGrants",
    ids=_build_parent_ids("id", "displayName", "verifiedPublisher", where=lambda _app: True),
    rows=lambda app, grants: [{**grant, "app": app} for grant in grants],
    select="",
)
_SIMULATION_USERS = _build_child_feed(
    "simulations",
    "security/attackSimulation/simulations/{}/report/simulationUsers",
    ids=_build_parent_ids("id", "displayName", "launchDateTime", where=lambda _simulation: True),
    rows=add_simulation,
    select="",
)
_NEXT_PAGE = page_by_url(path="@odata.nextLink")

CLIENT = ApiSpec(
    name="microsoft",
    title="Microsoft 365 (Entra and Intune)",
    settings=(
        SettingField(name="tenant", title="Tenant", help="Its id, or its main domain.", example="maple.example"),
        SettingField(name="client_id", title="Application (client) id"),
        SettingField(
            name="client_secret", title="Client secret", secret=True, help="Its value, which Entra shows once."
        ),
        SettingField(name="address", title="Address of Graph", required=False, default=GRAPH, address=True),
        SettingField(name="login", title="Address to sign in at", required=False, default=LOGIN, address=True),
    ),
    grant=(
        "In the Entra admin center, under Identity, Applications, App registrations, make a registration for this one "
        "organization and without a redirect address.",
        "Under its API permissions, add application permissions of Microsoft Graph: User.Read.All, AuditLog.Read.All, "
        "DeviceManagementManagedDevices.Read.All, Application.Read.All, Directory.Read.All, "
        "SecurityAlert.Read.All, SecurityEvents.Read.All and AttackSimulation.Read.All. Leave out those of what "
        "Homeroom should not read.",
        "Grant admin consent for them.",
        "Under Certificates & secrets, make a client secret that ends within a year, and copy its value, the client "
        "id and the tenant id to here.",
    ),
    authorize=_authenticate,
    full_sync_interval=timedelta(days=1),
    feeds=(
        Feed(
            id="users",
            title="accounts",
            kind="microsoft.users.json",
            scopes=("User.Read.All",),
            first=_build_accounts_request,
            incremental="delta",
            bookmark=_get_bookmark,
            shape=_replace_deleted_rows,
            next=_NEXT_PAGE,
        ),
        Feed(
            id="activity",
            title="last sign-ins",
            kind="microsoft.activity",
            scopes=("User.Read.All", "AuditLog.Read.All"),
            first=_build_list_request("users", select="id,userPrincipalName,signInActivity", top="120"),
            next=_NEXT_PAGE,
            optional=True,
        ),
        Feed(
            id="registration",
            title="MFA registrations",
            kind="microsoft.registration.json",
            scopes=("AuditLog.Read.All",),
            first=_build_list_request(_REGISTRATION_PATH),
            next=_NEXT_PAGE,
            optional=True,
        ),
        Feed(
            id="devices",
            title="managed devices",
            kind="microsoft.devices.json",
            scopes=("DeviceManagementManagedDevices.Read.All",),
            first=_build_list_request("deviceManagement/managedDevices", select=DEVICE, top="500"),
            next=_NEXT_PAGE,
            optional=True,
        ),
        Feed(
            id="apps",
            title="discovered apps",
            kind="microsoft.apps",
            scopes=("DeviceManagementManagedDevices.Read.All",),
            first=_build_list_request("deviceManagement/detectedApps", top="500"),
            next=_NEXT_PAGE,
            optional=True,
        ),
        Feed(
            id="installs",
            title="devices of discovered apps",
            kind="microsoft.apps",
            scopes=("DeviceManagementManagedDevices.Read.All",),
            child=_INSTALLS,
            next=_NEXT_PAGE,
            optional=True,
        ),
        Feed(
            id="principals",
            title="apps of the tenant",
            kind="microsoft.principals",
            scopes=("Application.Read.All",),
            first=_build_list_request("servicePrincipals", select=PRINCIPAL, top="500"),
            next=_NEXT_PAGE,
            optional=True,
        ),
        Feed(
            id="roles",
            title="roles of apps",
            kind="microsoft.principals",
            scopes=("Application.Read.All",),
            child=_ROLES,
            next=_NEXT_PAGE,
            optional=True,
        ),
        Feed(
            id="grants",
            title="apps that accounts let in",
            kind="microsoft.grants",
            scopes=("Directory.Read.All",),
            child=_GRANTS,
            next=_NEXT_PAGE,
            optional=True,
        ),
        Feed(
            id="signins",
            title="the sign-in log",
            kind="microsoft.signins",
            scopes=("AuditLog.Read.All",),
            first=_build_log_request("auditLogs/signIns", time="createdDateTime", select=SIGN_IN, top="500"),
            incremental="since",
            overlap=LOG_OVERLAP,
            late=LOG_DELAY,
            log=True,
            next=_NEXT_PAGE,
            optional=True,
        ),
        Feed(
            id="audits",
            title="the audit log",
            kind="microsoft.audits",
            scopes=("AuditLog.Read.All",),
            first=_build_log_request("auditLogs/directoryAudits", time="activityDateTime", top="500"),
            incremental="since",
            overlap=LOG_OVERLAP,
            late=LOG_DELAY,
            log=True,
            next=_NEXT_PAGE,
            optional=True,
        ),
        Feed(
            id="alerts",
            title="alerts of Microsoft's tools",
            kind="microsoft.alerts",
            scopes=("SecurityAlert.Read.All",),
            first=_build_log_request("security/alerts_v2", time="lastUpdateDateTime", top="500"),
            incremental="since",
            log=True,
            next=_NEXT_PAGE,
            optional=True,
        ),
        Feed(
            id="scores",
            title="the newest Secure Score",
            kind="microsoft.scores",
            scopes=("SecurityEvents.Read.All",),
            first=_build_list_request("security/secureScores", top="1"),
            optional=True,
        ),
        Feed(
            id="simulations",
            title="attack simulations",
            kind="microsoft.simulations",
            scopes=("AttackSimulation.Read.All",),
            first=_build_list_request("security/attackSimulation/simulations"),
            next=_NEXT_PAGE,
            shape=list_simulations,
            optional=True,
        ),
        Feed(
            id="simulation-users",
            title="users of attack simulations",
            kind="microsoft.simulations",
            scopes=("AttackSimulation.Read.All",),
            child=_SIMULATION_USERS,
            next=_NEXT_PAGE,
            optional=True,
        ),
    ),
)
