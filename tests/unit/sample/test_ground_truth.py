"""The ground truth agrees with the exported files, as evaluated by independent code."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest

from homeroom.sample.truth.ground_truth import UNREAD_LOGS
from tests.unit.sample import reference_evaluation
from tests.unit.sample.exports import SampleExports, get_user_key, parse_flag
from tests.unit.sample.reference_evaluation import DeviceEvaluation, Subjects, build_subjects

pytestmark = pytest.mark.scale


def _get_failing(district: SampleExports, control: str) -> Subjects:
    failing = district.truth["controls"][control]["failing"]
    failing_subjects = build_subjects(failing)
    assert len(failing_subjects) == len(failing), f"{control} states a subject twice"
    assert failing_subjects, f"{control} has nothing planted"
    return failing_subjects


def _get_unknown(district: SampleExports, control: str) -> Subjects:
    return build_subjects(district.truth["controls"][control]["cannot_tell"])


def test_everyone_who_left_with_an_open_account_is_stated_and_nobody_else(district: SampleExports) -> None:
    leavers, strangers = reference_evaluation.find_leavers_and_strangers(district)
    assert _get_failing(district, "leaver-account") == leavers
    assert _get_failing(district, "unknown-person") == strangers


def test_every_missing_second_factor_is_stated_and_no_other(district: SampleExports) -> None:
    failing, unknown, admins = reference_evaluation.evaluate_second_factors(district)
    assert _get_failing(district, "staff-second-factor") == failing
    assert _get_unknown(district, "staff-second-factor") == unknown
    assert len(unknown) >= 2
    assert _get_failing(district, "admin-second-factor") == admins


def test_idle_and_unused_accounts_are_stated(district: SampleExports) -> None:
    dormant, never, silent = reference_evaluation.find_idle_accounts(district)
    assert _get_failing(district, "dormant-account") == dormant
    assert _get_failing(district, "never-used-account") == never
    assert silent
    assert _get_unknown(district, "dormant-account") == silent
    assert _get_unknown(district, "never-used-account") == silent


def test_super_administrators_are_one_subject_where_they_are_too_many(district: SampleExports) -> None:
    supers = frozenset(("google", get_user_key(user)) for user in district.users if parse_flag(user["isAdmin"]))
    stated = build_subjects(district.truth["controls"]["few-super-admins"]["failing"])
    assert stated == (set() if 2 <= len(supers) <= 8 else {supers})
    assert len(supers) >= 3


def test_chromebooks_fall_into_three_bands_that_share_none(district: SampleExports) -> None:
    bands = DeviceEvaluation(district).group_by_update_end()
    assert _get_failing(district, "chromeos-expired") == bands["expired"]
    assert _get_failing(district, "chromeos-expires-12-months") == bands["12"]
    assert _get_failing(district, "chromeos-expires-24-months") == bands["24"]
    assert sum(map(len, bands.values())) == len(set().union(*bands.values()))


def test_updates_that_are_there_for_the_asking_are_stated(district: SampleExports) -> None:
    offered = DeviceEvaluation(district).find_extension_offered()
    assert offered
    assert _get_failing(district, "chromeos-extension-offered") == offered


def test_silent_chromebooks_are_stated_and_a_whole_cart_by_name(district: SampleExports) -> None:
    silent = DeviceEvaluation(district).find_silent()
    assert _get_failing(district, "chromeos-silent") == silent
    carts = district.truth["controls"]["chromeos-silent"]["silent_carts"]
    assert carts
    for cart in carts:
        assert len(cart["devices"]) >= 5
        assert len(cart["devices"]) >= 0.8 * cart["size"]
        assert build_subjects(cart["devices"]) <= silent
        in_cart = [row for row in district.chromebooks if row["annotatedLocation"] == cart["name"]]
        assert len(in_cart) == cart["size"]


def test_what_only_one_list_carries_is_stated(district: SampleExports) -> None:
    devices = DeviceEvaluation(district)
    assert _get_failing(district, "asset-not-managed") == devices.find_unmanaged()
    assert _get_failing(district, "managed-without-asset-record") == devices.find_without_asset()
    assert _get_failing(district, "retired-but-managed") == devices.find_retired_but_managed()


def test_devices_whose_holder_left_are_stated(district: SampleExports) -> None:
    assert _get_failing(district, "holder-gone") == DeviceEvaluation(district).find_with_departed_holder()


def test_developer_mode_windows_10_and_open_disks_are_stated(district: SampleExports) -> None:
    devices = DeviceEvaluation(district)
    assert _get_failing(district, "chromeos-developer-mode") == devices.find_in_developer_mode()
    assert _get_failing(district, "windows-10") == devices.find_windows_10()
    assert _get_unknown(district, "windows-10") == devices.find_with_unknown_system()
    assert devices.find_with_unknown_system()
    failing, unknown = devices.evaluate_encryption()
    assert _get_failing(district, "staff-laptop-encrypted") == failing
    assert _get_unknown(district, "staff-laptop-encrypted") == unknown
    assert unknown


def test_every_record_that_truth_names_is_in_the_exports(district: SampleExports) -> None:
    record_keys = {
        "google": {get_user_key(user) for user in district.users} | {row["deviceId"] for row in district.chromebooks},
        "microsoft": {row["id"] for row in (*district.computers, *district.registrations)},
        "snipeit": {row["Asset Tag"] for row in district.assets},
        "hr": {row["Employee ID"] for row in district.employees},
        "oneroster": {row["sourcedId"] for row in district.roster_users},
        "activedirectory": {row["ObjectGUID"] for row in district.directory_accounts},
        "fleet": {str(host["id"]) for host in district.hosts},
        "jamf": {mac["id"] for mac in district.macs} | {tablet["UDID"] for tablet in district.tablets},
        "nmap": {host.key for scan in ("inside", "outside") for host in district.read_scan(scan)},
        "nessus": {mac.replace(":", "").lower() for host in district.report for mac in _list_tags(host, "mac-address")},
        "wazuh": {alert["agent"]["id"] for alert in district.alerts},
    }
    resource_keys = {name: record_keys.get(name, set()) | keys for name, keys in district.list_resource_keys().items()}
    resource_keys["vendors"] = {
        f"{row['displayText']} {element} grant"
        for row in district.read_csv("google/tokens.csv")
        for element in ("email", "mail", "work")
    }
    truth = district.truth
    named = [
        records
        for name, control in truth["controls"].items()
        if name not in UNREAD_LOGS  # what no export has is what is wrong there
        for records in (*control["failing"], *control["cannot_tell"])
    ]
    named += [entry["records"] for entry in truth["look_alikes"]]
    clusters = [*truth["people"], *truth["devices"]]
    for records in named:
        assert all(record["key"] in (record_keys | resource_keys)[record["source"]] for record in records)
    for records in clusters:
        assert all(record["key"] in record_keys[record["source"]] for record in records)
    members = [(record["source"], record["key"]) for records in clusters for record in records]
    assert len(members) == len(set(members)), "a record belongs to two people or devices"
    _, strangers = reference_evaluation.find_leavers_and_strangers(district)
    built_in = ("Guest", "DefaultAccount", "krbtgt", "krbtgt_21007")
    windows_accounts = {
        row["ObjectGUID"]
        for row in district.directory_accounts
        if row["Name"] in built_in and not parse_flag(row["Enabled"])
    }
    assert len(windows_accounts) in (3, 4), "somebody opened the guest account, or nobody did"
    unowned = {(record["source"], record["key"]) for records in truth["accounts"].values() for record in records}
    closed = {(record["source"], record["key"]) for record in truth["accounts"]["leaver"]}
    stranger_records = {record for records in strangers for record in records}
    assert unowned == stranger_records | closed | {("activedirectory", key) for key in windows_accounts}
    joined_strangers = {record for records in strangers if len(records) > 1 for record in records}
    assert unowned & set(members) == joined_strangers
    assert len(members) == sum(map(len, record_keys.values())) - len(unowned - joined_strangers)


def _list_tags(host: Element, name: str) -> list[str]:
    return [tag.text or "" for tag in host.iter("tag") if tag.get("name") == name]
