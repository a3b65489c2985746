"""Commands for API tokens: list, make and revoke them on the server, and show what one opens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape

from homeroom.apps.platform.endpoints.endpoint import NoParameters
from homeroom.apps.platform.endpoints.own_token import SHOW_TOKEN
from homeroom.cli.options import (
    CommandContext,
    Data,
    InDistrict,
    Json,
    format_local_time,
    output,
    print_json,
    refuse,
    start_command,
)
from homeroom.cli.platform.remote.endpoint_calls import open_endpoints
from homeroom.domain.platform.permissions.requirement import require_permission
from homeroom.domain.platform.permissions.tokens import TOKEN_PERMISSIONS

if TYPE_CHECKING:
    from homeroom.apps.platform.api_tokens.commands import NewToken
    from homeroom.apps.platform.api_tokens.queries import TokenLine

group = typer.Typer(name="tokens", help="API tokens for scripts and for pushing exports.", no_args_is_help=True)


@group.command("list")
@require_permission("tokens.read")
def list_tokens_command(as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """List the district's tokens: active ones, then those that ended last."""
    context = start_command(data=data, district=district)
    from homeroom.apps.platform.api_tokens.queries import list_tokens

    lines = list_tokens(district=context.district, at=context.at)
    if as_json:
        print_json([_describe_token(line) for line in lines])
        return
    zone = ZoneInfo(context.district.timezone)
    for line in lines:
        output.print(escape(_format_token(line, zone)), soft_wrap=True, highlight=False)
    if not lines:
        output.print("No tokens.")


@group.command("make")
@require_permission("tokens.use")
def make_token_command(
    username: Annotated[str, typer.Argument(metavar="USER", help="Whose token it is; it opens no more than they do.")],
    name: Annotated[str, typer.Option("--name", help="What uses it, such as “SIS export server”.")],
    permissions: Annotated[
        list[str],
        typer.Option("--permission", help=f"What it opens; repeat it. One of {', '.join(TOKEN_PERMISSIONS)}."),
    ],
    days: Annotated[int, typer.Option("--days", help="How many days it lasts, 365 at most.")] = 90,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write it into this new file instead of printing it.", metavar="FILE")
    ] = None,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Make a token and print it once."""
    context = start_command(data=data, district=district)
    from homeroom.apps.platform.api_tokens.commands import TokenRefused, make_token
    from homeroom.apps.platform.districts.memberships import NoSuchMember

    try:
        with _reserve_file(out):
            new = make_token(
                district=context.district,
                username=username,
                name=name,
                permissions=permissions,
                days=days,
                actor="",
                at=context.at,
            )
            if out is not None:
                _write_token(out, new, context)
    except (NoSuchMember, TokenRefused) as error:
        refuse(str(error))
    _print_new_token(new, out=out, zone=ZoneInfo(context.district.timezone), as_json=as_json)


@group.command("revoke")
@require_permission("tokens.manage")
def revoke_token_command(
    token: Annotated[str, typer.Argument(metavar="ID", help="The token's id, as the list shows it.")],
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Revoke a token, at once."""
    context = start_command(data=data, district=district)
    from homeroom.apps.platform.api_tokens.commands import NoSuchToken, revoke_token

    try:
        revoke_token(district=context.district, token=token, actor="", at=context.at)
    except NoSuchToken as error:
        refuse(f"{error} See: homeroom tokens list")
    if as_json:
        print_json({"id": token, "revoked": True})
    else:
        output.print(f"Revoked {escape(token)}.")


@group.command("show")
@require_permission("account.use")
def show_token_command(as_json: Json = False, district: InDistrict = None) -> None:
    """Ask the server that --server names what the token opens, and until when."""
    with open_endpoints(district=district) as endpoints:
        token = endpoints.call(SHOW_TOKEN, NoParameters())
    if as_json:
        print_json(token)
        return
    until = format_local_time(token.expires_at, ZoneInfo(token.timezone))
    output.print(escape(f"{token.name}: token of {token.user} for {token.district_name}, until {until}"))
    output.print(", ".join(token.permissions) or "It opens nothing: its user does not hold what it was made for.")


@contextmanager
def _reserve_file(path: Path | None) -> Iterator[None]:
    """Create an empty file that only its owner reads, before there is a token to lose; refuse if that fails.

    Whatever keeps the token out of it removes it again.
    """
    from homeroom.evidence.files.blobs import open_owner_only

    if path is None:
        yield
        return
    try:
        open(path, "x", opener=open_owner_only).close()
    except FileExistsError:
        refuse(f"{path} exists already; name a new file")
    except OSError as error:
        refuse(f"cannot write {path}: {error.strerror or error}")
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _write_token(path: Path, new: NewToken, context: CommandContext) -> None:
    """Write the only copy of a token; revoke it if that fails."""
    from homeroom.apps.platform.api_tokens.commands import revoke_token

    try:
        path.write_text(new.text + "\n", encoding="ascii")
    except BaseException as error:
        revoke_token(district=context.district, token=new.id, actor="", at=context.at)
        if isinstance(error, OSError):
            refuse(f"cannot write {path}: {error.strerror or error}; the token was revoked")
        raise


def _print_new_token(new: NewToken, *, out: Path | None, zone: ZoneInfo, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "id": new.id,
                "token": None if out else new.text,
                "file": str(out) if out else None,
                "name": new.name,
                "user": new.username,
                "permissions": new.permissions,
                "expires_at": new.expires_at,
            }
        )
        return
    place = f"in {out}" if out else new.text
    output.print(escape(f"Token {new.id} of {new.username}: {place}"), soft_wrap=True, highlight=False)
    output.print(f"Expires {format_local_time(new.expires_at, zone)}. Shown only once; treat it like a password.")


def _describe_token(line: TokenLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "name": line.name,
        "user": line.username,
        "permissions": line.permissions,
        "made_at": line.made_at,
        "made_by": line.made_by,
        "expires_at": line.expires_at,
        "used_at": line.used_at,
        "used_from": line.used_from,
        "ended_at": line.ended_at,
        "ended_by": line.ended_by,
        "ended_because": line.ended_because,
    }


def _format_token(line: TokenLine, zone: ZoneInfo) -> str:
    used = f"used {format_local_time(line.used_at, zone)} from {line.used_from}" if line.used_at else "never used"
    end = (
        f"{line.ended_because} {format_local_time(line.ended_at, zone)}"
        if line.ended_at
        else f"until {format_local_time(line.expires_at, zone)}"
    )
    return "  ".join((line.id, line.name, line.username, ", ".join(line.permissions), used, end))
