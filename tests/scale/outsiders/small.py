"""A district without HR, asset list and calendar: OneRoster 1.1 in a folder, GAM users and Chromebooks."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from tests.scale.outsiders.program import (
    ExportRow,
    FailingKeys,
    format_csv,
    format_days_before,
    split_header,
    write_text,
)

TODAY = date(2026, 3, 2)
USERS = (
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,"
    "identifier,email,sms,phone,agentSourcedIds,grades,password,ext_room"
)
# sourcedId, role, given name, family name, e-mail, and further columns
PEOPLE: tuple[tuple[str, str, str, str, str, dict[str, str]], ...] = (
    ("t1", "teacher", "Ana", "Reyes", "Ana.Reyes@D.test", {}),
    ("t2", "teacher", "Bo", "Lund", "bo.lund@d.test", {}),
    ("t3", "teacher", "Cy", "Moss", "cy.moss@d.test", {"status": "tobedeleted"}),
    ("t4", "teacher", "Di", "Ng", "di.ng@d.test", {"enabledUser": "false"}),
    ("t5", "teacher", "Ed", "Roe", "ed.roe@d.test", {"enabledUser": "false"}),
    ("t6", "aide", "Fay", "Ito", "", {"identifier": "77123", "username": "fito"}),
    ("t7", "proctor", "Gus", "Pak", "gus.pak@d.test", {}),
    ("t8", "teacher", "Hal", "Orr", "", {"userIds": "{sis:88001},{State:991}", "username": "horr"}),
    ("a1", "administrator", "Ida", "Vos", "ida.vos@d.test", {"orgSourcedIds": "d1"}),
    ("p1", "student", "Jo", "Kim", "jokim@s.d.test", {"identifier": "1001", "grades": "04"}),
    ("p2", "student", "Kai", "Lopez", "kailopez@s.d.test", {"identifier": "1002", "status": "tobedeleted"}),
    ("p3", "student", "Lia", "Moon", "liamoon@s.d.test", {"identifier": "1003", "status": "tobedeleted"}),
    ("p3b", "student", "Lia", "Moon", "liamoon@s.d.test", {"identifier": "1003", "orgSourcedIds": "s2"}),
    ("p4", "student", "Max", "Noor", "maxnoor@s.d.test", {"identifier": "1004", "enabledUser": "false"}),
    ("g1", "guardian", "Nan", "Kim", "nan.kim@home.example", {}),
)
# address, name, unit, suspended, second factor, days since the last sign-in (None: never), and further columns
ACCOUNTS: tuple[tuple[str, str, str, bool, bool, int | None, dict[str, str]], ...] = (
    ("ana.reyes@d.test", "Ana Reyes", "/Staff", False, False, 2, {}),
    ("bo.lund@d.test", "Bo Lund", "/Staff", False, True, 91, {}),
    ("cy.moss@d.test", "Cy Moss", "/Staff", False, False, 2, {}),
    ("di.ng@d.test", "Di Ng", "/Staff", False, False, 2, {}),
    ("ed.roe@d.test", "Ed Roe", "/Staff", True, False, 2, {}),
    ("fay.ito@d.test", "Fay Ito", "/Staff", False, False, 2, {"externalIds.0.value": "77123"}),
    ("gus.pak@d.test", "Gus Pak", "/Staff", False, True, 89, {}),
    ("hal.orr@d.test", "Hal Orr", "/Staff", False, True, None, {"externalIds.0.value": "88001"}),
    ("ida.vos@d.test", "Ida Vos", "/Staff", False, False, 2, {"isAdmin": "True"}),
    ("jokim@s.d.test", "Jo Kim", "/Students/Lincoln", False, False, 2, {}),
    ("kailopez@s.d.test", "Kai Lopez", "/Students/Lincoln", False, False, 2, {}),
    (
        "liamoon@s.d.test",
        "Lia Moon",
        "/Students/Cedar",
        False,
        False,
        None,
        {"creationTime": format_days_before(TODAY, 40)},
    ),
    ("maxnoor@s.d.test", "Max Noor", "/Students/Lincoln", True, False, 2, {}),
    ("copier@d.test", "Copier Lincoln", "/Service", False, False, 2, {}),
    ("jay.bell@d.test", "Jay Bell", "/Staff/Transportation", False, True, 2, {}),
)
UNTIL, START = "2029-06-01T00:00:00.000Z", "2025-06-01T00:00:00.000Z"
OFFERED = {"autoUpdateThrough": UNTIL, "extendedSupportEligible": "True", "extendedSupportStart": START}
# deviceId, the end of updates, days since the last report, and further columns
CHROMEBOOKS: tuple[tuple[str, str, int, dict[str, str]], ...] = (
    ("c01", "2030-06-01", 2, {}),
    ("c02", "2026-02-27", 2, {}),
    ("c03", "2026-02-27", 2, {"status": "DEPROVISIONED"}),
    ("c04", "2026-03-15", 2, {}),
    ("c05", "2027-02-20", 2, {}),
    ("c06", "2027-03-20", 2, {}),
    ("c07", "2028-02-20", 2, {}),
    ("c08", "2028-03-20", 2, {}),
    ("c09", "2025-06-01", 2, {**OFFERED, "extendedSupportEnabled": "True"}),
    ("c10", "2025-06-01", 2, {**OFFERED, "extendedSupportEnabled": "False"}),
    ("c11", "", 2, {"autoUpdateThrough": "2026-01-31T00:00:00.000Z", "extendedSupportEligible": "False"}),
    ("c12", "", 2, {**OFFERED, "extendedSupportEnabled": "False", "extendedSupportStart": "2026-10-01T00:00:00.000Z"}),
    ("c13", "", 2, {}),
    ("c14", "2030-06-01", 2, {"bootMode": "Dev"}),
    ("c15", "2030-06-01", 2, {"bootMode": "Dev", "status": "DEPROVISIONED"}),
    ("c16", "2030-06-01", 32, {}),
    ("c17", "2030-06-01", 29, {}),
    ("c18", "2030-06-01", 90, {"status": "DEPROVISIONED"}),
    ("c19", "2030-06-01", 90, {"annotatedLocation": "Storage room B"}),
    ("c20", "2030-06-01", 90, {"orgUnitPath": "/Devices/Spares"}),
    *((f"k{n}", "2030-06-01", 60 if n < 8 else 1, {"annotatedLocation": "Cart 4"}) for n in range(10)),
    *((f"m{n}", "2030-06-01", 60 if n < 5 else 1, {"annotatedLocation": "Cart 5"}) for n in range(10)),
)
EXPECTED: FailingKeys = {
    "staff-second-factor": {"ana.reyes@d.test", "fay.ito@d.test", "ida.vos@d.test"},
    "admin-second-factor": {"ida.vos@d.test"},
    "leaver-account": {"cy.moss@d.test", "di.ng@d.test", "kailopez@s.d.test"},
    "unknown-person": {"copier@d.test", "jay.bell@d.test"},
    "dormant-account": {"bo.lund@d.test"},
    "never-used-account": {"hal.orr@d.test"},
    "chromeos-expired": {"c02", "c10", "c11"},
    "chromeos-expires-12-months": {"c04", "c05", "c12"},
    "chromeos-expires-24-months": {"c06", "c07"},
    "chromeos-developer-mode": {"c14"},
    "chromeos-silent": {"c16", *(f"k{n}" for n in range(8)), *(f"m{n}" for n in range(5))},
    # Without an asset list and without Microsoft, these cannot be evaluated.
    "asset-not-managed": set(),
    "managed-without-asset-record": set(),
    "retired-but-managed": set(),
    "holder-gone": set(),
    "windows-10": set(),
    "staff-laptop-encrypted": set(),
}


def write_exports(folder: Path) -> Path:
    """Write the district's exports into that folder."""
    orgs: list[ExportRow] = [
        {"sourcedId": "d1", "status": "", "dateLastModified": "", "name": "D", "type": "district", "identifier": "1"},
        {"sourcedId": "s1", "name": "Lincoln", "type": "school"},
        {"sourcedId": "s2", "name": "Cedar", "type": "school"},
    ]
    people: list[ExportRow] = [
        {"sourcedId": key, "enabledUser": "true", "orgSourcedIds": "s1", "role": role, "username": email}
        | {"givenName": first_name, "familyName": family_name, "email": email, "ext_room": "12"}
        | extra
        for key, role, first_name, family_name, email, extra in PEOPLE
    ]
    write_text(folder / "oneroster" / "orgs.csv", format_csv(orgs, columns=[*orgs[0], "parentSourcedId"]))
    write_text(folder / "oneroster" / "users.csv", format_csv(people, columns=split_header(USERS)))
    accounts: list[ExportRow] = [
        {"primaryEmail": email, "name.fullName": name, "orgUnitPath": unit, "suspended": suspended}
        | {
            "isEnrolledIn2Sv": second_factor,
            "lastLoginTime": "Never" if days is None else format_days_before(TODAY, days),
        }
        | {"creationTime": "2020-08-01T12:00:00.000Z", "isAdmin": "False", "externalIds.0.value": ""}
        | extra
        for email, name, unit, suspended, second_factor, days, extra in ACCOUNTS
    ]
    write_text(folder / "gam-users.csv", format_csv(accounts, line_end="\n"))
    devices: list[ExportRow] = [
        {
            "deviceId": key,
            "serialNumber": f"SN{key.upper()}",
            "status": "ACTIVE",
            "lastSync": format_days_before(TODAY, days),
        }
        | {"annotatedUser": "", "annotatedAssetId": "", "annotatedLocation": "", "orgUnitPath": "/Devices/Lincoln"}
        | {"autoUpdateExpiration": _format_milliseconds(until), "autoUpdateThrough": "", "extendedSupportEligible": ""}
        | {"extendedSupportEnabled": "", "extendedSupportStart": "", "bootMode": "Verified", "model": "Lenovo 300e"}
        | extra
        for key, until, days, extra in CHROMEBOOKS
    ]
    write_text(folder / "cros.csv", format_csv(devices, line_end="\n"))
    return folder


def _format_milliseconds(day: str) -> str:
    return str(int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)) if day else ""
