"""The first-hour sheet: whom to call and what to do, on paper for when everything is down."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.comply.reports.pdf import render_pdf
from homeroom.apps.comply.reports.report import DistrictReport, ReportColumn, ReportSection
from homeroom.apps.protect.incidents.contacts import ContactView, list_contacts, record_print
from homeroom.domain.platform.district import District
from homeroom.domain.protect.incidents.contacts import ContactKind
from homeroom.domain.protect.incidents.playbooks import Playbook, ResponseRole
from homeroom.library.protect.playbooks import load_playbooks

CONTACT_LABELS = {
    ContactKind.INSURER: gettext_lazy("Cyber insurer’s hotline"),
    ContactKind.COUNSEL: gettext_lazy("Counsel"),
    ContactKind.SUPERINTENDENT: gettext_lazy("Superintendent"),
    ContactKind.STATE: gettext_lazy("State education agency"),
    ContactKind.FBI: gettext_lazy("FBI"),
    ContactKind.CISA: gettext_lazy("CISA"),
    ContactKind.MS_ISAC: gettext_lazy("MS-ISAC (members only)"),
    ContactKind.POLICE: gettext_lazy("Local police"),
    ContactKind.COMMUNICATIONS: gettext_lazy("Who speaks to families and the press"),
    ContactKind.INTERNET_PROVIDER: gettext_lazy("Internet provider’s emergency line"),
}
ROLE_LABELS = {
    ResponseRole.TECHNICIAN: gettext_lazy("Technician"),
    ResponseRole.DIRECTOR: gettext_lazy("Director"),
    ResponseRole.SUPERINTENDENT: gettext_lazy("Superintendent"),
    ResponseRole.COUNSEL: gettext_lazy("Counsel"),
    ResponseRole.COMMUNICATIONS: gettext_lazy("Communications"),
    ResponseRole.PRINCIPAL: gettext_lazy("Principal"),
}


def build_sheet(*, district: District, at: datetime) -> DistrictReport:
    """Build the sheet as a report: the contact tree, then the first hour of each playbook and who decides."""
    contacts = list_contacts(district=district)
    return DistrictReport(
        name="first-hour",
        title=_("The first hour"),
        lead=_(
            "Call the insurer’s hotline and counsel before anything is sent to anybody. Use no district e-mail, chat "
            "or phone system. Write down each step with its time."
        ),
        district=district.name,
        timezone=district.timezone,
        today=at.astimezone(ZoneInfo(district.timezone)).date(),
        as_of=at,
        sections=(_build_contacts(contacts), *map(_build_playbook, load_playbooks())),
        notes=(_("Print it again after 90 days, or when a number changes. Keep one copy at home."),),
    )


def _build_contacts(contacts: tuple[ContactView, ...]) -> ReportSection:
    return ReportSection(
        name="contacts",
        title=_("Whom to call, in this order"),
        columns=tuple(
            ReportColumn(title=title) for title in (_("Who"), _("Name"), _("Phone"), _("E-mail or page"), _("Number"))
        ),
        rows=[
            (
                str(CONTACT_LABELS[contact.kind]),
                contact.name,
                contact.phone or _("not filled in") if contact.is_missing else contact.phone,
                ", ".join(filter(None, (contact.email, contact.address))),
                contact.reference,
            )
            for contact in contacts
        ],
        note=_("Number: the policy, contract or member number that they ask for."),
    )


def _build_playbook(playbook: Playbook) -> ReportSection:
    return ReportSection(
        name=playbook.id,
        title=playbook.title,
        columns=(
            ReportColumn(title=_("Step"), number=True),
            ReportColumn(title=_("What to do")),
            ReportColumn(title=_("Who")),
            ReportColumn(title=_("Minutes"), number=True),
        ),
        rows=[
            *(
                (number, task.title, str(ROLE_LABELS[task.role]), task.minutes)
                for number, task in enumerate(playbook.first_hour, start=1)
            ),
            *(("", decision.title, str(ROLE_LABELS[decision.role]), "") for decision in playbook.decisions),
        ],
        note=playbook.when,
    )


@transaction.atomic
def print_sheet(*, district: District, actor: str, at: datetime) -> bytes:
    """Return the sheet as PDF, and record that somebody printed it."""
    record_print(district=district, actor=actor, at=at)
    return render_pdf(build_sheet(district=district, at=at))
