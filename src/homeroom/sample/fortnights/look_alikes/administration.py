"""Look-alikes of an intruder with an administrator's rights: announced and routine work of the technology office."""

from __future__ import annotations

from typing import Final

from homeroom.sample.fortnights.background.places import get_school_connection
from homeroom.sample.fortnights.intrusions.steps import add_minutes, register_factor
from homeroom.sample.fortnights.logs.google import App
from homeroom.sample.fortnights.logs.vendors import get_account, get_admin_account
from homeroom.sample.fortnights.story import Announcement, Scene, Story

_DRIVE: Final = "https://www.googleapis.com/auth/drive"
_CONTACTS: Final = "https://www.googleapis.com/auth/contacts.readonly"


def _add_announcement(
    scene: Scene,
    day: int,
    *,
    reason: str,
    accounts: tuple[str, ...] = (),
    targets: tuple[str, ...] = (),
    hosts: tuple[str, ...] = (),
) -> None:
    """Announce work on one day, by its date."""
    date = scene.district.calendar.get_date(day).isoformat()
    scene.announcements.append(
        Announcement(reason=reason, who=accounts, targets=targets, hosts=hosts, first=date, until=date)
    )


def write_announced_role(scene: Scene) -> Story:
    """Write roles that the systems administrator assigns to a technician, as announced."""
    people, dice = scene.district.people, scene.dice
    administrator, technician = people.get_first("administrator"), people.list_by_post("technician")[-1]
    school, day = get_school_connection(scene.district, administrator), scene.choose_day(school=True)
    at = scene.district.calendar.compute_time(day, dice.uniform(9, 15))
    story = Story(kind="announced-role", actors=[administrator.email], victims=[technician.email])
    parameters = {
        "ROLE_NAME": "_USER_MANAGEMENT_ADMIN_ROLE",
        "ROLE_ID": "10000000000004",
        "USER_EMAIL": technician.email,
    }
    assigned = scene.logs.google.add_admin_event(
        administrator, at, school, kind="DELEGATED_ADMIN_SETTINGS", name="ASSIGN_ROLE", parameters=parameters
    )
    role = scene.logs.entra.change_directory(
        "Add member to role",
        add_minutes(at, 6),
        category="RoleManagement",
        by=administrator,
        connection=school,
        target=technician,
        operation="Assign",
        changes=(
            ("Role.DisplayName", None, "User Administrator"),
            ("Role.TemplateId", None, "fe930be7-5e62-47db-91af-98c3a49a38b1"),
        ),
    )
    story.add_stage("work", assigned, role)
    _add_announcement(
        scene, day, reason="New role of a technician", accounts=(administrator.email,), targets=(technician.email,)
    )
    return story


def write_trusted_app(scene: Scene) -> Story:
    """Write an app that the director trusts for everybody, and that many let in the same morning."""
    people, dice, google = scene.district.people, scene.dice, scene.logs.google
    director = people.get_first("director")
    app = App(
        client=f"{dice.randint(860_000, 899_999)}.apps.example",
        name="Portfolio Binder",
        scopes=("openid", _DRIVE, _CONTACTS),
    )
    day = scene.choose_day(school=True)
    at = scene.district.calendar.compute_time(day, 7.6)
    story = Story(kind="trusted-app", actors=[director.email], apps=[app.name, app.client])
    parameters = {"OAUTH2_APP_ID": app.client, "OAUTH2_APP_NAME": app.name, "OAUTH2_APP_TYPE": "WEB"}
    school = get_school_connection(scene.district, director)
    trust = google.add_admin_event(
        director, at, school, kind="SECURITY_SETTINGS", name="ADD_TO_TRUSTED_OAUTH2_APPS", parameters=parameters
    )
    story.add_stage("trust", trust)
    for person in [*dice.sample(people.students, 35), *dice.sample(people.staff, 8)]:
        moment = add_minutes(at, dice.uniform(40, 200))
        connection = get_school_connection(scene.district, person)
        story.add_stage("use", google.authorize_app(person, moment, connection, app))
    return story


