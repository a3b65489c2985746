"""`homeroom tables` lists the canonical tables, and prints one with its columns."""

from __future__ import annotations

import json

from click.testing import Result
from typer.testing import CliRunner

from homeroom.cli.main import build_app
from homeroom.domain.suggestions import suggest_names
from homeroom.evidence.tables import TABLES


def run(*arguments: str) -> Result:
    return CliRunner().invoke(build_app(), ["tables", *arguments])


def test_one_table_is_printed_with_its_columns() -> None:
    printed = run("bell_weeks")
    assert printed.exit_code == 0
    assert "source table, key: org_key, weekday" in printed.output
    for column in TABLES["bell_weeks"].columns:
        line = next(line for line in printed.output.splitlines() if line.startswith(f"{column.name} "))
        assert line.split()[1:3] == [column.type, column.privacy]
        assert column.meaning.split()[0] in line
    assert "device_records" not in printed.output


def test_one_table_is_a_document_for_programs() -> None:
    table = json.loads(run("accounts", "--json").output)
    assert (table["name"], table["derived"], table["key"]) == ("accounts", True, ["id"])
    assert [column["name"] for column in table["columns"]] == list(TABLES["accounts"].names)
    assert table in json.loads(run("--json").output)


def test_every_table_is_listed_without_a_name() -> None:
    assert [table["name"] for table in json.loads(run("--json").output)] == list(TABLES)
    output = run().output
    assert all(f"\n{name}  " in output for name in TABLES)


def test_an_unknown_table_is_refused_with_near_names() -> None:
    refused = run("bel_weeks")
    assert refused.exit_code == 2
    assert refused.stderr == "Error: no table 'bel_weeks'; use bell_weeks\n"


def test_a_name_that_resembles_none_is_answered_with_all() -> None:
    assert suggest_names("color", ["size", "weight"]) == "size, weight"
    assert suggest_names("wieght", ["size", "weight"]) == "weight"
