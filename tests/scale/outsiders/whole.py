"""A complete district: OneRoster 1.2 zipped under a top folder, HR, Admin SDK and Graph pages, Snipe-IT, facts."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

from tests.scale.outsiders.program import (
    ExportRow,
    FailingKeys,
    format_csv,
    format_days_before,
    split_header,
    write_text,
)

TODAY = date(2026, 1, 12)  # the second Monday after winter break
FACTS = """homeroom: district
name: D
timezone: America/Chicago
sign_in:
  - {directory: google, unit: /Staff, provider: microsoft}
calendar:
  first_day: 2025-08-18
  last_day: 2026-05-29
  weekdays: [mon, tue, wed, thu, fri]
  closed:
    - {from: 2025-11-26, to: 2025-11-28, kind: break, title: Thanksgiving}
    - {from: 2025-12-22, to: 2026-01-02, kind: break, title: Winter break}
"""
USERS = (
    "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,email,sms,"
    "phone,agentSourcedIds,grades,password,userMasterIdentifier,preferredGivenName,preferredMiddleName,"
    "preferredFamilyName,primaryOrgSourcedId,pronouns"
)
# sourcedId, given name, family name, e-mail, identifier
PEOPLE = (
    ("u1", "Ana", "Reyes", "ana.reyes@d.test", "E1"),
    ("u2", "Bo", "Lund", "bo.lund@d.test", "E2"),
    ("u3", "Cy", "Moss", "cy.moss@d.test", "E3"),
    ("u4", "Di", "Ng", "di.ng@d.test", "E4"),
    ("u5", "Ed", "Roe", "ed.roe@d.test", "E5"),
    ("p1", "Jo", "Kim", "jokim@s.d.test", "1001"),
    ("p2", "Kai", "Lopez", "kailopez@s.d.test", "1002"),
    ("p3", "Lia", "Moon", "liamoon@s.d.test", "1003"),
    ("p4", "Max", "Noor", "maxnoor@s.d.test", "1004"),
    ("p5", "Oz", "Pike", "ozpike@s.d.test", "1005"),
)
# user, role, organization, begin, end, status
ROLES = (
    ("u1", "teacher", "s1", "2025-08-01", "", "active"),
    ("u2", "teacher", "s1", "2025-08-01", "", "active"),
    ("u3", "teacher", "s1", "2025-08-01", "", "active"),
    ("u4", "siteAdministrator", "s1", "2025-08-01", "", "active"),
    ("u5", "teacher", "s1", "2025-08-01", "", "active"),
    ("p1", "student", "s1", "2025-08-01", "", "active"),
    ("p2", "student", "s1", "2025-08-01", "2025-12-19", "active"),
    ("p3", "student", "s1", "2025-08-01", "2025-12-19", "active"),
    ("p3", "student", "s2", "2026-01-05", "", "active"),
    ("p4", "student", "s2", "2025-08-01", "", "tobedeleted"),
    ("p5", "student", "s2", "2025-08-01", "", "active"),
)
STAFF_HEADINGS = (
    "Emp No",
    "Last Name",
    "First Name",
    "Work Email",
    "Position",
    "Employment Status",
    "Hire Date",
    "Term Date",
)
STAFF = (
    ("E1", "Reyes", "Ana", "ana.reyes@d.test", "Teacher", "Active", "8/15/2019", ""),
    ("E2", "Lund", "Bo", "bo.lund@d.test", "Teacher", "Leave", "8/15/2019", ""),
    ("E3", "Moss", "Cy", "cy.moss@d.test", "Teacher", "Terminated", "8/15/2019", "12/19/2025"),
    ("E4", "Ng", "Di", "di.ng@d.test", "Principal", "Active", "7/1/2015", ""),
    ("E5", "Roe", "Ed", "ed.roe@d.test", "Teacher", "Terminated", "8/15/2010", "6/5/2025"),
    ("E5", "Roe", "Ed", "ed.roe@d.test", "Substitute Teacher", "Active", "9/1/2025", ""),
    ("E6", "Ito", "Fay", "fay.ito@d.test", "Bus Driver", "Terminated", "8/15/2018", "6/1/2022"),
    ("E6", "Ito", "Fay", "fay.ito@d.test", "Bus Driver", "Active", "8/15/2024", ""),
    ("E7", "Pak", "Gus", "gus.pak@d.test", "IT Technician", "Active", "1/5/2012", ""),
    ("E8", "Orr", "Hal", "hal.orr@d.test", "Custodian", "Active", "1/5/2012", "1/9/2026"),
    ("E9", "Hart", "Wes", "wes.hart@d.test", "Aide", "Active", "1/5/2012", "6/30/2026"),
    ("E10", "Kim", "Rae", "rae.kim@d.test", "Teacher", "Retired", "1/5/2012", ""),
)
NEVER = "1970-01-01T00:00:00.000Z"
# id, address, unit, and further fields
ACCOUNTS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("g01", "ana.reyes@d.test", "/Staff/Lincoln", {"isEnrolledIn2Sv": False}),
    ("g02", "bo.lund@d.test", "/Staff/Lincoln", {"isEnrolledIn2Sv": False}),
    ("g03", "cy.moss@d.test", "/Staff/Lincoln", {"isEnrolledIn2Sv": False}),
    ("g04", "di.ng@d.test", "/Staff/Lincoln", {"isEnrolledIn2Sv": False}),
    ("g05", "ed.roe@d.test", "/Subs", {"isEnrolledIn2Sv": False}),
    ("g06", "fay.ito@d.test", "/Transportation", {}),
    ("g07", "gus.pak@d.test", "/Tech", {}),
    ("g08", "gus.pak-admin@d.test", "/Tech", {"isEnrolledIn2Sv": False, "isAdmin": True}),
    ("g09", "hal.orr@d.test", "/Ops", {"isEnrolledIn2Sv": False}),
    ("g10", "wes.hart@d.test", "/Ops", {"isEnrolledIn2Sv": False, "archived": True}),
    ("g11", "rae.kim@d.test", "/Ops", {"suspended": True}),
    ("g21", "jokim@s.d.test", "/Students/Lincoln", {"lastLoginTime": "2025-10-15T15:00:00.000Z"}),
    ("g22", "kailopez@s.d.test", "/Students/Lincoln", {}),
    ("g23", "liamoon@s.d.test", "/Students/Cedar", {"lastLoginTime": "2025-11-03T15:00:00.000Z"}),
    ("g24", "maxnoor@s.d.test", "/Students/Cedar", {}),
    ("g25", "ozpike@s.d.test", "/Students/Cedar", {"lastLoginTime": NEVER}),
    ("g31", "nobody@d.test", "/Staff/Lincoln", {}),
)
REGISTRATIONS = (
    ("m01", "ana.reyes@d.test", True, False),
    ("m02", "Bo.Lund@D.test", False, False),
    ("m07", "gus.pak@d.test", True, True),
)
CHROMEBOOKS = (
    ("c1", "5CD0001AAA", format_days_before(TODAY, 3)),
    ("c2", "5CD0002AAA", "2025-12-04T20:00:00.000Z"),  # 16 school days
    ("c3", "5CD0003AAA", "2025-12-10T20:00:00.000Z"),  # 33 days, 12 of them school days
    ("c4", "5CD0004AAA", format_days_before(TODAY, 3)),
    ("c6", "5CD0006AAA", "2025-09-04T20:00:00.000Z"),
    ("c7", "5CD0007AAA", format_days_before(TODAY, 3)),
)
W10, W11 = "10.0.19045.4894", "10.0.22631.4460"
# id, serial number, and further fields
COMPUTERS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("d01", "DELL001", {}),
    ("d02", "DELL002", {"osVersion": W10, "isEncrypted": False}),
    ("d03", "DELL003", {"osVersion": W10, "notes": "ESU until 2026-10-13"}),
    ("d04", "DELL004", {"osVersion": "10.0.19044.1288", "skuFamily": "EnterpriseS"}),
    ("d05", "DELL005", {"osVersion": "10.0.17763.1", "notes": "Windows 10 Enterprise LTSC 2019"}),
    ("d06", "DELL006", {"osVersion": W10, "lastSyncDateTime": "2025-09-01T00:00:00Z", "isEncrypted": None}),
    ("d16", "DELL006", {"isEncrypted": None}),
    ("d07", "DELL007", {"isEncrypted": False, "lastSyncDateTime": "2025-11-01T00:00:00Z"}),
    ("d17", "DELL007", {"isEncrypted": None}),
    ("d09", "DELL009", {"operatingSystem": "macOS", "osVersion": "15.1", "model": "MacBook Air", "isEncrypted": False}),
    ("d10", "DELL010", {"isEncrypted": False, "userPrincipalName": "maxnoor@s.d.test"}),
    ("d11", "DMPX0011", {"operatingSystem": "iOS", "osVersion": "18.1", "model": "iPad (9th generation)"}),
)
BOOK = {"Category": "Chromebooks", "Manufacturer": "HP", "Model": "HP Chromebook 11 G9 EE"}
# asset tag, serial number, and further columns
ASSETS: tuple[tuple[str, str, dict[str, str]], ...] = (
    *((f"10{n:02}", f"DELL0{n:02}", {}) for n in range(1, 10)),
    ("1010", "DELL010", {"Checked Out": "Max Noor", "Type": "user", "Username": "maxnoor", "Employee No.": "1004"}),
    (
        "2001",
        "5CD0001AAA",
        {**BOOK, "Checked Out": "Jo Kim", "Type": "user", "Username": "jokim", "Employee No.": "1001"},
    ),
    ("2002", "5CD0002AAA", BOOK),
    ("2003", "5CD0003AAA", {**BOOK, "Checked Out": "Cart 3 &amp; 4", "Type": "location"}),
    ("2004", "5CD0004AAA", {**BOOK, "Status": "Archived"}),
    ("2006", "5CD0006AAA", {**BOOK, "Status": "Out for Repair"}),
    ("2020", "5CD0020AAA", BOOK),
    ("2021", "5CD0021AAA", {**BOOK, "Status": "Lost/Stolen"}),
    ("3001", "PRJ001", {"Category": "Projector", "Manufacturer": "Epson", "Model": "PowerLite"}),
    ("3002", "DELL030", {"Category": "Desktop", "Model": "OptiPlex 3080"}),
    ("3003", "IPAD0033", {"Category": "Tablets", "Manufacturer": "Apple", "Model": "iPad 9th Gen"}),
    ("3004", "MON001", {"Category": "Monitor", "Model": "P2419H"}),
)
ASSET_HEADINGS = (
    "ID,Company,Asset Name,Asset Tag,Model,Model No.,Category,Manufacturer,Serial,Purchased,Cost,Location,"
    "Default Location,Checked Out,Type,Username,Employee No.,Status,Warranty,Notes"
)
EXPECTED: FailingKeys = {
    "staff-second-factor": {"g02", "g05", "g08", "m02"},
    "admin-second-factor": {"g08"},
    "leaver-account": {"g03", "g09", "g22", "g24"},
    "unknown-person": {"g31"},
    "dormant-account": {"g21"},
    "never-used-account": {"g25"},
    "chromeos-silent": {"c2"},
    "windows-10": {"d02"},
    "staff-laptop-encrypted": {"d02", "d09"},  # d17 is d07 enrolled again, and nobody can tell its disk
    "managed-without-asset-record": {"c7", "d11"},
    "asset-not-managed": {"8", "16", "19", "20"},
    "retired-but-managed": {"14"},
    "holder-gone": {"10"},
    "chromeos-expired": set(),
    "chromeos-developer-mode": set(),
}


def build_account(key: str, email: str, unit: str, extra: dict[str, Any]) -> dict[str, Any]:
    """Return a user as the Directory API returns it."""
    return {
        "kind": "admin#directory#user",
        "id": key,
        "primaryEmail": email,
        "name": {"givenName": email.split(".")[0].title(), "familyName": "X", "fullName": email},
        "isAdmin": False,
        "isDelegatedAdmin": False,
        "lastLoginTime": format_days_before(TODAY, 2),
        "creationTime": "2020-08-01T12:00:00.000Z",
        "suspended": False,
        "archived": False,
        "orgUnitPath": unit,
        "isEnrolledIn2Sv": True,
        "isEnforcedIn2Sv": False,
        **extra,
    }


def build_computer(key: str, serial: str, extra: dict[str, Any]) -> dict[str, Any]:
    """Return a device as Graph returns it."""
    return {
        "id": key,
        "deviceName": f"PC-{serial}",
        "managedDeviceOwnerType": "company",
        "lastSyncDateTime": "2026-01-10T15:00:00Z",
        "operatingSystem": "Windows",
        "osVersion": W11,
        "isEncrypted": True,
        "userPrincipalName": "ana.reyes@d.test",
        "model": "Latitude 5420",
        "serialNumber": serial,
        **extra,
    }


def write_roster(path: Path, *, without: str = "") -> Path:
    """Write the zip, with all its members in a folder, and without one person."""
    orgs = (("d1", "D", "district"), ("s1", "Lincoln Elementary", "school"), ("s2", "Cedar High", "school"))
    bulk = [{"propertyName": f"file.{name}", "value": "bulk"} for name in ("orgs", "users", "roles")]
    manifest = [{"propertyName": "oneroster.version", "value": "1.2"}, *bulk]
    people: list[ExportRow] = [
        {"sourcedId": key, "status": "active", "enabledUser": "true", "username": email, "givenName": first_name}
        | {"familyName": family_name, "identifier": number, "email": email}
        for key, first_name, family_name, email, number in PEOPLE
        if key != without
    ]
    roles: list[ExportRow] = [
        {"sourcedId": f"r{n}", "status": status, "dateLastModified": "", "userSourcedId": user, "roleType": "primary"}
        | {"role": role, "beginDate": begin, "endDate": end, "orgSourcedId": org, "userProfileSourcedId": ""}
        for n, (user, role, org, begin, end, status) in enumerate(ROLES)
        if user != without
    ]
    schools: list[ExportRow] = [
        {"sourcedId": key, "status": "active", "dateLastModified": "", "name": name, "type": kind, "identifier": ""}
        for key, name, kind in orgs
    ]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("OneRoster_Export/manifest.csv", format_csv(manifest))
        archive.writestr("OneRoster_Export/orgs.csv", format_csv(schools, columns=[*schools[0], "parentSourcedId"]))
        archive.writestr("OneRoster_Export/users.csv", format_csv(people, columns=split_header(USERS)))
        archive.writestr("OneRoster_Export/roles.csv", format_csv(roles))
    return path


def write_staff(path: Path, *, without: str = "", headings: tuple[str, ...] = STAFF_HEADINGS) -> Path:
    """Write the staff list with those headings, without one person, with a byte order mark as Excel writes it."""
    rows: list[ExportRow] = [dict(zip(headings, row, strict=True)) for row in STAFF if row[0] != without]
    return write_text(path, format_csv(rows), encoding="utf-8-sig")


def write_facts(path: Path) -> Path:
    """Write the calendar, and where staff sign in."""
    return write_text(path, FACTS)


def write_exports(folder: Path) -> Path:
    """Write the district's exports into that folder."""
    folder.mkdir(parents=True, exist_ok=True)
    write_roster(folder / "export.zip")
    write_staff(folder / "Staff List.csv")
    write_facts(folder / "facts.yaml")
    users = [build_account(*values) for values in ACCOUNTS]
    first: dict[str, Any] = {"kind": "admin#directory#users", "nextPageToken": "t", "users": users[:9]}
    write_text(folder / "users-1.json", json.dumps(first))
    write_text(folder / "users-2.json", json.dumps({"kind": "admin#directory#users", "users": users[9:]}))
    devices = [
        {"kind": "admin#directory#chromeosdevice", "deviceId": key, "serialNumber": serial, "lastSync": last_sync}
        | {"status": "ACTIVE", "bootMode": "Verified", "orgUnitPath": "/Devices", "autoUpdateThrough": "2030-06-01"}
        for key, serial, last_sync in CHROMEBOOKS
    ]
    write_text(folder / "chromeosdevices.json", json.dumps({"chromeosdevices": devices}))
    registered = [
        {"id": key, "userPrincipalName": name, "isAdmin": admin, "isMfaRegistered": mfa, "isMfaCapable": mfa}
        | {"userDisplayName": name, "userType": "member", "methodsRegistered": ["mobilePhone"] if mfa else []}
        for key, name, mfa, admin in REGISTRATIONS
    ]
    write_text(
        folder / "reg-1.json", json.dumps({"value": registered[:2], "@odata.nextLink": "https://graph.example/?s=1"})
    )
    write_text(folder / "reg-2.json", json.dumps({"value": registered[2:]}))
    computers = [build_computer(*values) for values in COMPUTERS]
    write_text(folder / "managedDevices.json", json.dumps({"@odata.context": "…#managedDevices", "value": computers}))
    assets: list[ExportRow] = [
        {"ID": n, "Company": "D &amp; Co", "Asset Tag": tag, "Serial": serial, "Category": "Laptop", "Cost": "1,029.00"}
        | {"Manufacturer": "Dell", "Model": "Latitude 5420", "Purchased": "2022-07-01", "Status": "Ready to Deploy"}
        | extra
        for n, (tag, serial, extra) in enumerate(ASSETS, 1)
    ]
    write_text(folder / "assets-report.csv", format_csv(assets, columns=split_header(ASSET_HEADINGS), quote_all=True))
    return folder
