"""The training that comes before a rollout: who in its schools completed it, and who did not yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path

from homeroom.apps.manage.rollouts.trained_staff import TrainingView, load_training_view, set_course
from homeroom.domain.platform.district import District
from homeroom.web.manage.rollouts.command_messages import run_command
from homeroom.web.manage.rollouts.labels import get_rollout_or_404
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.csv_files import write_csv_file
from homeroom.web.shared.downloads import record_download

HEADER = ("name", "email", "school", "training", "completed on", "state")


@district_view(permission="rollouts.read", change="rollouts.change", methods=("GET", "POST"))
def show_training(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show by school who completed the training of a rollout; posting names the training."""
    rollout = get_rollout_or_404(district, public)
    if request.method == "POST":
        visit, course = request.visit, request.POST.get("course", "")
        run_command(
            request,
            lambda: set_course(district=district, public=public, course=course, actor=visit.actor, at=visit.now),
        )
        return redirect("rollout-training", public=public)
    view = load_training_view(district=district, public=public, rules=rollout.rules)
    return render(request, "rollouts/training.html", {"rollout": rollout, "view": view})


@district_view(permission="rollouts.read")
def export_training(request: DistrictRequest, *, district: District, public: str) -> HttpResponseBase:
    """Return the staff of the rollout's schools with their training as CSV."""
    rollout = get_rollout_or_404(district, public)
    view = load_training_view(district=district, public=public, rules=rollout.rules)
    name = f"rollout-training-{request.visit.today.isoformat()}.csv"
    file = write_csv_file(_iter_rows(view))
    record_download(request, "export training of rollout", subject_kind="rollout", subject=public)
    return FileResponse(file, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


def _iter_rows(view: TrainingView) -> Iterator[tuple[Any, ...]]:
    yield HEADER
    for person in view.staff:
        state = "completed" if person.done_on else "not yet" if person.listed else "on no list"
        day = person.done_on.isoformat() if person.done_on else ""
        yield (person.name, person.email, person.school, view.course, day, state)


urlpatterns = [
    path("rollouts/<str:public>/training", show_training, name="rollout-training"),
    path("rollouts/<str:public>/training.csv", export_training, name="rollout-training-csv"),
]
