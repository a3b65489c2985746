"""Look-alikes of stolen accounts: people in unusual places, with new phones, or with wrong passwords."""

from __future__ import annotations

from homeroom.sample.fortnights.background.microsoft import CLAIM, PASSED
from homeroom.sample.fortnights.background.places import get_school_connection
from homeroom.sample.fortnights.district.people import InventedPerson
from homeroom.sample.fortnights.intrusions.steps import add_minutes, register_factor
from homeroom.sample.fortnights.logs.entra import EXCHANGE, OFFICE, OUTLOOK
from homeroom.sample.fortnights.logs.vendors import get_account
from homeroom.sample.fortnights.story import Scene, Story


def write_substitutes_from_home(scene: Scene) -> Story:
    """Write substitutes who prepare lessons at home, where they never signed in before."""
    story, dice = Story(kind="substitutes-from-home"), scene.dice
    for person in dice.sample(scene.district.people.list_by_post("substitute"), 3):
        story.actors.append(person.email)
        home = dice.choice(scene.district.networks.homes).draw_connection(dice)
        at = scene.district.calendar.compute_time(scene.choose_day(), dice.uniform(18, 21))
        factor = PASSED if person.has_second_factor else None
        story.add_stage(
            "evening",
            scene.logs.google.sign_in(person, at, home),
            scene.logs.entra.sign_in(person, add_minutes(at, 2), home, factor=factor),
            scene.logs.unified.sign_in(person, add_minutes(at, 2), home),
        )
        for number in range(8):
            document = scene.logs.google.draw_document(person, dice, title=f"Substitute plan {number}")
            moment = add_minutes(at, 5 + number * 4)
            story.add_stage("evening", scene.logs.google.use_document(person, moment, home, document, name="view"))
    return story


def write_teacher_abroad(scene: Scene) -> Story:
    """Write a teacher on vacation abroad in the break, with the second factor passed."""
    person, dice, calendar = scene.district.people.take("teacher"), scene.dice, scene.district.calendar
    person.has_second_factor = True
    hotel = dice.choice(scene.district.networks.vacation).draw_connection(dice)
    story = Story(kind="teacher-abroad", actors=[person.email], addresses=[hotel.address])
    for day in sorted(calendar.break_days):
        at = calendar.compute_time(day, dice.uniform(8, 20))
        story.add_stage(
            "vacation",
            scene.logs.google.sign_in(person, at, hotel, challenge="google_prompt"),
            scene.logs.entra.sign_in(person, add_minutes(at, 3), hotel, app=OUTLOOK, factor=PASSED, protocol="oAuth2"),
            scene.logs.unified.sign_in(person, add_minutes(at, 3), hotel),
        )
        for number in range(4):
            moment = add_minutes(at, 5 + number * 6)
            mail = scene.logs.unified.use_mailbox(person, moment, hotel, operation="MailItemsAccessed")
            document = scene.logs.google.draw_document(person, dice)
            view = scene.logs.google.use_document(person, moment, hotel, document, name="view")
            story.add_stage("vacation", mail, view)
    return story


def write_weekend_trip(scene: Scene) -> Story:
    """Write a teacher in a hotel of another state, with the second factor passed."""
    person, dice, calendar = scene.district.people.take("teacher"), scene.dice, scene.district.calendar
    person.has_second_factor = True
    hotel = scene.district.networks.hotel.draw_connection(dice)
    story = Story(kind="weekend-trip", actors=[person.email], addresses=[hotel.address])
    for day in (5, 6):
        at = calendar.compute_time(day, dice.uniform(8, 21))
        story.add_stage(
            "trip",
            scene.logs.google.sign_in(person, at, hotel, challenge="google_prompt"),
            scene.logs.entra.sign_in(person, add_minutes(at, 3), hotel, factor=PASSED, protocol="oAuth2"),
            scene.logs.unified.sign_in(person, add_minutes(at, 3), hotel),
        )
        for number in range(3):
            moment = add_minutes(at, 8 + number * 9)
            mail = scene.logs.unified.use_mailbox(person, moment, hotel, operation="MailItemsAccessed")
            story.add_stage("trip", mail)
    return story


def write_copier(scene: Scene) -> Story:
    """Write a copier that mails its scans with an office's account, by SMTP and without a second factor."""
    person, dice, district = scene.district.people.take("office"), scene.dice, scene.district
    school = get_school_connection(district, person)
    story = Story(kind="copier", actors=[person.email])
    for day in district.calendar.school_days:
        for _ in range(dice.randint(1, 5)):
            moment = district.calendar.compute_time(day, dice.uniform(7.5, 16))
            sign_in = scene.logs.entra.sign_in(
                person, moment, school, app=EXCHANGE, client="Authenticated SMTP", agent="BAV2ROPC"
            )
            story.add_stage("scans", sign_in)
    return story


