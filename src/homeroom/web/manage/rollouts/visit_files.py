"""All visits of a rollout as a CSV file, with the devices that were scanned."""

from __future__ import annotations

from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.urls import path

from homeroom.apps.manage.rollouts.visit_devices import iter_visit_rows
from homeroom.domain.platform.district import District
from homeroom.web.manage.rollouts.labels import get_rollout_or_404
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.csv_files import write_csv_file
from homeroom.web.shared.downloads import record_download


@district_view(permission="rollouts.read")
def export_visits(request: DistrictRequest, *, district: District, public: str) -> HttpResponseBase:
    """Return the visits as CSV, a row for each device that was scanned."""
    get_rollout_or_404(district, public)
    file = write_csv_file(iter_visit_rows(district=district, public=public))
    name = f"rollout-visits-{request.visit.today.isoformat()}.csv"
    record_download(request, "export visits of rollout", subject_kind="rollout", subject=public)
    return FileResponse(file, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


urlpatterns = [path("rollouts/<str:public>/visits.csv", export_visits, name="rollout-visits-csv")]
