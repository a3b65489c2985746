"""School Data Sync files are one bundle and become canonical rows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from homeroom.connectors.sds import readers
from homeroom.ingest.detection.detect import detect_packages
from homeroom.library.connectors import load_connectors
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
