"""A secret opens only with its key and for its connection, and a new key takes its place."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from homeroom.apps.connections.sealing import FILE, NotOpened, Seal

SECRET = {"token": "owl-at-noon"}


def test_what_is_sealed_says_nothing_and_opens_again(tmp_path: Path) -> None:
    seal = Seal(tmp_path)
    shut = seal.sealed(SECRET, bound_to="maple/fleet")
    assert "owl" not in shut
    assert shut != seal.sealed(SECRET, bound_to="maple/fleet")
    assert Seal(tmp_path).opened(shut, bound_to="maple/fleet") == SECRET
    assert seal.sealed({}, bound_to="maple/fleet") == ""
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_another_connection_another_folder_and_a_changed_text_open_nothing(tmp_path: Path) -> None:
    shut = Seal(tmp_path / "a").sealed(SECRET, bound_to="maple/fleet")
    Seal(tmp_path / "b").sealed(SECRET, bound_to="maple/fleet")
    for seal, text, bound in (
        (Seal(tmp_path / "a"), shut, "next-door/fleet"),
        (Seal(tmp_path / "b"), shut, "maple/fleet"),
        (Seal(tmp_path / "nowhere"), shut, "maple/fleet"),
        (Seal(tmp_path / "a"), shut[:-8] + "AAAAAAA=", "maple/fleet"),
    ):
        with pytest.raises(NotOpened):
            seal.opened(text, bound_to=bound)


def test_a_new_key_seals_and_the_old_one_opens_until_it_is_dropped(tmp_path: Path) -> None:
    seal = Seal(tmp_path)
    old = seal.sealed(SECRET, bound_to="x")
    name = seal.add_key()
    new = seal.sealed(SECRET, bound_to="x")
    assert new.startswith(f"{name}:")
    assert seal.opened(old, bound_to="x") == seal.opened(new, bound_to="x") == SECRET
    assert seal.drop_old_keys() == 1
    assert seal.opened(new, bound_to="x") == SECRET
    with pytest.raises(NotOpened):
        seal.opened(old, bound_to="x")
