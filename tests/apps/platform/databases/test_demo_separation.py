"""Demo accounts and real data never share a store, and only people at the machine itself see the demo."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeroom.evidence.files.data_folder import open_data_folder, read_folder_kind
from tests.apps.program import run_homeroom


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    return open_data_folder(tmp_path / "demo", kind="demo")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "staff.csv"
    path.write_text("employee_id,name\n1,Ruth Castellan\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("verb", ["load", "assess"])
def test_a_demo_takes_no_real_files(demo: Path, export: Path, verb: str) -> None:
    refused = run_homeroom(verb, str(export), data=demo)
    assert refused.returncode == 2
    assert "is the demo's folder, and real files never share it" in refused.stderr
    assert list((demo / "evidence").rglob("*.parquet")) == []


def test_a_real_folder_takes_no_demo(tmp_path: Path) -> None:
    real = open_data_folder(tmp_path / "real", kind="real")
    refused = run_homeroom("demo", "--no-serve", "--data", str(real), data=tmp_path)
    assert refused.returncode == 2
    assert "holds real data, and demo data never shares a folder with it" in refused.stderr
    assert read_folder_kind(real) == "real"
    assert not (real / "evidence").exists()


def test_a_demo_listens_to_nobody_elsewhere(demo: Path) -> None:
    refused = run_homeroom("serve", "--host", "0.0.0.0", data=demo)
    assert refused.returncode == 2
    assert "the demo listens on this machine's own address only" in refused.stderr


def test_a_demo_keeps_its_accounts_out_of_the_database_that_real_data_has(demo: Path) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    result = run_homeroom("users", "add", "guest", data=demo, DATABASE_URL=nowhere)
    assert result.returncode == 0, result.stderr
    assert (demo / "state.sqlite3").exists()