def write_new_phone(scene: Scene) -> Story:
    """Write a new phone: second factors and recovery number changed from where the person always is."""
    person, dice = scene.district.people.take("teacher", "counselor"), scene.dice
    place = dice.choice((person.home, get_school_connection(scene.district, person)))
    at = scene.district.calendar.compute_time(scene.choose_day(school=True), dice.uniform(9, 20))
    story = Story(kind="new-phone", actors=[person.email])
    google, entra = scene.logs.google, scene.logs.entra
    removed = entra.change_directory(
        "User deleted security info",
        add_minutes(at, 4),
        category="UserManagement",
        by=person,
        connection=place,
        target=person,
        service="Authentication Methods",
        operation="Delete",
        reason="User deleted Authenticator App with Notification and Code",
    )
    story.add_stage(
        "phone",
        google.sign_in(person, at, place, challenge="backup_code"),
        google.add_account_event(person, add_minutes(at, 2), place, kind="2sv_change", name="2sv_enroll"),
        google.add_account_event(
            person, add_minutes(at, 3), place, kind="recovery_info_change", name="recovery_phone_edit"
        ),
        entra.sign_in(person, add_minutes(at, 3), place, app=OFFICE, factor=PASSED),
        removed,
        register_factor(scene, person, add_minutes(at, 5), place),
    )
    return story


def write_lab_mistyping(scene: Scene) -> Story:
    """Write a class, and a training of employees, mistyping new passwords behind the district's own address."""
    dice, district = scene.dice, scene.district
    story = Story(kind="lab-mistyping")
    at = district.calendar.compute_time(scene.choose_day(school=True), dice.uniform(8.5, 12))
    school = district.draw_school_connection(dice)
    story.addresses.append(school.address)
    for number, student in enumerate(dice.sample(district.people.students, 28)):
        moment = add_minutes(at, number * 0.2)
        for turn in range(dice.randint(1, 4)):
            story.add_stage("class", scene.logs.google.fail_sign_in(student, add_minutes(moment, turn * 0.4), school))
        story.add_stage("class", scene.logs.google.sign_in(student, add_minutes(moment, 3), school))
        story.actors.append(student.email)
    seats = district.list_computers("lab")
    for number, student in enumerate(dice.sample(district.people.students, 20)):
        seat, name = seats[number % len(seats)], get_account(student).name
        moment = add_minutes(at, 8 + number * 0.3)
        failure = scene.logs.windows.fail_log_on(seat, moment, name, kind=2, address="127.0.0.1", workstation=seat.name)
        story.add_stage("class", failure)
    later = add_minutes(at, 180)
    for number, person in enumerate(dice.sample(district.people.staff, 22)):
        moment = add_minutes(later, number * 0.3)
        failure = scene.logs.entra.sign_in(person, moment, school, code=50126)
        story.add_stage("training", failure, scene.logs.unified.sign_in(person, moment, school, is_success=False))
        story.add_stage(
            "training", scene.logs.entra.sign_in(person, add_minutes(moment, 1), school, factor=_get_factor(person))
        )
    return story


def write_moving_carrier(scene: Scene) -> Story:
    """Write phones whose carrier leads them now here, now through another state."""
    dice, district = scene.dice, scene.district
    story = Story(kind="moving-carrier")
    for person in dice.sample(district.people.staff, 4):
        story.actors.append(person.email)
        at = district.calendar.compute_time(scene.choose_day(), dice.uniform(7, 20))
        for number in range(10):
            phone = dice.choice(district.networks.carriers).draw_connection(dice)
            moment = add_minutes(at, number * 11)
            client = "Mobile Apps and Desktop clients"
            sign_in = scene.logs.entra.sign_in(
                person, moment, phone, app=OUTLOOK, client=client, factor=_get_factor(person), risk="low"
            )
            story.add_stage("phone", sign_in, scene.logs.unified.sign_in(person, moment, phone))
    return story


def write_split_tunnel(scene: Scene) -> Story:
    """Write a private VPN that carries half of a person's connections, so that two places alternate."""
    person, dice, district = scene.district.people.take("teacher", "librarian"), scene.dice, scene.district
    person.has_second_factor = True
    story = Story(kind="split-tunnel", actors=[person.email])
    tunnel = district.networks.vpn.draw_connection(dice)
    for day in dice.sample(district.calendar.school_days, 4):
        at = district.calendar.compute_time(day, dice.uniform(17, 20))
        for number in range(6):
            connection = tunnel if number % 2 else person.home
            moment = add_minutes(at, number * 5)
            story.add_stage(
                "evening",
                scene.logs.entra.sign_in(person, moment, connection, factor=CLAIM, protocol="oAuth2"),
                scene.logs.unified.sign_in(person, moment, connection),
                scene.logs.google.sign_in(person, add_minutes(moment, 1), connection, challenge="google_prompt"),
            )
    return story


def _get_factor(person: InventedPerson) -> str | None:
    return CLAIM if person.has_second_factor else None
