"""A secret decrypts only with its key and for its connection, and a new key replaces the old one."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from homeroom.apps.platform.secret_box import KEY_FILE, SecretBox, SecretDecryptionError

SECRET = {"token": "owl-at-noon"}


def test_what_is_sealed_says_nothing_and_opens_again(tmp_path: Path) -> None:
    secret_box = SecretBox(tmp_path)
    ciphertext = secret_box.encrypt(SECRET, context="maple/fleet")
    assert "owl" not in ciphertext
    assert ciphertext != secret_box.encrypt(SECRET, context="maple/fleet")
    assert SecretBox(tmp_path).decrypt(ciphertext, context="maple/fleet") == SECRET
    assert secret_box.encrypt({}, context="maple/fleet") == ""
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600


def test_another_connection_another_folder_and_a_changed_text_open_nothing(tmp_path: Path) -> None:
    ciphertext = SecretBox(tmp_path / "a").encrypt(SECRET, context="maple/fleet")
    SecretBox(tmp_path / "b").encrypt(SECRET, context="maple/fleet")
    for secret_box, text, context in (
        (SecretBox(tmp_path / "a"), ciphertext, "next-door/fleet"),
        (SecretBox(tmp_path / "b"), ciphertext, "maple/fleet"),
        (SecretBox(tmp_path / "nowhere"), ciphertext, "maple/fleet"),
        (SecretBox(tmp_path / "a"), ciphertext[:-8] + "AAAAAAA=", "maple/fleet"),
    ):
        with pytest.raises(SecretDecryptionError):
            secret_box.decrypt(text, context=context)


def test_a_new_key_seals_and_the_old_one_opens_until_it_is_dropped(tmp_path: Path) -> None:
    secret_box = SecretBox(tmp_path)
    old_ciphertext = secret_box.encrypt(SECRET, context="x")
    key_name = secret_box.add_key()
    new_ciphertext = secret_box.encrypt(SECRET, context="x")
    assert new_ciphertext.startswith(f"{key_name}:")
    assert secret_box.decrypt(old_ciphertext, context="x") == secret_box.decrypt(new_ciphertext, context="x") == SECRET
    assert secret_box.drop_old_keys() == 1
    assert secret_box.decrypt(new_ciphertext, context="x") == SECRET
    with pytest.raises(SecretDecryptionError):
        secret_box.decrypt(old_ciphertext, context="x")
