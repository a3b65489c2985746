"""The truth agrees with what the files say, by a second and independent judgement."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest

from tests.unit.sample import judging
from tests.unit.sample.exports import Exports, true, user_key
from tests.unit.sample.judging import Devices, Subjects, subjects

pytestmark = pytest.mark.scale


def _failing(district: Exports, control: str) -> Subjects:
    failing = district.truth["controls"][control]["failing"]
    found = subjects(failing)
    assert len(found) == len(failing), f"{control} states a subject twice"
    assert found, f"{control} has nothing planted"
    return found


def _cannot_tell(district: Exports, control: str) -> Subjects:
    return subjects(district.truth["controls"][control]["cannot_tell"])


def test_everyone_who_left_with_an_open_account_is_stated_and_nobody_else(district: Exports) -> None:
    leavers, strangers = judging.leavers_and_strangers(district)
    assert _failing(district, "leaver-account") == leavers
    assert _failing(district, "unknown-person") == strangers


def test_every_missing_second_factor_is_stated_and_no_other(district: Exports) -> None:
    failing, unknown, admins = judging.second_factors(district)
    assert _failing(district, "staff-second-factor") == failing
    assert _cannot_tell(district, "staff-second-factor") == unknown
    assert len(unknown) >= 2
    assert _failing(district, "admin-second-factor") == admins


def test_idle_and_unused_accounts_are_stated(district: Exports) -> None:
    dormant, never, silent = judging.idle_accounts(district)
    assert _failing(district, "dormant-account") == dormant
    assert _failing(district, "never-used-account") == never
    assert silent
    assert _cannot_tell(district, "dormant-account") == silent
    assert _cannot_tell(district, "never-used-account") == silent


def test_super_administrators_are_one_subject_where_they_are_too_many(district: Exports) -> None:
    supers = frozenset(("google", user_key(user)) for user in district.users if true(user["isAdmin"]))
    stated = subjects(district.truth["controls"]["few-super-admins"]["failing"])
    assert stated == (set() if 2 <= len(supers) <= 8 else {supers})
    assert len(supers) >= 3


def test_chromebooks_fall_into_three_bands_that_share_none(district: Exports) -> None:
    bands = Devices(district).bands()
    assert _failing(district, "chromeos-expired") == bands["expired"]
    assert _failing(district, "chromeos-expires-12-months") == bands["12"]
    assert _failing(district, "chromeos-expires-24-months") == bands["24"]
    assert sum(map(len, bands.values())) == len(set().union(*bands.values()))


def test_updates_that_are_there_for_the_asking_are_stated(district: Exports) -> None:
    offered = Devices(district).offered()
    assert offered
    assert _failing(district, "chromeos-extension-offered") == offered


def test_silent_chromebooks_are_stated_and_a_whole_cart_by_name(district: Exports) -> None:
    silent = Devices(district).silent()
    assert _failing(district, "chromeos-silent") == silent
    carts = district.truth["controls"]["chromeos-silent"]["silent_carts"]
    assert carts
    for cart in carts:
        assert len(cart["devices"]) >= 5
        assert len(cart["devices"]) >= 0.8 * cart["size"]
        assert subjects(cart["devices"]) <= silent
        in_cart = [row for row in district.chromebooks if row["annotatedLocation"] == cart["name"]]
        assert len(in_cart) == cart["size"]


def test_what_only_one_list_carries_is_stated(district: Exports) -> None:
    devices = Devices(district)
    assert _failing(district, "asset-not-managed") == devices.unmanaged()
    assert _failing(district, "managed-without-asset-record") == devices.without_asset()
    assert _failing(district, "retired-but-managed") == devices.retired_but_managed()


def test_devices_whose_holder_left_are_stated(district: Exports) -> None:
    assert _failing(district, "holder-gone") == Devices(district).holder_gone()


def test_developer_mode_windows_10_and_open_disks_are_stated(district: Exports) -> None:
    devices = Devices(district)
    assert _failing(district, "chromeos-developer-mode") == devices.developer_mode()
    assert _failing(district, "windows-10") == devices.windows_10()
    assert _cannot_tell(district, "windows-10") == devices.system_unknown()
    assert devices.system_unknown()
    failing, unknown = devices.not_encrypted()
    assert _failing(district, "staff-laptop-encrypted") == failing
    assert _cannot_tell(district, "staff-laptop-encrypted") == unknown
    assert unknown


def test_every_record_that_truth_names_is_in_the_exports(district: Exports) -> None:
    there = {
        "google": {user_key(user) for user in district.users} | {row["deviceId"] for row in district.chromebooks},
        "microsoft": {row["id"] for row in (*district.computers, *district.registrations)},
        "snipeit": {row["Asset Tag"] for row in district.assets},
        "hr": {row["Employee ID"] for row in district.employees},
        "oneroster": {row["sourcedId"] for row in district.roster_users},
        "activedirectory": {row["ObjectGUID"] for row in district.premises},
        "fleet": {str(host["id"]) for host in district.hosts},
        "jamf": {mac["id"] for mac in district.macs} | {tablet["UDID"] for tablet in district.tablets},
        "nmap": {host.key for scan in ("inside", "outside") for host in district.scan(scan)},
        "nessus": {mac.replace(":", "").lower() for host in district.report for mac in _tags(host, "mac-address")},
        "wazuh": {alert["agent"]["id"] for alert in district.alerts},
    }
    things = {name: there.get(name, set()) | keys for name, keys in district.things().items()}
    truth = district.truth
    named = [
        records for control in truth["controls"].values() for records in (*control["failing"], *control["cannot_tell"])
    ]
    named += [entry["records"] for entry in truth["look_alikes"]]
    clusters = [*truth["people"], *truth["devices"]]
    for records in named:
        assert all(record["key"] in (there | things)[record["source"]] for record in records)
    for records in clusters:
        assert all(record["key"] in there[record["source"]] for record in records)
    members = [(record["source"], record["key"]) for records in clusters for record in records]
    assert len(members) == len(set(members)), "a record belongs to two people or devices"
    _, strangers = judging.leavers_and_strangers(district)
    built_in = ("Guest", "DefaultAccount", "krbtgt", "krbtgt_21007")
    made_by_windows = {
        row["ObjectGUID"] for row in district.premises if row["Name"] in built_in and not true(row["Enabled"])
    }
    assert len(made_by_windows) in (3, 4), "somebody opened the guest account, or nobody did"
    nobodys = {(record["source"], record["key"]) for records in truth["accounts"].values() for record in records}
    closed = {(record["source"], record["key"]) for record in truth["accounts"]["leaver"]}
    known = {record for records in strangers for record in records}
    assert nobodys == known | closed | {("activedirectory", key) for key in made_by_windows}
    assert len(members) == sum(map(len, there.values())) - len(nobodys)


def _tags(host: Element, name: str) -> list[str]:
    return [tag.text or "" for tag in host.iter("tag") if tag.get("name") == name]
