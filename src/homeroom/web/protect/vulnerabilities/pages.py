"""Vulnerabilities: what to update first and why, the devices behind it, ends of support, and unmatched software."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.encoding import escape_uri_path

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.vulnerabilities.deadlines import get_deadline_days
from homeroom.apps.protect.vulnerabilities.published.affected_devices import (
    AffectedDevice,
    Page,
    list_affected_devices,
    list_end_of_support_devices,
    list_unmatched_software,
)
from homeroom.apps.protect.vulnerabilities.published.queries import (
    MAX_ROWS,
    EndOfSupport,
    NothingDerived,
    RemedySummary,
    list_vulnerabilities,
)
from homeroom.apps.protect.vulnerabilities.published.summary import get_current_summary
from homeroom.apps.protect.vulnerabilities.published.tallies import summarize_time_to_fix
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import Severity
from homeroom.web.protect.posture.overview import parse_row_key
from homeroom.web.protect.vulnerabilities.exposure import build_exposure_matrix
from homeroom.web.protect.vulnerabilities.masking import mask_device_lines
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.charts import BarSegment
from homeroom.web.shared.vulnerability_life import (
    build_device_lines,
    describe_suppression_scope,
    filter_suppressions,
    get_product_title,
    list_titled_sightings,
)

PAGE_SIZE = 25
REMEDY_KINDS = ("exploited", "update", "none", "excepted")
COLORS = {"exploited": "fail", "update": "cannot_tell", "none": "not_applicable", "excepted": "excepted"}
OVERDUE = "overdue"
MAX_ENDINGS = 5


@district_view(permission="vulnerabilities.read", change="vulnerabilities.suppress")
def show_vulnerabilities(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show every remedy, the most urgent first, with counts by kind; optionally only one kind or severity."""
    summary = get_current_summary(district=district)
    remedies = summary.remedies if summary else ()
    filters = {name: request.GET.get(name, "") for name in ("show", "severity")}
    matching_remedies = [entry for entry in remedies if _matches_filters(entry, filters)]
    rows, next_key = _page_after(
        matching_remedies, request.GET.get("after", ""), get_key=lambda entry: entry.product_key
    )
    max_devices = max((entry.devices for entry in remedies), default=1)
    counts = [(kind, sum(_classify_remedy(entry) == kind for entry in remedies)) for kind in REMEDY_KINDS]
    context = {
        "stands": summary,
        "lines": [{"remedy": entry, "bar": _build_share_bar(entry.devices, max_devices)} for entry in rows],
        "every": len(remedies),
        "counted": [(kind, COLORS[kind], count) for kind, count in counts],
        "bar": _build_bar_segments([(COLORS[kind], count) for kind, count in counts]),
        "overdue": sum(bool(entry.overdue) for entry in remedies),
        "overdue_color": COLORS["exploited"],
        "days": get_deadline_days(district=district),
        "matrix": build_exposure_matrix(remedies),
        "times": summarize_time_to_fix(district=district, today=request.visit.today),
        "severities": [str(entry) for entry in Severity],
        "asked": filters,
        "endings": summary.endings[:MAX_ENDINGS] if summary else (),
        "every_ending": len(summary.endings) if summary else 0,
        "ended": sum(entry.ended for entry in summary.endings) if summary else 0,
        "away": [(get_product_title(product_id), device_count) for product_id, device_count in summary.away]
        if summary
        else [],
        "silent": sum(entry.installs for entry in summary.unmatched) if summary else 0,
        **_build_pagination_links(request, next_key=next_key),
    }
    return render(request, "posture/vulnerabilities.html", context)


@district_view(permission="vulnerabilities.read", change="vulnerabilities.suppress")
def show_remedy(request: DistrictRequest, product_key: str, *, district: District) -> HttpResponse:
    """Show one remedy: the vulnerabilities that it closes and the devices that have them."""
    remedy = get_remedy_or_404(district, product_key)
    ranked = list_vulnerabilities(store=get_evidence_store(district=district), product=product_key, limit=MAX_ROWS)
    devices = list_affected_devices(
        store=get_evidence_store(district=district), product=product_key, after=parse_row_key(request, "device")
    )
    suppressions = filter_suppressions(
        request, district, [(product_key, vulnerability.cve) for vulnerability in ranked]
    )
    lines = build_device_lines(
        district,
        product_key,
        devices,
        active_suppressions=suppressions,
        cves={vulnerability.cve for vulnerability in ranked},
    )
    rows, next_key = _page_after(ranked, request.GET.get("after", ""), get_key=lambda vulnerability: vulnerability.cve)
    record_students(request, devices, subject=product_key)
    context = {
        "remedy": remedy,
        "vulnerabilities": [
            {"one": vulnerability, "let": describe_suppression_scope(suppressions, product_key, vulnerability.cve)}
            for vulnerability in rows
        ],
        "lets": suppressions,
        "lines": mask_device_lines(lines, hide_students=not request.visit.may_read_private),
        "lived": True,
        "suppress_url": f"{reverse('suppress')}?{urlencode({'thing': product_key})}",
        "vulnerability_count": len(ranked),
        "devices": devices,
        **_build_pagination_links(request, next_key=next_key),
        **_build_device_pagination_links(request, devices),
    }
    return render(request, "posture/vulnerabilities_remedy.html", context)


