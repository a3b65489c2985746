"""Look-alikes of data theft: much is shared, published or taken out, for good reasons."""

from __future__ import annotations

from homeroom.sample.fortnights.background.places import get_school_connection
from homeroom.sample.fortnights.intrusions.steps import add_minutes
from homeroom.sample.fortnights.story import Scene, Story


def write_mass_share(scene: Scene) -> Story:
    """Write a librarian who opens a hundred files to the domain."""
    person, dice = scene.district.people.take("librarian"), scene.dice
    at = scene.district.calendar.compute_time(scene.choose_day(school=True), dice.uniform(8, 14))
    school = get_school_connection(scene.district, person)
    story = Story(kind="mass-share", actors=[person.email])
    for number in range(dice.randint(70, 120)):
        document = scene.logs.google.draw_document(person, dice, title=f"Reading list {number + 1}")
        moment = add_minutes(at, number * 0.3)
        story.add_stage("share", scene.logs.google.publish_document(person, moment, school, document, in_domain=True))
    return story


def write_seniors_takeout(scene: Scene) -> Story:
    """Write seniors who take their work along before they graduate."""
    dice, story = scene.dice, Story(kind="seniors-takeout")
    seniors = [person for person in scene.district.people.students if person.grade == "12"]
    for person in dice.sample(seniors, min(12, len(seniors))):
        story.actors.append(person.email)
        at = scene.district.calendar.compute_time(scene.choose_day(), dice.uniform(15, 21))
        google = scene.logs.google
        story.add_stage(
            "takeout",
            google.sign_in(person, at, person.home),
            google.take_out(person, add_minutes(at, 40), person.home, name="COMPLETED_USER_TAKEOUT"),
            google.take_out(person, add_minutes(at, 55), person.home, name="DOWNLOADED_USER_TAKEOUT"),
        )
    return story


def write_published_portfolios(scene: Scene) -> Story:
    """Write students who publish their portfolios in class."""
    dice, story = scene.dice, Story(kind="published-portfolios")
    at = scene.district.calendar.compute_time(scene.choose_day(school=True), dice.uniform(8.5, 14))
    for person in dice.sample(scene.district.people.students, 22):
        story.actors.append(person.email)
        school = get_school_connection(scene.district, person)
        document = scene.logs.google.draw_document(person, dice, title="My portfolio")
        moment = add_minutes(at, dice.uniform(0, 45))
        story.add_stage("class", scene.logs.google.publish_document(person, moment, school, document, in_domain=False))
    return story


def write_graded_downloads(scene: Scene) -> Story:
    """Write a teacher who downloads the work of all classes for grading, at school."""
    person, dice = scene.district.people.take("teacher"), scene.dice
    at = scene.district.calendar.compute_time(scene.choose_day(school=True), dice.uniform(13, 15))
    school = get_school_connection(scene.district, person)
    story = Story(kind="graded-downloads", actors=[person.email])
    for number, student in enumerate(dice.sample(scene.district.people.students, 45)):
        document = scene.logs.google.draw_document(
            student, dice, title=f"Essay {number + 1}", visibility="shared_internally"
        )
        moment = add_minutes(at, number * 0.5)
        story.add_stage("grading", scene.logs.google.use_document(person, moment, school, document, name="download"))
    return story


def write_internal_forwarding(scene: Scene) -> Story:
    """Write mail that a person on leave forwards to a colleague of the same domain."""
    person, dice = scene.district.people.take("office", "counselor"), scene.dice
    colleague = dice.choice(scene.district.people.list_by_post("office"))
    at = scene.district.calendar.compute_time(scene.choose_day(school=True), dice.uniform(8, 15))
    school = get_school_connection(scene.district, person)
    story = Story(kind="internal-forwarding", actors=[person.email])
    parameters = {"Name": "While I am away", "ForwardTo": colleague.email, "StopProcessingRules": "False"}
    rule = scene.logs.unified.run_exchange_command(
        person, at, school, command="New-InboxRule", target=f"{person.email}\\While I am away", parameters=parameters
    )
    story.add_stage("leave", rule)
    return story
