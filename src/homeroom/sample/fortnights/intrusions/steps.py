"""Steps that several intrusions share."""

from __future__ import annotations

from datetime import datetime, timedelta

from homeroom.sample.fortnights.background.microsoft import CLAIM
from homeroom.sample.fortnights.district.browsers import INTRUDER_AGENTS
from homeroom.sample.fortnights.district.networks import AccessPoint
from homeroom.sample.fortnights.district.people import InventedPerson
from homeroom.sample.fortnights.logs.log_book import LogEntry
from homeroom.sample.fortnights.story import Scene, Story

OUTSIDE = "mailbox.example"


def add_minutes(at: datetime, minutes: float) -> datetime:
    """Return the time so many minutes later."""
    return at + timedelta(minutes=minutes)


def draw_foreign(scene: Scene) -> AccessPoint:
    """Draw an address abroad."""
    return scene.dice.choice(scene.district.networks.abroad).draw_connection(scene.dice)


def draw_lair(scene: Scene) -> AccessPoint:
    """Draw where an intruder connects from: mostly abroad, else a rented server in the country."""
    if scene.dice.random() < 0.75:
        return draw_foreign(scene)
    return scene.dice.choice(scene.district.networks.proxies).draw_connection(scene.dice)


def draw_start(scene: Scene, *, latest: int = 12, first: float = 1, last: float = 20) -> datetime:
    """Draw when an intrusion begins."""
    hour = first + scene.dice.random() * (last - first)
    return scene.district.calendar.compute_time(scene.choose_day(latest=latest), hour)


def sign_in_to_google(scene: Scene, story: Story, person: InventedPerson, at: datetime, lair: AccessPoint) -> None:
    """Write the intruder's sign-in to Google; a second factor was relayed by the false page."""
    challenge = "google_prompt" if person.has_second_factor else None
    is_suspicious = scene.dice.random() < 0.5
    entry = scene.logs.google.sign_in(person, at, lair, challenge=challenge, is_suspicious=is_suspicious)
    story.add_stage("access", entry)
    if lair.address not in story.addresses:
        story.addresses.append(lair.address)


def sign_in_to_microsoft(
    scene: Scene,
    story: Story,
    person: InventedPerson,
    at: datetime,
    lair: AccessPoint,
    *,
    app: tuple[str, str, str],
    factor: str | None = CLAIM,
    stage: str = "access",
) -> None:
    """Write the intruder's sign-in to Microsoft, as both of its logs have it."""
    risk = scene.dice.choice(("none", "none", "medium", "high"))
    events = ("unfamiliarFeatures",) if risk != "none" else ()
    sign_in = scene.logs.entra.sign_in(
        person,
        at,
        lair,
        app=app,
        factor=factor,
        protocol="oAuth2",
        risk=risk,
        risk_events=events,
        agent=scene.dice.choice(INTRUDER_AGENTS),
    )
    story.add_stage(stage, sign_in, scene.logs.unified.sign_in(person, at, lair))
    if lair.address not in story.addresses:
        story.addresses.append(lair.address)


def register_factor(scene: Scene, person: InventedPerson, at: datetime, connection: AccessPoint) -> LogEntry:
    """Write a new second factor at Microsoft."""
    return scene.logs.entra.change_directory(
        "User registered security info",
        at,
        category="UserManagement",
        by=person,
        connection=connection,
        target=person,
        service="Authentication Methods",
        operation="Add",
        reason="User registered Authenticator App with Notification and Code",
    )


def read_mail(
    scene: Scene, person: InventedPerson, at: datetime, connection: AccessPoint, *, count: int
) -> list[LogEntry]:
    """Write mail read over some hours."""
    return [
        scene.logs.unified.use_mailbox(
            person, add_minutes(at, number * 7 + scene.dice.random() * 5), connection, operation="MailItemsAccessed"
        )
        for number in range(count)
    ]


def download_documents(
    scene: Scene, person: InventedPerson, at: datetime, connection: AccessPoint, *, count: int, minutes: float
) -> list[LogEntry]:
    """Write downloads from Drive, spread over the minutes."""
    google = scene.logs.google
    return [
        google.use_document(
            person,
            add_minutes(at, number * minutes / count),
            connection,
            google.draw_document(
                person, scene.dice, title=f"Student records {number + 1}", visibility="shared_internally"
            ),
            name="download",
        )
        for number in range(count)
    ]
