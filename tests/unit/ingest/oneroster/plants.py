"""One way, at least, to break each rule in a valid bundle, and where the break must then be told."""

from __future__ import annotations

from collections.abc import Callable

from tests.unit.ingest.oneroster.bundles import Written

Place = tuple[str, str, int | None, str | None]
"""A rule's id, and the file, line and field where it is broken."""
Pick = Callable[[int, int], int]
"""A number from the first up to the last."""
Plant = Callable[[Written, Pick], set[Place]]
PUPILS = (3, 8)  # of the users' rows
ENROLLED = (3, 8)  # pupils' rows in the first class


def _put(rule: str, member: str, rows: tuple[int, int], column: str, value: str) -> Plant:
    def plant(bundle: Written, pick: Pick) -> set[Place]:
        file, line, field = bundle.put(member, pick(*rows), column, value)
        return {(rule, file, line, field)}

    return plant


def _also(plant: Plant, *rules: str) -> Plant:
    """The same place breaks other rules too."""

    def planted(bundle: Written, pick: Pick) -> set[Place]:
        places = plant(bundle, pick)
        return places | {(rule, *place[1:]) for rule in rules for place in places}

    return planted


def _append(rule: str, member: str, field: str, **values: str) -> Plant:
    """A row at the end: that of a pupil in the first class, or an empty one, with these values."""

    def plant(bundle: Written, pick: Pick) -> set[Place]:
        copied = bundle.rows(member)[pick(4, 8)] if member in ("enrollments", "roles") else None
        bundle.files[member].append(list(copied) if copied else [""] * len(bundle.files[member][0]))
        last = len(bundle.rows(member)) - 1
        for column, value in values.items():
            bundle.put(member, last, column, value)
        return {(rule, f"{member}.csv", last + 2, field)}

    return plant


def _raw(
    rule: str,
    change: Callable[[str], str | bytes],
    line: int | None,
    member: str = "categories",
    field: str | None = None,
) -> Plant:
    def plant(bundle: Written, _: Pick) -> set[Place]:
        changed = change(bundle.text(member))
        bundle.raw[f"{member}.csv"] = changed if isinstance(changed, bytes) else changed.encode()
        return {(rule, f"{member}.csv", line, field)}

    return plant


def _manifest(rule: str, name: str, value: str, *, field: bool = True) -> Plant:
    def plant(bundle: Written, _: Pick) -> set[Place]:
        line = next((n for n, row in enumerate(bundle.manifest) if row[0] == name), len(bundle.manifest))
        if line == len(bundle.manifest):
            bundle.manifest.append([name, value])
        bundle.manifest[line] = [name, value]
        return {(rule, "manifest.csv", line + 1, name if field else None)}

    return plant


def _own_agent(bundle: Written, pick: Pick) -> set[Place]:
    row = pick(*PUPILS)
    own = bundle.rows("users")[row][0]
    return {("agent.self", *bundle.put("users", row, "agentSourcedIds", f"g1,{own}"))}


def _out_of_term(bundle: Written, pick: Pick) -> set[Place]:
    row = pick(*ENROLLED)
    bundle.put("enrollments", row, "beginDate", "2026-12-01")
    return {("dates.end-first", *bundle.put("enrollments", row, "endDate", "2026-11-01"))}


def _circle(bundle: Written, _: Pick) -> set[Place]:
    bundle.put("orgs", 0, "parentSourcedId", "x1")
    return {("parent.loop", "orgs.csv", line, "parentSourcedId") for line in (2, 3, 5)}


def _in_delta(bundle: Written, _: Pick) -> set[Place]:
    _manifest("", "file.categories", "delta")(bundle, _)
    bundle.put("categories", 0, "dateLastModified", "2026-08-01T06:00:00.000Z")
    return {("value.required-in-delta", "categories.csv", 2, "status")}


def _without_categories(bundle: Written, _: Pick) -> set[Place]:
    del bundle.files["categories"]
    _manifest("", "file.categories", "absent")(bundle, _)
    return {("reference.no-file", "lineItems.csv", 2, "categorySourcedId")}


def _demographics(bundle: Written, _: Pick) -> set[Place]:
    bundle.raw["demographics.csv"] = (",".join(["sourcedId", "status", "dateLastModified", "birthDate", "sex",
        "americanIndianOrAlaskaNative", "asian", "blackOrAfricanAmerican", "nativeHawaiianOrOtherPacificIslander", "white",
        "demographicRaceTwoOrMoreRaces", "hispanicOrLatinoEthnicity", "countryOfBirthCode", "stateOfBirthAbbreviation",
        "cityOfBirth", "publicSchoolResidenceStatus"]) + "\r\np1,,,2012-02-29,male" + "," * 11 + "\r\n").encode()  # fmt: skip
    _manifest("", "file.demographics", "bulk")(bundle, _)
    return {("privacy.demographics", "demographics.csv", None, None)}


