"""Users on the command line, from the first director to a user who left."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.apps.program import run_homeroom


def run(data: Path, *arguments: str, exit_code: int = 0) -> Any:
    result = run_homeroom(*arguments, "--json", data=data)
    assert result.returncode == exit_code, result.stderr
    return json.loads(result.stdout) if exit_code == 0 else result.stderr


def test_users_are_added_listed_limited_reset_and_deactivated(tmp_path: Path) -> None:
    first = run(tmp_path, "users", "add", "dana")
    assert first["role"] == "director"
    assert first["expires_at"]
    assert "Name a role" in run(tmp_path, "users", "add", "tomas", exit_code=2)
    run(tmp_path, "add-user", "tomas", "--role", "technician", "--permanent")
    users = {user["username"]: user for user in run(tmp_path, "users", "list")}
    assert users["dana"]["must_change_password"]
    assert not users["tomas"]["must_change_password"]
    assert users["tomas"]["last_sign_in"] is None
    assert run(tmp_path, "users", "role", "tomas", "--role", "auditor")["role"] == "auditor"
    assert "There is no school" in run(
        tmp_path, "users", "role", "tomas", "--role", "auditor", "--school", "Hogwarts", exit_code=2
    )
    assert run(tmp_path, "users", "reset", "tomas")["passphrase"]
    assert run(tmp_path, "users", "sessions", "tomas") == []
    assert run(tmp_path, "users", "end-sessions", "tomas")["ended"] == 0
    assert run(tmp_path, "users", "deactivate", "tomas")["active"] is False
    assert run(tmp_path, "users", "activate", "tomas")["active"] is True
    assert "only active director" in run(tmp_path, "users", "deactivate", "dana", exit_code=2)
    assert "homeroom users list" in run(tmp_path, "users", "reset", "nobody", exit_code=2)


def test_a_user_of_two_districts_is_given_a_second_role_not_a_second_passphrase(tmp_path: Path) -> None:
    run(tmp_path, "users", "add", "dana", "--district", "maple")
    run_homeroom("district", "set", "Oak", "--district", "oak", data=tmp_path)
    refused = run(tmp_path, "users", "add", "dana", "--role", "auditor", "--district", "oak", exit_code=2)
    assert "Choose another name" in refused
    run(tmp_path, "users", "add", "dana", "--role", "auditor", "--existing", "--district", "oak")
    (user,) = run(tmp_path, "users", "list", "--district", "oak")
    assert (user["role"], user["other_districts"], user["sessions"]) == ("auditor", True, None)
    result = run_homeroom("users", "list", "--district", "oak", data=tmp_path)
    assert "also works for another district" in result.stdout
    assert "maple" not in result.stdout
