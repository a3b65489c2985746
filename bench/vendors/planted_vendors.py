"""Vendors for a sample district: agreements, permissions, rosters and sheets, with what is planted and near-misses.

It shares no code and no words with what judges it: agreements, headings and bundles are written out here.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

API = "https://www.googleapis.com/auth/"
NAMES = (("Ines", "Calder"), ("Theo", "Marsh"), ("Lucía", "Peña"), ("Omar", "Reyes"), ("Ada", "Nowak"))
MAPPING = """\
homeroom: mapping
name: list
connector: privacy-register
table: agreement_records
needs: [Contract No, What is shared]
columns:
  key: {from: Contract No}
  vendor: {from: Company}
  product: {from: Program}
  kind: {from: Sort, as: lower}
  signed_on: {from: Signed}
  ends_on: {from: Last day}
  data_kinds: {from: What is shared}
  status_word: {from: Where it is}
"""
HEADER = ("Contract No", "Company", "Program", "Sort", "Signed", "Last day", "What is shared", "Where it is")
BASICS = "First and last name; SIS ID; student number; school; grade level; class schedule; user name"

Finding = tuple[str, str, str | None]
"""(product, kind, element or None)."""


@dataclass(frozen=True, kw_only=True)
class Shipment:
    """Files that were sent to somebody on a day."""

    path: Path
    to: str
    on: date


@dataclass(kw_only=True)
class PlantedVendors:
    """What was written, and the truth of it: findings, products of near-misses by kind, and what is open."""

    today: date
    shipments: list[Shipment] = field(default_factory=list)
    findings: set[Finding] = field(default_factory=set)
    near_misses: dict[str, str] = field(default_factory=dict)
    unclear: set[tuple[str, str]] = field(default_factory=set)

    def subtract(self, days: int) -> date:
        """Return the day that many days before today."""
        return self.today - timedelta(days=days)


def plant_vendors(sample: Path, *, today: date, out: Path) -> PlantedVendors:
    """Write agreements and permissions into a sample's folder and what was sent into another, and return the truth."""
    planted = PlantedVendors(today=today)
    for name in ("register", "sent"):
        (out / name).mkdir(parents=True, exist_ok=True)
    _write_agreements(sample / "lists", planted)
    _write_grants(sample / "google", planted)
    _write_shipments(out / "sent", planted)
    return planted


