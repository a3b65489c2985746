"""A OneRoster provider as the specification has it: the rostering service of 1.2 and of 1.1, read alone.

Source: 1EdTech OneRoster 1.2 Rostering Service REST/JSON Binding and 1.1 Specification: paths and envelopes of collections,
limit and offset (100 and 0 where nothing is said), sort and orderBy, filter with dateLastModified, the headers X-Total-Count
and Link, GUIDRefs, status codes with imsx_codeMajor; OAuth 2 client credentials with the scope roster-core.readonly.
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
_MOST = 40
_FIRST = ["Ada", "Ben", "Cleo", "Dov", "Esi", "Finn", "Gia", "Hal", "Ines", "Jo"]
_LAST = ["Okoro", "Vega", "Lind", "Moreau", "Tanaka", "Ruiz", "Novak"]


def console(world: World) -> OneRoster:
    """The one of version 1.2."""
    return OneRoster(world)


class OneRoster(Console):
    """A district of three schools, 130 people, 18 classes and their enrolments."""

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
        self._found()

    def settings(self, url: str) -> dict[str, str]:
        return {
            "address": url + self.base,
            "token_address": url + "/oauth/token",
            "client_id": ID,
            "client_secret": SECRET,
        }

    def answer(self, call: Call) -> Reply:
        if call.path == "/oauth/token":
            return self._token(call)
        if not self.good(call.bearer):
            return _failure(401, "unauthorisedrequest")
        name = call.path.removeprefix(self.base + "/")
        if not call.path.startswith(self.base + "/") or name not in COLLECTIONS:
            return _failure(404, "unknownobject")
        return self._collection(call, name)

    def change(self) -> None:
        """A pupil comes, one goes, a teacher marries, and an enrolment of who went is deleted."""
        pupils = [key for key, row in self.rows["users"].items() if _is_pupil(row)]
        gone, wed = pupils[0], next(key for key, row in self.rows["users"].items() if not _is_pupil(row))
        self._put("users", gone, self.rows["users"][gone] | {"status": "tobedeleted", "enabledUser": False})
        self._put("users", wed, self.rows["users"][wed] | {"familyName": "Vega-Lind"})
        self._put("users", "u-9001", self._user("u-9001", "student", "org-1", number=9001))
        for key, row in list(self.rows["enrollments"].items()):
            if row["user"]["sourcedId"] == gone:
                self._put("enrollments", key, row | {"status": "tobedeleted"})

    def purge(self) -> None:
        """The provider forgets what was to be deleted, so that it is in no list any more."""
        for name, rows in self.rows.items():
            self.rows[name] = {key: row for key, row in rows.items() if row["status"] != "tobedeleted"}

    # --- the service -------------------------------------------------------------------------------------------------

    def _token(self, call: Call) -> Reply:
        kind, _, coded = call.headers.get("authorization", "").partition(" ")
        name, _, secret = b64decode(coded).decode().partition(":") if kind == "Basic" else ("", "", "")
        if call.method != "POST" or call.form.get("grant_type") != "client_credentials":
            return Reply(status=400, body={"error": "unsupported_grant_type"})
        if (unquote(name), unquote(secret)) != (ID, SECRET):
            return Reply(status=401, body={"error": "invalid_client"})
        if SCOPES[self.version] not in call.form.get("scope", "").split():
            return Reply(status=400, body={"error": "invalid_scope"})
        return Reply(body={"access_token": self.issue(), "token_type": "Bearer", "expires_in": self.token_seconds})

    def _collection(self, call: Call, name: str) -> Reply:
        limit, offset = call.param("limit", "100"), call.param("offset", "0")
        if not (limit.isdigit() and offset.isdigit() and int(limit) > 0):
            return _failure(400, "invalid_selection_field")
        found = list(self.rows[name].values())
        if wanted := call.param("filter"):
            condition = _FILTER.fullmatch(wanted)
            if condition is None:
                return _failure(400, "invalid_filter_field")
            found = [row for row in found if _fits(row, *condition.groups())]
        if by := call.param("sort"):
            found.sort(key=lambda row: str(row.get(by, "")), reverse=call.param("orderBy") == "desc")
        begin, most = int(offset), min(int(limit), _MOST)
        page = found[begin : begin + most]
        headers = {"X-Total-Count": str(len(found))}
        if self.links and begin + most < len(found):
            following = [pair for pair in call.query if pair[0] not in ("offset", "limit")]
            query = urlencode([*following, ("limit", str(most)), ("offset", str(begin + most))])
            first = urlencode([*following, ("limit", str(most)), ("offset", "0")])
            here = f"{call.url}{call.path}"
            headers["Link"] = f'<{here}?{first}>; rel="first", <{here}?{query}>; rel="next"'
        return Reply(body={name: page}, headers=headers)

    # --- the district ------------------------------------------------------------------------------------------------

    def _found(self) -> None:
        self._put("orgs", "org-0", {"name": "Maple Valley", "type": "district", "identifier": "4301"})
        for number in (1, 2, 3):
            school = {"name": f"School {number}", "type": "school", "identifier": f"43010{number}"}
            self._put("orgs", f"org-{number}", school | {"parent": _ref("org", "org-0")})
        term = {"title": "Fall 2026", "type": "term", "startDate": "2026-08-20", "endDate": "2026-12-18"}
        self._put("academicSessions", "term-1", term | {"schoolYear": "2027"})
        for number in range(130):
            role = "teacher" if number % 10 == 0 else "student"
            key = f"u-{number:04d}"
            self._put("users", key, self._user(key, role, f"org-{1 + number % 3}", number=number))
        for number in range(18):
            row = {"title": f"Course {number}", "courseCode": f"C{number}", "grades": ["09", "10"], "subjects": ["Art"]}
            year = {"schoolYear": _ref("academicSession", "term-1"), "org": _ref("org", "org-0")}
            self._put("courses", f"course-{number}", row | year)
            key, school = f"c-{number:03d}", f"org-{1 + number % 3}"
            row = {"title": f"Class {number}", "classType": "scheduled", "course": _ref("course", f"course-{number}")}
            self._put(
                "classes", key, row | {"school": _ref("org", school), "terms": [_ref("academicSession", "term-1")]}
            )
        for number in range(130):
            row = {
                "user": _ref("user", f"u-{number:04d}"),
                "class": _ref("class", f"c-{number % 18:03d}"),
                "school": _ref("org", f"org-{1 + number % 3}"),
                "role": "teacher" if number % 10 == 0 else "student",
                "beginDate": "2026-08-20",
            }
            self._put("enrollments", f"e-{number:05d}", row)

    def _user(self, key: str, role: str, org: str, *, number: int) -> dict[str, Any]:
        given, family = _FIRST[number % len(_FIRST)], _LAST[number % len(_LAST)]
        row: dict[str, Any] = {
            "username": f"{given}.{family}.{number}".lower(),
            "userIds": [{"type": "SIS", "identifier": f"S{number}"}],
            "enabledUser": True,
            "givenName": given,
            "familyName": family,
            "identifier": f"{100000 + number}",
            "email": f"{given}.{family}.{number}@maple.example".lower(),
            "sms": "555-0100",
            "agents": [],
            "grades": [f"{1 + number % 12:02d}"] if role == "student" else [],
            "password": f"Tulip-{number}",
        }
        if self.version == "v1p1":
            row["enabledUser"] = "true"
            return row | {"role": role, "orgs": [_ref("org", org)]}
        first = {"roleType": "primary", "role": role, "org": _ref("org", org), "beginDate": "2026-08-20"}
        return row | {"roles": [first], "primaryOrg": _ref("org", org), "userMasterIdentifier": f"M-{number}"}

    def _put(self, name: str, key: str, row: dict[str, Any]) -> None:
        stamp = {"sourcedId": key, "status": row.get("status", "active"), "dateLastModified": _written(self.now())}
        self.rows[name][key] = row | stamp


def _is_pupil(row: dict[str, Any]) -> bool:
    return "student" in (row.get("role"), *(one["role"] for one in row.get("roles", ())))


def _ref(kind: str, key: str) -> dict[str, str]:
    return {"href": f"https://sis.maple.example/{kind}s/{key}", "sourcedId": key, "type": kind}


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _fits(row: dict[str, Any], field: str, predicate: str, value: str) -> bool:
    there = str(row.get(field, ""))
    return {
        "=": there == value,
        "!=": there != value,
        ">": there > value,
        ">=": there >= value,
        "<": there < value,
        "<=": there <= value,
        "~": value in there,
    }[predicate]


def _failure(status: int, minor: str) -> Reply:
    said = {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": minor}
    body = {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_description": "The request was not carried out.",
        "imsx_codeMinor": {"imsx_codeMinorField": [said]},
    }
    return Reply(status=status, body=body)
