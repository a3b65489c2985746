"""Apps and extensions of Chrome, as GAM prints them."""

from __future__ import annotations

from homeroom.connectors.google.readers import read_extensions
from tests.connectors.raw_frames import build_frame, list_rows

KAMI = {
    "appId": "iecdmfkahfbdlgaglfeffhbnfdcnalbl", "displayName": "Kami for Google Chrome", "browserDeviceCount": "12",
    "osUserCount": "300", "appType": "EXTENSION", "description": "Annotates.", "appInstallType": "ADMIN",
    "appSource": "CHROME_WEBSTORE", "disabled": "False", "homepageUri": "https://www.kamiapp.com",
    "permissions": "identity storage",
}  # fmt: skip


def test_an_extension_is_read_with_its_counts_and_words():
    (row,) = list_rows(read_extensions(build_frame([KAMI])), "extension_records")
    assert row == {
        "app_key": "iecdmfkahfbdlgaglfeffhbnfdcnalbl", "name": "Kami for Google Chrome", "kind": "extension",
        "install_kind": "admin", "source": "chrome_webstore", "browsers": 12, "users": 300, "disabled": False,
        "homepage": "https://www.kamiapp.com", "permissions": ["identity", "storage"], "org_unit": "",
    }  # fmt: skip


def test_words_of_the_api_with_their_prefix_are_the_same_words():
    raw = {**KAMI, "appType": "APP_TYPE_EXTENSION", "appInstallType": "APP_INSTALL_TYPE_UNSPECIFIED"}
    (row,) = list_rows(read_extensions(build_frame([raw])), "extension_records")
    assert (row["kind"], row["install_kind"]) == ("extension", "")


def test_permissions_may_be_numbered_columns():
    raw = {**{name: value for name, value in KAMI.items() if name != "permissions"},
           "permissions.0": "storage", "permissions.1": "identity"}  # fmt: skip
    (row,) = list_rows(read_extensions(build_frame([raw])), "extension_records")
    assert row["permissions"] == ["identity", "storage"]


def test_an_extension_is_a_row_for_each_unit_and_way_of_installing():
    rows = [
        {**KAMI, "orgUnitPath": "/Students"}, {**KAMI, "orgUnitPath": "/Staff"},
        {**KAMI, "orgUnitPath": "/Staff", "appInstallType": "NORMAL"}, {**KAMI, "orgUnitPath": "/Staff"},
        {**KAMI, "appId": "", "orgUnitPath": "/Staff"},
    ]  # fmt: skip
    read = read_extensions(build_frame(rows))
    assert [(row["org_unit"], row["install_kind"]) for row in list_rows(read, "extension_records")] == [
        ("/Students", "admin"), ("/Staff", "admin"), ("/Staff", "normal"),
    ]  # fmt: skip
    assert read.rejects["row_lost"].to_list() == [True, True]


def test_a_count_that_is_no_number_costs_only_itself():
    read = read_extensions(build_frame([{**KAMI, "osUserCount": "many"}]))
    (row,) = list_rows(read, "extension_records")
    assert "users" not in row
    assert read.rejects.select("field", "row_lost").rows() == [("osUserCount", False)]
