"""What erasing the student of a destruction request would do, and the command that does it."""

from __future__ import annotations

import re

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.comply.erasing.certificate import ErasureCertificate
from homeroom.apps.comply.erasing.commands import ErasureRefused
from homeroom.apps.comply.erasing.request_erasures import (
    build_erase_command,
    describe_refusal,
    find_request_erasure,
    preview_request_erasure,
)
from homeroom.apps.comply.privacy.requests.queries import find_request
from homeroom.domain.comply.privacy.requests import RequestKind
from homeroom.domain.platform.district import District
from homeroom.evidence.loads.store import StoreBusy
from homeroom.evidence.query.executor import QueryTimeout
from homeroom.web.shared.access import DistrictRequest, district_view

AREA_PAGE_OF = "requests"
STORES = {"evidence": gettext_lazy("Evidence"), "state": gettext_lazy("Database")}
_INNER_CAPITAL = re.compile("(?<=[a-z])(?=[A-Z])")


@district_view(permission="privacy.erase")
def show_erasure(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show what erasing would do, as of now; nothing is changed by looking."""
    visit = request.visit
    view = find_request(district=district, public=public, today=visit.today)
    if view is None or view.line.kind != RequestKind.DESTRUCTION:
        raise Http404
    student = view.line.student
    erased = find_request_erasure(district=district, request=public)
    preview, refused = None, ""
    if erased is None:
        try:
            preview = preview_request_erasure(
                district=district, request=public, student=student, actor=visit.actor, at=visit.now
            )
            refused = describe_refusal(preview)
        except ErasureRefused as error:
            refused = str(error)
        except (StoreBusy, QueryTimeout):
            refused = gettext("Another load or erasure is being written; a look in a few minutes would fit.")
    command = build_erase_command(district=district, request=public, student=student, actor=visit.actor)
    certificate = erased or preview
    context = {
        "line": view.line,
        "erased": erased,
        "preview": preview,
        "refused": refused,
        "counts": list_counts(certificate) if certificate else [],
        "stays": certificate.register.stays if certificate else (),
        "command": command if student and erased is None else "",
    }
    return render(request, "privacy/request_erasure.html", context)


def list_counts(certificate: ErasureCertificate) -> list[tuple[str, str, int, int]]:
    """Return (store, table, rows that go, rows that lose the person) of a certificate, the largest first."""
    counts: dict[tuple[str, str], list[int]] = {}
    for area, erased in certificate.register.erased.items():
        for position, what in enumerate(("rows", "changed")):
            for name, number in (erased.get(what) or {}).items():
                counts.setdefault((str(STORES.get(area, area)), _write_table_name(name)), [0, 0])[position] += number
    listed = [(*place, gone, changed) for place, (gone, changed) in counts.items() if gone or changed]
    return sorted(listed, key=lambda row: (-row[2] - row[3], row[:2]))


def _write_table_name(name: str) -> str:
    """Return the name of a table, or of a model such as privacy.RequestEntry, as words."""
    return _INNER_CAPITAL.sub(" ", name.replace(".", ": ")).replace("_", " ").lower()


urlpatterns = [path("privacy/requests/<slug:public>/erasure", show_erasure, name="privacy-request-erasure")]
