"""OneRoster members become canonical rows, and values that must not be stored are dropped at ingest."""

from __future__ import annotations

from datetime import date

import polars as pl

from homeroom.connectors.oneroster import readers
from tests.connectors.raw_frames import build_frame, contains_text, list_rejects, list_rows, parse_csv

USERS_1_1 = """
    sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password,ext_bus
    u1,,,true,"s1,s2",student,MVega,"{SIS:77},{Lunch:9}",Marisol,Vega,,1077,MVega@maple.example,5550100,,"g2,g1",K,Tulip-4471,12
    u2,tobedeleted,,FALSE,s1,teacher,okoro,,  Ada ,Okoro,,123-45-6789,okoro@maple.example,,,,,Tulip-4471,
    u3,active,,perhaps,s1,ext:coach,lind,"{SSN:123-45-6789},{HR:5}",Per,Lind,,5,nobody,,,,99,,
    u3,active,,true,s1,student,again,,Again,Again,,,,,,,03,,
    ,active,,true,s1,student,none,,No,Id,,,,,,,03,,
"""


def test_a_person_of_version_1_1_has_one_role_at_each_school() -> None:
    read = readers.read_users_with_roles(parse_csv(USERS_1_1))
    assert list_rows(read, "person_records")[0] == {
        "key": "u1",
        "status": "active",
        "enabled": True,
        "given_name": "Marisol",
        "family_name": "Vega",
        "username": "mvega",
        "email": "mvega@maple.example",
        "identifier": "1077",
        "other_ids": ["Lunch:9", "SIS:77"],
        "grade": "KG",
        "org_key": "s1",
        "agent_keys": ["g1", "g2"],
    }
    assert [
        (row["person_key"], row["role"], row["org_key"], row["job"]) for row in list_rows(read, "role_records")
    ] == [
        ("u1", "student", "s1", "student"),
        ("u1", "student", "s2", "student"),
        ("u2", "teacher", "s1", "teacher"),
        ("u3", "other", "s1", "ext:coach"),
    ]


def test_a_blank_status_is_active_and_another_word_stands() -> None:
    people = list_rows(readers.read_users_with_roles(parse_csv(USERS_1_1)), "person_records")
    assert [row["status"] for row in people] == ["active", "tobedeleted", "active"]


def test_what_cannot_be_read_is_null_and_reported_with_its_line() -> None:
    read = readers.read_users_with_roles(parse_csv(USERS_1_1))
    assert list_rejects(read) == [
        (4, "enabledUser", False),
        (4, "email", False),
        (4, "grades", False),
        (5, "sourcedId", True),
        (6, "sourcedId", True),
    ]
    assert "enabled" not in list_rows(read, "person_records")[2]


def test_passwords_numbers_and_telephones_stay_at_the_door() -> None:
    read = readers.read_users_with_roles(parse_csv(USERS_1_1))
    assert read.dropped == {"password": 2, "sms": 1, "identifier": 1, "userIds": 1}
    assert not contains_text(read, "Tulip-4471")
    assert not contains_text(read, "123-45-6789")
    assert not contains_text(read, "5550100")
    assert list_rows(read, "person_records")[2]["other_ids"] == ["HR:5"]


def test_an_enrollment_that_is_numbered_by_a_social_security_number_is_rejected_with_the_number_masked() -> None:
    read = readers.read_enrollments(
        parse_csv("""
        sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate
        123-45-6789,active,,c1,s1,u1,student,false,,
        e2,active,,c1,s1,123-45-6789,student,false,,
        e3,active,,c1,s1,u3,student,false,,
        """)
    )
    assert [(row["key"], row.get("person_key")) for row in list_rows(read, "enrollments")] == [
        ("e2", None),
        ("e3", "u3"),
    ]
    assert {(2, "sourcedId", True), (3, "userSourcedId", False)} <= set(list_rejects(read))
    assert not contains_text(read, "123-45-6789")


def test_a_person_of_version_1_2_takes_roles_from_their_own_member() -> None:
    people = readers.read_users(
        parse_csv("""
        sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,grades,userMasterIdentifier,preferredGivenName,primaryOrgSourcedId,password
        u1,active,,true,mvega,,Marisol,Vega,03,M-1,Mari,s1,Tulip-4471
        """)
    )
    assert list_rows(people, "person_records") == [
        {
            "key": "u1",
            "status": "active",
            "enabled": True,
            "given_name": "Marisol",
            "family_name": "Vega",
            "preferred_name": "Mari",
            "username": "mvega",
            "master_id": "M-1",
            "grade": "03",
            "org_key": "s1",
        }
    ]
    assert not contains_text(people, "Tulip-4471")


