"""Ordinary use of Google Workspace."""

from __future__ import annotations

from typing import Final

from homeroom.sample.fortnights.background.places import draw_hour, draw_phone_connection, get_school_connection
from homeroom.sample.fortnights.district.calendar import DAYS
from homeroom.sample.fortnights.district.networks import AccessPoint
from homeroom.sample.fortnights.district.people import InventedPerson
from homeroom.sample.fortnights.district.plan import FortnightDistrict
from homeroom.sample.fortnights.logs.google import App, GoogleLogs

_APPS: Final = (
    App(client="410287.apps.example", name="Quizlark", scopes=("openid", "email", "profile")),
    App(
        client="518834.apps.example",
        name="Slide Corral",
        scopes=("openid", "https://www.googleapis.com/auth/drive.file"),
    ),
    App(client="620175.apps.example", name="Rhyme Desk", scopes=("openid", "email")),
    App(client="733921.apps.example", name="Number Grove", scopes=("openid", "profile")),
    App(
        client="845566.apps.example",
        name="Calendar Bridge",
        scopes=("https://www.googleapis.com/auth/calendar.readonly",),
    ),
)
_SERVICES: Final = ("Gradebook", "Library catalog", "Substitute finder", "Timesheet")
_USES: Final = ("view", "view", "view", "edit", "edit", "edit", "create", "download", "rename")


