"""The truth of the newer tools agrees with what their files say, by a second and independent judgement."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from tests.unit.sample import watching
from tests.unit.sample.exports import Exports
from tests.unit.sample.judging import Subjects, subjects
from tests.unit.sample.watching import Watched

pytestmark = pytest.mark.scale


def _failing(district: Exports, control: str) -> Subjects:
    failing = district.truth["controls"][control]["failing"]
    found = subjects(failing)
    assert len(found) == len(failing), f"{control} states a subject twice"
    assert found, f"{control} has nothing planted"
    return found


def _cannot_tell(district: Exports, control: str) -> Subjects:
    return subjects(district.truth["controls"][control]["cannot_tell"])


@pytest.mark.parametrize(
    ("control", "flag"),
    [
        ("password-not-required", "PasswordNotRequired"),
        ("password-never-expires", "PasswordNeverExpires"),
        ("preauth-not-required", "DoesNotRequirePreAuth"),
        ("reversible-password", "AllowReversiblePasswordEncryption"),
    ],
)
def test_flags_of_accounts_that_can_sign_in_are_stated(district: Exports, control: str, flag: str) -> None:
    assert _failing(district, control) == watching.flagged(district, flag)
    disabled = [row for row in district.premises if row["Enabled"] == "False" and row[flag] == "True"]
    assert disabled, "nobody only looks as if"


def test_upper_grades_without_a_second_factor_are_stated(district: Exports) -> None:
    assert _failing(district, "student-second-factor") == watching.upper_without_second(district)


@pytest.mark.parametrize(
    ("control", "products"),
    [("outdated-browser", watching.BROWSERS), ("outdated-archiver", watching.ARCHIVERS)],
)
def test_programs_before_the_version_that_mends_them_are_stated(
    district: Exports, control: str, products: tuple[tuple[str, str], ...]
) -> None:
    failing, unknown = Watched(district).outdated(products)
    assert _failing(district, control) == failing
    assert _cannot_tell(district, control) == unknown
    assert unknown
    assert _failing(district, "software-known-exploited") == Watched(district).exploited_programs()
    assert _cannot_tell(district, "software-known-exploited") == unknown


def test_systems_administrators_and_firewalls_are_stated(district: Exports) -> None:
    watched = Watched(district)
    assert _failing(district, "unsupported-server") == watched.unsupported("windows")
    assert _failing(district, "unsupported-linux") == watched.unsupported("ubuntu")
    assert _failing(district, "macos-supported") == watched.old_macs()
    for control, found in (
        ("few-local-administrators", watched.administrators()),
        ("firewall-on", watched.firewalls()),
    ):
        assert _failing(district, control) == found[0]
        assert _cannot_tell(district, control) == found[1]
        assert found[1]


def test_releases_of_windows_11_are_stated(district: Exports) -> None:
    failing, unknown = Watched(district).releases()
    assert _failing(district, "windows-11-release") == failing
    assert _cannot_tell(district, "windows-11-release") == unknown


def test_an_account_of_the_office_is_no_fault_and_a_person_called_much_like_one_is(district: Exports) -> None:
    failing = {
        key
        for subject in _failing(district, "few-local-administrators")
        for source, key in subject
        if source == "fleet"
    }
    administrators = {
        str(host["id"]): {user["username"] for user in host["users"] if user["groupname"] == "Administrators"}
        for host in district.hosts
        if host["platform"] == "windows" and "users" in host
    }
    by_office = {key for key, names in administrators.items() if names & {"techsupport", "ladmin"}}
    assert by_office
    assert not by_office & failing
    assert {key for key, names in administrators.items() if "l.adminson" in names} & failing


def test_what_the_filter_and_the_antivirus_do_not_carry_is_stated(district: Exports) -> None:
    watched = Watched(district)
    assert _failing(district, "filter-covers-device") == watched.not_filtered()
    assert _failing(district, "antivirus-covers-computer") == watched.not_protected()


def test_a_whole_cart_is_outside_the_filter(district: Exports) -> None:
    missing = {
        key for subject in watching.Watched(district).not_filtered() for source, key in subject if source == "google"
    }
    by_cart: dict[str, list[bool]] = {}
    for row in district.chromebooks:
        by_cart.setdefault(row["annotatedLocation"], []).append(row["deviceId"] in missing)
    assert any(len(devices) >= 5 and all(devices) for devices in by_cart.values())


def test_what_scans_found_is_stated(district: Exports) -> None:
    assert _failing(district, "internet-facing-remote-access") == watching.reachable(district)
    assert _failing(district, "cleartext-management") == watching.telnet_inside(district)
    assert _failing(district, "scanner-known-exploited") == Watched(district).exploited()
    assert _failing(district, "sighted-not-known") == watching.strangers(district)


def test_each_way_in_stands_open_somewhere_and_only_public_addresses_are_outside(district: Exports) -> None:
    outside, inside = district.scan("outside"), district.scan("inside")
    assert {3389, 445, 23, 5900} <= {port for host in outside for port in host.open}
    assert all(ip_address(host.address).is_global for host in outside)
    assert all(ip_address(host.address).is_private for host in inside)
    assert any(3389 in host.open for host in inside), "nobody only looks as if"


def test_the_forms_are_those_of_their_makers(district: Exports) -> None:
    raw = (district.folder / "activedirectory" / "users.csv").read_bytes()
    assert raw.startswith(b"\xff\xfe#\x00T\x00Y\x00P\x00E\x00")
    assert b",\x00,\x00" in raw  # a null is nothing at all, not even quotes
    result = next((district.folder / "scuba").glob("ScubaResults_*.json")).read_bytes()
    assert result.startswith(b"\xef\xbb\xbf")
    assert b'"Raw"' in result
    catalogue = district.json("cisa/known_exploited_vulnerabilities.json")
    assert catalogue["count"] == len(catalogue["vulnerabilities"])
    assert all(entry["cveID"].startswith("CVE-2099-") for entry in catalogue["vulnerabilities"])
    flaws = [
        flaw for host in district.hosts for one in host.get("software", []) for flaw in one["vulnerabilities"] or ()
    ]
    assert len({"cisa_known_exploit" in flaw for flaw in flaws}) == 1, "free and paid in one export"
    assert 0 < sum("software" not in host for host in district.hosts) < len(district.hosts) / 5
    bundle = next((district.folder / "calendars").iterdir())
    assert {path.name for path in bundle.iterdir()} == {"calendar.bell", "schedules.bell", "meta.json"}
