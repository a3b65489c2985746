"""DATABASE_URL: every part reaches the connection."""

from __future__ import annotations

import pytest

from homeroom.config.database_url import build_postgres_settings


def test_options_of_the_url_reach_the_connection() -> None:
    settings = build_postgres_settings(
        "postgresql://home%40room:p%2Fw@db.example:5433/home%20room?sslmode=verify-full"
        "&sslrootcert=%2Fetc%2Fca.pem&connect_timeout=5&options=-c%20statement_timeout%3D0"
    )
    assert (settings["USER"], settings["PASSWORD"], settings["NAME"]) == ("home@room", "p/w", "home room")
    assert (settings["HOST"], settings["PORT"]) == ("db.example", 5433)
    assert settings["OPTIONS"] == {
        "sslmode": "verify-full",
        "sslrootcert": "/etc/ca.pem",
        "connect_timeout": "5",
        "options": "-c statement_timeout=0",
    }


def test_a_url_without_options_has_none_and_a_socket_may_be_in_the_query() -> None:
    assert "OPTIONS" not in build_postgres_settings("postgresql://h/d")
    settings = build_postgres_settings("postgresql:///d?host=/run/postgresql&port=5433&user=u&password=p")
    assert [settings[name] for name in ("NAME", "HOST", "PORT", "USER", "PASSWORD")] == [
        "d",
        "/run/postgresql",
        "5433",
        "u",
        "p",
    ]


def test_a_query_that_is_no_list_of_options_is_refused() -> None:
    with pytest.raises(ValueError, match="name=value"):
        build_postgres_settings("postgresql://h/d?sslmode")
