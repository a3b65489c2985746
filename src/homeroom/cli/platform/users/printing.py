"""What the commands for users print, as lines and as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.markup import escape

from homeroom.cli.options import CommandContext, format_local_time, output, print_json

if TYPE_CHECKING:
    from homeroom.apps.platform.accounts.commands import OneTimePassphrase
    from homeroom.apps.platform.accounts.queries import SessionLine
    from homeroom.apps.platform.endpoints.users import UserRow


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
        expires_at = format_time(new.expires_at, ZoneInfo(context.district.timezone))
        output.print(f"It must be changed at the next sign-in, by {expires_at}.")


def print_member(username: str, role: str, *, is_active: bool, as_json: bool) -> None:
    """Print the role of a user after a change."""
    if as_json:
        print_json({"username": username, "role": role, "active": is_active})
    else:
        output.print(f"{escape(username)}: {role}, {'active' if is_active else 'deactivated'}")


def format_user(user: UserRow, zone: ZoneInfo) -> str:
    """Return the line of a user."""
    parts = [
        user.username,
        user.name,
        user.role,
        ", ".join(user.schools),
        f"last sign-in {format_time(user.last_sign_in, zone)}" if user.last_sign_in else "never signed in",
        "" if user.active else "deactivated",
        "has to change the one-time password" if user.must_change_password else "",
        "also works for another district" if user.other_districts else "",
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


def format_session(session: SessionLine, zone: ZoneInfo) -> str:
    """Return the line of a session."""
    ended = f"ended {format_time(session.ended_at, zone)}: {session.ended_because}" if session.ended_at else "active"
    device = session.device or "unknown browser"
    return f"{session.id}  {device}  {session.address}  since {format_time(session.started_at, zone)}  {ended}"


def format_time(at: datetime, zone: ZoneInfo) -> str:
    """Return a time in the district's zone."""
    return format_local_time(at, zone)
