"""Intrusions into Google Workspace."""

from __future__ import annotations

from datetime import datetime

from homeroom.sample.fortnights.district.networks import AccessPoint
from homeroom.sample.fortnights.district.people import InventedPerson
from homeroom.sample.fortnights.intrusions.steps import (
    OUTSIDE,
    add_minutes,
    download_documents,
    draw_foreign,
    draw_lair,
    draw_start,
    sign_in_to_google,
)
from homeroom.sample.fortnights.logs.entra import PORTAL
from homeroom.sample.fortnights.logs.google import App
from homeroom.sample.fortnights.logs.log_book import LogEntry
from homeroom.sample.fortnights.story import Scene, Story

SUPER_ADMIN_ROLE = "_SEED_ADMIN_ROLE"
_MAIL_SCOPE, _CONTACTS_SCOPE = "https://mail.google.com/", "https://www.googleapis.com/auth/contacts.readonly"


def write_phished_account(scene: Scene) -> Story:
    """Write an account that a false sign-in page stole: mail forwarded out, then used to reach the colleagues."""
    person, at, lair = scene.district.people.take("teacher", "counselor"), draw_start(scene), draw_foreign(scene)
    story, google = Story(kind="phished-account", victims=[person.email]), scene.logs.google
    sign_in_to_google(scene, story, person, at, lair)
    moment = add_minutes(at, scene.dice.uniform(4, 50))
    if scene.dice.random() < 0.6:
        kind, name = "recovery_info_change", scene.dice.choice(("recovery_email_edit", "recovery_phone_edit"))
        story.add_stage("persistence", google.add_account_event(person, moment, lair, kind=kind, name=name))
    destination = {"email_forwarding_destination_address": f"archive{scene.dice.randint(10, 99)}@{OUTSIDE}"}
    forwarding = google.add_account_event(
        person,
        add_minutes(moment, 3),
        lair,
        kind="email_forwarding_change",
        name="email_forwarding_out_of_domain",
        parameters=destination,
    )
    story.add_stage("persistence", forwarding)
    later = add_minutes(moment, scene.dice.uniform(90, 900))
    bait = google.draw_document(person, scene.dice, title="Updated salary schedule")
    colleagues = scene.dice.sample(scene.district.people.staff, 40)
    for number, colleague in enumerate(colleagues):
        time = add_minutes(later, number * 0.2)
        story.add_stage("spread", google.share_document(person, time, lair, bait, target=colleague.email))
    return story


def write_rogue_super_admin(scene: Scene) -> Story:
    """Write an administrator's stolen session that makes a super administrator of its own."""
    person, at, lair = scene.district.people.take_administrator(), draw_start(scene), draw_lair(scene)
    google, dice = scene.logs.google, scene.dice
    new = _invent_account(scene, dice.choice(("gsuite.sync", "workspace.support", "it-helpdesk2")))
    story = Story(kind="rogue-super-admin", actors=[new.email], victims=[person.email])
    sign_in_to_google(scene, story, person, at, lair)
    created = add_minutes(at, dice.uniform(5, 30))
    story.add_stage(
        "persistence",
        google.add_admin_event(
            person, created, lair, kind="USER_SETTINGS", name="CREATE_USER", parameters={"USER_EMAIL": new.email}
        ),
    )
    granted = add_minutes(created, dice.uniform(1, 6))
    if dice.random() < 0.5:
        kind, name, parameters = "USER_SETTINGS", "GRANT_ADMIN_PRIVILEGE", {"USER_EMAIL": new.email}
    else:
        kind, name = "DELEGATED_ADMIN_SETTINGS", "ASSIGN_ROLE"
        parameters = {"ROLE_NAME": SUPER_ADMIN_ROLE, "ROLE_ID": "10000000000001", "USER_EMAIL": new.email}
    story.add_stage(
        "privilege", google.add_admin_event(person, granted, lair, kind=kind, name=name, parameters=parameters)
    )
    entered = add_minutes(granted, dice.uniform(20, 200))
    story.add_stage("discovery", google.sign_in(new, entered, lair))
    listed = google.add_admin_event(
        new, add_minutes(entered, 4), lair, kind="USER_SETTINGS", name="DOWNLOAD_USERLIST_CSV", parameters={}
    )
    story.add_stage("discovery", listed)
    for number, victim in enumerate(dice.sample(scene.district.people.staff, 6)):
        time = add_minutes(entered, 120 + number)
        parameters = {"USER_EMAIL": victim.email}
        story.add_stage(
            "impact",
            google.add_admin_event(
                new, time, lair, kind="USER_SETTINGS", name="CHANGE_PASSWORD", parameters=parameters
            ),
        )
    return story


