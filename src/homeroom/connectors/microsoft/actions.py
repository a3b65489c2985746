"""Bulk changes with Microsoft Graph to Entra users: JSON batches of twenty, and the script that sends them.

A batch is one JSON document {"requests": [{id, method, url, headers, body}]} of at most 20 requests, posted to /$batch;
`url` is relative to the version, `id` identifies the responses (Microsoft Graph, Combine multiple HTTP requests using
JSON batching). Values are JSON values, so nothing needs quoting; the id in the address has to be a GUID.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import batched
from typing import Any

from homeroom.domain.protect.incidents.containment import ContainmentAction
from homeroom.domain.protect.remedies import UNDO, ConsoleAction, FixChange, RenderedFile, render_csv_lines

BATCH_SIZE = 20
GUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
SCRIPT = "send.ps1"
SCRIPT_TEXT = """\
# Sends the batches of the folder beside this script to Microsoft Graph. Without -Apply it only says what it would send.
# Needs the module Microsoft.Graph.Authentication, and before: Connect-MgGraph -Scopes 'User.EnableDisableAccount.All','User.Read.All'
# To end sessions: Connect-MgGraph -Scopes 'User.RevokeSessions.All'
[CmdletBinding()]
param(
    [switch]$Apply,
    [ValidateSet('fix', 'undo')][string]$What = 'fix'
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$folder = Join-Path -Path $PSScriptRoot -ChildPath $What
foreach ($file in Get-ChildItem -LiteralPath $folder -Filter '*.json' | Sort-Object -Property Name) {
    $body = [System.IO.File]::ReadAllText($file.FullName)
    $count = @((ConvertFrom-Json -InputObject $body).requests).Count
    if (-not $Apply) {
        Write-Output ('{0}: would send {1} requests' -f $file.Name, $count)
        continue
    }
    $answer = Invoke-MgGraphRequest -Method POST -Uri 'https://graph.microsoft.com/v1.0/$batch' -Body $body -ContentType 'application/json' -OutputType PSObject
    $failed = @($answer.responses | Where-Object { $_.status -ge 300 })
    Write-Output ('{0}: {1} sent, {2} refused' -f $file.Name, $count, $failed.Count)
    foreach ($one in $failed) {
        Write-Warning ('{0}: request {1} got {2}; 429 means: wait, and send this folder again' -f $file.Name, $one.id, $one.status)
    }
}
"""


def render_files(_: ConsoleAction, changes: Iterable[FixChange], name: str) -> Iterator[RenderedFile]:
    """Yield a folder of batches; and, once, the script that sends the folders."""
    if name != UNDO:
        yield RenderedFile(name=SCRIPT, pieces=(SCRIPT_TEXT,))
    for number, batch in enumerate(batched(changes, BATCH_SIZE), start=1):
        yield RenderedFile(name=f"{name}/batch-{number:05}.json", pieces=(_build_batch(batch, _build_block_request),))


def build_command(_: ConsoleAction, name: str) -> str:
    """Return the PowerShell command; without -Apply it only reports what it would do."""
    return rf".\{SCRIPT} -What {name} -Apply"


def _build_batch(changes: Sequence[FixChange], build_request: Callable[[FixChange], dict[str, Any]]) -> str:
    requests = [{"id": str(number), **build_request(change)} for number, change in enumerate(changes, start=1)]
    return json.dumps({"requests": requests}, indent=1) + "\n"


def _build_block_request(change: FixChange) -> dict[str, Any]:
    return {
        "method": "PATCH",
        "url": f"/users/{change.handle}",
        "headers": {"Content-Type": "application/json"},
        "body": {"accountEnabled": change.to == "true"},
    }


ACTIONS = (
    ConsoleAction(
        id="microsoft.block-sign-in",
        title="Block sign-in in Microsoft Entra",
        does="Sets accountEnabled to false. Mail, files and memberships stay; open sessions end within the hour.",
        system="microsoft",
        subject="account",
        table="account_records",
        needs="directory_id",
        fits=GUID,
        render_files=render_files,
        command=build_command,
        proves="suspended",
        proven=("true",),
        before="suspended",
        restores={"false": "true", "true": "false"},
        writes="false",
        effect={"directory": "microsoft", "enabled": False},
        needs_first=(
            "Connect with an account that may do this: User Administrator, for administrators Privileged "
            "Authentication Administrator.",
            "Accounts that Active Directory synchronises are blocked there, or the next synchronisation opens them "
            "again.",
            r"Run .\send.ps1 without -Apply: it says how many requests each batch has and sends none.",
            r"Windows may refuse a script that was downloaded: Unblock-File .\send.ps1 lets this one run.",
        ),
    ),
)

UPN = r"[A-Za-z0-9_][A-Za-z0-9._+-]*@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)+"
"""A user principal name that needs no quoting in an address; a guest's, which has `#`, does not fit."""
RULE = r"""[^\x00-\x1f\x7f'"`$\u2018-\u201f]{1,256}"""
"""The name of an inbox rule without quotes of any kind, which PowerShell would take for the end of the text."""
CONNECT_EXCHANGE = "Connect-ExchangeOnline, with an account that has the role Mail Recipients."


def render_revoke_files(_: ConsoleAction, changes: Iterable[FixChange], name: str) -> Iterator[RenderedFile]:
    """Yield a folder of batches that end sessions, and the script that sends them."""
    yield RenderedFile(name=SCRIPT, pieces=(SCRIPT_TEXT,))
    for number, batch in enumerate(batched(changes, BATCH_SIZE), start=1):
        yield RenderedFile(name=f"{name}/batch-{number:05}.json", pieces=(_build_batch(batch, _build_revoke_request),))


def _build_revoke_request(change: FixChange) -> dict[str, Any]:
    return {"method": "POST", "url": f"/users/{change.handle}/revokeSignInSessions"}


def render_rule_files(_: ConsoleAction, changes: Iterable[FixChange], name: str) -> Iterator[RenderedFile]:
    """Yield one CSV of mailboxes and the names of rules."""
    rows = ((change.handle, change.to) for change in changes)
    yield RenderedFile(name=f"{name}.csv", pieces=render_csv_lines(("mailbox", "rule"), rows))


def build_rule_command(_: ConsoleAction, name: str) -> str:
    """Return the PowerShell command over the CSV; its cells are arguments, never code."""
    return (
        f"Import-Csv {name}.csv | ForEach-Object "
        "{ Remove-InboxRule -Mailbox $_.mailbox -Identity $_.rule -Confirm:$false }"
    )


CONTAINMENT = (
    ContainmentAction(
        id="microsoft.revoke-sessions",
        title="End the users' sessions in Microsoft",
        does="Makes all refresh tokens and session cookies invalid. Access tokens work until they end, up to an hour.",
        system="microsoft",
        subject="account",
        table="account_records",
        needs="email",
        fits=UPN,
        writes="revoke",
        render_files=render_revoke_files,
        command=build_command,
        paste=lambda change: f"Revoke-MgUserSignInSession -UserId '{change.handle}'",
        proving_events=("Update StsRefreshTokenValidFrom Timestamp",),
        no_undo="Cannot be undone; the person signs in again.",
        needs_first=(
            "Connect-MgGraph -Scopes 'User.RevokeSessions.All', from a computer that is clean.",
            "Set a new password first, or whoever has the old one signs in again.",
        ),
    ),
    ContainmentAction(
        id="microsoft.remove-inbox-rule",
        title="Remove an inbox rule from the users' mailboxes",
        does="Removes the rule that hides or forwards mail. Mail that it moved stays where it is.",
        system="microsoft",
        subject="account",
        table="account_records",
        needs="email",
        fits=UPN,
        takes="the rule's name, as its event has it",
        value_fits=RULE,
        render_files=render_rule_files,
        command=build_rule_command,
        paste=lambda change: f"Remove-InboxRule -Mailbox '{change.handle}' -Identity '{change.to}' -Confirm:$false",
        look=lambda change: f"Get-InboxRule -Mailbox '{change.handle}' -IncludeHidden | Format-List",
        proving_events=("Remove-InboxRule",),
        no_undo="Cannot be undone: save the list of Get-InboxRule first, which is evidence too.",
        needs_first=(CONNECT_EXCHANGE, "Attach the list of Get-InboxRule to the incident before anything is removed."),
    ),
)