def test_two_rows_that_come_to_one_role_keep_the_active_one() -> None:
    read = readers.read_roles(
        parse_csv("""
        sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,userProfileSourcedId
        r1,tobedeleted,,u1,secondary,principal,2025-08-01,,s1,
        r2,active,,u1,primary,siteAdministrator,2025-08-01,2026-06-30,s1,
        r3,active,,u2,primary,teacher,soon,,s1,
        r4,active,,,primary,teacher,2025-08-01,,s1,
        """)
    )
    assert list_rows(read, "role_records") == [
        {
            "person_key": "u1",
            "role": "administrator",
            "org_key": "s1",
            "primary": True,
            "begin_date": date(2025, 8, 1),
            "end_date": date(2026, 6, 30),
            "status": "active",
            "job": "siteAdministrator",
        },
        {"person_key": "u2", "role": "teacher", "org_key": "s1", "primary": True, "status": "active", "job": "teacher"},
    ]
    assert list_rejects(read) == [(4, "beginDate", False), (5, "userSourcedId", True)]


def test_schools_classes_and_enrollments_are_kept() -> None:
    orgs = readers.read_orgs(
        build_frame([{"sourcedId": "s1", "name": "Lincoln", "type": "School", "parentSourcedId": "d"}])
    )
    assert list_rows(orgs, "orgs") == [
        {"key": "s1", "name": "Lincoln", "kind": "school", "parent_key": "d", "status": "active"}
    ]
    classes = readers.read_classes(
        build_frame([{"sourcedId": "c1", "title": "Art", "classType": "scheduled", "schoolSourcedId": "s1"}])
    )
    assert list_rows(classes, "classes")[0]["org_key"] == "s1"
    enrolled = readers.read_enrollments(
        build_frame(
            [
                {
                    "sourcedId": "e1",
                    "classSourcedId": "c1",
                    "userSourcedId": "u1",
                    "role": "Student",
                    "endDate": "6/1/2026",
                }
            ]
        )
    )
    assert list_rows(enrolled, "enrollments") == [
        {
            "key": "e1",
            "person_key": "u1",
            "class_key": "c1",
            "role": "student",
            "end_date": date(2026, 6, 1),
            "status": "active",
        }
    ]


def test_demographics_and_profiles_are_counted_and_never_kept() -> None:
    read = readers.drop_member(build_frame([{"sourcedId": "u1", "birthDate": "2015-03-04", "password": "Tulip-4471"}]))
    assert read.tables == {}
    assert read.dropped == {"birthDate": 1, "password": 1}
    assert not contains_text(read, "Tulip-4471")


def test_a_long_file_whose_values_repeat_is_read_as_a_short_one() -> None:
    names = "sourcedId,status,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,email,grades"
    forms = (
        'active,true,s1,Student,ada,"{SIS:7},{LDAP:ada}",  Ada  Lee ,Okoro, Ada@maple.example ,Grade 3',
        ",TRUE,s2,Ext:Coach,per,,Per,Lind,nobody,99",
        "tobedeleted,false,,,x,,,,,",
    )
    rows = [f"u{number:05},{forms[number % 3]}" for number in range(1500)]
    long = readers.read_users_with_roles(parse_csv("\n".join([names, *rows])))
    short = readers.read_users_with_roles(parse_csv("\n".join([names, *rows[:6]])))
    for table, frame in short.tables.items():
        first = long.tables[table].filter(pl.col("_line") <= short.tables[table]["_line"].max())
        assert first.equals(frame)
    assert long.rejects.head(short.rejects.height).equals(short.rejects)
    assert long.rejects.height == 250 * short.rejects.height


def test_a_role_that_is_missing_is_another_one_in_files_of_any_length() -> None:
    names = "sourcedId,userSourcedId,roleType,role,orgSourcedId"
    rows = [f"r{number},u{number},primary,{'student' if number % 2 else ''},s1" for number in range(1500)]
    for count in (6, 1500):
        read = readers.read_roles(parse_csv("\n".join([names, *rows[:count]])))
        assert read.tables["role_records"]["role"].to_list() == ["other", "student"] * (count // 2)
