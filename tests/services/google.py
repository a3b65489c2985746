"""Google Workspace after its reference: a service account for an administrator, paged lists, field masks.

Source: the published schemas of the Directory, Reports, Classroom and Chrome Management APIs, and the pages about their methods:
`maxResults` or `pageSize` limits the rows of a page, `nextPageToken` leads to the next, a page without rows lacks its
list, `fields` names the requested fields; errors as `error.code`, `error.errors[].reason` and `error.status`. Sign-in:
a claim signed with the account's key, refused as `invalid_grant` if its time is off and as `unauthorized_client` if a
scope was not delegated.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.services import tenant
from tests.services.console import Call, Console, Reply
from tests.services.schemas import Mask, NotPublished, apply_mask, must_fit, must_name, parse_mask
from tests.services.world import World

ADMIN = "homeroom@maple.example"
ACCOUNT = "homeroom@maple-project.iam.gserviceaccount.example"
SCOPE = "https://www.googleapis.com/auth/"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_CLOCK_TOLERANCE = 300  # seconds that a claim may be ahead


@dataclass(frozen=True, kw_only=True)
class GoogleMethod:
    """A list: its required scope, the name of its rows in a page, their schema, and the most rows of a page here."""

    path: str
    scope: str
    envelope: str
    api: str
    schema: str
    page_limit: int
    rows: Callable[[Google, Call, Mapping[str, str]], list[dict[str, Any]] | None]


def _list_all(name: str) -> Callable[[Google, Call, Mapping[str, str]], list[dict[str, Any]] | None]:
    return lambda google, _call, _path_values: list(google.rows[name].values())


def _list_members(google: Google, _call: Call, path_values: Mapping[str, str]) -> list[dict[str, Any]] | None:
    return google.members.get(path_values["group"])


def _list_tokens(google: Google, _call: Call, path_values: Mapping[str, str]) -> list[dict[str, Any]] | None:
    return tenant.build_tokens(path_values["user"]) if path_values["user"] in google.rows["users"] else None


def _list_activities(google: Google, call: Call, path_values: Mapping[str, str]) -> list[dict[str, Any]]:
    since, until = call.get_param("startTime"), call.get_param("endTime", "9999")
    logged = [
        activity
        for activity in google.rows["activities"].values()
        if activity["id"]["applicationName"] == path_values["application"]
    ]
    in_range = [activity for activity in logged if since <= activity["id"]["time"] <= until]
    return sorted(in_range, key=lambda activity: str(activity["id"]["time"]), reverse=True)


def _list_alerts(google: Google, call: Call, _path_values: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the alerts that fit the only filter that is sent."""
    since = re.fullmatch(r'createTime >= "([^"]+)"', call.get_param("filter"))
    return [alert for alert in google.rows["alerts"].values() if since is None or alert["createTime"] >= since[1]]


def _list_course_members(google: Google, _call: Call, path_values: Mapping[str, str]) -> list[dict[str, Any]] | None:
    return (
        tenant.build_course_members(path_values["course"], path_values["who"])
        if path_values["course"] in google.rows["courses"]
        else None
    )