def _column(rule: str, member: str, change: Callable[[list[list[str]]], object], field: str) -> Plant:
    def plant(bundle: Written, _: Pick) -> set[Place]:
        change(bundle.files[member])
        return {(rule, f"{member}.csv", 1, field)}

    return plant


def _renamed(bundle: Written, _: Pick) -> set[Place]:
    bundle.raw["Categories.csv"] = bundle.text("categories").encode()
    del bundle.files["categories"]
    return {("bundle.name", "Categories.csv", None, None)}


def _header(name: str) -> Callable[[list[list[str]]], object]:
    return lambda rows: rows[0].__setitem__(rows[0].index(name), name.upper())


def _swap(rows: list[list[str]]) -> None:
    for row in rows:
        row[3], row[4] = row[4], row[3]


TOGETHER: dict[str, Plant] = {
    "value.required": _put("value.required", "users", (0, 0), "givenName", ""),
    "value.blank-in-bulk": _put("value.blank-in-bulk", "orgs", (0, 3), "status", "active"),
    "value.word": _put("value.word", "lineItems", (0, 0), "assignDate", "2026-09-01"),
    "value.date": _put("value.date", "lineItems", (0, 0), "assignDate", "9/1/2026"),
    "value.time": _also(_put("value.time", "categories", (0, 0), "dateLastModified", "2026-01-01"), "value.blank-in-bulk"),
    "value.truth": _put("value.truth", "users", (1, 2), "enabledUser", "TRUE"),
    "value.number": _put("value.number", "results", (0, 0), "score", "ten"),
    "value.grade": _put("value.grade", "users", PUPILS, "grades", "8"),
    "value.list": _put("value.list", "classes", (0, 2), "periods", "1,,2"),
    "value.user-ids": _put("value.user-ids", "users", (0, 8), "userIds", "SIS:1"),
    "value.blanks": _put("value.blanks", "users", (0, 8), "familyName", " Vega"),
    "value.line-break": _put("value.line-break", "results", (0, 0), "comment", "well\r\ndone"),
    "value.address": _put("value.address", "users", (0, 8), "email", "not an address"),
    "id.twice": _put("id.twice", "enrollments", (1, 1), "sourcedId", "e0"),
    "reference.nothing": _put("reference.nothing", "classResources", (0, 0), "classSourcedId", "c9"),
    "reference.kind": _put("reference.kind", "classes", (2, 2), "schoolSourcedId", "d1"),
    "dates.end-first": _out_of_term,
    "session.outside": _put("session.outside", "academicSessions", (1, 1), "startDate", "2026-08-01"),
    "session.year": _put("session.year", "academicSessions", (0, 0), "schoolYear", "2026"),
    "parent.loop": _circle,
    "agent.self": _own_agent,
    "enrollment.primary": _put("enrollment.primary", "enrollments", (9, 11), "primary", "true"),
    "enrollment.primary-twice": _put("enrollment.primary-twice", "enrollments", (1, 1), "primary", "true"),
    "enrollment.twice": _append("enrollment.twice", "enrollments", "userSourcedId", sourcedId="e99", primary=""),
    "enrollment.school": _put("enrollment.school", "enrollments", (9, 11), "schoolSourcedId", "s2"),
    "enrollment.outside": _put("enrollment.outside", "enrollments", (9, 11), "endDate", "2027-06-06"),
    "username.twice": _put("username.twice", "users", (8, 8), "username", "User.p1"),
    "enrollment.pupil-teaches": _append("enrollment.pupil-teaches", "enrollments", "role", sourcedId="e98", role="teacher", primary=""),
    "line-item.range": _put("line-item.range", "lineItems", (0, 0), "resultValueMin", "11"),
    "privacy.password": _put("privacy.password", "users", (0, 8), "password", "Tulip-4471"),
    "privacy.ssn": _put("privacy.ssn", "users", (0, 8), "identifier", "123-45-6789"),
    "privacy.telephone": _put("privacy.telephone", "users", PUPILS, "phone", "555-0100"),
    "privacy.demographics": _demographics,
    "header.missing": _column("header.missing", "resources", lambda rows: [row.pop() for row in rows], "applicationId"),
    "header.case": _column("header.case", "users", _header("middleName"), "middleName"),
    "header.order": _column("header.order", "courses", _swap, "schoolYearSourcedId"),
    "header.unknown": _column("header.unknown", "academicSessions", lambda rows: [row.append("") for row in rows] and rows[0].__setitem__(-1, "ext_bus"), "ext_bus"),
    "header.extension-place": _column("header.extension-place", "classResources", lambda rows: [row.insert(3, "") for row in rows] and rows[0].__setitem__(3, "metadata.x"), "metadata.x"),
    "manifest.property-twice": lambda bundle, pick: bundle.manifest.append(["file.users", "bulk"]) or {("manifest.property-twice", "manifest.csv", len(bundle.manifest), "file.users")},
    "manifest.property-unknown": _manifest("manifest.property-unknown", "file.buses", "absent"),
    "manifest.manifest-version": _manifest("manifest.manifest-version", "manifest.version", "2.0"),
    "manifest.mode": _manifest("manifest.mode", "file.courseResources", "bulks"),
    "manifest.said-absent": _manifest("manifest.said-absent", "file.resources", "absent"),
    "bundle.unknown-file": lambda bundle, pick: bundle.raw.update({"notes.csv": b"a,b\n1,2\n"}) or {("bundle.unknown-file", "notes.csv", None, None)},
    "bundle.nested": lambda bundle, pick: bundle.raw.update({"sub/manifest.csv": b"a,b\n1,2\n"}) or {("bundle.nested", "sub/manifest.csv", None, None)},
}  # fmt: skip
"""Those that leave each other alone, so that one bundle can break them all."""
TOGETHER["value.word"] = _put("value.word", "resources", (0, 0), "importance", "Primary")

