"""An account of Entra and the on-premises account that it is synchronized with carry one id, however it is written."""

from __future__ import annotations

import base64
import uuid

import pytest

from homeroom.connectors.activedirectory.readers import read_users as read_directory
from homeroom.connectors.microsoft.readers import read_users as read_entra
from tests.connectors.raw_frames import build_frame

GUID = uuid.UUID("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9")
SID = "S-1-5-21-10-20-30-1105"
ENTRA = {"id": "e1", "userPrincipalName": "ida@d.example"}
DIRECTORY = {
    "SamAccountName": "IMoss",
    "ObjectGUID": str(GUID),
    "SID": SID,
    "DistinguishedName": "CN=Ida,OU=Staff,DC=lan,DC=d,DC=example",
}


@pytest.mark.parametrize(
    "fields",
    [
        {"onPremisesImmutableId": base64.b64encode(GUID.bytes_le).decode()},
        {"onPremisesSecurityIdentifier": SID},
        {"onPremisesDomainName": "lan.d.example", "onPremisesSamAccountName": "imoss"},
    ],
)
def test_each_id_that_entra_keeps_of_the_local_account_is_one_of_the_local_accounts_own(fields: dict[str, str]) -> None:
    (cloud,) = read_entra(build_frame([{**ENTRA, **fields}])).tables["account_records"]["synced_ids"].to_list()
    (local,) = read_directory(build_frame([DIRECTORY])).tables["account_records"]["synced_ids"].to_list()
    assert len(cloud) == 1
    assert set(cloud) <= set(local)


@pytest.mark.parametrize("anchor", ["ida@d.example", "not base64!", base64.b64encode(b"short").decode(), ""])
def test_an_anchor_that_is_no_guid_is_left_out(anchor: str) -> None:
    reading = read_entra(build_frame([{**ENTRA, "onPremisesImmutableId": anchor}]))
    assert reading.tables["account_records"]["synced_ids"].to_list() == [None]
