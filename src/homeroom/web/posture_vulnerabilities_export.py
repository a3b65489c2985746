"""The devices of one remedy as CSV, written whole before its first byte is sent, with an entry in the audit trail."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import TextIOWrapper
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import path
from django.utils.text import slugify
from django.utils.translation import gettext

from homeroom.apps.audit.commands import record
from homeroom.apps.districts.stores import store_of
from homeroom.apps.vulnerabilities.behind import Affected, every_affected
from homeroom.domain.spreadsheets import harmless
from homeroom.web.access import CHANGERS, district_view
from homeroom.web.posture_vulnerabilities import remedy_of
from homeroom.web.templatetags.homeroom import shown

IN_MEMORY = 8 << 20


@district_view()
def devices_csv(request: HttpRequest, thing: str, *, district: Any, role: str) -> HttpResponse | FileResponse:
    """Every device of a remedy; cells that a spreadsheet would run are made text, an auditor's say nothing of pupils."""
    hidden = role not in CHANGERS
    one = remedy_of(district, thing)
    file = _file(every_affected(store=store_of(district=district), thing=thing), hide_pupils=hidden)
    visit: Any = request.visit  # type: ignore[attr-defined]
    record(
        district=district,
        at=visit.now,
        actor=visit.actor,
        action="export vulnerable devices",
        subject_kind="vulnerability",
        subject=thing[:80],
        detail={"rows": one.devices, "masked": hidden},
    )
    name = f"{slugify(thing) or 'devices'}-{visit.today.isoformat()}.csv"
    return FileResponse(file, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


def _file(pages: Iterator[tuple[Affected, ...]], *, hide_pupils: bool) -> IO[bytes]:
    """The pages as a CSV file that is gone when it is closed; beyond 8 MB it stands in the data folder."""
    file: Any = SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(settings.DATA))  # noqa: SIM115 (the answer closes it)
    text = TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer: Any = csv.writer(text)
    writer.writerow([
        "id", gettext("Serial"), gettext("Asset tag"), gettext("Name"), gettext("Model"), gettext("School"),
        gettext("Versions"), gettext("Holder"), gettext("Administers"), gettext("Opens"), gettext("Last seen"),
    ])  # fmt: skip
    for page in pages:
        writer.writerows(_cells(one, hide=hide_pupils and one.pupil) for one in page)
    text.detach()
    file.seek(0)
    return file  # type: ignore[no-any-return]


def _cells(one: Affected, *, hide: bool) -> list[str]:
    """A pupil's computer is often called by the pupil's name, so that its name is hidden with the holder's, and what the holder opens."""
    about = (one.name, one.holder_name, one.administers, one.opens)
    name, holder, administers, opens = (gettext("masked") if hide and cell else cell for cell in about)
    told = (
        one.public, one.serial, one.asset_tag, name, one.model, one.school, one.versions, holder, administers, opens, one.last_seen,
    )  # fmt: skip
    return [harmless(str(shown(cell))) for cell in told]


urlpatterns = [path("vulnerabilities/devices.csv/<path:thing>", devices_csv, name="remedy-csv")]
