"""Intrusions that steal or forge a sign-in to Microsoft without any password."""

from __future__ import annotations

from homeroom.sample.fortnights.background.microsoft import CLAIM
from homeroom.sample.fortnights.intrusions.steps import (
    add_minutes,
    draw_lair,
    draw_start,
    read_mail,
    sign_in_to_microsoft,
)
from homeroom.sample.fortnights.logs.entra import BROKER, EXCHANGE, PORTAL
from homeroom.sample.fortnights.story import Scene, Story


def write_device_code(scene: Scene) -> Story:
    """Write a code that a person typed for somebody else, whose device is then one of the district's."""
    person, dice, lair = scene.district.people.take("counselor", "principal", "teacher"), scene.dice, draw_lair(scene)
    person.has_second_factor = True
    at = draw_start(scene)
    story = Story(kind="device-code", victims=[person.email], addresses=[lair.address])
    sign_in = scene.logs.entra.sign_in(person, at, lair, app=BROKER, factor=CLAIM, protocol="deviceCode")
    story.add_stage("access", sign_in, scene.logs.unified.sign_in(person, at, lair))
    registered = scene.logs.entra.change_directory(
        "Register device",
        add_minutes(at, dice.uniform(2, 15)),
        category="Device",
        by=person,
        connection=lair,
        target=("Device", f"DESKTOP-{dice.getrandbits(28):07X}"),
        service="Device Registration Service",
        operation="Add",
    )
    story.add_stage("persistence", registered)
    start = add_minutes(at, dice.uniform(60, 400))
    story.add_stage("collection", *read_mail(scene, person, start, lair, count=8))
    for number in range(40):
        moment, name = add_minutes(start, 60 + number * 0.5), f"Evaluation {number + 1}.docx"
        download = scene.logs.unified.use_file(person, moment, lair, operation="FileDownloaded", name=name)
        story.add_stage("collection", download)
    return story


def write_federated_domain(scene: Scene) -> Story:
    """Write a domain that an intruder lets vouch for its people, and sign-ins as the superintendent then."""
    people, dice, lair = scene.district.people, scene.dice, draw_lair(scene)
    person, victim = people.take_administrator(), people.take("superintendent", "principal")
    victim.has_second_factor = True
    at = draw_start(scene)
    story = Story(kind="federated-domain", victims=[person.email, victim.email])
    sign_in_to_microsoft(scene, story, person, at, lair, app=PORTAL)
    at = add_minutes(at, dice.uniform(8, 50))
    changed = scene.logs.entra.change_directory(
        "Set domain authentication",
        at,
        category="DirectoryManagement",
        by=person,
        connection=lair,
        target=("Other", scene.district.domain),
        changes=(
            ("IssuerUri", [], [f"https://any.sts/{dice.getrandbits(32):08X}"]),
            ("LiveType", ["Managed"], ["Federated"]),
        ),
    )
    story.add_stage("persistence", changed)
    at = add_minutes(at, dice.uniform(40, 300))
    sign_in_to_microsoft(scene, story, victim, at, lair, app=EXCHANGE, stage="collection")
    story.add_stage("collection", *read_mail(scene, victim, add_minutes(at, 3), lair, count=9))
    return story
