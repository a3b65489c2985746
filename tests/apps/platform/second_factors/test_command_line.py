"""2-step verification on the command line, and the refusal to be reached from a network before it is set up."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from tests.apps.program import run_homeroom


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a data folder with a director who has a password alone."""
    folder = tmp_path_factory.mktemp("data")
    assert run_homeroom("add-user", "dana", "--role", "director", data=folder).returncode == 0
    return folder


def test_the_server_listens_to_the_network_once_a_director_has_a_second_step(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        serve = ("serve", "--host", "0.0.0.0", "--port", str(taken.getsockname()[1]))
        refused = run_homeroom(*serve, data=folder)
        assert refused.returncode == 2
        assert "no director has 2-step verification yet" in refused.stderr
        assert "--certificate and --key" in refused.stderr
        assert "HOMEROOM_PROXIES" in refused.stderr
        for name, value in (("HOMEROOM_PROXIES", "127.0.0.1"), ("HOMEROOM_HOSTS", "localhost,homeroom.example.org")):
            behind = run_homeroom("serve", "--port", serve[-1], data=folder, **{name: value})
            assert behind.returncode == 2
            assert "no director has 2-step verification yet" in behind.stderr, name
        codes = json.loads(run_homeroom("mfa", "codes", "dana", "--json", data=folder).stdout)["codes"]
        assert len(set(codes)) == 10
        allowed = run_homeroom(*serve, data=folder)
        assert "cannot listen on" in allowed.stderr, "the port is taken, which is found out only after the refusal"
        assert "Passwords travel without encryption" in allowed.stderr
        assert "encryption" not in run_homeroom(*serve, data=folder, HOMEROOM_HTTPS="1").stderr


def test_an_operator_makes_lists_requires_and_resets(folder: Path) -> None:
    sealed = json.loads(run_homeroom("break-glass", "create", "--json", data=folder).stdout)
    assert len(sealed["codes"]) == 10
    assert len(sealed["passphrase"].replace("-", "")) == 30
    shown = run_homeroom("break-glass", "show", data=folder).stdout
    assert "never used" in shown
    assert sealed["passphrase"] not in shown
    refused = run_homeroom("mfa", "reset", sealed["username"], data=folder)
    assert (refused.returncode, "is replaced, not changed" in refused.stderr) == (2, True)
    assert run_homeroom("mfa", "require", "--on", data=folder).stdout.strip() == "2-step verification is required"
    rows = {row["username"]: row for row in json.loads(run_homeroom("mfa", "list", "--json", data=folder).stdout)}
    assert rows["dana"]["passkeys"] == 0
    assert rows[sealed["username"]] == {
        "username": sealed["username"],
        "role": "director",
        "passkeys": 0,
        "app": False,
        "recovery_codes": 10,
        "linked": [],
        "break_glass": True,
    }
    assert run_homeroom("break-glass", "remove", data=folder).stdout.strip() == "Removed"
    assert run_homeroom("break-glass", "show", data=folder).returncode == 2
