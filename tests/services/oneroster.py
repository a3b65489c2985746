"""A OneRoster provider after the specification: the rostering service of 1.2 and of 1.1, read-only.

Source: 1EdTech OneRoster 1.2 Rostering Service REST/JSON Binding and 1.1 Specification: paths and envelopes of
collections, limit and offset (default 100 and 0), sort and orderBy, filter with dateLastModified, the headers
X-Total-Count and Link, GUIDRefs, status codes with imsx_codeMajor; OAuth 2 client credentials with the scope
roster-core.readonly.
"""

from __future__ import annotations

import re
from base64 import b64decode
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlencode

from tests.services.console import Call, Console, Reply
from tests.services.world import World

ID, SECRET = "maple-valley-sync", "a-secret+of/the=provider"
SCOPES = {
    "v1p2": "https://purl.imsglobal.org/spec/or/v1p2/scope/roster-core.readonly",
    "v1p1": "https://purl.imsglobal.org/spec/or/v1p1/scope/roster-core.readonly",
}
BASES = {"v1p2": "/ims/oneroster/rostering/v1p2", "v1p1": "/ims/oneroster/v1p1"}
COLLECTIONS = ("orgs", "academicSessions", "users", "courses", "classes", "enrollments")
_FILTER = re.compile(r"([A-Za-z.]+)(!=|>=|<=|=|>|<|~)'([^']*)'")
_PAGE_LIMIT = 40
_FIRST = ["Ada", "Ben", "Cleo", "Dov", "Esi", "Finn", "Gia", "Hal", "Ines", "Jo"]
_LAST = ["Okoro", "Vega", "Lind", "Moreau", "Tanaka", "Ruiz", "Novak"]


def build_console(world: World) -> OneRoster:
    """Return the one of version 1.2."""
    return OneRoster(world)


