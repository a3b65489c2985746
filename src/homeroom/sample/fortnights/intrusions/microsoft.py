"""Intrusions into Microsoft Entra and Microsoft 365."""

from __future__ import annotations

from datetime import datetime

from homeroom.sample.fortnights.background.microsoft import DECLINED, IGNORED, PASSED
from homeroom.sample.fortnights.district.networks import AccessPoint, ProviderNetwork
from homeroom.sample.fortnights.district.people import InventedPerson
from homeroom.sample.fortnights.intrusions.steps import (
    OUTSIDE,
    add_minutes,
    draw_lair,
    draw_start,
    read_mail,
    register_factor,
    sign_in_to_microsoft,
)
from homeroom.sample.fortnights.logs.entra import EXCHANGE, OFFICE, PORTAL
from homeroom.sample.fortnights.logs.log_book import LogEntry
from homeroom.sample.fortnights.story import Scene, Story


def write_quick_spray(scene: Scene) -> Story:
    """Write one password tried on all employees within minutes, and what followed where it was right."""
    minutes = scene.dice.uniform(10, 30)
    return _write_spray(scene, kind="quick-spray", minutes=minutes, start=draw_start(scene))


def write_slow_spray(scene: Scene) -> Story:
    """Write the same over a day, an account every quarter of an hour."""
    start = draw_start(scene, latest=11)
    return _write_spray(scene, kind="slow-spray", minutes=scene.dice.uniform(14, 22) * 60, start=start)


def _write_spray(scene: Scene, *, kind: str, minutes: float, start: datetime) -> Story:
    victim, networks, dice = scene.district.people.take("teacher", "nurse"), scene.district.networks, scene.dice
    victim.has_second_factor = False
    network = dice.choice((*networks.abroad, *networks.proxies[:8]))
    prefix = dice.choice(network.prefixes)
    story = Story(kind=kind, victims=[victim.email])
    people = [person for person in scene.district.people.staff if person is not victim]
    dice.shuffle(people)
    for number, person in enumerate(people):
        at = add_minutes(start, number * minutes / len(people) + dice.random() * 0.2)
        lair = _draw_within(scene, network, prefix)
        code = 50053 if dice.random() < 0.05 else 50126
        failure = scene.logs.entra.sign_in(person, at, lair, app=EXCHANGE, code=code, agent="python-requests/2.32.3")
        story.add_stage("credentials", failure, scene.logs.unified.sign_in(person, at, lair, is_success=False))
        story.addresses.append(lair.address)
    lair = _draw_within(scene, network, prefix)
    success = add_minutes(start, minutes + dice.uniform(1, 4))
    sign_in_to_microsoft(scene, story, victim, success, lair, app=EXCHANGE, factor=None)
    follow_up = add_minutes(success, dice.uniform(15, 90))
    if dice.random() < 0.6:
        story.add_stage("persistence", register_factor(scene, victim, follow_up, lair))
    start_of_reading = add_minutes(follow_up, dice.uniform(60, 300))
    story.add_stage("collection", *read_mail(scene, victim, start_of_reading, lair, count=12))
    return story


def _draw_within(scene: Scene, network: ProviderNetwork, prefix: str) -> AccessPoint:
    return AccessPoint(address=f"{prefix}.{scene.dice.randint(2, 40)}", network=network)


def write_fatigue(scene: Scene) -> Story:
    """Write prompts by night until the person gives in."""
    person, dice, lair = scene.district.people.take("teacher", "principal", "office"), scene.dice, draw_lair(scene)
    person.has_second_factor = True
    at = draw_start(scene, first=22, last=27)
    story = Story(kind="mfa-fatigue", victims=[person.email])
    for _ in range(dice.randint(7, 16)):
        at = add_minutes(at, dice.uniform(0.7, 4))
        factor = dice.choice((DECLINED, IGNORED))
        refused = scene.logs.entra.sign_in(person, at, lair, app=OFFICE, code=500121, factor=factor, protocol="oAuth2")
        story.add_stage("credentials", refused)
    at = add_minutes(at, dice.uniform(1, 6))
    sign_in_to_microsoft(scene, story, person, at, lair, app=OFFICE, factor=PASSED)
    later = add_minutes(at, dice.uniform(5, 40))
    story.add_stage("persistence", register_factor(scene, person, later, lair))
    start = add_minutes(later, dice.uniform(60, 300))
    story.add_stage("collection", *read_mail(scene, person, start, lair, count=10))
    return story


