"""What the commands for users print, as lines and as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.markup import escape

from homeroom.cli.options import CommandContext, output, print_json

if TYPE_CHECKING:
    from homeroom.apps.accounts.commands import OneTimePassphrase
    from homeroom.apps.accounts.queries import OfficeUser, SessionLine


def print_passphrase(new: OneTimePassphrase, context: CommandContext, *, as_json: bool) -> None:
    """Print a one-time password, and until when it must be changed."""
    if as_json:
        print_json(
            {
                "username": new.username,
                "role": new.role,
                "passphrase": new.passphrase,
                "expires_at": new.expires_at and new.expires_at.isoformat(),
            }
        )
        return
    output.print(f"{escape(new.username)} signs in as {new.role} with: {new.passphrase}", highlight=False)
    if new.expires_at:
        output.print(f"It must be changed at the next sign-in, by {format_time(new.expires_at, context)}.")


def print_member(username: str, role: str, *, is_active: bool, as_json: bool) -> None:
    """Print the role of a user after a change."""
    if as_json:
        print_json({"username": username, "role": role, "active": is_active})
    else:
        output.print(f"{escape(username)}: {role}, {'active' if is_active else 'deactivated'}")


def describe_user(user: OfficeUser) -> dict[str, object]:
    """Return a user as a JSON object."""
    return {
        "username": user.username,
        "name": user.name,
        "role": user.role,
        "schools": list(user.schools),
        "active": user.is_active,
        "other_districts": user.is_shared,
        "must_change_password": user.has_to_change,
        "last_sign_in": user.last_sign_in and user.last_sign_in.isoformat(),
        "sessions": user.sessions,
    }


def format_user(user: OfficeUser, context: CommandContext) -> str:
    """Return the line of a user."""
    parts = [
        user.username,
        user.name,
        user.role,
        ", ".join(user.schools),
        f"last sign-in {format_time(user.last_sign_in, context)}" if user.last_sign_in else "never signed in",
        "" if user.is_active else "deactivated",
        "has to change the one-time password" if user.has_to_change else "",
        "also works for another district" if user.is_shared else "",
    ]
    return "  ".join(filter(None, parts))


def describe_session(session: SessionLine) -> dict[str, object]:
    """Return a session as a JSON object."""
    return {
        "id": session.id,
        "device": session.device,
        "method": session.method,
        "address": session.address,
        "started_at": session.started_at.isoformat(),
        "last_seen_at": session.last_seen_at.isoformat(),
        "expires_at": session.expires_at.isoformat(),
        "ended_at": session.ended_at and session.ended_at.isoformat(),
        "ended_because": session.ended_because,
    }


def format_session(session: SessionLine, context: CommandContext) -> str:
    """Return the line of a session."""
    ended = f"ended {format_time(session.ended_at, context)}: {session.ended_because}" if session.ended_at else "active"
    device = session.device or "unknown browser"
    return f"{session.id}  {device}  {session.address}  since {format_time(session.started_at, context)}  {ended}"


def format_time(at: datetime, context: CommandContext) -> str:
    """Return a time in the district's zone."""
    return at.astimezone(ZoneInfo(context.district.timezone)).strftime("%Y-%m-%d %H:%M")
