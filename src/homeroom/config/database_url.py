"""DATABASE_URL as Django's settings: its place, its account, and every option of the connection."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit

_PLACES = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
"""Parts of the URL that its query may have as well, as libpq has it."""


def build_postgres_settings(url: str) -> dict[str, object]:
    """Return the settings of a PostgreSQL database; raise ValueError for a query that is no list of options.

    What follows the question mark (sslmode, sslrootcert, connect_timeout, options…) goes to the connection.
    """
    parts = urlsplit(url)
    settings: dict[str, object] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": parts.port or "",
        "CONN_MAX_AGE": 60,
    }
    options: dict[str, str] = {}
    for name, value in _parse_query(parts.query):
        if name in _PLACES:
            settings[_PLACES[name]] = value
        else:
            options[name] = value
    return settings | ({"OPTIONS": options} if options else {})


def _parse_query(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, strict_parsing=True) if query else []
    except ValueError:
        raise ValueError("DATABASE_URL: after the question mark, name=value&name=value would fit") from None
