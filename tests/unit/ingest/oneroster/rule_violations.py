"""At least one way to break each rule in a valid bundle, and where the violation must be reported."""

from __future__ import annotations

from collections.abc import Callable

from tests.unit.ingest.oneroster.bundle_builder import BundleDraft

ViolationPlace = tuple[str, str, int | None, str | None]
"""A rule's id, and the file, line and field where it is broken."""
PickRow = Callable[[int, int], int]
"""Picks a number from the first to the last."""
PlantViolation = Callable[[BundleDraft, PickRow], set[ViolationPlace]]
STUDENT_ROWS = (3, 8)  # of the users' rows
ENROLLMENT_ROWS = (3, 8)  # students' rows in the first class


def _plant_value(rule: str, member: str, rows: tuple[int, int], column: str, value: str) -> PlantViolation:
    def plant(bundle: BundleDraft, pick: PickRow) -> set[ViolationPlace]:
        file, line, field = bundle.set_value(member, pick(*rows), column, value)
        return {(rule, file, line, field)}

    return plant


def _add_rules(plant: PlantViolation, *rules: str) -> PlantViolation:
    """Expect other rules to be broken at the same place."""

    def plant_with_rules(bundle: BundleDraft, pick: PickRow) -> set[ViolationPlace]:
        places = plant(bundle, pick)
        return places | {(rule, *place[1:]) for rule in rules for place in places}

    return plant_with_rules


def _append_row(rule: str, member: str, field: str, **values: str) -> PlantViolation:
    """Append a row, copied from a student in the first class or empty, with these values."""

    def plant(bundle: BundleDraft, pick: PickRow) -> set[ViolationPlace]:
        template = bundle.get_rows(member)[pick(4, 8)] if member in ("enrollments", "roles") else None
        bundle.files[member].append(list(template) if template else [""] * len(bundle.files[member][0]))
        last = len(bundle.get_rows(member)) - 1
        for column, value in values.items():
            bundle.set_value(member, last, column, value)
        return {(rule, f"{member}.csv", last + 2, field)}

    return plant


def _replace_text(
    rule: str,
    change: Callable[[str], str | bytes],
    line: int | None,
    member: str = "categories",
    field: str | None = None,
) -> PlantViolation:
    def plant(bundle: BundleDraft, _: PickRow) -> set[ViolationPlace]:
        changed = change(bundle.format_member(member))
        bundle.raw[f"{member}.csv"] = changed if isinstance(changed, bytes) else changed.encode()
        return {(rule, f"{member}.csv", line, field)}

    return plant


def _set_property(rule: str, name: str, value: str, *, field: bool = True) -> PlantViolation:
    def plant(bundle: BundleDraft, _: PickRow) -> set[ViolationPlace]:
        line = next((n for n, row in enumerate(bundle.manifest) if row[0] == name), len(bundle.manifest))
        if line == len(bundle.manifest):
            bundle.manifest.append([name, value])
        bundle.manifest[line] = [name, value]
        return {(rule, "manifest.csv", line + 1, name if field else None)}

    return plant


def _assign_self_as_agent(bundle: BundleDraft, pick: PickRow) -> set[ViolationPlace]:
    row = pick(*STUDENT_ROWS)
    own = bundle.get_rows("users")[row][0]
    return {("agent.self", *bundle.set_value("users", row, "agentSourcedIds", f"g1,{own}"))}


def _reverse_dates(bundle: BundleDraft, pick: PickRow) -> set[ViolationPlace]:
    row = pick(*ENROLLMENT_ROWS)
    bundle.set_value("enrollments", row, "beginDate", "2026-12-01")
    return {("dates.end-first", *bundle.set_value("enrollments", row, "endDate", "2026-11-01"))}


def _create_parent_loop(bundle: BundleDraft, _: PickRow) -> set[ViolationPlace]:
    bundle.set_value("orgs", 0, "parentSourcedId", "x1")
    return {("parent.loop", "orgs.csv", line, "parentSourcedId") for line in (2, 3, 5)}


