"""A course as a SCORM 1.2 package: a zip with one SCO in English and Spanish that any LMS plays.

The manifest is by SCORM 1.2, Content Aggregation Model, 2.3 (ADL, October 2001); the script in the package speaks its
Run-Time Environment. The same course gives the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import translation
from lxml import etree
from lxml.builder import ElementMaker

from homeroom.apps.teach.courses.course_pages import build_course_page
from homeroom.domain.teach.courses.course import LANGUAGES, Course
from homeroom.domain.teach.courses.scoring import compute_course_version
from homeroom.library.teach.courses.course_files import load_courses
from homeroom.library.teach.courses.lesson_pages import find_picture

IMSCP, ADLCP = "http://www.imsproject.org/xsd/imscp_rootv1p1p2", "http://www.adlnet.org/xsd/adlcp_rootv1p2"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMAS = f"{IMSCP} imscp_rootv1p1p2.xsd {ADLCP} adlcp_rootv1p2.xsd"
MANIFEST, PAGE = "imsmanifest.xml", "index.html"
ASSETS = ("course.css", "course-package.css", "course.js", "scorm.js")
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The time of each file in the zip: the earliest that the format has."""


def find_packaged_course(course_id: str) -> Course | None:
    """Return a course by id, or None."""
    return next((course for course in load_courses() if course.id == course_id), None)


def build_scorm_package(course: Course) -> bytes:
    """Return the zip of a course."""
    files = {PAGE: _render_page(course), **_read_assets(), **_read_pictures(course)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for name, content in {MANIFEST: build_manifest(course, files), **dict(sorted(files.items()))}.items():
            entry = zipfile.ZipInfo(name, date_time=EARLIEST)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            package.writestr(entry, content)
    return buffer.getvalue()


def build_manifest(course: Course, files: Mapping[str, bytes]) -> bytes:
    """Return imsmanifest.xml: one organization with one item, and the SCO with all files."""
    name = f"homeroom-{course.id}"
    make = ElementMaker(namespace=IMSCP, nsmap={None: IMSCP, "adlcp": ADLCP, "xsi": XSI})
    item = make.item(make.title(course.title.en), identifier=f"{name}-item", identifierref=f"{name}-sco")
    if course.pass_percent:
        mastery = etree.SubElement(item, f"{{{ADLCP}}}masteryscore")
        mastery.text = str(course.pass_percent)
    manifest = make.manifest(
        make.metadata(make.schema("ADL SCORM"), make.schemaversion("1.2")),
        make.organizations(
            make.organization(make.title(course.title.en), item, identifier=f"{name}-organization"),
            default=f"{name}-organization",
        ),
        make.resources(
            make.resource(
                *(make.file(href=path) for path in sorted(files)),
                identifier=f"{name}-sco",
                type="webcontent",
                href=PAGE,
                **{f"{{{ADLCP}}}scormtype": "sco"},
            )
        ),
        identifier=name,
        version=compute_course_version(course),
        **{f"{{{XSI}}}schemaLocation": SCHEMAS},
    )
    return bytes(etree.tostring(manifest, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _render_page(course: Course) -> bytes:
    parts = []
    for language in LANGUAGES:
        with translation.override(language):
            page = build_course_page(course, language=language, get_picture_address=lambda name: name)
            parts.append(render_to_string("courses/_package_part.html", {"course": page}))
    context = {"course": course, "version": compute_course_version(course), "parts": parts}
    with translation.override("en"):
        return render_to_string("courses/package.html", context).encode()


def _read_assets() -> dict[str, bytes]:
    return {name: Path(str(finders.find(f"homeroom/{name}"))).read_bytes() for name in ASSETS}


def _read_pictures(course: Course) -> dict[str, bytes]:
    names = {name for lesson in course.lessons for name in lesson.pictures}
    pictures = {name: find_picture(course, name) for name in names}
    return {name: path.read_bytes() for name, path in pictures.items() if path is not None}