_DIRECTORY, _REPORTS, _CLASSROOM = "admin.directory_v1", "admin.reports_v1", "classroom.v1"
_CHROME = "chromemanagement.v1"
_CUSTOMER = "/admin/directory/v1/customer/my_customer"
METHODS = (
    GoogleMethod(
        path="/admin/directory/v1/users",
        scope="admin.directory.user.readonly",
        envelope="users",
        api=_DIRECTORY,
        schema="User",
        page_limit=20,
        rows=_list_all("users"),
    ),
    GoogleMethod(
        path=f"{_CUSTOMER}/devices/chromeos",
        scope="admin.directory.device.chromeos.readonly",
        envelope="chromeosdevices",
        api=_DIRECTORY,
        schema="ChromeOsDevice",
        page_limit=30,
        rows=_list_all("chromeos"),
    ),
    GoogleMethod(
        path=f"{_CUSTOMER}/devices/mobile",
        scope="admin.directory.device.mobile.readonly",
        envelope="mobiledevices",
        api=_DIRECTORY,
        schema="MobileDevice",
        page_limit=10,
        rows=_list_all("mobiles"),
    ),
    GoogleMethod(
        path=f"{_CUSTOMER}/orgunits",
        scope="admin.directory.orgunit.readonly",
        envelope="organizationUnits",
        api=_DIRECTORY,
        schema="OrgUnit",
        page_limit=10_000,
        rows=_list_all("units"),
    ),
    GoogleMethod(
        path="/admin/directory/v1/groups",
        scope="admin.directory.group.readonly",
        envelope="groups",
        api=_DIRECTORY,
        schema="Group",
        page_limit=4,
        rows=_list_all("groups"),
    ),
    GoogleMethod(
        path="/admin/directory/v1/groups/(?P<group>[^/]+)/members",
        scope="admin.directory.group.member.readonly",
        envelope="members",
        api=_DIRECTORY,
        schema="Member",
        page_limit=15,
        rows=_list_members,
    ),
    GoogleMethod(
        path="/admin/directory/v1/users/(?P<user>[^/]+)/tokens",
        scope="admin.directory.user.security",
        envelope="items",
        api=_DIRECTORY,
        schema="Token",
        page_limit=10_000,
        rows=_list_tokens,
    ),
    GoogleMethod(
        path="/admin/reports/v1/activity/users/all/applications/(?P<application>[a-z_]+)",
        scope="admin.reports.audit.readonly",
        envelope="items",
        api=_REPORTS,
        schema="Activity",
        page_limit=12,
        rows=_list_activities,
    ),
    GoogleMethod(
        path="/v1/courses",
        scope="classroom.courses.readonly",
        envelope="courses",
        api=_CLASSROOM,
        schema="Course",
        page_limit=3,
        rows=_list_all("courses"),
    ),
    GoogleMethod(
        path="/v1/courses/(?P<course>[^/]+)/(?P<who>teachers)",
        scope="classroom.rosters.readonly",
        envelope="teachers",
        api=_CLASSROOM,
        schema="Teacher",
        page_limit=30,
        rows=_list_course_members,
    ),
    GoogleMethod(
        path="/v1/courses/(?P<course>[^/]+)/(?P<who>students)",
        scope="classroom.rosters.readonly",
        envelope="students",
        api=_CLASSROOM,
        schema="Student",
        page_limit=30,
        rows=_list_course_members,
    ),
    GoogleMethod(
        path="/v1/customers/my_customer/reports:countInstalledApps",
        scope="chrome.management.reports.readonly",
        envelope="installedApps",
        api=_CHROME,
        schema="GoogleChromeManagementV1InstalledApp",
        page_limit=3,
        rows=_list_all("extensions"),
    ),
    GoogleMethod(
        path="/v1beta1/alerts",
        scope="apps.alerts",
        envelope="alerts",
        api="",
        schema="",
        page_limit=2,
        rows=_list_alerts,
    ),
    GoogleMethod(
        path="/v1/policies",
        scope="cloud-identity.policies.readonly",
        envelope="policies",
        api="",
        schema="",
        page_limit=2,
        rows=_list_all("policies"),
    ),
)


def build_console(world: World) -> Google:
    return Google(world)


