"""The mark of a view or a command with the permission that it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from homeroom.domain.platform.permissions.holding import get_permission


def require_permission[F: Callable[..., Any]](name: str, *, change: str = "") -> Callable[[F], F]:
    """Decorate a function with the permission that it needs, as its attribute `permission`.

    `change` is what it needs beside that to change something, as its attribute `change`.

    Raise UnknownPermission at import for a name that is not in the table. Who calls the function checks the permission:
    `district_view` for a page of a district. A command of the command line is run by the operator, who needs none.
    """
    for named in filter(None, (name, change)):
        get_permission(named)

    def mark(function: F) -> F:
        function.permission, function.change = name, change  # type: ignore[attr-defined]
        return function

    return mark
