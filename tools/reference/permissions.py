"""The reference page of permissions: which role holds which, and what every address and command needs."""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator
from typing import Any

import django
import typer.main

from homeroom.apps.platform.endpoints.catalog import PREFIX, list_endpoints
from homeroom.cli.main import build_app
from homeroom.domain.platform.permissions.permission import Access, Permission
from homeroom.domain.platform.permissions.roles import ROLE_NAMES
from homeroom.domain.platform.permissions.table import PERMISSIONS
from tools.reference.markdown import render_table

INTRODUCTION = """# Permissions

What a role may do in a district is in one table, and every address, endpoint and command names a permission of it
([0114](../decisions/0114-named-permissions.md)). What is not in a row is refused. *granted* means only after the
director granted it to the role, on *Permissions* or with `homeroom permissions grant`.

The scope is how far a permission reaches. A membership that is limited to schools holds only permissions of the
scopes `school` and `own`.
"""
RECENT = """What is changed under {names} decides who gets in. A page that changes it asks whoever signed in more than
15 minutes ago to sign in again first ([0123](../decisions/0123-signing-in-again.md)).
"""
OTHERS = """## What no role opens

These are opened by something else than a role.
"""
ADDRESSES = """## Addresses

Posting to a page needs the permission under *change* too.
"""
ENDPOINTS = """## Endpoints

These are opened by an API token that holds the permission, as long as its user does ([the API](api.md)).
"""
COMMANDS = """## Commands

Who runs `homeroom` on the machine itself is the operator and needs no permission. These are the permissions that a
command would need over the network.
"""
_OPENERS = {
    Access.ACCOUNT: "any user who signed in",
    Access.ANYONE: "anyone",
    Access.SECRET: "a key or a link that holds a secret",
    Access.OPERATOR: "the command line of the machine",
}


def render_pages() -> dict[str, str]:
    """Render the page."""
    rows = [row for row in PERMISSIONS.values() if row.access is Access.ROLE]
    others = [row for row in PERMISSIONS.values() if row.access is not Access.ROLE]
    table = render_table(("permission", "may", "scope", *ROLE_NAMES), map(_render_permission, rows))
    other_rows = [(f"`{row.name}`", row.title, _OPENERS[row.access]) for row in others]
    recent = ", ".join(f"`{row.name}`" for row in rows if row.needs_recent_sign_in)
    sections = (
        INTRODUCTION,
        RECENT.format(names=recent),
        table,
        OTHERS,
        render_table(("permission", "what it is for", "opened by"), other_rows),
        ADDRESSES,
        render_table(("address", "methods", "permission", "change"), _iterate_addresses()),
        ENDPOINTS,
        render_table(("endpoint", "method", "permission"), _iterate_endpoints()),
        COMMANDS,
        render_table(("command", "permission", "change"), _iterate_commands()),
    )
    return {"permissions.md": "\n".join(sections)}


def _render_permission(row: Permission) -> tuple[str, ...]:
    cells = ("yes" if role in row.roles else "granted" if role in row.grantable else "" for role in ROLE_NAMES)
    return (f"`{row.name}`", row.title, row.scope.value, *cells)


def _iterate_addresses() -> Iterator[tuple[str, ...]]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeroom.config.settings")
    django.setup()
    from django.urls import get_resolver

    for route, view in sorted(_walk_patterns(get_resolver()), key=lambda pair: pair[0]):
        change = getattr(view, "change", "")
        methods = ", ".join(getattr(view, "methods", ()))
        yield (f"`/{route}`", methods, f"`{view.permission}`", f"`{change}`" if change else "")


def _walk_patterns(resolver: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _walk_patterns(pattern, route)
        else:
            yield route, pattern.callback


def _iterate_endpoints() -> Iterator[tuple[str, ...]]:
    for endpoint in list_endpoints():
        yield (f"`{PREFIX}{endpoint.path}`", endpoint.method, f"`{endpoint.permission}`")


def _iterate_commands() -> Iterator[tuple[str, ...]]:
    for path, command in sorted(_walk_commands(typer.main.get_command(build_app()))):
        if not command.deprecated:
            verb = inspect.unwrap(command.callback)
            yield (f"`homeroom {path}`", f"`{verb.permission}`", f"`{verb.change}`" if verb.change else "")


def _walk_commands(group: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if not hasattr(command, "commands") or command.invoke_without_command:
            yield f"{path}{name}", command
        if hasattr(command, "commands"):
            yield from _walk_commands(command, f"{path}{name} ")
