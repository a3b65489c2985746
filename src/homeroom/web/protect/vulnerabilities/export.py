"""The devices of one remedy as CSV, with an entry in the audit trail."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import FileResponse, HttpResponse
from django.urls import path
from django.utils.text import slugify
from django.utils.translation import gettext

from homeroom.apps.comply.privacy.opt_outs.masking import OptOutMask, load_opt_out_mask
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.vulnerabilities.published.affected_devices import AffectedDevice, iter_affected_devices
from homeroom.domain.platform.district import District
from homeroom.domain.spreadsheets import escape_formula
from homeroom.web.protect.vulnerabilities.pages import get_remedy_or_404
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.csv_files import write_csv_file
from homeroom.web.templatetags.homeroom import shown


@district_view(permission="vulnerabilities.read")
def export_devices_csv(
    request: DistrictRequest, product_key: str, *, district: District
) -> HttpResponse | FileResponse:
    """Export every device of a remedy; spreadsheet formulas become text, and an auditor's file masks students."""
    hidden = not request.visit.may_read_private
    remedy = get_remedy_or_404(district, product_key)
    pages = iter_affected_devices(store=get_evidence_store(district=district), product=product_key)
    mask = load_opt_out_mask(district=district)
    file = write_csv_file(_iter_csv_rows(pages, hide_students=hidden, mask=mask))
    visit = request.visit
    record_audit_entry(
        district=district,
        at=visit.now,
        actor=visit.actor,
        action="export vulnerable devices",
        subject_kind="vulnerability",
        subject=product_key[:80],
        detail={"rows": remedy.devices, "masked": hidden},
    )
    name = f"{slugify(product_key) or 'devices'}-{visit.today.isoformat()}.csv"
    return FileResponse(file, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


def _iter_csv_rows(
    pages: Iterator[tuple[AffectedDevice, ...]], *, hide_students: bool, mask: OptOutMask
) -> Iterator[list[str]]:
    yield [
        "id", gettext("Serial"), gettext("Asset tag"), gettext("Name"), gettext("Model"), gettext("School"),
        gettext("Versions"), gettext("Assigned to"), gettext("Administers"), gettext("Opens"), gettext("Last seen"),
    ]  # fmt: skip
    for page in pages:
        for device in page:
            hide = device.student and (hide_students or mask.covers((device.name, device.holder_name)))
            yield _build_cells(device, hide=hide)


def _build_cells(device: AffectedDevice, *, hide: bool) -> list[str]:
    """Return the cells of a device, masked if needed.

    A student's computer is often named after the student, so its name is masked with the holder's and what the holder
    opens.
    """
    private_values = (device.name, device.holder_name, device.administers, device.opens)
    name, holder, administers, opens = (gettext("masked") if hide and cell else cell for cell in private_values)
    values = (
        device.public,
        device.serial,
        device.asset_tag,
        name,
        device.model,
        device.school,
        device.versions,
        holder,
        administers,
        opens,
        device.last_seen,
    )
    return [escape_formula(str(shown(cell))) for cell in values]


urlpatterns = [path("vulnerabilities/devices.csv/<path:product_key>", export_devices_csv, name="remedy-csv")]