@district_view(permission="vulnerabilities.read", change="vulnerabilities.suppress")
def show_vulnerability(request: DistrictRequest, cve: str, *, district: District) -> HttpResponse:
    """Show one vulnerability in all affected products: its severity and source, its remedy, and its devices."""
    try:
        matches = list_vulnerabilities(store=get_evidence_store(district=district), cve=cve, limit=MAX_ROWS)
        devices = list_affected_devices(
            store=get_evidence_store(district=district), cve=cve, after=parse_row_key(request, "device")
        )
    except NothingDerived:
        raise Http404 from None
    if not matches:
        raise Http404
    record_students(request, devices, subject=cve)
    context = {
        "cve": cve,
        "vulnerability": matches[0],
        "matches": matches,
        "devices": devices,
        "lines": mask_device_lines(
            [{"one": entry} for entry in devices.rows], hide_students=not request.visit.may_read_private
        ),
        "suppress_url": f"{reverse('suppress')}?{urlencode({'cve': cve})}",
        "lets": filter_suppressions(request, district, [(entry.product_key, cve) for entry in matches]),
        "sightings": list_titled_sightings(district, cve, {entry.product_key: entry.title for entry in matches}),
        **_build_device_pagination_links(request, devices),
    }
    return render(request, "posture/vulnerability.html", context)


