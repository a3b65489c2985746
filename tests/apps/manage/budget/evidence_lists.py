"""Small exports and lists of a district for refresh plans from evidence, and a data folder with them loaded."""

from __future__ import annotations

from pathlib import Path

from tests.apps.program import run_homeroom
from tests.data_folders import prepare_data_folder

TODAY = "2026-11-28"
CHROMEBOOKS = """deviceId,serialNumber,model,status,orgUnitPath,osVersion,autoUpdateExpiration,\
extendedSupportEligible,extendedSupportEnabled,extendedSupportStart,lastSync
d1,5CD1001,Acer Chromebook 311,ACTIVE,/Oak,16093.68.0,2029-06,false,false,,2026-11-20T08:00:00.000Z
d2,5CD1002,Acer Chromebook 311,ACTIVE,/Oak,16093.68.0,2029-06,false,false,,2026-11-20T08:00:00.000Z
d3,5CD1003,HP Chromebook 11 G8,ACTIVE,/Oak,16093.68.0,2029-06,true,false,2027-06-30,2026-11-20T08:00:00.000Z
"""
ASSETS = """Asset Tag,Serial,Model,Category,Status,School,Purchase Date,Purchase Cost
1001,5CD1001,Acer Chromebook 311,Chromebooks,Deployed,Oak,2021-08-01,300.00
1002,5CD1002,Acer Chromebook 311,Chromebooks,Deployed,Oak,2021-08-01,310.00
2001,PF2001,ThinkPad L13,Laptops,Deployed,Oak,2022-02-28,850.00
2002,PF2002,ThinkPad L13,Laptops,Deployed,Oak,,
3001,FOC3001,Cisco WS-C2960X-24PS-L,Network Switches,Deployed,Elm,2016-07-01,1400.00
3002,FOC3002,Cisco Catalyst 9300-48P,Network Switches,Deployed,Elm,2022-07-01,
4001,PRJ4001,Epson PowerLite,Projectors,Deployed,Elm,2019-07-01,
"""
FUNDS = """Fund,Fiscal Year,Amount,Carries Over,Pays,Match,Program,Students,Schools,Kinds
general,2028,900,,,,,,,
general,FY29,900,,,,,,,
general,2029-30,900,,,,,,,
general,2031,900,,,,,,,
general,2032,900,,,,,,,
title-i,2028,400,yes,,,,,Oak,Chromebooks
e-rate,,,,80%,general,e-rate-c2,"1,500",,
"""
PRICES = """Kind,Price,Life,Minutes,Weight,Per 100 Students
Chromebooks,$310.00,8,20,2,100
laptop,880,5,45,3,
switch,"2,100.50",8,60,5,
"""
STUDENTS = """Number,First,Last,School
9001,Ana,Reyes,Oak
9002,Ben,Okafor,Oak
9003,Cy,Lindqvist,Oak
9004,Dee,Novak,Elm
"""
STUDENT_MAPPING = """homeroom: mapping
name: students
connector: roster
table: person_records
columns:
  key: {from: Number}
  given_name: {from: First}
  family_name: {from: Last}
  org_name: {from: School}
roles: {role: student}
"""


def prepare_district(folder: Path, *, lists: bool = True, assets: str = ASSETS, funds: str = FUNDS) -> Path:
    """Load the exports, and the lists of funds, prices and students if wanted; return the data folder."""
    data = prepare_data_folder(folder / "data")
    exports = folder / "exports"
    exports.mkdir()
    (exports / "chromebooks.csv").write_text(CHROMEBOOKS, encoding="utf-8")
    (exports / "assets.csv").write_text(assets, encoding="utf-8")
    load(data, str(exports))
    if lists:
        roster = folder / "roster"
        roster.mkdir()
        (roster / "students.csv").write_text(STUDENTS, encoding="utf-8")
        (roster / "students.yaml").write_text(STUDENT_MAPPING, encoding="utf-8")
        load(data, str(roster / "students.csv"), str(roster / "students.yaml"))
        for name, text in (("refresh-funds", funds), ("refresh-prices", PRICES)):
            path = folder / f"{name}.csv"
            path.write_text(text, encoding="utf-8")
            load(data, str(path), "--as", name)
    result = run_homeroom("resolve", "--today", TODAY, data=data)
    assert result.returncode in (0, 1), result.stderr
    return data


def load(data: Path, *arguments: str) -> None:
    """Load files as a person does."""
    result = run_homeroom("load", *arguments, "--today", TODAY, data=data)
    assert result.returncode in (0, 1), result.stdout + result.stderr
