"""Google Workspace as its reference has it: a service account that acts for an administrator, lists by pages and masks.

Source: the published schemas of the Directory, Reports and Classroom APIs, and the pages about their methods: `maxResults` or
`pageSize` is the most that a page has, `nextPageToken` leads on, a page without rows lacks its list, `fields` names what is
wanted; errors as `error.code`, `error.errors[].reason` and `error.status`. Sign-in: a claim signed with the account's key,
refused as `invalid_grant` where its time is off and as `unauthorized_client` where one scope of it was not delegated.
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
from tests.services.schemas import Mask, NotPublished, mask_of, masked, must_fit, must_name
from tests.services.world import World

ADMIN = "homeroom@maple.example"
ACCOUNT = "homeroom@maple-project.iam.gserviceaccount.example"
SCOPE = "https://www.googleapis.com/auth/"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_OFF = 300  # seconds that a claim may be ahead


@dataclass(frozen=True, kw_only=True)
class Method:
    """A list: the scope it takes, the name of its rows in a page, their schema, and the most rows that a page has here."""

    path: str
    scope: str
    envelope: str
    api: str
    schema: str
    most: int
    rows: Callable[[Google, Call, Mapping[str, str]], list[dict[str, Any]] | None]


def _of(name: str) -> Callable[[Google, Call, Mapping[str, str]], list[dict[str, Any]] | None]:
    return lambda google, _call, _found: list(google.rows[name].values())


def _members(google: Google, _call: Call, found: Mapping[str, str]) -> list[dict[str, Any]] | None:
    return google.members.get(found["group"])


def _tokens(google: Google, _call: Call, found: Mapping[str, str]) -> list[dict[str, Any]] | None:
    return tenant.tokens(found["user"]) if found["user"] in google.rows["users"] else None


def _activities(google: Google, call: Call, found: Mapping[str, str]) -> list[dict[str, Any]]:
    since, until = call.param("startTime"), call.param("endTime", "9999")
    every = [one for one in google.rows["activities"].values() if one["id"]["applicationName"] == found["application"]]
    within = [one for one in every if since <= one["id"]["time"] <= until]
    return sorted(within, key=lambda one: str(one["id"]["time"]), reverse=True)


def _places(google: Google, _call: Call, found: Mapping[str, str]) -> list[dict[str, Any]] | None:
    return tenant.places(found["course"], found["who"]) if found["course"] in google.rows["courses"] else None


_DIRECTORY, _REPORTS, _CLASSROOM = "admin.directory_v1", "admin.reports_v1", "classroom.v1"
_CUSTOMER = "/admin/directory/v1/customer/my_customer"
METHODS = (
    Method(path="/admin/directory/v1/users", scope="admin.directory.user.readonly", envelope="users", api=_DIRECTORY,
           schema="User", most=20, rows=_of("users")),
    Method(path=f"{_CUSTOMER}/devices/chromeos", scope="admin.directory.device.chromeos.readonly",
           envelope="chromeosdevices", api=_DIRECTORY, schema="ChromeOsDevice", most=30, rows=_of("chromeos")),
    Method(path=f"{_CUSTOMER}/devices/mobile", scope="admin.directory.device.mobile.readonly", envelope="mobiledevices",
           api=_DIRECTORY, schema="MobileDevice", most=10, rows=_of("mobiles")),
    Method(path=f"{_CUSTOMER}/orgunits", scope="admin.directory.orgunit.readonly", envelope="organizationUnits",
           api=_DIRECTORY, schema="OrgUnit", most=10_000, rows=_of("units")),
    Method(path="/admin/directory/v1/groups", scope="admin.directory.group.readonly", envelope="groups", api=_DIRECTORY,
           schema="Group", most=4, rows=_of("groups")),
    Method(path="/admin/directory/v1/groups/(?P<group>[^/]+)/members", scope="admin.directory.group.member.readonly",
           envelope="members", api=_DIRECTORY, schema="Member", most=15, rows=_members),
    Method(path="/admin/directory/v1/users/(?P<user>[^/]+)/tokens", scope="admin.directory.user.security",
           envelope="items", api=_DIRECTORY, schema="Token", most=10_000, rows=_tokens),
    Method(path="/admin/reports/v1/activity/users/all/applications/(?P<application>[a-z]+)",
           scope="admin.reports.audit.readonly", envelope="items", api=_REPORTS, schema="Activity", most=12, rows=_activities),
    Method(path="/v1/courses", scope="classroom.courses.readonly", envelope="courses", api=_CLASSROOM, schema="Course",
           most=3, rows=_of("courses")),
    Method(path="/v1/courses/(?P<course>[^/]+)/(?P<who>teachers)", scope="classroom.rosters.readonly",
           envelope="teachers", api=_CLASSROOM, schema="Teacher", most=30, rows=_places),
    Method(path="/v1/courses/(?P<course>[^/]+)/(?P<who>students)", scope="classroom.rosters.readonly",
           envelope="students", api=_CLASSROOM, schema="Student", most=30, rows=_places),
    Method(path="/v1/policies", scope="cloud-identity.policies.readonly", envelope="policies", api="", schema="", most=2,
           rows=_of("policies")),
)  # fmt: skip


def console(world: World) -> Google:
    return Google(world)


@cache
def _private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Google(Console):
    """44 accounts, 70 Chromebooks, and what goes with them. `delegated` are the scopes that the district delegated."""

    client = "google"

    def __init__(self, world: World, *, skew: timedelta = timedelta()) -> None:
        super().__init__(world, skew=skew)
        self.rows, self.members = tenant.google()
        self.delegated = {f"{SCOPE}{method.scope}" for method in METHODS}
        self.busy = 0
        self._scopes: dict[str, set[str]] = {}
        held = _private_key()
        form = serialization.PrivateFormat.PKCS8
        self._pem = held.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
        self.secrets = tuple(line for line in self._pem.splitlines() if len(line) == 64)

    def settings(self, url: str) -> dict[str, str]:
        key = {"type": "service_account", "project_id": "maple", "private_key_id": "1", "client_email": ACCOUNT}
        key |= {"private_key": self._pem, "token_uri": f"{url}/token"}
        return {"key": json.dumps(key), "admin": ADMIN, "customer": "", "address": url}

    def answer(self, call: Call) -> Reply:
        if call.path == "/token":
            return self._token(call)
        if not self.good(call.bearer):
            return _failure(401, "authError", "UNAUTHENTICATED")
        for method in METHODS:
            found = re.fullmatch(method.path, call.path)
            if found:
                return self._list(call, method, found.groupdict())
        return _failure(404, "notFound", "NOT_FOUND")

    def change(self) -> None:
        """Somebody comes and somebody goes, a Chromebook is disabled, a group gains a member, and things are logged."""
        users, devices = self.rows["users"], self.rows["chromeos"]
        users["2001"] = tenant.user(2001)
        del users["1007"]
        users["1003"]["suspended"] = True
        devices["d0004"]["status"] = "DISABLED"
        del devices["d0009"]
        self.members["group1@maple.example"].append(tenant.member(2001))
        self.rows["activities"]["late"] = tenant.activity(900, at=self.world.now(), application="login")
        self.rows["mobiles"].pop("m0002")

    def _token(self, call: Call) -> Reply:
        claims = self._claims(call.form.get("assertion", ""))
        if call.form.get("grant_type") != _GRANT or claims is None or not self._in_time(claims):
            told = "Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
            return Reply(status=400, body={"error": "invalid_grant", "error_description": told})
        if claims["aud"] != f"{call.url}/token" or (claims["iss"], claims["sub"]) != (ACCOUNT, ADMIN):
            return Reply(status=400, body={"error": "invalid_grant"})
        scopes = set(claims["scope"].split())
        if not scopes or not scopes <= self.delegated:
            return Reply(status=401, body={"error": "unauthorized_client", "error_description": "Not authorized."})
        token = self.issue()
        self._scopes[token] = scopes
        return Reply(body={"access_token": token, "expires_in": self.token_seconds - 1, "token_type": "Bearer"})

    def _claims(self, assertion: str) -> dict[str, Any] | None:
        """What an assertion says, where the account's key signed it."""
        header, _, rest = assertion.partition(".")
        said, _, signature = rest.partition(".")
        public = _private_key().public_key()
        try:
            signed = f"{header}.{said}".encode()
            public.verify(_decoded(signature), signed, padding.PKCS1v15(), hashes.SHA256())
            found: dict[str, Any] = json.loads(_decoded(said))
        except (InvalidSignature, ValueError):
            return None
        return found

    def _in_time(self, claims: Mapping[str, Any]) -> bool:
        """Whether a claim is of now, by the console's own clock, and of an hour at most."""
        now = self.now().timestamp()
        return bool(claims["iat"] <= now + _OFF and now < claims["exp"] <= claims["iat"] + 3600)

    def _list(self, call: Call, method: Method, found: Mapping[str, str]) -> Reply:
        if f"{SCOPE}{method.scope}" not in self._scopes[call.bearer]:
            return _failure(403, "insufficientPermissions", "PERMISSION_DENIED")
        if self.busy:
            self.busy -= 1
            return _failure(403, "userRateLimitExceeded", "RESOURCE_EXHAUSTED")
        rows = method.rows(self, call, found)
        if rows is None:
            return _failure(404, "notFound", "NOT_FOUND")
        start = int(call.param("pageToken", "0").removeprefix("after-") or 0)
        asked = int(call.param("maxResults") or call.param("pageSize") or method.most)
        stop = start + min(asked, method.most)
        return self._page(call, method, rows[start:stop], more=f"after-{stop}" if stop < len(rows) else "")

    def _page(self, call: Call, method: Method, rows: list[dict[str, Any]], *, more: str) -> Reply:
        mask: Mask = mask_of(call.param("fields"))
        try:
            if method.schema:
                must_name(mask.get(method.envelope, {}), api=method.api, name=method.schema)
        except NotPublished:
            return _failure(400, "invalidParameter", "INVALID_ARGUMENT")
        for row in rows if method.schema else ():
            must_fit(row, api=method.api, name=method.schema)
        page: dict[str, Any] = {"kind": "admin#directory#page", "etag": '"x"'}
        page |= {method.envelope: rows} if rows else {}
        page |= {"nextPageToken": more} if more else {}
        return Reply(body=masked(page, mask))


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _failure(status: int, reason: str, word: str) -> Reply:
    errors = [{"domain": "global", "reason": reason, "message": "Not carried out."}]
    return Reply(
        status=status, body={"error": {"code": status, "message": "Not carried out.", "errors": errors, "status": word}}
    )
