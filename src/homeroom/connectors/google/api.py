"""Google Workspace over its APIs: data that a service account reads on behalf of a read-only administrator.

Source: Admin SDK Directory API v1, Reports API v1, Classroom API v1, Cloud Identity Policy API v1 and Chrome Management
API v1 (`reports:countInstalledApps`, at most 100 apps a page): `maxResults` or `pageSize`, `pageToken`,
`nextPageToken`, field masks in `fields`; a page without rows lacks its list. Each feed names the smallest scope that
its method takes; all but two of them only read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from homeroom.connectors.google.sign_in import authenticate, is_throttled
from homeroom.ingest.remote.api_spec import ApiSpec, ChildFeed, Feed, Request, SettingField, Settings, SyncStart
from homeroom.ingest.remote.pagination import page_by_token

DIRECTORY, CLASSROOM = "https://admin.googleapis.com", "https://classroom.googleapis.com"
POLICIES = "https://cloudidentity.googleapis.com"
CHROME = "https://chromemanagement.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/"
LOGS = (
    "login",
    "admin",
    "drive",
    "token",
    "user_accounts",
    "saml",
    "takeout",
    "chrome",
    "groups_enterprise",
)
FIRST_DAYS = timedelta(days=7)
"""How far back the first sync requests the audit log: Google holds half a year, which is very much for Drive."""
LOG_OVERLAP, LOG_DELAY = timedelta(minutes=30), timedelta(hours=26)
"""Google shows entries of some logs hours late, up to a day; those that are stored already count once."""
ALERTS = "https://alertcenter.googleapis.com"
USER = (
    "id,primaryEmail,name(givenName,familyName),orgUnitPath,suspended,archived,isAdmin,isDelegatedAdmin,isEnrolledIn2Sv,"
    "isEnforcedIn2Sv,lastLoginTime,creationTime,aliases,nonEditableAliases,externalIds,organizations"
)
CHROMEBOOK = (
    "deviceId,serialNumber,annotatedAssetId,model,osVersion,status,orgUnitPath,annotatedLocation,annotatedUser,notes,"
    "lastEnrollmentTime,firstEnrollmentTime,lastSync,osVersionCompliance,bootMode,autoUpdateExpiration,autoUpdateThrough,"
    "extendedSupportStart,extendedSupportEligible,extendedSupportEnabled,chromeOsType,meid,macAddress,"
    "ethernetMacAddress,ethernetMacAddress0,recentUsers(email)"
)
MOBILE = (
    "resourceId,deviceId,serialNumber,manufacturer,brand,model,os,type,status,email,name,firstSync,lastSync,encryptionStatus,"
    "deviceCompromisedStatus,privilege,imei,meid,wifiMacAddress,applications(displayName,packageName,versionName,versionCode)"
)
GROUP = "id,email,name,description,directMembersCount,adminCreated"
EXTENSION = (
    "appId,displayName,appType,appInstallType,appSource,browserDeviceCount,osUserCount,disabled,homepageUri,permissions"
)
ACTIVITY = (
    "id,actor,ipAddress,ownerDomain,networkInfo(regionCode,ipAsn),events(name,type,status(eventStatus),resourceIds,"
    "parameters(name,value,intValue,boolValue,multiValue,multiIntValue,messageValue,multiMessageValue))"
)


def _build_url(settings: Settings, default_base: str, path: str) -> str:
    return f"{settings['address'].rstrip('/') or default_base}/{path}"


def _build_list_request(
    path: str, *, default_base: str = DIRECTORY, fields: str, **params: str
) -> Callable[[Settings, SyncStart], Request]:
    """Build the function that makes the first request of a list.

    `{customer}` in the path or a param is the district's id at Google.
    """

    def build_first_request(settings: Settings, _start: SyncStart) -> Request:
        customer = settings["customer"]
        filled = tuple((name, value.format(customer=customer)) for name, value in params.items())
        url = _build_url(settings, default_base, path.format(customer=quote(customer, safe="")))
        return Request(url=url, params=(*filled, ("fields", fields), ("prettyPrint", "false")))

    return build_first_request


def _build_log_request(application: str) -> Callable[[Settings, SyncStart], Request]:
    def build_first_request(settings: Settings, start: SyncStart) -> Request:
        since = start.since or start.at - FIRST_DAYS
        between = (("startTime", _format_time(since)), ("endTime", _format_time(start.at)))
        params = (*between, ("maxResults", "1000"), ("fields", f"nextPageToken,items({ACTIVITY})"))
        url = _build_url(settings, DIRECTORY, f"admin/reports/v1/activity/users/all/applications/{application}")
        return Request(url=url, params=(*params, ("prettyPrint", "false")))

    return build_first_request


def _build_alerts_request(settings: Settings, start: SyncStart) -> Request:
    since = start.since or start.at - FIRST_DAYS
    params = (("filter", f'createTime >= "{_format_time(since)}"'), ("pageSize", "500"), ("prettyPrint", "false"))
    return Request(url=_build_url(settings, ALERTS, "v1beta1/alerts"), params=params)


def _format_time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _build_child_feed(
    parent_feed: str,
    path: str,
    *,
    ids: Callable[[Any], Sequence[str]],
    envelope: str,
    default_base: str = DIRECTORY,
    parent_column: str = "",
    fields: str,
    **params: str,
) -> ChildFeed:
    """Build a feed of one list for each row of another feed.

    `parent_column`, if not empty, names the column that receives the id of the parent row.
    """

    def build_first_request(settings: Settings, parent_id: str) -> Request:
        query = (*params.items(), ("fields", fields), ("prettyPrint", "false"))
        return Request(url=_build_url(settings, default_base, path.format(quote(parent_id, safe=""))), params=query)

    def extract_rows(parent_id: str, document: Any) -> list[Any]:
        rows = document.get(envelope) or []
        return [{**row, parent_column: parent_id} for row in rows] if parent_column else list(rows)

    return ChildFeed(parent=parent_feed, ids=ids, first=build_first_request, rows=extract_rows)


def _list_group_emails(page: Any) -> list[str]:
    return [group["email"] for group in page["groups"] if group.get("email")]


def _list_active_accounts(page: Any) -> list[str]:
    return [user["id"] for user in page["users"] if not user.get("suspended") and user.get("id")]


def _list_course_ids(page: Any) -> list[str]:
    return [course["id"] for course in page["courses"] if course.get("id")]


_NEXT_PAGE = page_by_token(param="pageToken", path="nextPageToken")

CLIENT = ApiSpec(
    name="google",
    title="Google Workspace",
    settings=(
        SettingField(
            name="key",
            title="Key of the service account",
            help="The whole JSON file that Google gives for a new key.",
            secret=True,
            long=True,
        ),
        SettingField(
            name="admin",
            title="Administrator to read as",
            help="An account whose role only reads; the service account acts as it.",
            example="homeroom@maple.example",
        ),
        SettingField(
            name="customer", title="Customer id", required=False, default="my_customer", help="Leave it as it is."
        ),
        SettingField(
            name="address", title="Address of the APIs", required=False, address=True, help="Leave it empty for Google."
        ),
    ),
    grant=(
        "In the Google Cloud console, make a project for Homeroom and turn on the Admin SDK API; for classes the "
        "Google Classroom API, and for apps and extensions of Chrome the Chrome Management API.",
        "Under IAM & Admin, Service Accounts, make a service account without any role, and under its Keys a new key "
        "of type JSON.",
        "In the Admin console, under Account, Admin roles, make a role that may read users, organizational units, "
        "groups, ChromeOS and mobile devices and reports, and give it to an account that is used for nothing else.",
        "Under Security, Access and data control, API controls, Manage domain-wide delegation, add the service "
        "account's client id with the scopes that Homeroom lists, and leave out those of what it should not read.",
        "Copy the whole JSON file to here, delete it from the computer, and enter the address of that account.",
    ),
    authorize=lambda settings, exchange, at: authenticate(settings, exchange, at, scopes=SCOPES),
    is_throttled=is_throttled,
    feeds=(
        Feed(
            id="users",
            title="accounts",
            kind="google.users.json",
            scopes=(f"{SCOPE}admin.directory.user.readonly",),
            first=_build_list_request(
                "admin/directory/v1/users",
                fields=f"nextPageToken,users({USER})",
                customer="{customer}",
                maxResults="500",
                orderBy="email",
            ),
            next=_NEXT_PAGE,
            lacks_when_empty=True,
        ),
        Feed(
            id="chromeos",
            title="Chromebooks",
            kind="google.chromeos.json",
            scopes=(f"{SCOPE}admin.directory.device.chromeos.readonly",),
            first=_build_list_request(
                "admin/directory/v1/customer/{customer}/devices/chromeos",
                fields=f"nextPageToken,chromeosdevices({CHROMEBOOK})",
                projection="FULL",
                maxResults="300",
            ),
            next=_NEXT_PAGE,
            lacks_when_empty=True,
        ),
        Feed(
            id="mobiles",
            title="phones and tablets",
            kind="google.mobiles.json",
            scopes=(f"{SCOPE}admin.directory.device.mobile.readonly",),
            first=_build_list_request(
                "admin/directory/v1/customer/{customer}/devices/mobile",
                fields=f"nextPageToken,mobiledevices({MOBILE})",
                projection="FULL",
                maxResults="100",
            ),
            next=_NEXT_PAGE,
            lacks_when_empty=True,
            optional=True,
        ),
        Feed(
            id="units",
            title="organizational units",
            kind="google.units.json",
            scopes=(f"{SCOPE}admin.directory.orgunit.readonly",),
            first=_build_list_request(
                "admin/directory/v1/customer/{customer}/orgunits",
                fields="organizationUnits(orgUnitId,orgUnitPath,name,parentOrgUnitPath,description)",
                type="all",
            ),
            next=_NEXT_PAGE,
            lacks_when_empty=True,
            optional=True,
        ),
        Feed(
            id="groups",
            title="groups",
            kind="google.groups.json",
            scopes=(f"{SCOPE}admin.directory.group.readonly",),
            first=_build_list_request(
                "admin/directory/v1/groups",
                fields=f"nextPageToken,groups({GROUP})",
                customer="{customer}",
                maxResults="200",
            ),
            next=_NEXT_PAGE,
            lacks_when_empty=True,
            optional=True,
        ),
        Feed(
            id="members",
            title="members of groups",
            kind="google.members.json",
            scopes=(f"{SCOPE}admin.directory.group.member.readonly",),
            child=_build_child_feed(
                "groups",
                "admin/directory/v1/groups/{}/members",
                ids=_list_group_emails,
                envelope="members",
                parent_column="group",
                fields="nextPageToken,members(id,email,role,type,status)",
                maxResults="200",
            ),
            next=_NEXT_PAGE,
            lacks_when_empty=True,
            optional=True,
        ),
        Feed(
            id="tokens",
            title="apps that accounts let in",
            kind="google.tokens.json",
            scopes=(f"{SCOPE}admin.directory.user.security",),
            child=_build_child_feed(
                "users",
                "admin/directory/v1/users/{}/tokens",
                ids=_list_active_accounts,
                envelope="items",
                fields="items(userKey,clientId,displayText,anonymous,nativeApp,scopes)",
            ),
            optional=True,
        ),
        *(
            Feed(
                id=f"log-{application.replace('_', '-')}",
                title=f"the {application} log",
                kind="google.activities",
                scopes=(f"{SCOPE}admin.reports.audit.readonly",),
                first=_build_log_request(application),
                incremental="since",
                overlap=LOG_OVERLAP,
                late=LOG_DELAY,
                log=True,
                next=_NEXT_PAGE,
                lacks_when_empty=True,
                optional=True,
            )
            for application in LOGS
        ),
        Feed(
            id="alerts",
            title="Google Workspace alert center",
            kind="google.alerts",
            scopes=(f"{SCOPE}apps.alerts",),
            first=_build_alerts_request,
            incremental="since",
            log=True,
            next=_NEXT_PAGE,
            lacks_when_empty=True,
            optional=True,
        ),
        Feed(
            id="policies",
            title="settings",
            kind="google.policies",
            scopes=(f"{SCOPE}cloud-identity.policies.readonly",),
            first=_build_list_request(
                "v1/policies",
                default_base=POLICIES,
                fields="nextPageToken,policies(name,customer,policyQuery,setting,type)",
                pageSize="100",
            ),
            next=_NEXT_PAGE,
            lacks_when_empty=True,
            optional=True,
        ),
        Feed(
            id="extensions",
            title="apps and extensions of Chrome",
            kind="google.extensions.json",
            scopes=(f"{SCOPE}chrome.management.reports.readonly",),
            first=_build_list_request(
                "v1/customers/{customer}/reports:countInstalledApps",
                default_base=CHROME,
                fields=f"nextPageToken,installedApps({EXTENSION})",
                pageSize="100",
            ),
            next=_NEXT_PAGE,
            lacks_when_empty=True,
            optional=True,
        ),
        Feed(
            id="courses",
            title="Classroom courses",
            kind="google.courses.json",
            scopes=(f"{SCOPE}classroom.courses.readonly",),
            first=_build_list_request(
                "v1/courses",
                default_base=CLASSROOM,
                fields="nextPageToken,courses(id,name,section,room,courseState,ownerId)",
                courseStates="ACTIVE",
                pageSize="100",
            ),
            next=_NEXT_PAGE,
            lacks_when_empty=True,
            optional=True,
        ),
        *(
            Feed(
                id=role,
                title=f"{role} of Classroom courses",
                kind=f"google.{role}",
                scopes=(f"{SCOPE}classroom.rosters.readonly",),
                child=_build_child_feed(
                    "courses",
                    f"v1/courses/{{}}/{role}",
                    default_base=CLASSROOM,
                    ids=_list_course_ids,
                    envelope=role,
                    fields=f"nextPageToken,{role}(courseId,userId)",
                    pageSize="100",
                ),
                next=_NEXT_PAGE,
                lacks_when_empty=True,
                optional=True,
            )
            for role in ("teachers", "students")
        ),
    ),
)
SCOPES: tuple[str, ...] = tuple(dict.fromkeys(scope for feed in CLIENT.feeds for scope in feed.scopes))
