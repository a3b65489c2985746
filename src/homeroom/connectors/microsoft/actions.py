"""Bulk changes with Microsoft Graph to Entra users: JSON batches of twenty, and the script that sends them.

A batch is one JSON document {"requests": [{id, method, url, headers, body}]} of at most 20 requests, posted to /$batch;
`url` is relative to the version, `id` identifies the responses (Microsoft Graph, Combine multiple HTTP requests using
JSON batching). Values are JSON values, so nothing needs quoting; the id in the address has to be a GUID.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import batched

from homeroom.domain.remedies import UNDO, ConsoleAction, FixChange, RenderedFile

BATCH_SIZE = 20
GUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
SCRIPT = "send.ps1"
SCRIPT_TEXT = """\
# Sends the batches of the folder beside this script to Microsoft Graph. Without -Apply it only says what it would send.
# Needs the module Microsoft.Graph.Authentication, and before: Connect-MgGraph -Scopes 'User.EnableDisableAccount.All','User.Read.All'
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
        yield RenderedFile(name=f"{name}/batch-{number:05}.json", pieces=(_build_batch(batch),))


def build_command(_: ConsoleAction, name: str) -> str:
    """Return the PowerShell command; without -Apply it only reports what it would do."""
    return rf".\{SCRIPT} -What {name} -Apply"


def _build_batch(changes: Sequence[FixChange]) -> str:
    requests = [
        {
            "id": str(number),
            "method": "PATCH",
            "url": f"/users/{change.handle}",
            "headers": {"Content-Type": "application/json"},
            "body": {"accountEnabled": change.to == "true"},
        }
        for number, change in enumerate(changes, start=1)
    ]
    return json.dumps({"requests": requests}, indent=1) + "\n"


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
