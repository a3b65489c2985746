"""Bulk changes to Active Directory accounts: a CSV and a PowerShell script that contains none of its values.

The script is the same for every district and reads its rows from the CSV beside it as data. Without -Apply it runs in
PowerShell's own -WhatIf; with it, PowerShell asks before each account unless -Confirm:$false is given. An identity has
to be a GUID, a SID or a SAM account name of letters, digits and . _ -, in the CSV and again in the script, so that none
can be a path or a formula. Source: ActiveDirectory module, Set-ADAccountControl (Identity; Enabled,
DoesNotRequirePreAuth, PasswordNeverExpires, PasswordNotRequired, AllowReversiblePasswordEncryption, each a Boolean).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from homeroom.domain.protect.remedies import ConsoleAction, FixChange, RenderedFile, render_csv_lines

IDENTITY = (
    r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|[Ss]-1-[0-9]{1,2}(?:-[0-9]{1,10}){1,8}"
    r"|[A-Za-z0-9_][A-Za-z0-9._-]{0,19}"
)
PARAMETERS = {
    "activedirectory.disable-account": "Enabled",
    "activedirectory.require-preauth": "DoesNotRequirePreAuth",
    "activedirectory.let-password-expire": "PasswordNeverExpires",
    "activedirectory.require-password": "PasswordNotRequired",
    "activedirectory.store-password-one-way": "AllowReversiblePasswordEncryption",
}
SCRIPT = """\
# Sets {parameter} of the accounts in {name}.csv. Without -Apply it only says what it would do (-WhatIf).
# With -Apply it asks before each account; -Apply -Confirm:$false does not ask. Needs the module ActiveDirectory.
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
param([switch]$Apply)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
if (-not $Apply) {{ $WhatIfPreference = $true }}
Import-Module -Name ActiveDirectory
$identity = '^(?:{identity})$'
foreach ($row in Import-Csv -LiteralPath (Join-Path -Path $PSScriptRoot -ChildPath '{name}.csv')) {{
    if ($row.Identity -cnotmatch $identity -or $row.{parameter} -cnotin @('true', 'false')) {{
        Write-Warning 'A row is not as Homeroom wrote it; it was left out.'
        continue
    }}
    $change = @{{ Identity = $row.Identity; {parameter} = ($row.{parameter} -ceq 'true') }}
    if ($PSCmdlet.ShouldProcess($row.Identity, 'Set {parameter} to ' + $row.{parameter})) {{
        try {{ Set-ADAccountControl @change -Confirm:$false }}
        catch {{ Write-Warning ($row.Identity + ': ' + $_.Exception.Message) }}
    }}
}}
"""


def render_files(action: ConsoleAction, changes: Iterable[FixChange], name: str) -> Iterator[RenderedFile]:
    """Yield the script, and the CSV of identity and value that it reads, with address and name for people."""
    parameter = PARAMETERS[action.id]
    script = SCRIPT.format(parameter=parameter, name=name, identity=IDENTITY)
    yield RenderedFile(name=f"{name}.ps1", pieces=(script,))
    header = ("Identity", parameter, "UserPrincipalName", "DisplayName")
    rows = (
        (change.handle, change.to, change.cells.get("upn", ""), change.cells.get("display_name", ""))
        for change in changes
    )
    yield RenderedFile(name=f"{name}.csv", pieces=render_csv_lines(header, rows))


def build_command(_: ConsoleAction, name: str) -> str:
    """Return the PowerShell command; without -Apply it only reports what it would do."""
    return rf".\{name}.ps1 -Apply"


def _build_action(
    name: str, title: str, does: str, column: str, *, risky: str, first: tuple[str, ...] = ()
) -> ConsoleAction:
    """Build an action; `risky` is the value of the parameter that the action replaces with its opposite.

    The canonical column has the value of the parameter, except `suspended`, which is its inverse.
    """
    right = "false" if risky == "true" else "true"
    inverted = column == "suspended"
    return ConsoleAction(
        id=f"activedirectory.{name}",
        title=title,
        does=does,
        system="activedirectory",
        subject="account",
        table="account_records",
        needs="directory_id",
        fits=IDENTITY,
        render_files=render_files,
        command=build_command,
        proves=column,
        restores={"false": "true", "true": "false"} if inverted else {"true": "true", "false": "false"},
        needs_first=(
            r"Run the script without -Apply: it says what it would do to each account and does nothing.",
            r"Windows may refuse a script that was downloaded: Unblock-File .\*.ps1 lets these run.",
            *first,
        ),
        proven=("true",) if inverted else (right,),
        before=column,
        carries_names=True,
        writes=right,
        effect={"directory": "activedirectory", "enabled": False} if inverted else {},
    )


ACTIONS = (
    _build_action(
        "disable-account",
        "Disable the accounts in Active Directory",
        "Nobody can sign in with the account any more. Groups, files and mail stay; Entra follows with the next "
        "synchronisation.",
        "suspended",
        risky="true",
    ),
    _build_action(
        "require-preauth",
        "Require Kerberos pre-authentication",
        "Without it anybody on the network can take a piece that the password encrypts and guess at leisure.",
        "preauth_not_required",
        risky="true",
        first=("An old appliance or Unix host that signs in with such an account may stop; ask who owns it.",),
    ),
    _build_action(
        "let-password-expire",
        "Let the passwords follow the policy again",
        "The password expires when the domain's policy says; one that is too old already has to be changed at the "
        "next sign-in.",
        "password_never_expires",
        risky="true",
        first=("Leave service accounts out until you know where their password is typed in.",),
    ),
    _build_action(
        "require-password",
        "Require a password",
        "The account can no longer have an empty password. One that it has now goes on working until it is changed.",
        "password_not_required",
        risky="true",
    ),
    _build_action(
        "store-password-one-way",
        "Stop keeping passwords in a form that can be turned back",
        "Holds from the next change of password; until then the old form stays, so have it changed.",
        "password_reversible",
        risky="true",
        first=("CHAP and digest sign-in (old VPN and RADIUS servers) need that form: ask first.",),
    ),
)
