"""School Data Sync files are one bundle and become canonical rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from homeroom.connectors.sds import readers
from homeroom.ingest.detection.detect import detect_packages
from homeroom.library.know.connectors import load_connectors
from tests.connectors.raw_frames import contains_text, list_rejects, list_rows, parse_csv

FILES = {
    "orgs": "sourcedId,name,type\n310,Maple,school\n",
    "users": "sourcedId,username,givenName,familyName,password,activeDirectoryMatchId,email,phone,sms\n"
    "77,mvega@maple.example,Marisol,Vega,Tulip-4471,M.Vega@maple.example,,+15550100,\n",
    "roles": "userSourcedId,orgSourcedId,role,sessionSourcedId,grade,isPrimary,roleStartDate,roleEndDate\n"
    "77,310,student,,09,true,2026-08-15,\n9,310,itAdmin,,,,,soon\n9,310,nurse,,,,,\n,310,student,,,,,\n",
    "classes": 'sourcedId,orgSourcedId,title,sessionSourcedIds,courseSourcedId,code\nc1,310,Algebra,"q2,q1",k1,A1\n',
    "enrollments": "classSourcedId,userSourcedId,role\nc1,77,student\nc1,77,student\nc1,9,teacher\n",
    "academicSessions": "sourcedId,title,type,schoolYear,startDate,endDate\nq1,Fall,semester,2027,2026-08-15,2026-12-18\n",
    "courses": "sourcedId,orgSourcedId,title,code,schoolYearSourcedId,subject,grade\nk1,310,Algebra,ALG,y1,math,09\n",
    "relationships": "userSourcedId,relationshipUserSourcedId,relationshipRole\n77,g1,guardian\n",
    "demographics": "userSourcedId,sex,birthDate\n77,female,2011-02-28\n",
    "userFlags": "userSourcedId,flag\n77,englishLanguageLearner\n",
}


def test_a_folder_is_one_whole_bundle_of_sds_even_where_a_file_would_fit_oneroster(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    detection = detect_packages([tmp_path], connectors=load_connectors())
    assert detection.problems == ()
    (package,) = detection.packages
    assert (package.connector.name, package.stream, package.complete) == ("sds", "sds.bundle", True)
    assert {file.kind.id for file in package.files} == {
        f"sds.{name}"
        for name in (
            "orgs",
            "users",
            "roles",
            "classes",
            "enrollments",
            "sessions",
            "courses",
            "relationships",
            "demographics",
            "flags",
        )
    }


def test_a_user_keeps_the_id_that_a_directory_is_matched_by_and_no_telephone() -> None:
    read = readers.read_users(parse_csv(FILES["users"]))
    assert list_rows(read, "person_records") == [
        {
            "key": "77", "status": "active", "given_name": "Marisol", "family_name": "Vega",
            "username": "mvega@maple.example", "email": "mvega@maple.example",
            "other_ids": ["directory:m.vega@maple.example"],
        }
    ]  # fmt: skip
    assert read.dropped == {"password": 1, "phone": 1}
    assert not contains_text(read, "5550100")


def test_roles_have_the_words_of_rosters_and_their_own() -> None:
    read = readers.read_roles(parse_csv(FILES["roles"]))
    assert [
        (row["person_key"], row["role"], row["job"], row.get("grade")) for row in list_rows(read, "role_records")
    ] == [
        ("77", "student", "student", "09"),
        ("9", "administrator", "itAdmin", None),
        ("9", "staff", "nurse", None),
    ]
    assert list_rows(read, "role_records")[0]["begin_date"] == date(2026, 8, 15)
    assert list_rejects(read) == [(3, "roleEndDate", False), (5, "userSourcedId", True)]
    related = list_rows(readers.read_relationships(parse_csv(FILES["relationships"])), "role_records")
    assert [(row["person_key"], row["role"]) for row in related] == [("g1", "guardian")]


def test_classes_terms_courses_and_places_in_classes() -> None:
    assert list_rows(readers.read_classes(parse_csv(FILES["classes"])), "classes") == [
        {
            "key": "c1",
            "title": "Algebra",
            "kind": "scheduled",
            "course_key": "k1",
            "org_key": "310",
            "status": "active",
            "code": "A1",
            "term_keys": ["q1", "q2"],
        }
    ]
    assert [
        row["key"] for row in list_rows(readers.read_enrollments(parse_csv(FILES["enrollments"])), "enrollments")
    ] == [
        "c1:77:student",
        "c1:9:teacher",
    ]
    assert (
        list_rows(readers.read_sessions(parse_csv(FILES["academicSessions"])), "academic_sessions")[0]["school_year"]
        == "2027"
    )
    assert list_rows(readers.read_courses(parse_csv(FILES["courses"])), "courses")[0]["subjects"] == ["math"]
    assert list_rows(readers.read_orgs(parse_csv(FILES["orgs"])), "orgs")[0]["kind"] == "school"


def test_demographics_and_flags_are_counted_and_left() -> None:
    read = readers.drop_file(parse_csv(FILES["demographics"]))
    assert read.dropped == {"sex": 1, "birthDate": 1}
    assert dict(read.tables) == {}


V1_FILES = {
    "School": "SIS ID,Name,School Number,Zip\n310,Maple,31,55555\n",
    "Student": "SIS ID,School SIS ID,Username,First Name,Last Name,Password,Grade,Status,Birthdate\n"
    "77,310,mvega,Marisol,Vega,Tulip-4471,9,Active,4/2/2011\n77,311,mvega,Marisol,Vega,Tulip-4471,9,Active,4/2/2011\n"
    "78,310,tberg@maple.example,Tom,Berg,Tulip-4472,PS1,Inactive,4/2/2011\n,310,nobody,No,Body,x,9,Active,\n",
    "Teacher": "SIS ID,School SIS ID,Username,Teacher Number,Title\n9,310,ann.lee@maple.example,T9,Librarian\n",
    "Section": "SIS ID,School SIS ID,Section Name,Section Number,Term SIS ID,Term Name,Term StartDate,Term EndDate,"
    "Course SIS ID,Course Name,Course Subject,Periods\n"
    "c1,310,Algebra,A1,t1,Fall,8/15/2026,12/18/2026,k1,Math 101,Math,1\nc2,310,,,,,,,,,,\n",
    "StudentEnrollment": "Section SIS ID,SIS ID\nc1,77\nc1,77\nc1,\n",
    "TeacherRoster": "Section SIS ID,SIS ID\nc1,9\n",
    "user": "Email,First Name,Last Name,Phone,SIS ID\nP.Vega@mail.example,Paz,Vega,+15550100,\n",
    "guardianrelationship": "SIS ID,Email,Role\n77,p.vega@mail.example,Guardian\n",
}


def _write_files(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def test_the_form_v1_is_one_whole_bundle_whose_names_tell_its_two_files_of_one_header_apart(tmp_path: Path) -> None:
    detection = detect_packages([_write_files(tmp_path, V1_FILES)], connectors=load_connectors())
    assert detection.problems == ()
    (package,) = detection.packages
    assert (package.connector.name, package.stream, package.complete) == ("sds", "sds.bundle", True)
    assert sorted(file.kind.id.removeprefix("sds.v1.") for file in package.files) == [
        "guardian-roles", "guardians", "schools", "sections", "student-enrollments", "students", "teacher-rosters",
        "teachers",
    ]  # fmt: skip


def test_required_columns_alone_make_a_bundle_of_v1_and_of_the_united_kingdom(tmp_path: Path) -> None:
    plain = {
        "School": "SIS ID,Name\n1,Maple\n",
        "Student": "SIS ID,School SIS ID,Username\n7,1,m\n",
        "Teacher": "SIS ID,School SIS ID,Username\n9,1,l\n",
    }
    kingdom = {
        "school": "DfE Number,Name\n1,Maple\n",
        "student": "ID,School DfE Number,Username\n7,1,m\n",
        "teacher": "ID,School DfE Number,Username\n9,1,l\n",
    }
    for form, files in (("v1", plain), ("uk", kingdom)):
        (tmp_path / form).mkdir()
        detection = detect_packages([_write_files(tmp_path / form, files)], connectors=load_connectors())
        assert detection.problems == ()
        ids = {file.kind.id for package in detection.packages for file in package.files}
        assert ids == {f"sds.{form}.{name}" for name in ("schools", "students", "teachers")}


def test_a_list_with_a_name_and_an_id_of_the_sis_is_no_school_of_v1(tmp_path: Path) -> None:
    (tmp_path / "devices.csv").write_text("SIS ID,Name,Device\n77,Marisol,iPad\n", encoding="utf-8")
    detection = detect_packages([tmp_path], connectors=load_connectors())
    assert (detection.packages, len(detection.problems)) == ((), 1)


def test_people_of_v1_have_a_role_at_each_school_and_no_password() -> None:
    students = readers.read_students(parse_csv(V1_FILES["Student"]))
    assert [
        (row["key"], row.get("email"), row.get("grade"), row["status"]) for row in list_rows(students, "person_records")
    ] == [("77", None, "09", "active"), ("78", "tberg@maple.example", "PS", "tobedeleted")]
    assert [(row["person_key"], row["org_key"], row["role"]) for row in list_rows(students, "role_records")] == [
        ("77", "310", "student"), ("77", "311", "student"), ("78", "310", "student"),
    ]  # fmt: skip
    assert students.dropped == {"Password": 4, "Birthdate": 3}
    assert list_rejects(students) == [(5, "SIS ID", True)]
    assert not contains_text(students, "Tulip")
    (teacher,) = list_rows(readers.read_teachers(parse_csv(V1_FILES["Teacher"])), "role_records")
    assert (teacher["role"], teacher["job"]) == ("teacher", "Librarian")


def test_sections_of_v1_name_their_terms_and_courses() -> None:
    read = readers.read_sections(parse_csv(V1_FILES["Section"]))
    assert [
        (row["key"], row["title"], row.get("term_keys"), row.get("course_key")) for row in list_rows(read, "classes")
    ] == [
        ("c1", "Algebra", ["t1"], "k1"),
        ("c2", "c2", None, None),
    ]
    (term,), (course,) = list_rows(read, "academic_sessions"), list_rows(read, "courses")
    assert (term["title"], term["begin_date"], term["end_date"]) == ("Fall", date(2026, 8, 15), date(2026, 12, 18))
    assert (course["key"], course["title"], course["subjects"]) == ("k1", "Math 101", ["math"])
    enrollments = readers.read_student_enrollments(parse_csv(V1_FILES["StudentEnrollment"]))
    assert [(row["key"], row["role"]) for row in list_rows(enrollments, "enrollments")] == [
        ("c1:77:student", "student")
    ]
    assert list_rejects(enrollments) == [(4, "SIS ID", True)]


def test_guardians_of_v1_are_known_by_their_address_and_have_their_role() -> None:
    guardians = readers.read_guardians(parse_csv(V1_FILES["user"]))
    assert [(row["key"], row["email"]) for row in list_rows(guardians, "person_records")] == [
        ("p.vega@mail.example", "p.vega@mail.example")
    ]
    assert guardians.dropped == {"Phone": 1}
    roles = list_rows(readers.read_guardian_roles(parse_csv(V1_FILES["guardianrelationship"])), "role_records")
    assert [(row["person_key"], row["role"]) for row in roles] == [("p.vega@mail.example", "guardian")]


V2_FILES = {
    "orgs": "sourcedId,name,type,parentSourcedId\n310,Maple,school,\n",
    "users": "sourcedId,orgSourcedIds,givenName,familyName,username,password,role,grade\n"
    '77,"310,311",Marisol,Vega,MVega@maple.example,Tulip-4471,Student,9\n9,310,Ann,Lee,alee,x,Lecturer,\n',
    "classes": "sourcedId,orgSourcedId,title\nc1,310,Algebra\n",
    "enrollments": "classSourcedId,userSourcedId,role\nc1,77,Student\n",
}


def test_the_form_v2_is_a_bundle_of_sds_and_its_users_have_their_roles(tmp_path: Path) -> None:
    detection = detect_packages([_write_files(tmp_path, V2_FILES)], connectors=load_connectors())
    assert detection.problems == ()
    (package,) = detection.packages
    assert {file.kind.id for file in package.files} == {"sds.orgs", "sds.users-2.0", "sds.classes", "sds.enrollments"}
    read = readers.read_users_with_roles(parse_csv(V2_FILES["users"]))
    assert [(row["key"], row.get("email"), row.get("grade")) for row in list_rows(read, "person_records")] == [
        ("77", "mvega@maple.example", "09"), ("9", None, None),
    ]  # fmt: skip
    assert [(row["person_key"], row["role"], row["org_key"], row["job"]) for row in list_rows(read, "role_records")] == [
        ("77", "student", "310", "Student"), ("77", "student", "311", "Student"), ("9", "teacher", "310", "Lecturer"),
    ]  # fmt: skip
    assert not contains_text(read, "Tulip")


def test_users_with_a_status_are_those_of_oneroster(tmp_path: Path) -> None:
    users = "sourcedId,status,enabledUser,orgSourcedIds,role,username,givenName,familyName,password,grades\n77,,true,310,student,m,M,V,x,9\n"
    files = {"orgs": V2_FILES["orgs"], "users": users}
    (package,) = detect_packages([_write_files(tmp_path, files)], connectors=load_connectors()).packages
    assert package.connector.name == "oneroster"
