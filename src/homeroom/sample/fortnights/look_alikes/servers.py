"""Look-alikes of attacks on servers: backup, scanner, imaging, and the administrators' own tools."""

from __future__ import annotations

from homeroom.sample.fortnights.background.windows import get_office_address
from homeroom.sample.fortnights.district.calendar import DAYS
from homeroom.sample.fortnights.intrusions.steps import add_minutes
from homeroom.sample.fortnights.logs.vendors import get_admin_account, get_service_account
from homeroom.sample.fortnights.story import Announcement, Scene, Story

_SERVICES = r"C:\Windows\System32\services.exe"
SCANNER = "10.20.0.60"


def write_backup_shadows(scene: Scene) -> Story:
    """Write backup software that deletes its own oldest shadow copy each night; by seed it is announced."""
    server, dice = scene.district.get_computer("files"), scene.dice
    account = get_service_account("svc-backup")
    agent = r"C:\Program Files\Harbor Backup\agent.exe"
    story = Story(kind="backup-shadows", actors=[account.name], hosts=[server.name])
    for day in range(DAYS):
        at = scene.district.calendar.compute_time(day, 23 + dice.random() * 0.2)
        line = "vssadmin.exe delete shadows /for=D: /oldest /quiet"
        image = r"C:\Windows\System32\vssadmin.exe"
        process = scene.logs.windows.start_process(server, at, account, image=image, line=line, parent=agent)
        story.add_stage("backup", process)
    if scene.district.seed // 2 % 2 == 0:
        announcement = Announcement(
            reason="The backup removes its oldest copy", who=(account.name,), hosts=(server.name,), daily="22:45-23:45"
        )
        scene.announcements.append(announcement)
    return story


def write_scanner(scene: Scene) -> Story:
    """Write a vulnerability scan of all servers, as announced."""
    day, windows = scene.choose_day(school=True), scene.logs.windows
    account, calendar = get_service_account("svc-scan"), scene.district.calendar
    story = Story(kind="scanner", actors=[account.name], addresses=[SCANNER])
    servers = [computer for computer in scene.district.computers if computer.role != "lab"]
    for turn, server in enumerate(servers):
        story.hosts.append(server.name)
        at = calendar.compute_time(day, 20, seconds=turn * 300)
        for number, name in enumerate(("admin", "administrator", "guest", "root", "test", "sa") * 2):
            moment = add_minutes(at, number * 0.05)
            failure = windows.fail_log_on(server, moment, name, address=SCANNER, workstation="SCANNER", is_known=False)
            story.add_stage("scan", failure)
        moment = add_minutes(at, 2)
        logon = windows.log_on(server, moment, account, address=SCANNER, package="NTLM", workstation="SCANNER")
        share = windows.open_shared_file(
            server, add_minutes(moment, 0.1), account, share="IPC$", path="svcctl", address=SCANNER
        )
        story.add_stage("scan", logon, share)
    scene.announcements.append(
        Announcement(
            reason="Monthly vulnerability scan",
            addresses=(f"{SCANNER}/32",),
            first=f"{calendar.compute_time(day, 18):%Y-%m-%dT%H:%M:%SZ}",
            until=f"{calendar.compute_time(day, 23):%Y-%m-%dT%H:%M:%SZ}",
        )
    )
    return story


def write_imaging(scene: Scene) -> Story:
    """Write the lab's computers, imaged again by the imaging server in the evening."""
    source, windows, dice = scene.district.get_computer("imaging"), scene.logs.windows, scene.dice
    account = get_service_account("svc-imaging")
    at = scene.district.calendar.compute_time(scene.choose_day(school=True), 16.5)
    story = Story(kind="imaging", actors=[account.name])
    for number, seat in enumerate(scene.district.list_computers("lab")):
        story.hosts.append(seat.name)
        moment = add_minutes(at, number * 2 + dice.random())
        image = r"C:\Program Files\Stencil Imaging\agent.exe"
        system = windows.get_computer_account(seat)
        story.add_stage(
            "imaging",
            windows.log_on(seat, moment, account, address=source.address),
            windows.install_service(
                seat,
                add_minutes(moment, 0.2),
                name="StencilImagingAgent",
                image=f'"{image}" --service',
                start="auto start",
            ),
            windows.start_process(
                seat,
                add_minutes(moment, 0.4),
                system,
                image=image,
                line=f'"{image}" --apply lab2-fall.wim',
                parent=_SERVICES,
            ),
            windows.start_process(
                seat,
                add_minutes(moment, 14),
                system,
                image=r"C:\Windows\System32\bcdboot.exe",
                line=r"bcdboot C:\Windows /s S: /f UEFI",
                parent=image,
            ),
        )
    return story


def write_announced_maintenance(scene: Scene) -> Story:
    """Write an administrator who updates servers by PsExec, as announced."""
    person, windows, dice = scene.district.people.get_first("administrator"), scene.logs.windows, scene.dice
    account, source = get_admin_account(person), get_office_address(person)
    day, calendar = scene.choose_day(), scene.district.calendar
    servers = [computer for computer in scene.district.computers if computer.role in {"sql", "imaging", "sync"}]
    story = Story(kind="announced-maintenance", actors=[account.name], hosts=[server.name for server in servers])
    for number, server in enumerate(servers):
        at = calendar.compute_time(day, 21 + dice.random() * 0.3, seconds=number * 240)
        story.add_stage(
            "work",
            windows.log_on(server, at, account, address=source),
            windows.install_service(server, add_minutes(at, 0.1), name="PSEXESVC", image=r"%SystemRoot%\PSEXESVC.exe"),
            windows.start_process(
                server,
                add_minutes(at, 0.2),
                windows.get_computer_account(server),
                image=r"C:\Windows\System32\msiexec.exe",
                line=r"msiexec /i \\fs01\deploy\agent.msi /qn",
                parent=r"C:\Windows\PSEXESVC.exe",
            ),
        )
    scene.announcements.append(
        Announcement(
            reason="Updates of servers",
            hosts=tuple(server.name for server in servers),
            first=f"{calendar.compute_time(day, 20):%Y-%m-%dT%H:%M:%SZ}",
            until=f"{calendar.compute_time(day, 23):%Y-%m-%dT%H:%M:%SZ}",
        )
    )
    return story


def write_domain_admin_tools(scene: Scene) -> Story:
    """Write an administrator who looks around on a domain controller, as administrators do."""
    person, windows, dice = scene.district.people.list_by_post("administrator")[-1], scene.logs.windows, scene.dice
    account, source = get_admin_account(person), get_office_address(person)
    controller = scene.district.get_computer("controller")
    at = scene.district.calendar.compute_time(scene.choose_day(school=True), dice.uniform(8, 15))
    story = Story(kind="administrator-looks-around", actors=[account.name], hosts=[controller.name])
    story.add_stage("work", windows.log_on(controller, at, account, kind=10, address=source))
    commands = (
        (r"C:\Windows\System32\net.exe", "net user /domain"),
        (r"C:\Windows\System32\repadmin.exe", "repadmin /replsummary"),
        (r"C:\Windows\System32\vssadmin.exe", "vssadmin list shadows"),
        (r"C:\Windows\System32\wbadmin.exe", "wbadmin get versions"),
        (r"C:\Windows\System32\wevtutil.exe", "wevtutil gl Security"),
    )
    for number, (image, line) in enumerate(commands):
        moment = add_minutes(at, 1 + number)
        parent = r"C:\Windows\System32\cmd.exe"
        story.add_stage(
            "work", windows.start_process(controller, moment, account, image=image, line=line, parent=parent)
        )
    return story
