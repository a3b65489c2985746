"""Files that real products write and that were refused or taken for another product's: each has its kind and its rows."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.connectors.recordings import SHARED_DATA, read_files

FILES = {
    "scanners/qualys_vmdr_one_no_metadata_cve.csv": ("qualys.vmdr", {"vulnerability_records": 1, "device_records": 1}),
    "scanners/qualys_vmdr_cve.csv": ("qualys.vmdr", {"vulnerability_records": 1, "device_records": 1}),
    "scanners/qualys_vmdr_one_qid.csv": ("qualys.vmdr", {"vulnerability_records": 1, "device_records": 1}),
    "scanners/qualys_scan_1.xml": ("qualys.scan", {"vulnerability_records": 1, "device_records": 1}),
    "scanners/nessus_new.csv": ("nessus.exported", {"vulnerability_records": 99, "device_records": 97}),
    "scanners/prowler3_one.json": ("prowler.json", {"verdict_records": 1}),
    "scanners/csaf_no_vuln.json": ("csaf.advisories", {}),
    "scanners/cyclonedx_old_extension.xml": (
        "cyclonedx.xml",
        {"vulnerability_records": 312, "software_records": 307},
    ),
    "ssh-audit/custom_policy_test1.json": (
        "sshaudit.policies",
        {"verdict_records": 1, "device_records": 1, "service_records": 1},
    ),
    "ssh-audit/custom_policy_test7.json": (
        "sshaudit.policies",
        {"verdict_records": 1, "device_records": 1, "service_records": 1},
    ),
    "sds/v1/School.csv": ("sds.v1.schools", {"orgs": 2}),
    "sds/v1/Section.csv": ("sds.v1.sections", {"classes": 2, "academic_sessions": 1, "courses": 2}),
    "sds/v1/Student.csv": ("sds.v1.students", {"person_records": 22, "role_records": 22}),
    "sds/v1/Teacher.csv": ("sds.v1.teachers", {"person_records": 2, "role_records": 2}),
    "sds/v1/StudentEnrollment.csv": ("sds.v1.student-enrollments", {"enrollments": 44}),
    "sds/v1/TeacherRoster.csv": ("sds.v1.teacher-rosters", {"enrollments": 2}),
    "sds/uk/School.csv": ("sds.uk.schools", {"orgs": 2}),
    "sds/uk/Section.csv": ("sds.uk.sections", {"classes": 28, "academic_sessions": 1, "courses": 28}),
    "sds/uk/Student.csv": ("sds.uk.students", {"person_records": 22, "role_records": 22}),
    "sds/uk/Teacher.csv": ("sds.uk.teachers", {"person_records": 2, "role_records": 2}),
    "sds/uk/StudentEnrollment.csv": ("sds.uk.student-enrollments", {"enrollments": 154}),
    "sds/uk/TeacherRoster.csv": ("sds.uk.teacher-rosters", {"enrollments": 4}),
    "sds/v2/users.csv": ("sds.users-2.0", {"person_records": 29, "role_records": 29}),
    "sds/v2/classes.csv": ("sds.classes", {"classes": 4}),
    "sds/v2/enrollments.csv": ("sds.enrollments", {"enrollments": 29}),
}


@pytest.mark.parametrize("name", list(FILES))
def test_a_published_file_has_its_kind_and_all_its_rows(name: str) -> None:
    path = SHARED_DATA / "messy-formats" / name
    if not path.exists():
        pytest.skip("the files that others made are not here")
    kind, expected_counts = FILES[name]
    counts: Counter[str] = Counter()
    readings = read_files(path)
    for file, reading in readings:
        assert file.kind.id == kind
        assert reading.rejects.height == 0
        counts.update({table: frame.height for table, frame in reading.tables.items() if frame.height})
    assert counts == expected_counts


@pytest.mark.parametrize("form", ["v1", "uk", "v2"])
def test_each_sample_of_school_data_sync_is_one_bundle(form: str) -> None:
    path = SHARED_DATA / "messy-formats" / "sds" / form
    if not path.exists():
        pytest.skip("the files that others made are not here")
    assert {file.kind.stream for file, _ in read_files(path)} == {"sds.bundle"}
