"""The cast, a data folder of the test's own, and calls of the API with a token."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from homeroom.api.token_endpoints import BUDGET
from homeroom.apps.platform.api_tokens.commands import NewToken, make_token
from homeroom.domain.platform.permissions.tokens import TOKEN_PERMISSIONS
from tests.cast import Cast, create_cast

NOW = datetime.now(UTC)
MakeToken = Callable[..., NewToken]
Call = Callable[..., Any]


@pytest.fixture
def cast(db: None, settings: Any, tmp_path: Path) -> Cast:
    settings.DATA = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    BUDGET.clear()
    return create_cast()


@pytest.fixture
def make(cast: Cast) -> MakeToken:
    """Return a function that makes a token of a user of the cast; a director's has all permissions."""

    def make(user: str = "director", permissions: Sequence[str] = TOKEN_PERMISSIONS, **values: Any) -> NewToken:
        district = cast.next_district if user == "stranger" else cast.district
        options = {"name": "export server", "actor": user, "at": datetime.now(UTC), **values}
        return make_token(district=district, username=user, permissions=permissions, **options)

    return make


@pytest.fixture
def call() -> Call:
    """Return a function that calls an endpoint with the text of a token."""

    def call(path: str, token: str = "", *, method: str = "GET", prefix: str = "", **values: Any) -> Any:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        send = getattr(Client(), method.lower())
        return send(f"{prefix}/api/v1/{path}", headers=headers, **values)

    return call