NEWER: dict[str, Plant] = {
    "value.whole": _put("value.whole", "categories", (0, 0), "weight", "1.5"),
    "role.primary-twice": _append("role.primary-twice", "roles", "roleType", sourcedId="r99"),
    "role.primary-none": _append(
        "role.primary-none", "roles", "roleType", sourcedId="r98", roleType="secondary", orgSourcedId="s2"
    ),
    "role.none": _append(
        "role.none",
        "users",
        "sourcedId",
        sourcedId="n1",
        enabledUser="true",
        username="n",
        givenName="N",
        familyName="N",
    ),
    "role.primary-org": _put("role.primary-org", "users", PUPILS, "primaryOrgSourcedId", "s2"),
    "role.profile": _put("role.profile", "roles", (1, 1), "userProfileSourcedId", "up1"),
}
"""Those of 1.2 alone."""

ALONE: dict[str, Plant] = {
    "value.year": _put("value.year", "academicSessions", (0, 1), "schoolYear", "27"),
    "value.required-in-delta": _in_delta,
    "reference.no-file": _without_categories,
    "file.encoding": _raw("file.encoding", lambda text: text.replace("Homework", "Café").encode("cp1252"), None),
    "file.delimiter": _raw("file.delimiter", lambda text: text.replace(",", ";"), 1),
    "file.form": _raw("file.form", lambda text: text.replace("c2,", 'c2,x"y', 1), 3, "classes", "status"),
    "file.width": _raw("file.width", lambda text: text.replace("\r\nx1,", "\r\nx1", 1), 5, "orgs"),
    "file.blank": _raw("file.blank", lambda text: text.replace("\r\nh1", "\r\n\r\nh1"), 2),
    "file.line-ends": _raw("file.line-ends", lambda text: text.replace("\r\n", "\n", 3), None, "enrollments"),
    "file.odd": _raw("file.odd", lambda text: text.replace("Homework", "Home\x01work"), 2),
    "file.letters-lost": _raw("file.letters-lost", lambda text: text.replace("Homework", "Caf\ufffd"), 2),
    "file.empty": lambda bundle, pick: _raw("file.empty", lambda text: text.split("\r\n")[0] + "\r\n", None)(bundle, pick)
    | {("reference.nothing", "lineItems.csv", 2, "categorySourcedId")},
    "bundle.name": _renamed,
    "manifest.missing": lambda bundle, pick: bundle.raw.update({"manifest.csv": b""}) or {("manifest.missing", "manifest.csv", None, None)},
    "manifest.header": lambda bundle, pick: bundle.manifest.__setitem__(0, ["property", "value"]) or {("manifest.header", "manifest.csv", 1, None)},
    "manifest.property-missing": lambda bundle, pick: bundle.manifest.pop(1) and {("manifest.property-missing", "manifest.csv", None, "manifest.version")},
    "manifest.version": _manifest("manifest.version", "oneroster.version", "1.3"),
    "manifest.not-there": _manifest("manifest.not-there", "file.courseResources", "bulk"),
    "bundle.unreadable": lambda bundle, pick: set(),
}  # fmt: skip
"""Those that change how others are told."""