def _declare_delta(bundle: BundleDraft, _: PickRow) -> set[ViolationPlace]:
    _set_property("", "file.categories", "delta")(bundle, _)
    bundle.set_value("categories", 0, "dateLastModified", "2026-08-01T06:00:00.000Z")
    return {("value.required-in-delta", "categories.csv", 2, "status")}


def _remove_categories(bundle: BundleDraft, _: PickRow) -> set[ViolationPlace]:
    del bundle.files["categories"]
    _set_property("", "file.categories", "absent")(bundle, _)
    return {("reference.no-file", "lineItems.csv", 2, "categorySourcedId")}


def _add_demographics(bundle: BundleDraft, _: PickRow) -> set[ViolationPlace]:
    bundle.raw["demographics.csv"] = (
        ",".join(
            [
                "sourcedId",
                "status",
                "dateLastModified",
                "birthDate",
                "sex",
                "americanIndianOrAlaskaNative",
                "asian",
                "blackOrAfricanAmerican",
                "nativeHawaiianOrOtherPacificIslander",
                "white",
                "demographicRaceTwoOrMoreRaces",
                "hispanicOrLatinoEthnicity",
                "countryOfBirthCode",
                "stateOfBirthAbbreviation",
                "cityOfBirth",
                "publicSchoolResidenceStatus",
            ]
        )
        + "\r\np1,,,2012-02-29,male"
        + "," * 11
        + "\r\n"
    ).encode()
    _set_property("", "file.demographics", "bulk")(bundle, _)
    return {("privacy.demographics", "demographics.csv", None, None)}


def _change_columns(rule: str, member: str, change: Callable[[list[list[str]]], object], field: str) -> PlantViolation:
    def plant(bundle: BundleDraft, _: PickRow) -> set[ViolationPlace]:
        change(bundle.files[member])
        return {(rule, f"{member}.csv", 1, field)}

    return plant


def _rename_categories(bundle: BundleDraft, _: PickRow) -> set[ViolationPlace]:
    bundle.raw["Categories.csv"] = bundle.format_member("categories").encode()
    del bundle.files["categories"]
    return {("bundle.name", "Categories.csv", None, None)}


def _change_header_case(name: str) -> Callable[[list[list[str]]], object]:
    return lambda rows: rows[0].__setitem__(rows[0].index(name), name.upper())


def _swap_columns(rows: list[list[str]]) -> None:
    for row in rows:
        row[3], row[4] = row[4], row[3]