def write_payroll_rule(scene: Scene) -> Story:
    """Write a mailbox whose rule hides the answers about a changed bank account."""
    person, dice, lair = scene.district.people.take("payroll", "business", "office"), scene.dice, draw_lair(scene)
    at, unified = draw_start(scene, latest=11), scene.logs.unified
    story = Story(kind="payroll-rule", victims=[person.email])
    sign_in_to_microsoft(scene, story, person, at, lair, app=OFFICE)
    story.add_stage("access", *read_mail(scene, person, add_minutes(at, 3), lair, count=4))
    hiding = dice.choice(
        (
            {"DeleteMessage": "True"},
            {"MoveToFolder": "RSS Feeds", "MarkAsRead": "True"},
            {"MoveToFolder": "Conversation History", "MarkAsRead": "True", "StopProcessingRules": "True"},
        )
    )
    parameters = {
        "AlwaysDeleteOutlookRulesBlob": "False",
        "Force": "False",
        "Name": dice.choice((".", "..", "aa", "r")),
        "SubjectOrBodyContainsWords": "payroll;direct deposit;bank;invoice",
        **hiding,
    }
    at = add_minutes(at, dice.uniform(25, 70))
    rule = unified.run_exchange_command(
        person, at, lair, command="New-InboxRule", target=f"{person.email}\\{parameters['Name']}", parameters=parameters
    )
    story.add_stage("evasion", rule)
    if dice.random() < 0.4:
        forwarding = {"Identity": person.email, "ForwardingSmtpAddress": f"smtp:claims{dice.randint(1, 99)}@{OUTSIDE}"}
        moment = add_minutes(at, 5)
        story.add_stage(
            "evasion",
            unified.run_exchange_command(
                person, moment, lair, command="Set-Mailbox", target=person.email, parameters=forwarding
            ),
        )
    start = add_minutes(at, dice.uniform(120, 900))
    for number in range(dice.randint(3, 6)):
        moment = add_minutes(start, number * 9)
        mail = unified.use_mailbox(person, moment, lair, operation="Send", subject="Updated deposit information")
        story.add_stage("impact", mail)
    return story


def write_app_credentials(scene: Scene) -> Story:
    """Write a secret that an intruder adds to an app with far-reaching rights, and what the app does then."""
    person, dice, lair = scene.district.people.take_administrator(), scene.dice, draw_lair(scene)
    at, app = draw_start(scene), dice.choice(("SIS Rostering", "Backup for 365", "Library Sync"))
    story, entra = Story(kind="app-credentials", victims=[person.email], apps=[app]), scene.logs.entra
    sign_in_to_microsoft(scene, story, person, at, lair, app=PORTAL)
    description = f"[KeyIdentifier={dice.getrandbits(64):x},KeyType=Password,KeyUsage=Verify,DisplayName=sync]"
    activity = dice.choice(
        ("Update application – Certificates and secrets management ", "Add service principal credentials")
    )
    at = add_minutes(at, dice.uniform(8, 45))
    change = entra.change_directory(
        activity,
        at,
        category="ApplicationManagement",
        by=person,
        connection=lair,
        target=("Application" if activity.startswith("Update") else "ServicePrincipal", app),
        changes=(("KeyDescription", [], [description]),),
    )
    story.add_stage("persistence", change)
    if dice.random() < 0.5:
        right = entra.change_directory(
            "Add app role assignment to service principal",
            add_minutes(at, 4),
            category="ApplicationManagement",
            by=person,
            connection=lair,
            target=("ServicePrincipal", app),
            operation="Assign",
            changes=(("AppRole.Value", None, "RoleManagement.ReadWrite.Directory"),),
        )
        story.add_stage("persistence", right)
    later = add_minutes(at, dice.uniform(60, 500))
    story.add_stage("privilege", _add_role(scene, app, later, target=dice.choice(scene.district.people.leavers)))
    return story


def _add_role(scene: Scene, by: str, at: datetime, *, target: InventedPerson) -> LogEntry:
    return scene.logs.entra.change_directory(
        "Add member to role",
        at,
        category="RoleManagement",
        by=by,
        target=target,
        operation="Assign",
        changes=(
            ("Role.ObjectID", None, "5b1f6c1e-2f2e-4b43-9f0a-7f6f1f0f9c11"),
            ("Role.DisplayName", None, "Global Administrator"),
            ("Role.TemplateId", None, "62e90394-69f5-4237-9190-012177145e10"),
        ),
    )


def write_mass_wipe(scene: Scene) -> Story:
    """Write an administrator's stolen session that opens the door wider and then wipes computers."""
    person, dice, lair = scene.district.people.take_administrator(), scene.dice, draw_lair(scene)
    at, entra = draw_start(scene), scene.logs.entra
    story = Story(kind="mass-wipe", victims=[person.email])
    sign_in_to_microsoft(scene, story, person, at, lair, app=PORTAL)
    at = add_minutes(at, dice.uniform(10, 60))
    rule = {"displayName": "Require MFA for administrators", "grantControls": {"builtInControls": ["mfa"]}}
    policy = entra.change_directory(
        "Update conditional access policy",
        at,
        category="Policy",
        by=person,
        connection=lair,
        target=("Policy", "Require MFA for administrators"),
        service="Conditional Access",
        changes=(("ConditionalAccessPolicy", {**rule, "state": "enabled"}, {**rule, "state": "disabled"}),),
    )
    story.add_stage("evasion", policy)
    start = add_minutes(at, dice.uniform(30, 240))
    for number in range(dice.randint(18, 30)):
        owner = scene.district.people.staff[number % len(scene.district.people.staff)]
        moment = add_minutes(start, number * 0.4)
        story.add_stage("impact", entra.add_device_action(person, moment, action="wipe", device=owner.laptop))
        story.hosts.append(owner.laptop)
    return story
