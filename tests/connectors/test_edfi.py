"""Ed-Fi interchanges become canonical rows, and private values are dropped at ingest."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from homeroom.connectors.edfi import readers
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.detection.detect import detect_packages
from homeroom.library.know.connectors import load_connectors
from tests.connectors.raw_frames import contains_text, list_rejects, list_rows

INTERCHANGES = Path(__file__).parents[3] / "shared" / "data" / "rosters" / "edfi_grand_bend_v5.2"
SCHOOL = "<SchoolReference><SchoolIdentity><SchoolId>310</SchoolId></SchoolIdentity></SchoolReference>"
SESSION = f"<SessionReference><SessionIdentity>{SCHOOL}<SchoolYear>2026-2027</SchoolYear><SessionName>Fall</SessionName></SessionIdentity></SessionReference>"
OFFERING = f"<CourseOfferingReference><CourseOfferingIdentity><LocalCourseCode>ALG</LocalCourseCode>{SCHOOL}{SESSION}</CourseOfferingIdentity></CourseOfferingReference>"
SECTION = f"<SectionReference><SectionIdentity><SectionIdentifier>ALG-1</SectionIdentifier>{OFFERING}</SectionIdentity></SectionReference>"
STAFF = "<StaffReference><StaffIdentity><StaffUniqueId>9001</StaffUniqueId></StaffIdentity></StaffReference>"
STUDENT = (
    "<StudentReference><StudentIdentity><StudentUniqueId>77</StudentUniqueId></StudentIdentity></StudentReference>"
)


def _read_interchange(reader: str, text: str) -> Reading:
    root = etree.fromstring(f"<Interchange>{text}</Interchange>")
    read: Reading = getattr(readers, reader)(list(root), {})
    return read


def test_a_school_stands_below_the_agency_that_it_points_to() -> None:
    read = _read_interchange(
        "read_organizations",
        """<LocalEducationAgency id="L1"><NameOfInstitution>Maple Valley</NameOfInstitution>
        <LocalEducationAgencyId>31</LocalEducationAgencyId></LocalEducationAgency>
        <School><EducationOrganizationIdentificationCode><IdentificationCode>00310</IdentificationCode>
        </EducationOrganizationIdentificationCode><NameOfInstitution>Maple Upper</NameOfInstitution><SchoolId>310</SchoolId>
        <LocalEducationAgencyReference ref="L1"/></School><School><NameOfInstitution>Nameless</NameOfInstitution></School>
        <Course><CourseCode>ALG</CourseCode><CourseTitle>Algebra</CourseTitle>
        <AcademicSubject>uri://ed-fi.org/AcademicSubjectDescriptor#Mathematics</AcademicSubject><EducationOrganizationReference>
        <EducationOrganizationIdentity><EducationOrganizationId>31</EducationOrganizationId></EducationOrganizationIdentity>
        </EducationOrganizationReference></Course>""",
    )
    assert list_rows(read, "orgs")[1] == {
        "key": "310",
        "name": "Maple Upper",
        "kind": "school",
        "identifier": "00310",
        "parent_key": "31",
        "status": "active",
    }
    assert list_rows(read, "courses") == [
        {
            "key": "31:ALG",
            "title": "Algebra",
            "code": "ALG",
            "org_key": "31",
            "subjects": ["Mathematics"],
            "status": "active",
        }
    ]
    assert list_rejects(read) == [(5, "SchoolId", True)]


def test_a_section_belongs_to_its_course_session_and_school() -> None:
    identity = OFFERING.replace("Reference><CourseOfferingIdentity>", "Reference><CourseOfferingIdentity>", 1)
    read = _read_interchange(
        "read_schedule",
        f"""<CourseOffering><LocalCourseCode>ALG</LocalCourseCode><LocalCourseTitle>Algebra</LocalCourseTitle>{SCHOOL}
        <CourseReference><CourseIdentity><CourseCode>02052</CourseCode></CourseIdentity></CourseReference></CourseOffering>
        <Section><SectionIdentifier>ALG-1</SectionIdentifier>{identity}<LocationReference><LocationIdentity>
        <ClassroomIdentificationCode>B 12</ClassroomIdentificationCode></LocationIdentity></LocationReference><ClassPeriodReference><ClassPeriodIdentity>
        <ClassPeriodName>04</ClassPeriodName></ClassPeriodIdentity></ClassPeriodReference></Section>""",
    )
    assert list_rows(read, "courses")[0] | {} == {
        "key": "310:ALG", "title": "Algebra", "code": "02052", "org_key": "310", "status": "active",
    }  # fmt: skip
    assert list_rows(read, "classes") == [
        {
            "key": "310:2026-2027:Fall:ALG:ALG-1",
            "title": "ALG",
            "kind": "scheduled",
            "course_key": "310:ALG",
            "org_key": "310",
            "status": "active",
            "code": "ALG-1",
            "term_keys": ["310:2026-2027:Fall"],
            "periods": ["04"],
            "location": "B 12",
        }
    ]


def test_a_session_and_a_grading_period_keep_their_days() -> None:
    read = _read_interchange(
        "read_calendar",
        f"""<Session><SessionName>Fall</SessionName><SchoolYear>2026-2027</SchoolYear><BeginDate>2026-08-15</BeginDate>
        <EndDate>2026-12-18</EndDate><Term>uri://ed-fi.org/TermDescriptor#Fall Semester</Term>{SCHOOL}</Session>
        <GradingPeriod><GradingPeriodName>Q1</GradingPeriodName><SchoolYear>2026-2027</SchoolYear><EndDate>soon</EndDate>
        {SCHOOL}</GradingPeriod>""",
    )
    session, period = list_rows(read, "academic_sessions")
    assert (session["key"], session["kind"], session["end_date"]) == (
        "310:2026-2027:Fall",
        "semester",
        date(2026, 12, 18),
    )
    assert (period["kind"], period["school_year"]) == ("gradingPeriod", "2027")
    assert list_rejects(read) == [(3, "EndDate", False)]


def test_staff_have_their_assignments_and_sections_and_no_number_that_is_secret() -> None:
    read = _read_interchange(
        "read_staff",
        f"""<Staff><StaffUniqueId>9001</StaffUniqueId><StaffIdentificationCode><IdentificationCode>123-45-6789
        </IdentificationCode><StaffIdentificationSystem>uri://ed-fi.org/StaffIdentificationSystemDescriptor#SSN
        </StaffIdentificationSystem></StaffIdentificationCode><StaffIdentificationCode><IdentificationCode>T-5
        </IdentificationCode><StaffIdentificationSystem>uri://ed-fi.org/StaffIdentificationSystemDescriptor#State
        </StaffIdentificationSystem></StaffIdentificationCode><Name><FirstName>Per</FirstName><LastSurname>Lind</LastSurname>
        </Name><BirthDate>1980-02-29</BirthDate><ElectronicMail><ElectronicMailAddress>Home@maple.example
        </ElectronicMailAddress><ElectronicMailType>uri://ed-fi.org/ElectronicMailTypeDescriptor#Home/Personal
        </ElectronicMailType></ElectronicMail><ElectronicMail><ElectronicMailAddress>PLind@maple.example
        </ElectronicMailAddress></ElectronicMail><LoginId>PLind</LoginId></Staff>
        <StaffEducationOrganizationAssignmentAssociation>{STAFF}<EducationOrganizationReference><EducationOrganizationIdentity>
        <EducationOrganizationId>310</EducationOrganizationId></EducationOrganizationIdentity></EducationOrganizationReference>
        <StaffClassification>uri://ed-fi.org/StaffClassificationDescriptor#Assistant Principal</StaffClassification>
        <BeginDate>2020-07-01</BeginDate></StaffEducationOrganizationAssignmentAssociation>
        <StaffSectionAssociation>{STAFF}{SECTION}<ClassroomPosition>uri://x#Teacher of Record</ClassroomPosition>
        <BeginDate>2026-08-15</BeginDate></StaffSectionAssociation>""",
    )
    assert list_rows(read, "person_records") == [
        {
            "key": "9001", "status": "active", "given_name": "Per", "family_name": "Lind", "username": "plind",
            "email": "plind@maple.example", "identifier": "9001", "other_ids": ["State:T-5"],
        }
    ]  # fmt: skip
    assert list_rows(read, "role_records")[0]["role"] == "administrator"
    assert list_rows(read, "enrollments")[0] | {} == {
        "key": "9001:310:2026-2027:Fall:ALG:ALG-1:2026-08-15",
        "person_key": "9001",
        "role": "teacher",
        "primary": True,
        "class_key": "310:2026-2027:Fall:ALG:ALG-1",
        "org_key": "310",
        "begin_date": date(2026, 8, 15),
        "status": "active",
    }
    assert read.dropped == {"BirthDate": 1, "IdentificationCode": 1}
    assert not contains_text(read, "123-45-6789")
    assert not contains_text(read, "1980")


def test_a_student_is_at_a_school_and_in_its_sections() -> None:
    read = _read_interchange(
        "read_enrollment",
        f"""<StudentSchoolAssociation>{STUDENT}{SCHOOL}<PrimarySchool>true</PrimarySchool><EntryDate>2026-08-15</EntryDate>
        <EntryGradeLevel>uri://ed-fi.org/GradeLevelDescriptor#Ninth grade</EntryGradeLevel>
        <ExitWithdrawDate>2027-01-08</ExitWithdrawDate></StudentSchoolAssociation>
        <StudentSectionAssociation>{STUDENT}{SECTION}</StudentSectionAssociation>""",
    )
    assert list_rows(read, "role_records") == [
        {
            "person_key": "77", "role": "student", "org_key": "310", "primary": True, "begin_date": date(2026, 8, 15),
            "end_date": date(2027, 1, 8), "status": "active", "job": "Student", "grade": "09",
        }
    ]  # fmt: skip
    assert list_rows(read, "enrollments")[0]["person_key"] == "77"
    assert read.incomplete == ""


def test_of_bus_rides_nothing_is_kept_and_nobody_is_gone() -> None:
    rides = "<StudentBusDetails><BusNumber>Bus 7</BusNumber></StudentBusDetails>"
    read = _read_interchange("read_enrollment", f"<StudentTransportation>{STUDENT}{rides}</StudentTransportation>")
    assert read.dropped == {"StudentBusDetails": 1}
    assert read.incomplete
    assert not contains_text(read, "Bus 7")


@pytest.mark.scale
@pytest.mark.skipif(not INTERCHANGES.is_dir(), reason="the sample interchanges are not beside this clone")
def test_every_sample_interchange_is_read_without_a_reject() -> None:
    detection = detect_packages([INTERCHANGES], connectors=load_connectors())
    assert detection.problems == ()
    counts: dict[str, int] = {}
    for package in detection.packages:
        for file in package.files:
            for elements, attributes in file.iter_elements():
                read = package.connector.readers[file.kind.reader](elements, attributes)
                assert read.rejects.is_empty()
                for table, frame in read.tables.items():
                    name = f"{file.kind.id} {table}"
                    counts[name] = counts.get(name, 0) + frame.height
    assert counts["edfi.students person_records"] == 960
    assert counts["edfi.staff person_records"] == 68
    assert counts["edfi.schedule classes"] == 532
    assert counts["edfi.calendar academic_sessions"] == 24
    assert counts["edfi.staff enrollments"] == 528