def write_domain_wide_delegation(scene: Scene) -> Story:
    """Write an administrator's stolen session that lets a client read all mailboxes."""
    person, at, lair = scene.district.people.take_administrator(), draw_start(scene), draw_lair(scene)
    client = f"1{scene.dice.randrange(10**20):020d}"
    app = App(client=client, name="Archive Connector", scopes=(_MAIL_SCOPE, "https://www.googleapis.com/auth/drive"))
    story = Story(kind="domain-wide-delegation", victims=[person.email], apps=[app.name, client])
    sign_in_to_google(scene, story, person, at, lair)
    parameters = {
        "API_CLIENT_NAME": client,
        "API_SCOPES": list(app.scopes),
        "DOMAIN_NAME": scene.district.domain,
    }
    granted = scene.logs.google.add_admin_event(
        person,
        add_minutes(at, scene.dice.uniform(6, 40)),
        lair,
        kind="DOMAIN_SETTINGS",
        name="AUTHORIZE_API_CLIENT_ACCESS",
        parameters=parameters,
    )
    story.add_stage("persistence", granted)
    start = add_minutes(granted.time, scene.dice.uniform(30, 400))
    for number, victim in enumerate(scene.dice.sample(scene.district.people.staff, 30)):
        size, time = scene.dice.randint(400_000, 9_000_000), add_minutes(start, number * 1.5)
        call = scene.logs.google.call_api(
            victim, time, app, api="gmail", method="gmail.users.messages.list", size=size, connection=lair
        )
        story.add_stage("collection", call)
    return story


def write_consent_app(scene: Scene) -> Story:
    """Write a new app with a false name that many let in, and that then reads their mail."""
    client = f"{scene.dice.randint(910_000, 999_999)}.apps.example"
    app = App(
        client=client,
        name=scene.dice.choice(("Docs Viewer Plus", "Secure Share Portal", "Payroll Viewer")),
        scopes=("openid", "email", _MAIL_SCOPE, _CONTACTS_SCOPE),
    )
    story = Story(kind="consent-app", apps=[app.name, client])
    day = scene.choose_day(school=True)
    at, google = scene.district.calendar.compute_time(day, scene.dice.uniform(8, 10)), scene.logs.google
    lair = draw_foreign(scene)
    people = scene.dice.sample(scene.district.people.staff, scene.dice.randint(12, 20))
    for person in people:
        time = add_minutes(at, scene.dice.uniform(0, 150))
        school = scene.district.draw_school_connection(scene.dice)
        story.add_stage("access", google.authorize_app(person, time, school, app))
        story.victims.append(person.email)
    start = add_minutes(at, 240)
    for number, person in enumerate(people * 3):
        size, time = scene.dice.randint(100_000, 4_000_000), add_minutes(start, number * 2)
        call = google.call_api(
            person, time, app, api="gmail", method="gmail.users.messages.get", size=size, connection=lair
        )
        story.add_stage("collection", call)
    return story


def write_data_theft(scene: Scene) -> Story:
    """Write student records that leave: mass downloads, then a public link or a Takeout."""
    person = scene.district.people.take("registrar", "counselor", "principal", "nurse")
    at, lair, google = draw_start(scene), draw_lair(scene), scene.logs.google
    story = Story(kind="data-theft", victims=[person.email])
    sign_in_to_google(scene, story, person, at, lair)
    start = add_minutes(at, scene.dice.uniform(5, 40))
    count = scene.dice.randint(120, 260)
    story.add_stage("collection", *download_documents(scene, person, start, lair, count=count, minutes=35))
    later = add_minutes(start, scene.dice.uniform(80, 300))
    if scene.dice.random() < 0.5:
        for number in range(6):
            document = google.draw_document(person, scene.dice, title=f"IEP list {number + 1}")
            story.files.append(document.title)
            time = add_minutes(later, number * 0.5)
            story.add_stage("exfiltration", google.publish_document(person, time, lair, document, in_domain=False))
    else:
        story.add_stage("exfiltration", google.take_out(person, later, lair, name="COMPLETED_USER_TAKEOUT"))
        taken = google.take_out(person, add_minutes(later, 25), lair, name="DOWNLOADED_USER_TAKEOUT")
        story.add_stage("exfiltration", taken)
    return story


