"""The ground truth of endpoint tools and scans agrees with their files, as evaluated by independent code."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from tests.unit.sample import reference_endpoint_evaluation
from tests.unit.sample.exports import SampleExports
from tests.unit.sample.reference_endpoint_evaluation import EndpointEvaluation
from tests.unit.sample.reference_evaluation import Subjects, build_subjects

pytestmark = pytest.mark.scale


def _get_failing(district: SampleExports, control: str) -> Subjects:
    failing = district.truth["controls"][control]["failing"]
    failing_subjects = build_subjects(failing)
    assert len(failing_subjects) == len(failing), f"{control} states a subject twice"
    assert failing_subjects, f"{control} has nothing planted"
    return failing_subjects


def _get_unknown(district: SampleExports, control: str) -> Subjects:
    return build_subjects(district.truth["controls"][control]["cannot_tell"])


@pytest.mark.parametrize(
    ("control", "flag"),
    [
        ("password-not-required", "PasswordNotRequired"),
        ("password-never-expires", "PasswordNeverExpires"),
        ("preauth-not-required", "DoesNotRequirePreAuth"),
        ("reversible-password", "AllowReversiblePasswordEncryption"),
    ],
)
def test_flags_of_accounts_that_can_sign_in_are_stated(district: SampleExports, control: str, flag: str) -> None:
    assert _get_failing(district, control) == reference_endpoint_evaluation.find_flagged(district, flag)
    disabled = [row for row in district.directory_accounts if row["Enabled"] == "False" and row[flag] == "True"]
    assert disabled, "nobody only looks as if"


def test_upper_grades_without_a_second_factor_are_stated(district: SampleExports) -> None:
    assert _get_failing(
        district, "student-second-factor"
    ) == reference_endpoint_evaluation.find_upper_grades_without_second_factor(district)


@pytest.mark.parametrize(
    ("control", "products"),
    [
        ("outdated-browser", reference_endpoint_evaluation.BROWSERS),
        ("outdated-archiver", reference_endpoint_evaluation.ARCHIVERS),
    ],
)
def test_programs_before_the_version_that_mends_them_are_stated(
    district: SampleExports, control: str, products: tuple[tuple[str, str], ...]
) -> None:
    failing, unknown = EndpointEvaluation(district).find_outdated(products)
    assert _get_failing(district, control) == failing
    assert _get_unknown(district, control) == unknown
    assert unknown
    assert _get_failing(district, "software-known-exploited") == EndpointEvaluation(district).find_exploited_programs()
    assert _get_unknown(district, "software-known-exploited") == unknown


def test_systems_administrators_and_firewalls_are_stated(district: SampleExports) -> None:
    evaluation = EndpointEvaluation(district)
    assert _get_failing(district, "unsupported-server") == evaluation.find_unsupported("windows")
    assert _get_failing(district, "unsupported-linux") == evaluation.find_unsupported("ubuntu")
    assert _get_failing(district, "macos-supported") == evaluation.find_old_macs()
    for control, result in (
        ("few-local-administrators", evaluation.evaluate_administrators()),
        ("firewall-on", evaluation.evaluate_firewalls()),
    ):
        assert _get_failing(district, control) == result[0]
        assert _get_unknown(district, control) == result[1]
        assert result[1]


def test_releases_of_windows_11_are_stated(district: SampleExports) -> None:
    failing, unknown = EndpointEvaluation(district).evaluate_releases()
    assert _get_failing(district, "windows-11-release") == failing
    assert _get_unknown(district, "windows-11-release") == unknown


def test_an_account_of_the_office_is_no_fault_and_a_person_called_much_like_one_is(district: SampleExports) -> None:
    failing = {
        key
        for subject in _get_failing(district, "few-local-administrators")
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


def test_what_the_filter_and_the_antivirus_do_not_carry_is_stated(district: SampleExports) -> None:
    evaluation = EndpointEvaluation(district)
    assert _get_failing(district, "filter-covers-device") == evaluation.find_unfiltered()
    assert _get_failing(district, "antivirus-covers-computer") == evaluation.find_unprotected()


def test_a_whole_cart_is_outside_the_filter(district: SampleExports) -> None:
    missing = {
        key
        for subject in reference_endpoint_evaluation.EndpointEvaluation(district).find_unfiltered()
        for source, key in subject
        if source == "google"
    }
    by_cart: dict[str, list[bool]] = {}
    for row in district.chromebooks:
        by_cart.setdefault(row["annotatedLocation"], []).append(row["deviceId"] in missing)
    assert any(len(devices) >= 5 and all(devices) for devices in by_cart.values())


def test_what_scans_found_is_stated(district: SampleExports) -> None:
    assert _get_failing(district, "internet-facing-remote-access") == reference_endpoint_evaluation.find_reachable(
        district
    )
    assert _get_failing(district, "cleartext-management") == reference_endpoint_evaluation.find_cleartext_management(
        district
    )
    assert _get_failing(district, "scanner-known-exploited") == EndpointEvaluation(district).find_exploited_servers()
    assert _get_failing(district, "sighted-not-known") == reference_endpoint_evaluation.find_unknown_hosts(district)


def test_each_way_in_stands_open_somewhere_and_only_public_addresses_are_outside(district: SampleExports) -> None:
    outside, inside = district.read_scan("outside"), district.read_scan("inside")
    assert {3389, 445, 23, 5900} <= {port for host in outside for port in host.open_ports}
    assert all(ip_address(host.address).is_global for host in outside)
    assert all(ip_address(host.address).is_private for host in inside)
    assert any(3389 in host.open_ports for host in inside), "nobody only looks as if"


def test_the_forms_are_those_of_their_makers(district: SampleExports) -> None:
    raw = (district.folder / "activedirectory" / "users.csv").read_bytes()
    assert raw.startswith(b"\xff\xfe#\x00T\x00Y\x00P\x00E\x00")
    assert b",\x00,\x00" in raw  # a null is nothing at all, not even quotes
    result = next((district.folder / "scuba").glob("ScubaResults_*.json")).read_bytes()
    assert result.startswith(b"\xef\xbb\xbf")
    assert b'"Raw"' in result
    catalog = district.read_json("cisa/known_exploited_vulnerabilities.json")
    assert catalog["count"] == len(catalog["vulnerabilities"])
    assert all(entry["cveID"].startswith("CVE-2099-") for entry in catalog["vulnerabilities"])
    vulnerabilities = [
        vulnerability
        for host in district.hosts
        for program in host.get("software", [])
        for vulnerability in program["vulnerabilities"] or ()
    ]
    assert len({"cisa_known_exploit" in vulnerability for vulnerability in vulnerabilities}) == 1, (
        "free and paid in one export"
    )
    assert 0 < sum("software" not in host for host in district.hosts) < len(district.hosts) / 5
    bundle = next((district.folder / "calendars").iterdir())
    assert {path.name for path in bundle.iterdir()} == {"calendar.bell", "schedules.bell", "meta.json"}