class OneRoster(Console):
    """A district of three schools, 130 people, 18 classes and their enrollments."""

    client = "oneroster"
    secrets = (SECRET,)
    token_seconds = 900

    def __init__(
        self, world: World, *, skew: timedelta = timedelta(), version: str = "v1p2", links: bool = True
    ) -> None:
        super().__init__(world, skew=skew)
        self.version, self.links = version, links
        self.base = BASES[version]
        self.rows: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in COLLECTIONS}
        self._fill_district()

    def build_settings(self, url: str) -> dict[str, str]:
        return {
            "address": url + self.base,
            "token_address": url + "/oauth/token",
            "client_id": ID,
            "client_secret": SECRET,
        }

    def handle_call(self, call: Call) -> Reply:
        if call.path == "/oauth/token":
            return self._handle_token(call)
        if not self.is_valid_token(call.bearer):
            return _build_failure(401, "unauthorisedrequest")
        name = call.path.removeprefix(self.base + "/")
        if not call.path.startswith(self.base + "/") or name not in COLLECTIONS:
            return _build_failure(404, "unknownobject")
        return self._handle_collection(call, name)

    def change_rows(self) -> None:
        """Add a student, delete one with their enrollment, and change a teacher's family name."""
        students = [key for key, row in self.rows["users"].items() if _is_student(row)]
        deleted_key, married_key = (
            students[0],
            next(key for key, row in self.rows["users"].items() if not _is_student(row)),
        )
        self._put(
            "users", deleted_key, self.rows["users"][deleted_key] | {"status": "tobedeleted", "enabledUser": False}
        )
        self._put("users", married_key, self.rows["users"][married_key] | {"familyName": "Vega-Lind"})
        self._put("users", "u-9001", self._build_user("u-9001", "student", "org-1", number=9001))
        for key, row in list(self.rows["enrollments"].items()):
            if row["user"]["sourcedId"] == deleted_key:
                self._put("enrollments", key, row | {"status": "tobedeleted"})

    def purge(self) -> None:
        """Remove the rows to be deleted, so that they are in no list."""
        for name, rows in self.rows.items():
            self.rows[name] = {key: row for key, row in rows.items() if row["status"] != "tobedeleted"}

    # --- the service -------------------------------------------------------------------------------------------------

    def _handle_token(self, call: Call) -> Reply:
        kind, _, encoded = call.headers.get("authorization", "").partition(" ")
        name, _, secret = b64decode(encoded).decode().partition(":") if kind == "Basic" else ("", "", "")
        if call.method != "POST" or call.form.get("grant_type") != "client_credentials":
            return Reply(status=400, body={"error": "unsupported_grant_type"})
        if (unquote(name), unquote(secret)) != (ID, SECRET):
            return Reply(status=401, body={"error": "invalid_client"})
        if SCOPES[self.version] not in call.form.get("scope", "").split():
            return Reply(status=400, body={"error": "invalid_scope"})
        return Reply(
            body={"access_token": self.issue_token(), "token_type": "Bearer", "expires_in": self.token_seconds}
        )

    def _handle_collection(self, call: Call, name: str) -> Reply:
        limit, offset = call.get_param("limit", "100"), call.get_param("offset", "0")
        if not (limit.isdigit() and offset.isdigit() and int(limit) > 0):
            return _build_failure(400, "invalid_selection_field")
        rows = list(self.rows[name].values())
        if filter_text := call.get_param("filter"):
            condition = _FILTER.fullmatch(filter_text)
            if condition is None:
                return _build_failure(400, "invalid_filter_field")
            rows = [row for row in rows if _matches_filter(row, *condition.groups())]
        if sort_field := call.get_param("sort"):
            rows.sort(key=lambda row: str(row.get(sort_field, "")), reverse=call.get_param("orderBy") == "desc")
        start, page_size = int(offset), min(int(limit), _PAGE_LIMIT)
        page = rows[start : start + page_size]
        headers = {"X-Total-Count": str(len(rows))}
        if self.links and start + page_size < len(rows):
            query_pairs = [pair for pair in call.query if pair[0] not in ("offset", "limit")]
            query = urlencode([*query_pairs, ("limit", str(page_size)), ("offset", str(start + page_size))])
            first = urlencode([*query_pairs, ("limit", str(page_size)), ("offset", "0")])
            url = f"{call.url}{call.path}"
            headers["Link"] = f'<{url}?{first}>; rel="first", <{url}?{query}>; rel="next"'
        return Reply(body={name: page}, headers=headers)

    # --- the district ------------------------------------------------------------------------------------------------

    def _fill_district(self) -> None:
        self._put("orgs", "org-0", {"name": "Maple Valley", "type": "district", "identifier": "4301"})
        for number in (1, 2, 3):
            school = {"name": f"School {number}", "type": "school", "identifier": f"43010{number}"}
            self._put("orgs", f"org-{number}", school | {"parent": _build_ref("org", "org-0")})
        term = {"title": "Fall 2026", "type": "term", "startDate": "2026-08-20", "endDate": "2026-12-18"}
        self._put("academicSessions", "term-1", term | {"schoolYear": "2027"})
        for number in range(130):
            role = "teacher" if number % 10 == 0 else "student"
            key = f"u-{number:04d}"
            self._put("users", key, self._build_user(key, role, f"org-{1 + number % 3}", number=number))
        for number in range(18):
            row = {"title": f"Course {number}", "courseCode": f"C{number}", "grades": ["09", "10"], "subjects": ["Art"]}
            year = {"schoolYear": _build_ref("academicSession", "term-1"), "org": _build_ref("org", "org-0")}
            self._put("courses", f"course-{number}", row | year)
            key, school = f"c-{number:03d}", f"org-{1 + number % 3}"
            row = {
                "title": f"Class {number}",
                "classType": "scheduled",
                "course": _build_ref("course", f"course-{number}"),
            }
            self._put(
                "classes",
                key,
                row | {"school": _build_ref("org", school), "terms": [_build_ref("academicSession", "term-1")]},
            )
        for number in range(130):
            row = {
                "user": _build_ref("user", f"u-{number:04d}"),
                "class": _build_ref("class", f"c-{number % 18:03d}"),
                "school": _build_ref("org", f"org-{1 + number % 3}"),
                "role": "teacher" if number % 10 == 0 else "student",
                "beginDate": "2026-08-20",
            }
            self._put("enrollments", f"e-{number:05d}", row)

    def _build_user(self, key: str, role: str, org: str, *, number: int) -> dict[str, Any]:
        first_name, last_name = _FIRST[number % len(_FIRST)], _LAST[number % len(_LAST)]
        row: dict[str, Any] = {
            "username": f"{first_name}.{last_name}.{number}".lower(),
            "userIds": [{"type": "SIS", "identifier": f"S{number}"}],
            "enabledUser": True,
            "givenName": first_name,
            "familyName": last_name,
            "identifier": f"{100000 + number}",
            "email": f"{first_name}.{last_name}.{number}@maple.example".lower(),
            "sms": "555-0100",
            "agents": [],
            "grades": [f"{1 + number % 12:02d}"] if role == "student" else [],
            "password": f"Tulip-{number}",
        }
        if self.version == "v1p1":
            row["enabledUser"] = "true"
            return row | {"role": role, "orgs": [_build_ref("org", org)]}
        first = {"roleType": "primary", "role": role, "org": _build_ref("org", org), "beginDate": "2026-08-20"}
        return row | {"roles": [first], "primaryOrg": _build_ref("org", org), "userMasterIdentifier": f"M-{number}"}

    def _put(self, name: str, key: str, row: dict[str, Any]) -> None:
        stamp = {
            "sourcedId": key,
            "status": row.get("status", "active"),
            "dateLastModified": _format_time(self.read_clock()),
        }
        self.rows[name][key] = row | stamp


def _is_student(row: dict[str, Any]) -> bool:
    return "student" in (row.get("role"), *(role["role"] for role in row.get("roles", ())))


def _build_ref(kind: str, key: str) -> dict[str, str]:
    return {"href": f"https://sis.maple.example/{kind}s/{key}", "sourcedId": key, "type": kind}


def _format_time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _matches_filter(row: dict[str, Any], field: str, predicate: str, value: str) -> bool:
    actual = str(row.get(field, ""))
    return {
        "=": actual == value,
        "!=": actual != value,
        ">": actual > value,
        ">=": actual >= value,
        "<": actual < value,
        "<=": actual <= value,
        "~": value in actual,
    }[predicate]


def _build_failure(status: int, minor: str) -> Reply:
    minor_field = {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": minor}
    body = {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_description": "The request was not carried out.",
        "imsx_codeMinor": {"imsx_codeMinorField": [minor_field]},
    }
    return Reply(status=status, body=body)