def write_leaver_back(scene: Scene) -> Story:
    """Write a departed employee's account that a stolen technician's session restored."""
    people, dice, google = scene.district.people, scene.dice, scene.logs.google
    technician, leaver = people.take("technician"), people.take_leaver()
    at, lair = draw_start(scene), draw_lair(scene)
    story = Story(kind="leaver-back", actors=[leaver.email], victims=[technician.email])
    if dice.random() < 0.6:
        sign_in_to_google(scene, story, technician, at, lair)
        restored = add_minutes(at, dice.uniform(3, 20))
        for number, name in enumerate(("UNSUSPEND_USER", "CHANGE_PASSWORD")):
            time, parameters = add_minutes(restored, number), {"USER_EMAIL": leaver.email}
            change = google.add_admin_event(
                technician, time, lair, kind="USER_SETTINGS", name=name, parameters=parameters
            )
            story.add_stage("persistence", change)
    else:
        sign_in = scene.logs.entra.sign_in(technician, at, lair, app=PORTAL, protocol="oAuth2")
        story.add_stage("access", sign_in)
        story.addresses.append(lair.address)
        restored = add_minutes(at, dice.uniform(3, 20))
        story.add_stage("persistence", _enable_in_entra(scene, technician, leaver, restored=restored, lair=lair))
    entered = add_minutes(restored, dice.uniform(15, 120))
    story.add_stage(
        "persistence", google.sign_in(leaver, entered, lair), scene.logs.entra.sign_in(leaver, entered, lair)
    )
    start = add_minutes(entered, dice.uniform(40, 200))
    count = dice.randint(60, 140)
    story.add_stage("exfiltration", *download_documents(scene, leaver, start, lair, count=count, minutes=30))
    return story


def write_mail_routing(scene: Scene) -> Story:
    """Write an administrator's stolen session that copies all mail out, then takes over the business manager."""
    person, at, lair = scene.district.people.take_administrator(), draw_start(scene), draw_lair(scene)
    victim, google, dice = scene.district.people.take("business", "superintendent"), scene.logs.google, scene.dice
    story = Story(kind="mail-routing", victims=[person.email, victim.email])
    sign_in_to_google(scene, story, person, at, lair)
    parameters = {
        "SETTING_NAME": "MESSAGE_SECURITY_RULE",
        "USER_DEFINED_SETTING_NAME": dice.choice(("Archive", "Compliance copy")),
        "SETTING_DESCRIPTION": f"Also deliver to journal@{OUTSIDE}",
        "ORG_UNIT_NAME": scene.district.town,
    }
    at = add_minutes(at, dice.uniform(6, 40))
    routing = google.add_admin_event(
        person, at, lair, kind="EMAIL_SETTINGS", name="CREATE_GMAIL_SETTING", parameters=parameters
    )
    story.add_stage("collection", routing)
    at = add_minutes(at, dice.uniform(60, 500))
    for number, name in enumerate(("CHANGE_PASSWORD", "TURN_OFF_2_STEP_VERIFICATION")):
        time, parameters = add_minutes(at, number), {"USER_EMAIL": victim.email}
        change = google.add_admin_event(person, time, lair, kind="USER_SETTINGS", name=name, parameters=parameters)
        story.add_stage("impact", change)
    story.add_stage("impact", google.sign_in(victim, add_minutes(at, 8), lair))
    return story


def _enable_in_entra(
    scene: Scene, technician: InventedPerson, leaver: InventedPerson, *, restored: datetime, lair: AccessPoint
) -> LogEntry:
    return scene.logs.entra.change_directory(
        "Enable account",
        restored,
        category="UserManagement",
        by=technician,
        connection=lair,
        target=leaver,
        changes=(("AccountEnabled", [False], [True]),),
    )


def _invent_account(scene: Scene, local: str) -> InventedPerson:
    """Invent an account that an intruder makes."""
    model = scene.district.people.staff[0]
    return InventedPerson(
        number=9000 + scene.dice.randrange(900),
        post="intruder",
        first_name="Workspace",
        last_name="Support",
        email=f"{local}@{scene.district.domain}",
        sam=local,
        title="",
        department="",
        unit="/",
        profile=f"1{scene.dice.randrange(10**20):020d}",
        entra_id=model.entra_id[:-12] + f"{scene.dice.getrandbits(48):012x}",
        home=model.home,
        carrier=model.carrier,
        browser=model.browser,
    )