def _write_agreements(folder: Path, planted: PlantedVendors) -> None:
    day = planted.subtract
    rows = (
        ("P1", "Northreader Inc", "Northreader", "", day(400), day(-300), BASICS, ""),
        ("P3", "Slowsign Ltd", "Slowsign", "", "", "", BASICS, "Requested in August"),
        ("P4", "Pastdue Co.", "Pastdue", "", day(900), day(40), BASICS, ""),
        ("P5", "Nope Labs", "Nopeboard", "", "", "", BASICS, "Declined"),
        ("P6", "Moose Works", "Mailmoose", "", day(300), day(-300), "Name, e-mail", "Executed"),
        ("P7a", "Slimline LLC", "Slimline", "", day(800), day(-10), f"{BASICS}; gender", ""),
        ("P7b", "Slimline LLC", "Slimline", "", day(100), day(-700), BASICS, "Renewal"),
        ("P8", "Parentline", "Parentline", "", day(200), day(-200), "Guardian name; guardian e-mail", ""),
        ("P9", "Certco", "Certified", "Insurance", day(200), day(-200), "", ""),
        ("N1", "Blankly", "Blankly", "", day(200), day(-200), BASICS, ""),
        ("N3", "Staffphone", "Staffphone", "", day(200), day(-200), BASICS, ""),
        ("N4", "Ümlaut Learning, Incorporated", "Ümlaut", "", day(200), day(-200), BASICS, ""),
        ("N5a", "Growth", "Growth", "", day(800), day(90), BASICS, ""),
        ("N5b", "Growth", "Growth", "", day(95), day(-700), f"{BASICS}; date of birth; gender", ""),
        ("N6", "Umbrella Publishing, LLC", "", "", day(200), day(-200), BASICS, ""),
        ("N7", "Timely", "Timely", "", day(900), day(10), BASICS, ""),
        ("N9", "Vague", "Vague", "", day(200), day(-200), f"{BASICS}; pedagogical signals", ""),
        ("N10", "Oldlist", "Oldlist", "", day(200), day(-200), "Student names\nDate of birth", ""),
        ("N11", "Titled", "Titled", "", day(200), day(-200), "names; home phone", ""),
        ("N13", "Wordy", "Wordy", "", "", day(-200), BASICS, "Executed"),
        ("N14", "Fixedup", "Fixedup", "", day(200), day(-200), BASICS, ""),
        ("N15", "Lastday", "Lastday", "", day(900), day(30), BASICS, ""),
    )
    with (folder / "register.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerows([HEADER, *rows])
    (folder / "register.mapping.yaml").write_text(MAPPING, encoding="utf-8")
    with (folder / "contracts.csv").open("a", encoding="utf-8", newline="") as stream:
        row = ("C-90", "Umbrella Math", "Umbrella Publishing LLC", "", "", "", "", "Yes", "", "L. Ortega")
        csv.writer(stream).writerow(row)


def _write_grants(folder: Path, planted: PlantedVendors) -> None:
    with (folder / "users.csv").open(encoding="utf-8", newline="") as stream:
        users = [(row["primaryEmail"], row["orgUnitPath"], row.get("suspended")) for row in csv.DictReader(stream)]
    active = [(email, unit) for email, unit, suspended in users if str(suspended).lower() != "true"]
    students = [email for email, unit in active if "/Students" in unit][20:26]
    staff = [email for email, unit in active if "/Staff" in unit][8:10]
    apps = (
        ("801", "Mailmoose", students, f"openid {API}userinfo.email {API}gmail.modify"),
        ("802", "Strayapp", students[:2], f"{API}userinfo.profile"),
        ("803", "Staffonly", staff, f"{API}drive {API}gmail.readonly"),
        ("804", "Justsignin", students, f"openid {API}drive.appdata"),
    )
    with (folder / "tokens.csv").open("a", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        for key, name, accounts, scopes in apps:
            writer.writerows([account, key, name, "False", "False", scopes] for account in accounts)
    planted.findings |= {("Mailmoose", "not allowed", "mail"), ("Strayapp", "no agreement", None)}
    planted.near_misses |= {"staff let it in": "Staffonly", "a permission without data": "Justsignin"}


def _write_shipments(folder: Path, planted: PlantedVendors) -> None:
    def send(name: str, to: str, days: int = 20, **options: bool) -> None:
        path = folder / f"{name}-{days}"
        _write_bundle(path, **options)
        planted.shipments.append(Shipment(path=path, to=to, on=planted.subtract(days)))

    def send_sheet(name: str, to: str, text: str, *, encoding: str = "utf-8") -> None:
        path = folder / f"{name}.csv"
        path.write_bytes(text.encode(encoding))
        planted.shipments.append(Shipment(path=path, to=to, on=planted.subtract(20)))

    send("p1", "NORTHREADER", births=True)
    send_sheet("p2", "Zapquest", "Student,Grade\nInes Calder,4\n")
    send("p3", "Slowsign")
    send("p4", "Pastdue", 39)
    send("p5", "Nopeboard")
    send("p7", "Slimline", genders=True)
    send_sheet("p8", "Parentline", "Guardian Name,Guardian Cell,Teacher Phone\nR. Calder,555-0100,555-0199\n")
    send("p9", "Certified")
    planted.findings |= {
        ("Northreader", "not allowed", "birth-date"),
        ("Zapquest", "no agreement", None),
        ("Slowsign", "not signed", None),
        ("Pastdue", "ended", None),
        ("Nopeboard", "refused", None),
        ("Slimline", "not allowed", "gender"),
        ("Parentline", "not allowed", "parent-phone"),
        ("Certified", "no agreement", None),
    }
    send("n1", "Blankly", blank_births=True)
    send("n3", "Staffphone", staff_phones=True)
    send("n4", "umlaut™")
    send("n5", "Growth", births=True, genders=True)
    send("n6", "Umbrella Math")
    send("n7", "Timely", 11)
    send("n9", "Vague", births=True)
    text = "No.;Schüler;Student Name;Birthdate\n1;;Lucía Peña;2012-01-02\n"
    send_sheet("n10", "Oldlist", text, encoding="latin-1")
    text = "Field trip,,\nMs. Lind's class,,\nStudent Name,Home Phone,Staff Email\nAda Nowak,555-0101,\n"
    send_sheet("n11", "Titled", text)
    send("n13", "Wordy")
    send("n14", "Fixedup", 25, births=True)
    send("n14", "Fixedup", 5)
    send("n15", "Lastday", 30)
    planted.unclear |= {("Vague", "birth-date")}
    planted.near_misses |= {
        "a column without values": "Blankly",
        "a telephone of a teacher": "Staffphone",
        "a name written otherwise": "Ümlaut",
        "a renewal that names more": "Growth",
        "an agreement about all of a vendor's": "Umbrella Math",
        "sent before the last day": "Timely",
        "sent on the last day": "Lastday",
        "a word that nobody understands": "Vague",
        "letters of another encoding": "Oldlist",
        "titles above the headings": "Titled",
        "signed by its word alone": "Wordy",
        "a roster that was put right": "Fixedup",
    }


def _write_bundle(
    folder: Path,
    *,
    births: bool = False,
    genders: bool = False,
    blank_births: bool = False,
    staff_phones: bool = False,
) -> None:
    """Write a bundle of version 1.1 by hand: five students and a teacher."""
    folder.mkdir()
    users = ["sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,"
             "middleName,identifier,email,sms,phone,agentSourcedIds,grades,password"]  # fmt: skip
    people = ["sourcedId,status,dateLastModified,birthDate,sex"]
    places = ["sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary"]
    for number, (first, family) in enumerate(NAMES, start=1):
        users.append(f"s{number},,,true,o1,student,u{number},,{first},{family},,77{number},,,,,04,")
        places.append(f"e{number},,,c1,o1,s{number},student,false")
        if births or genders or blank_births:
            people.append(f"s{number},,,{f'2012-03-{number:02}' if births else ''},{'female' if genders else ''}")
    users.append(f"t1,,,true,o1,teacher,t.lind,,Kari,Lind,,9,k@x.example,,{'555-0188' if staff_phones else ''},,,")
    places.append("e9,,,c1,o1,t1,teacher,true")
    members = {
        "users": users,
        "demographics": people,
        "enrollments": places,
        "orgs": ["sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId", "o1,,,Elm,school,1,"],
        "manifest": ["propertyName,value", "manifest.version,1.0", "oneroster.version,1.1"],
    }
    for name, lines in members.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def compare_reported(document: str, planted: PlantedVendors, *, own: Sequence[Finding]) -> dict[str, float]:
    """Return counts of planted, missed and reported besides; `own` are the findings of the sample itself."""
    reported = set(_iter_reported(document))
    expected = planted.findings | set(own)
    unclear = {
        (entry["product"], element)
        for entry in json.loads(document)["vendors"]
        for element in entry["cannot_tell"]
        if entry["product"] in planted.near_misses.values()
    }
    return {
        "planted": float(len(expected)),
        "missed": float(len(expected - reported)),
        "reported_besides": float(len(reported - expected)),
        "near_miss_kinds": float(len(planted.near_misses)),
        "cannot_tell_wrong": float(len(unclear ^ planted.unclear)),
    }


def _iter_reported(document: str) -> Iterator[Finding]:
    for entry in json.loads(document)["vendors"]:
        for item in entry["overreach"]:
            yield entry["product"], item["kind"], item["element"]
