"""What the demo knows for the Privacy area besides exports: rosters sent, a scan, requests, opt-outs, disclosures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from homeroom.cli.options import CommandContext
from homeroom.sample.demo_privacy import DemoPrivacyFiles

PRODUCTS = (("Quizloom", 21), ("Sumstack", 75), ("Storyjar", 12))
"""Products that got the roster, and how many days ago."""
_ACTOR = "privacy"


def record_demo_loads(context: CommandContext, files: DemoPrivacyFiles) -> None:
    """Record what products were sent and what a scan of the old drive found, before the district is resolved."""
    from homeroom.apps.comply.vendors.record_sent import record_sent
    from homeroom.apps.protect.loose_data.read_roster import read_roster
    from homeroom.apps.protect.loose_data.scan_paths import scan_paths
    from homeroom.apps.protect.loose_data.store_results import store_scan

    for product, days in PRODUCTS:
        record_sent(
            [files.roster],
            district=context.district,
            store=context.store,
            recipient=product,
            sent_on=context.today - timedelta(days=days),
            today=context.today,
            at=context.at,
        )
    outcome = scan_paths([files.drive], roster=read_roster(context.store))
    store_scan(
        outcome, paths=[files.drive], district=context.district, store=context.store, at=context.at, actor=_ACTOR
    )


def record_demo_requests(context: CommandContext, files: DemoPrivacyFiles) -> None:
    """Record opt-outs, disclosures and four requests; the district must be resolved."""
    from homeroom.apps.comply.privacy.disclosures.commands import load_disclosures
    from homeroom.apps.comply.privacy.opt_outs.files import load_opt_outs
    from homeroom.apps.comply.privacy.requests.commands import RequestForm, receive_request, take_step
    from homeroom.domain.comply.privacy.requests import StepForm

    by: dict[str, Any] = {"district": context.district, "today": context.today, "actor": _ACTOR, "at": context.at}
    load_opt_outs(name=files.opt_outs.name, content=files.opt_outs.read_bytes(), **by)
    load_disclosures(name=files.disclosures.name, content=files.disclosures.read_bytes(), **by)
    letters = (
        (12, "access", "Please show me all records of my child.", ()),
        (6, "amendment", "The birth date in the portal is wrong.", ()),
        (3, "opt-out", "No pictures of our child, please.", ("media",)),
        (20, "access", "We are moving and would like to see the file.", ()),
    )
    for position, (days, kind, text, choices) in enumerate(letters):
        student = files.students[26 + position]
        received_on = context.today - timedelta(days=days)
        public = receive_request(
            form=RequestForm(
                kind=kind,
                requester=f"A parent of the {student.last_name} family",
                student=student.number,
                received_on=received_on.isoformat(),
                text=text,
                choices=choices,
            ),
            **by,
        )
        steps = (
            StepForm(step="identity", proof="photo-id"),
            StepForm(step="searched", text="Paper files at the school too."),
            StepForm(step="answered", text="Shown at the office."),
            StepForm(step="closed"),
        )
        for step in steps[: (2, 0, 1, 4)[position]]:
            take_step(public=public, form=step, **by)