INDEPENDENT_VIOLATIONS: dict[str, PlantViolation] = {
    "value.required": _plant_value("value.required", "users", (0, 0), "givenName", ""),
    "value.blank-in-bulk": _plant_value("value.blank-in-bulk", "orgs", (0, 3), "status", "active"),
    "value.word": _plant_value("value.word", "lineItems", (0, 0), "assignDate", "2026-09-01"),
    "value.date": _plant_value("value.date", "lineItems", (0, 0), "assignDate", "9/1/2026"),
    "value.time": _add_rules(
        _plant_value("value.time", "categories", (0, 0), "dateLastModified", "2026-01-01"), "value.blank-in-bulk"
    ),
    "value.truth": _plant_value("value.truth", "users", (1, 2), "enabledUser", "TRUE"),
    "value.number": _plant_value("value.number", "results", (0, 0), "score", "ten"),
    "value.grade": _plant_value("value.grade", "users", STUDENT_ROWS, "grades", "8"),
    "value.list": _plant_value("value.list", "classes", (0, 2), "periods", "1,,2"),
    "value.user-ids": _plant_value("value.user-ids", "users", (0, 8), "userIds", "SIS:1"),
    "value.blanks": _plant_value("value.blanks", "users", (0, 8), "familyName", " Vega"),
    "value.line-break": _plant_value("value.line-break", "results", (0, 0), "comment", "well\r\ndone"),
    "value.address": _plant_value("value.address", "users", (0, 8), "email", "not an address"),
    "id.twice": _plant_value("id.twice", "enrollments", (1, 1), "sourcedId", "e0"),
    "reference.nothing": _plant_value("reference.nothing", "classResources", (0, 0), "classSourcedId", "c9"),
    "reference.kind": _plant_value("reference.kind", "classes", (2, 2), "schoolSourcedId", "d1"),
    "dates.end-first": _reverse_dates,
    "session.outside": _plant_value("session.outside", "academicSessions", (1, 1), "startDate", "2026-08-01"),
    "session.year": _plant_value("session.year", "academicSessions", (0, 0), "schoolYear", "2026"),
    "parent.loop": _create_parent_loop,
    "agent.self": _assign_self_as_agent,
    "enrollment.primary": _plant_value("enrollment.primary", "enrollments", (9, 11), "primary", "true"),
    "enrollment.primary-twice": _plant_value("enrollment.primary-twice", "enrollments", (1, 1), "primary", "true"),
    "enrollment.twice": _append_row("enrollment.twice", "enrollments", "userSourcedId", sourcedId="e99", primary=""),
    "enrollment.school": _plant_value("enrollment.school", "enrollments", (9, 11), "schoolSourcedId", "s2"),
    "enrollment.outside": _plant_value("enrollment.outside", "enrollments", (9, 11), "endDate", "2027-06-06"),
    "username.twice": _plant_value("username.twice", "users", (8, 8), "username", "User.p1"),
    "enrollment.student-teaches": _append_row(
        "enrollment.student-teaches", "enrollments", "role", sourcedId="e98", role="teacher", primary=""
    ),
    "line-item.range": _plant_value("line-item.range", "lineItems", (0, 0), "resultValueMin", "11"),
    "privacy.password": _plant_value("privacy.password", "users", (0, 8), "password", "Tulip-4471"),
    "privacy.ssn": _plant_value("privacy.ssn", "users", (0, 8), "identifier", "123-45-6789"),
    "privacy.telephone": _plant_value("privacy.telephone", "users", STUDENT_ROWS, "phone", "555-0100"),
    "privacy.demographics": _add_demographics,
    "header.missing": _change_columns(
        "header.missing", "resources", lambda rows: [row.pop() for row in rows], "applicationId"
    ),
    "header.case": _change_columns("header.case", "users", _change_header_case("middleName"), "middleName"),
    "header.order": _change_columns("header.order", "courses", _swap_columns, "schoolYearSourcedId"),
    "header.unknown": _change_columns(
        "header.unknown",
        "academicSessions",
        lambda rows: [row.append("") for row in rows] and rows[0].__setitem__(-1, "ext_bus"),
        "ext_bus",
    ),
    "header.extension-place": _change_columns(
        "header.extension-place",
        "classResources",
        lambda rows: [row.insert(3, "") for row in rows] and rows[0].__setitem__(3, "metadata.x"),
        "metadata.x",
    ),
    "manifest.property-twice": lambda bundle, pick: (
        bundle.manifest.append(["file.users", "bulk"])
        or {("manifest.property-twice", "manifest.csv", len(bundle.manifest), "file.users")}
    ),
    "manifest.property-unknown": _set_property("manifest.property-unknown", "file.buses", "absent"),
    "manifest.manifest-version": _set_property("manifest.manifest-version", "manifest.version", "2.0"),
    "manifest.mode": _set_property("manifest.mode", "file.courseResources", "bulks"),
    "manifest.said-absent": _set_property("manifest.said-absent", "file.resources", "absent"),
    "bundle.unknown-file": lambda bundle, pick: (
        bundle.raw.update({"notes.csv": b"a,b\n1,2\n"}) or {("bundle.unknown-file", "notes.csv", None, None)}
    ),
    "bundle.nested": lambda bundle, pick: (
        bundle.raw.update({"sub/manifest.csv": b"a,b\n1,2\n"}) or {("bundle.nested", "sub/manifest.csv", None, None)}
    ),
}
"""Violations that do not affect each other, so that one bundle can have them all."""
INDEPENDENT_VIOLATIONS["value.word"] = _plant_value("value.word", "resources", (0, 0), "importance", "Primary")