@cache
def _generate_private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Google(Console):
    """44 accounts, 70 Chromebooks, and their data. `delegated` are the scopes that the district delegated."""

    client = "google"

    def __init__(self, world: World, *, skew: timedelta = timedelta()) -> None:
        super().__init__(world, skew=skew)
        self.rows, self.members = tenant.build_google_tenant()
        self.delegated = {f"{SCOPE}{method.scope}" for method in METHODS}
        self.busy = 0
        self._scopes: dict[str, set[str]] = {}
        private_key = _generate_private_key()
        form = serialization.PrivateFormat.PKCS8
        self._pem = private_key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
        self.secrets = tuple(line for line in self._pem.splitlines() if len(line) == 64)

    def build_settings(self, url: str) -> dict[str, str]:
        key = {"type": "service_account", "project_id": "maple", "private_key_id": "1", "client_email": ACCOUNT}
        key |= {"private_key": self._pem, "token_uri": f"{url}/token"}
        return {"key": json.dumps(key), "admin": ADMIN, "customer": "", "address": url}

    def handle_call(self, call: Call) -> Reply:
        if call.path == "/token":
            return self._handle_token(call)
        if not self.is_valid_token(call.bearer):
            return _build_failure(401, "authError", "UNAUTHENTICATED")
        for method in METHODS:
            match = re.fullmatch(method.path, call.path)
            if match:
                return self._handle_list(call, method, match.groupdict())
        return _build_failure(404, "notFound", "NOT_FOUND")

    def change_rows(self) -> None:
        """Add a person, remove one, disable a Chromebook, add a group member, and log activity."""
        users, devices = self.rows["users"], self.rows["chromeos"]
        users["2001"] = tenant.build_user(2001)
        del users["1007"]
        users["1003"]["suspended"] = True
        devices["d0004"]["status"] = "DISABLED"
        del devices["d0009"]
        self.members["group1@maple.example"].append(tenant.build_member(2001))
        self.rows["activities"]["late"] = tenant.build_activity(900, at=self.world.read_clock(), application="login")
        self.rows["alerts"]["new"] = tenant.build_alert(900, at=self.world.read_clock())
        self.rows["mobiles"].pop("m0002")

    def _handle_token(self, call: Call) -> Reply:
        claims = self._verify_claims(call.form.get("assertion", ""))
        if call.form.get("grant_type") != _GRANT or claims is None or not self._is_current(claims):
            description = "Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
            return Reply(status=400, body={"error": "invalid_grant", "error_description": description})
        if claims["aud"] != f"{call.url}/token" or (claims["iss"], claims["sub"]) != (ACCOUNT, ADMIN):
            return Reply(status=400, body={"error": "invalid_grant"})
        scopes = set(claims["scope"].split())
        if not scopes or not scopes <= self.delegated:
            return Reply(status=401, body={"error": "unauthorized_client", "error_description": "Not authorized."})
        token = self.issue_token()
        self._scopes[token] = scopes
        return Reply(body={"access_token": token, "expires_in": self.token_seconds - 1, "token_type": "Bearer"})

    def _verify_claims(self, assertion: str) -> dict[str, Any] | None:
        """Return the claims of an assertion, or None if the account's key did not sign it."""
        header, _, rest = assertion.partition(".")
        payload, _, signature = rest.partition(".")
        public_key = _generate_private_key().public_key()
        try:
            signed = f"{header}.{payload}".encode()
            public_key.verify(_decode(signature), signed, padding.PKCS1v15(), hashes.SHA256())
            claims: dict[str, Any] = json.loads(_decode(payload))
        except (InvalidSignature, ValueError):
            return None
        return claims

    def _is_current(self, claims: Mapping[str, Any]) -> bool:
        """Return True if a claim is current by the console's own clock, and valid for an hour at most."""
        now = self.read_clock().timestamp()
        return bool(claims["iat"] <= now + _CLOCK_TOLERANCE and now < claims["exp"] <= claims["iat"] + 3600)

    def _handle_list(self, call: Call, method: GoogleMethod, path_values: Mapping[str, str]) -> Reply:
        if f"{SCOPE}{method.scope}" not in self._scopes[call.bearer]:
            return _build_failure(403, "insufficientPermissions", "PERMISSION_DENIED")
        if self.busy:
            self.busy -= 1
            return _build_failure(403, "userRateLimitExceeded", "RESOURCE_EXHAUSTED")
        rows = method.rows(self, call, path_values)
        if rows is None:
            return _build_failure(404, "notFound", "NOT_FOUND")
        start = int(call.get_param("pageToken", "0").removeprefix("after-") or 0)
        requested = int(call.get_param("maxResults") or call.get_param("pageSize") or method.page_limit)
        stop = start + min(requested, method.page_limit)
        return self._build_page(call, method, rows[start:stop], next_token=f"after-{stop}" if stop < len(rows) else "")

    def _build_page(self, call: Call, method: GoogleMethod, rows: list[dict[str, Any]], *, next_token: str) -> Reply:
        mask: Mask = parse_mask(call.get_param("fields"))
        try:
            if method.schema:
                must_name(mask.get(method.envelope, {}), api=method.api, name=method.schema)
        except NotPublished:
            return _build_failure(400, "invalidParameter", "INVALID_ARGUMENT")
        for row in rows if method.schema else ():
            must_fit(row, api=method.api, name=method.schema)
        page: dict[str, Any] = {"kind": "admin#directory#page", "etag": '"x"'}
        page |= {method.envelope: rows} if rows else {}
        page |= {"nextPageToken": next_token} if next_token else {}
        return Reply(body=apply_mask(page, mask))


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _build_failure(status: int, reason: str, status_name: str) -> Reply:
    errors = [{"domain": "global", "reason": reason, "message": "Not carried out."}]
    return Reply(
        status=status,
        body={"error": {"code": status, "message": "Not carried out.", "errors": errors, "status": status_name}},
    )