@district_view(permission="vulnerabilities.read", change="vulnerabilities.suppress")
def show_end_of_support(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show every past and future end of support, the earliest first; or the requested one with its devices."""
    if "of" in request.GET:
        return _show_ending(request, district)
    summary = get_current_summary(district=district)
    endings = summary.endings if summary else ()
    rows, next_key = _page_after(
        endings, request.GET.get("after", ""), get_key=lambda entry: " ".join(_build_ending_key(entry))
    )
    context = {"stands": summary, "lines": rows, "every": len(endings), "ended": sum(entry.ended for entry in endings)}
    return render(
        request,
        "posture/vulnerabilities_endings.html",
        {**context, **_build_pagination_links(request, next_key=next_key)},
    )


def _show_ending(request: DistrictRequest, district: District) -> HttpResponse:
    """Show one end of support with its devices.

    The address names it by its product, release, first day and longer support.
    """
    ending_key = tuple(request.GET.get(name, "") for name in ("of", "release", "day", "longer"))
    summary = get_current_summary(district=district)
    end_of_support = (
        next((entry for entry in summary.endings if _build_ending_key(entry) == ending_key), None) if summary else None
    )
    if end_of_support is None:
        raise Http404
    devices = list_end_of_support_devices(
        store=get_evidence_store(district=district), release=end_of_support, after=parse_row_key(request, "device")
    )
    record_students(request, devices, subject=" ".join(ending_key).strip())
    context = {
        "ending": end_of_support,
        "devices": devices,
        "lines": mask_device_lines(
            [{"one": entry} for entry in devices.rows], hide_students=not request.visit.may_read_private
        ),
        **_build_device_pagination_links(request, devices),
    }
    return render(request, "posture/vulnerabilities_ending.html", context)


@district_view(permission="vulnerabilities.read", change="vulnerabilities.suppress")
def show_unmatched_software(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show how much software could not be compared and why; optionally the names for one reason."""
    reason = request.GET.get("reason", "")
    try:
        summary = get_current_summary(district=district)
        names = list_unmatched_software(
            store=get_evidence_store(district=district), reason=reason, after=max(0, parse_row_key(request, "after"))
        )
    except NothingDerived:
        summary, names = None, Page(rows=(), after=None)
    unmatched = summary.unmatched if summary else ()
    max_installs = max((entry.installs for entry in unmatched), default=1)
    context = {
        "stands": summary,
        "lines": [{"one": entry, "bar": _build_share_bar(entry.installs, max_installs)} for entry in unmatched],
        "reason": reason,
        "names": names.rows,
        **_build_pagination_links(request, next_key=None if names.after is None else str(names.after)),
    }
    return render(request, "posture/vulnerabilities_unmatched.html", context)


def get_remedy_or_404(district: District, product_id: str) -> RemedySummary:
    """Return one remedy of the newest snapshot; raise Http404 if there is none, and QueryTimeout."""
    summary = get_current_summary(district=district)
    remedy = next((entry for entry in summary.remedies if entry.product_key == product_id), None) if summary else None
    if remedy is None:
        raise Http404
    return remedy


def _build_ending_key(end_of_support: EndOfSupport) -> tuple[str, ...]:
    """Return the key of an end of support."""
    return (
        end_of_support.product_key,
        end_of_support.cycle,
        end_of_support.ends_on.isoformat() if end_of_support.ends_on else "",
        end_of_support.longer,
    )


def record_students(request: DistrictRequest, devices: Page[AffectedDevice], *, subject: str) -> None:
    """Log a list that shows students' devices with its subject and how many it showed."""
    students = sum(device.holder_kind == "student" for device in devices.rows)
    if students:
        visit = request.visit
        record_audit_entry(
            district=visit.district,
            at=visit.now,
            actor=visit.actor,
            action="list vulnerable devices",
            subject_kind="vulnerability",
            subject=subject[:80],
            detail={"students": students},
        )


def _classify_remedy(remedy: RemedySummary) -> str:
    """Return the entry of REMEDY_KINDS that a remedy counts as.

    Fully excepted comes first, then known to be exploited, before all else.
    """
    if not remedy.devices and remedy.excepted:
        return "excepted"
    return "exploited" if remedy.exploited else "update" if remedy.closes else "none"


def _matches_filters(remedy: RemedySummary, filters: dict[str, str]) -> bool:
    is_match = bool(remedy.overdue) if filters["show"] == OVERDUE else filters["show"] in ("", _classify_remedy(remedy))
    return is_match and filters["severity"] in ("", remedy.worst)


def _page_after[T](rows: Sequence[T], key: str, *, get_key: Callable[[T], str]) -> tuple[list[T], str | None]:
    """Return the page of rows after the row with that key, and the key of the next page.

    Start at the top if no row has the key.
    """
    start = next((position for position, row in enumerate(rows, 1) if key and get_key(row) == key), 0)
    page_rows = list(rows[start : start + PAGE_SIZE])
    return page_rows, get_key(page_rows[-1]) if start + PAGE_SIZE < len(rows) else None


def _build_share_bar(count: int, maximum: int) -> tuple[BarSegment, ...]:
    """Return one count as a bar relative to the greatest of its list."""
    return (BarSegment(state="fail", x=0, width=max(1.0, round(100 * count / max(1, maximum), 2))),)


def _build_bar_segments(counts: Sequence[tuple[str, int]]) -> tuple[BarSegment, ...]:
    total, x, segments = sum(count for _, count in counts) or 1, 0.0, []
    for state, count in counts:
        if count:
            segments.append(BarSegment(state=state, x=round(x, 2), width=round(100 * count / total, 2)))
        x += 100 * count / total
    return tuple(segments)


def _build_pagination_links(request: DistrictRequest, *, next_key: str | None) -> dict[str, str]:
    """Return the addresses of the first page and the next, with all other parameters unchanged."""
    return {
        "first": _url_with(request, after="") if request.GET.get("after") else "",
        "next": "" if next_key is None else _url_with(request, after=next_key),
    }


def _build_device_pagination_links(request: DistrictRequest, devices: Page[AffectedDevice]) -> dict[str, str]:
    """Return the same for the list of devices, which a page has besides another list."""
    return {
        "first_devices": _url_with(request, device="") + "#devices" if request.GET.get("device") else "",
        "next_devices": "" if devices.after is None else _url_with(request, device=str(devices.after)) + "#devices",
    }


def _url_with(request: DistrictRequest, **changed: str) -> str:
    """Return this page's address with some parameters changed, or left out if they are empty."""
    parameters: dict[str, Any] = {**request.GET.dict(), **changed}
    rest = urlencode({name: value for name, value in parameters.items() if value})
    return escape_uri_path(request.path) + (f"?{rest}" if rest else "")


urlpatterns = [
    path("vulnerabilities", show_vulnerabilities, name="vulnerabilities"),
    path("vulnerabilities/endings", show_end_of_support, name="endings"),
    path("vulnerabilities/unmatched", show_unmatched_software, name="unmatched"),
    path("vulnerabilities/remedies/<path:product_key>", show_remedy, name="remedy"),
    path("vulnerabilities/flaws/<path:cve>", show_vulnerability, name="vulnerability"),
]
