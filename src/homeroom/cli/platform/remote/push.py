"""The command that pushes exports to a server."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from homeroom.apps.know.sources.endpoints.uploads import (
    GET_UPLOAD,
    PUSH_FILES,
    PushParameters,
    UploadDocument,
    UploadParameters,
)
from homeroom.apps.platform.endpoints.endpoint import CallRefused
from homeroom.cli.options import DONE, REFUSED, WITH_REJECTS, InDistrict, Json, errors, output, print_json, refuse
from homeroom.cli.platform.remote.endpoint_calls import EndpointCalls, open_endpoints
from homeroom.cli.startup.remote_options import get_remote_options
from homeroom.domain.platform.permissions.requirement import require_permission

MAX_WAIT_SECONDS = 3600
_END_STATES = ("done", "refused", "failed")
_LATER = (429, 500, 502, 503, 504)


@require_permission("sources.load")
def push(
    files: Annotated[list[Path], typer.Argument(help="Exports, or a zip file of them.", metavar="FILE…")],
    source: Annotated[
        str, typer.Option("--source", help="Name of the source, where one product has several tenants.")
    ] = "",
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until the server has loaded them.")] = True,
    as_json: Json = False,
    district: InDistrict = None,
) -> None:
    """Push exports to the server that --server names; it loads them as if they were dropped on its page."""
    if get_remote_options() is None:
        refuse("name the server: homeroom --server https://… --token-file FILE push …; on the server itself run load")
    missing = [str(path) for path in files if not path.is_file()]
    if missing:
        refuse(f"{', '.join(missing)} is no file; push files, or a zip file of a folder")
    with open_endpoints(district=district) as endpoints:
        upload = endpoints.call(PUSH_FILES, PushParameters(source=source), files=files)
        upload, reason = _wait_for_end(endpoints, upload) if wait else (upload, "")
    if as_json:
        print_json(upload)
    else:
        _print_upload(upload)
    if reason:
        errors.print(f"Upload {upload.number} was taken, but not asked for any more: {escape(reason)}", soft_wrap=True)
    raise typer.Exit(_choose_exit_code(upload, is_awaited=wait))


def _wait_for_end(endpoints: EndpointCalls, upload: UploadDocument) -> tuple[UploadDocument, str]:
    """Return the upload as it ended, or as it was seen last, and then why.

    It was taken: whatever becomes of asking for it, it is loaded.
    """
    from homeroom.cli.platform.remote.server_calls import ServerRefused

    deadline, pause, reason = time.monotonic() + MAX_WAIT_SECONDS, 0.5, ""
    while upload.state not in _END_STATES and time.monotonic() < deadline:
        time.sleep(min(pause, max(deadline - time.monotonic(), 0)))
        pause, reason = min(2 * pause, 5.0), ""
        try:
            upload = endpoints.call(GET_UPLOAD, UploadParameters(number=upload.number))
        except CallRefused as error:
            reason, pause = str(error), max(pause, error.retry_seconds)
            if error.status not in _LATER:
                break
        except ServerRefused as error:
            reason = str(error)
            if not error.is_temporary:
                break
    return upload, reason


def _print_upload(upload: UploadDocument) -> None:
    """Print the state of an upload, and what became of each package."""
    output.print(f"upload {upload.number}: {upload.state}")
    for package in upload.result.get("packages", ()):
        _print_package(package)
    for problem in upload.result.get("refused", ()):
        reason = f"{problem['file']}: {problem['reason']}; {problem['fits']}"
        output.print(f"[red]refused[/]  {escape(reason)}", soft_wrap=True)
    if upload.state == "failed":
        output.print(f"[red]failed[/]  {escape(str(upload.result.get('reason', '')))}", soft_wrap=True)


def _print_package(package: dict[str, Any]) -> None:
    names = ", ".join(package["files"][:3])
    counts = f"{package['kept']:,} of {package['read']:,} rows" if "read" in package else ""
    output.print(f"{package['outcome']:<10} {escape(names)}  {counts}", soft_wrap=True)
    for reason in package.get("because", ()):
        output.print(f"    needs approval; it {escape(reason)}", soft_wrap=True)
    if package.get("rejected"):
        output.print(f"    {package['rejected']:,} rows were rejected: homeroom rejects {package['load']}")


def _choose_exit_code(upload: UploadDocument, *, is_awaited: bool) -> int:
    if upload.state not in _END_STATES:
        return WITH_REJECTS if is_awaited else DONE
    if upload.state != "done":
        return REFUSED
    packages = upload.result.get("packages", ())
    is_clean = not upload.result.get("refused") and not any(
        package["outcome"] in ("held", "refused") or package.get("rejected") for package in packages
    )
    return DONE if is_clean else WITH_REJECTS