VERSION_1_2_VIOLATIONS: dict[str, PlantViolation] = {
    "value.whole": _plant_value("value.whole", "categories", (0, 0), "weight", "1.5"),
    "role.primary-twice": _append_row("role.primary-twice", "roles", "roleType", sourcedId="r99"),
    "role.primary-none": _append_row(
        "role.primary-none", "roles", "roleType", sourcedId="r98", roleType="secondary", orgSourcedId="s2"
    ),
    "role.none": _append_row(
        "role.none",
        "users",
        "sourcedId",
        sourcedId="n1",
        enabledUser="true",
        username="n",
        givenName="N",
        familyName="N",
    ),
    "role.primary-org": _plant_value("role.primary-org", "users", STUDENT_ROWS, "primaryOrgSourcedId", "s2"),
    "role.profile": _plant_value("role.profile", "roles", (1, 1), "userProfileSourcedId", "up1"),
}
"""Violations that only version 1.2 can have."""

ISOLATED_VIOLATIONS: dict[str, PlantViolation] = {
    "value.year": _plant_value("value.year", "academicSessions", (0, 1), "schoolYear", "27"),
    "value.required-in-delta": _declare_delta,
    "reference.no-file": _remove_categories,
    "file.encoding": _replace_text(
        "file.encoding", lambda text: text.replace("Homework", "Café").encode("cp1252"), None
    ),
    "file.delimiter": _replace_text("file.delimiter", lambda text: text.replace(",", ";"), 1),
    "file.form": _replace_text("file.form", lambda text: text.replace("c2,", 'c2,x"y', 1), 3, "classes", "status"),
    "file.width": _replace_text("file.width", lambda text: text.replace("\r\nx1,", "\r\nx1", 1), 5, "orgs"),
    "file.blank": _replace_text("file.blank", lambda text: text.replace("\r\nh1", "\r\n\r\nh1"), 2),
    "file.line-ends": _replace_text("file.line-ends", lambda text: text.replace("\r\n", "\n", 3), None, "enrollments"),
    "file.odd": _replace_text("file.odd", lambda text: text.replace("Homework", "Home\x01work"), 2),
    "file.letters-lost": _replace_text("file.letters-lost", lambda text: text.replace("Homework", "Caf\ufffd"), 2),
    "file.empty": lambda bundle, pick: (
        _replace_text("file.empty", lambda text: text.split("\r\n")[0] + "\r\n", None)(bundle, pick)
        | {("reference.nothing", "lineItems.csv", 2, "categorySourcedId")}
    ),
    "bundle.name": _rename_categories,
    "manifest.missing": lambda bundle, pick: (
        bundle.raw.update({"manifest.csv": b""}) or {("manifest.missing", "manifest.csv", None, None)}
    ),
    "manifest.header": lambda bundle, pick: (
        bundle.manifest.__setitem__(0, ["property", "value"]) or {("manifest.header", "manifest.csv", 1, None)}
    ),
    "manifest.property-missing": lambda bundle, pick: (
        bundle.manifest.pop(1) and {("manifest.property-missing", "manifest.csv", None, "manifest.version")}
    ),
    "manifest.version": _set_property("manifest.version", "oneroster.version", "1.3"),
    "manifest.not-there": _set_property("manifest.not-there", "file.courseResources", "bulk"),
    "bundle.unreadable": lambda bundle, pick: set(),
}
"""Violations that change how others are reported."""
