"""The district of the erasures, with its three days loaded, built once per run."""

from __future__ import annotations

from pathlib import Path

from bench.support.erasure_district import fill_district
from tests.data_folders import prepare_data_folder
from tests.prepared_folders import prepare_folder


def prepare_erasure_district() -> Path:
    """Return the data folder of the district before any erasure; a test that writes must copy it."""
    return prepare_folder("erasure-days", _fill_folder) / "data"


def _fill_folder(folder: Path) -> None:
    fill_district(prepare_data_folder(folder / "data"), folder / "exports")