def write_bulk_resets(scene: Scene) -> Story:
    """Write the help desk's passwords for a whole grade, at both directories."""
    people, dice = scene.district.people, scene.dice
    technician = people.get_first("technician")
    school, day = get_school_connection(scene.district, technician), scene.choose_day(school=True)
    at = scene.district.calendar.compute_time(day, dice.uniform(8, 13))
    story = Story(kind="bulk-password-resets", actors=[technician.email])
    controller = scene.district.get_computer("controller")
    for number, student in enumerate(dice.sample(people.students, 70)):
        moment, parameters = add_minutes(at, number * 0.6), {"USER_EMAIL": student.email}
        reset = scene.logs.google.add_admin_event(
            technician, moment, school, kind="USER_SETTINGS", name="CHANGE_PASSWORD", parameters=parameters
        )
        story.add_stage("resets", reset)
        if number < 30:
            admin, target = get_admin_account(technician), get_account(student)
            story.add_stage(
                "resets", scene.logs.windows.change_account(controller, moment, admin, event=4724, target=target)
            )
    return story


def write_bulk_suspension(scene: Scene) -> Story:
    """Write accounts of departed students that an administrator suspends, as announced."""
    people, dice = scene.district.people, scene.dice
    administrator, day = people.get_first("administrator"), scene.choose_day(school=True)
    school = get_school_connection(scene.district, administrator)
    at = scene.district.calendar.compute_time(day, dice.uniform(9, 15))
    story = Story(kind="bulk-suspension", actors=[administrator.email])
    for number, student in enumerate(dice.sample(people.students, 45)):
        parameters = {"USER_EMAIL": student.email}
        suspension = scene.logs.google.add_admin_event(
            administrator,
            add_minutes(at, number * 0.2),
            school,
            kind="USER_SETTINGS",
            name="SUSPEND_USER",
            parameters=parameters,
        )
        story.add_stage("work", suspension)
    _add_announcement(scene, day, reason="Accounts of departed students", accounts=(administrator.email,))
    return story


def write_announced_wipe(scene: Scene) -> Story:
    """Write old laptops that an administrator wipes before they are sold, as announced."""
    administrator, dice = scene.district.people.get_first("administrator"), scene.dice
    day = scene.choose_day(school=True)
    at = scene.district.calendar.compute_time(day, dice.uniform(9, 15))
    story = Story(kind="announced-wipe", actors=[administrator.email])
    for number in range(16):
        device = f"OLD-{number + 1:03d}"
        moment = add_minutes(at, number * 1.2)
        story.add_stage("work", scene.logs.entra.add_device_action(administrator, moment, action="wipe", device=device))
        story.hosts.append(device)
    _add_announcement(scene, day, reason="Old laptops are wiped", accounts=(administrator.email,))
    return story


def write_new_employee(scene: Scene) -> Story:
    """Write a new employee's first day: a password by the help desk, then sign-in and second factors at school."""
    people, dice = scene.district.people, scene.dice
    technician, person = people.list_by_post("technician")[0], people.take("teacher", "office")
    school, day = get_school_connection(scene.district, technician), scene.choose_day(school=True)
    at = scene.district.calendar.compute_time(day, dice.uniform(8, 12))
    story = Story(kind="new-employee", actors=[technician.email], victims=[person.email])
    google, own = scene.logs.google, get_school_connection(scene.district, person)
    parameters = {"USER_EMAIL": person.email}
    story.add_stage(
        "account",
        google.add_admin_event(
            technician, at, school, kind="USER_SETTINGS", name="CHANGE_PASSWORD", parameters=parameters
        ),
    )
    story.add_stage(
        "first-day",
        google.sign_in(person, add_minutes(at, 50), own),
        google.add_account_event(person, add_minutes(at, 52), own, kind="password_change", name="password_edit"),
        google.add_account_event(person, add_minutes(at, 55), own, kind="2sv_change", name="2sv_enroll"),
        register_factor(scene, person, add_minutes(at, 58), own),
    )
    return story
