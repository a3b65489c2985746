"""Queries for reports: the report kinds, and one report over the published assessment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.utils import translation

from homeroom.apps.comply.privacy.opt_outs.masking import load_opt_out_mask
from homeroom.apps.comply.reports.registry import load_report_kinds
from homeroom.apps.comply.reports.report import ENGLISH, DistrictReport, ReportKind, mask_opted_out
from homeroom.apps.comply.reports.report_data import NotAssessed, ReportData
from homeroom.apps.protect.posture.published.queries import get_published_assessment
from homeroom.domain.platform.district import District


def list_report_kinds() -> Mapping[str, ReportKind]:
    """Return every kind of report by name."""
    return load_report_kinds()


class NoSuchLanguage(LookupError):
    """A report is not made in that language; the text names those that it is made in."""


def build_report(*, district: District, name: str, today: date, language: str = ENGLISH) -> DistrictReport:
    """Build the report of that name for that day, with students masked who opted out of directory information.

    Raise KeyError for an unknown name, NoSuchLanguage, NotAssessed before the first assessment, and QueryTimeout if
    evidence is too slow.
    """
    kind = load_report_kinds()[name]
    assessment = get_published_assessment(district=district)
    if assessment is None:
        raise NotAssessed("nothing was judged yet; load exports and run homeroom assess")
    if language not in kind.languages:
        raise NoSuchLanguage(f"{name} is made in: {', '.join(kind.languages)}")
    with translation.override(language):
        report = kind.build(ReportData(district=district, assessment=assessment, today=today))
    return mask_opted_out(report, load_opt_out_mask(district=district))