class GoogleRoutine:
    """Writer of the ordinary days."""

    def __init__(self, district: FortnightDistrict, logs: GoogleLogs) -> None:
        self._district = district
        self._logs = logs
        self._dice = district.create_dice("google-routine")

    def write_days(self) -> None:
        """Write all days."""
        for day in range(DAYS):
            is_school_day = self._district.calendar.is_school_day(day)
            for person in self._district.people.staff:
                self._write_staff_day(person, day, is_school_day=is_school_day)
            for person in self._district.people.students:
                self._write_student_day(person, day, is_school_day=is_school_day)
            if is_school_day:
                self._write_office_day(day)

    def _write_staff_day(self, person: InventedPerson, day: int, *, is_school_day: bool) -> None:
        dice = self._dice
        works = is_school_day and (person.post != "substitute" or dice.random() < 0.4)
        if works:
            connection = get_school_connection(self._district, person)
            if dice.random() < 0.3:
                self._sign_in(person, day, draw_hour(dice, 7, 8.5), connection)
            self._use_drive(person, day, connection, first=7.5, last=16, count=dice.randint(1, 7))
        if dice.random() < (0.3 if is_school_day else 0.12):
            if dice.random() < 0.2:
                self._sign_in(person, day, draw_hour(dice, 17, 19), person.home)
            self._use_drive(person, day, person.home, first=19, last=22.5, count=dice.randint(1, 3))
        if dice.random() < 0.05:
            self._sign_in(person, day, draw_hour(dice, 7, 22), draw_phone_connection(person, dice))
        if works and dice.random() < 0.06:
            self._share(person, day)
        if works and dice.random() < 0.4:
            self._use_service(person, day)

    def _write_student_day(self, person: InventedPerson, day: int, *, is_school_day: bool) -> None:
        dice = self._dice
        if is_school_day and dice.random() < 0.93:
            connection = get_school_connection(self._district, person)
            if dice.random() < 0.4:
                self._sign_in(person, day, draw_hour(dice, 8, 14.5), connection)
            if dice.random() < 0.6:
                self._use_drive(person, day, connection, first=8.2, last=15, count=dice.randint(1, 3))
        if dice.random() < (0.12 if is_school_day else 0.05):
            if dice.random() < 0.4:
                self._sign_in(person, day, draw_hour(dice, 15.5, 17), person.home)
            self._use_drive(person, day, person.home, first=17, last=21, count=dice.randint(1, 3))

    def _sign_in(self, person: InventedPerson, day: int, hour: float, connection: AccessPoint) -> None:
        """Write a sign-in, now and then after a wrong password or two."""
        dice, at = self._dice, self._district.calendar.compute_time
        if dice.random() < 0.06:
            for turn in range(dice.randint(1, 2)):
                self._logs.fail_sign_in(person, at(day, hour, seconds=turn * 20 - 60), connection)
        is_prompted = person.has_second_factor and dice.random() < 0.5
        challenge = dice.choice(("google_prompt", "google_authenticator")) if is_prompted else None
        self._logs.sign_in(person, at(day, hour), connection, challenge=challenge)

    def _use_drive(
        self, person: InventedPerson, day: int, connection: AccessPoint, *, first: float, last: float, count: int
    ) -> None:
        dice = self._dice
        for _ in range(count):
            owner = person if dice.random() < 0.7 else dice.choice(self._district.people.staff)
            document = self._logs.draw_document(owner, dice, visibility="people_within_domain_with_link")
            moment = self._district.calendar.compute_time(day, draw_hour(dice, first, last))
            self._logs.use_document(person, moment, connection, document, name=dice.choice(_USES))

    def _share(self, person: InventedPerson, day: int) -> None:
        """Share a file with a colleague, or with a parent or partner outside."""
        dice = self._dice
        colleague = dice.choice(self._district.people.staff).email
        outside = f"{dice.choice(('parent', 'pta', 'coach', 'vendor'))}{dice.randint(1, 99)}@mailbox.example"
        target = outside if dice.random() < 0.2 else colleague
        moment = self._district.calendar.compute_time(day, draw_hour(dice, 8, 16))
        document = self._logs.draw_document(person, dice)
        self._logs.share_document(
            person, moment, get_school_connection(self._district, person), document, target=target
        )

    def _use_service(self, person: InventedPerson, day: int) -> None:
        """Write a sign-in to a service that trusts Google, and now and then the end of a session."""
        moment = self._district.calendar.compute_time(day, draw_hour(self._dice, 7.5, 15))
        school = get_school_connection(self._district, person)
        self._logs.use_single_sign_on(person, moment, school, service=self._dice.choice(_SERVICES))
        if self._dice.random() < 0.2:
            end = self._district.calendar.compute_time(day, draw_hour(self._dice, 15, 17))
            logout = ("login", "logout", {"login_type": "google_password"})
            self._logs.add_activity("login", end, person, [logout], connection=school)

    def _write_office_day(self, day: int) -> None:
        """Write the day's apps, changes to own accounts and the help desk's work."""
        dice, people, at = self._dice, self._district.people, self._district.calendar.compute_time
        for _ in range(dice.randint(2, 6)):
            person = dice.choice([*people.staff, *people.students])
            connection = get_school_connection(self._district, person)
            app = dice.choice(_APPS)
            moment = at(day, draw_hour(dice, 8, 15))
            self._logs.authorize_app(person, moment, connection, app)
        for _ in range(dice.randint(8, 20)):
            person = dice.choice(people.staff)
            size = dice.randint(200, 20_000)
            moment = at(day, draw_hour(dice, 8, 18))
            self._logs.call_api(
                person, moment, _APPS[4], api="calendar", method="calendar.events.list", size=size, connection=None
            )
        for _ in range(dice.randint(0, 2)):
            person = dice.choice(people.staff)
            connection = get_school_connection(self._district, person)
            moment = at(day, draw_hour(dice, 8, 16))
            self._logs.add_account_event(person, moment, connection, kind="password_change", name="password_edit")
        self._write_help_desk_day(day)

    def _write_help_desk_day(self, day: int) -> None:
        dice, people, at = self._dice, self._district.people, self._district.calendar.compute_time
        for _ in range(dice.randint(2, 7)):
            technician, student = dice.choice(people.list_by_post("technician")), dice.choice(people.students)
            moment = at(day, draw_hour(dice, 8, 16))
            connection = get_school_connection(self._district, technician)
            name, parameters = dice.choice(
                (
                    ("CHANGE_PASSWORD", {"USER_EMAIL": student.email}),
                    ("CHANGE_PASSWORD", {"USER_EMAIL": student.email}),
                    ("CHANGE_PASSWORD_ON_NEXT_LOGIN", {"USER_EMAIL": student.email, "NEW_VALUE": "true"}),
                    (
                        "MOVE_USER_TO_ORG_UNIT",
                        {"USER_EMAIL": student.email, "ORG_UNIT_NAME": student.unit, "NEW_VALUE": student.unit},
                    ),
                    ("UNLOCK_USER", {"USER_EMAIL": student.email}),
                )
            )
            self._logs.add_admin_event(
                technician, moment, connection, kind="USER_SETTINGS", name=name, parameters=parameters
            )
        administrator = people.get_first("administrator")
        connection = get_school_connection(self._district, administrator)
        for _ in range(dice.randint(0, 3)):
            member = dice.choice(people.staff).email
            parameters = {"USER_EMAIL": member, "GROUP_EMAIL": f"grade{dice.randint(1, 8)}@{self._district.domain}"}
            self._logs.add_admin_event(
                administrator,
                at(day, draw_hour(dice, 8, 16)),
                connection,
                kind="GROUP_SETTINGS",
                name="ADD_GROUP_MEMBER",
                parameters=parameters,
            )
