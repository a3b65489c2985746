"""Mapping files with which `bench.linkage` loads its lists: canonical column to the list's own heading."""

from __future__ import annotations

from collections.abc import Mapping

_MACHINE = {
    "key": "key",
    "serial": "serial",
    "asset_tag": "tag",
    "macs": "macs",
    "name": "name",
    "model": "model",
    "manufacturer": "maker",
    "platform": "platform",
    "holder_email": "holder",
}
_PERSON = {
    "key": "key",
    "given_name": "given",
    "family_name": "family",
    "email": "email",
    "identifier": "number",
    "org_name": "school",
    "grade": "grade",
}
_ACCOUNT = {
    "key": "key",
    "email": "email",
    "given_name": "given",
    "family_name": "family",
    "org_unit": "unit",
    "external_ids": "number",
}
DEVICES = {
    "console": {"table": "device_records", "columns": _MACHINE, "constants": {"managed": "true"}},
    "assets": {
        "table": "device_records",
        "columns": {**_MACHINE, "school_name": "school"},
        "constants": {"managed": "false"},
    },
    "directory": {
        "table": "device_records",
        "columns": {"key": "key", "name": "name", "platform": "platform"},
        "constants": {"managed": "true"},
    },
    "wireless": {
        "table": "device_records",
        "columns": {"key": "key", "asset_tag": "tag", "macs": "macs", "name": "name"},
    },
}
PEOPLE = {
    "sis": {"table": "person_records", "columns": _PERSON},
    "staff": {"table": "person_records", "columns": _PERSON, "constants": {"title": "Teacher"}},
}
ACCOUNTS = {name: {"table": "account_records", "columns": _ACCOUNT} for name in ("cloud", "premises")}
FEBRL = {
    "table": "person_records",
    "columns": {
        "key": "rec_id",
        "given_name": "given_name",
        "family_name": "surname",
        "house_number": "street_number",
        "street": "address_1",
        "second_line": "address_2",
        "city": "suburb",
        "postal_code": "postcode",
        "region": "state",
        "birth_date": "date_of_birth",
    },
}


def build_mapping(name: str, definition: Mapping[str, object]) -> str:
    """Return the mapping file of one list as text."""
    columns = definition["columns"]
    constants = definition.get("constants", {})
    assert isinstance(columns, Mapping)
    assert isinstance(constants, Mapping)
    formats = {"macs": ", as: mac", "birth_date": ', format: "%Y%m%d"'}
    lines = [f"  {column}: {{from: {heading}{formats.get(column, '')}}}" for column, heading in columns.items()]
    lines += [f"  {column}: {{constant: {value}}}" for column, value in constants.items()]
    return "\n".join(
        [
            "homeroom: mapping",
            f"name: {name}",
            f"connector: {name}",
            f"table: {definition['table']}",
            "columns:",
            *lines,
            "",
        ]
    )
