"""A small folder of documents with planted data and near-misses, and a roster of three invented students."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import xlsxwriter

USERS = """sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,\
middleName,identifier,email,sms,phone,agentSourcedIds,grades,password
s1,active,2026-01-01T00:00:00Z,true,o1,student,s1,,Mila,Okonski,,004512,mila@pupils.maple.example,,,,05,
s2,active,2026-01-01T00:00:00Z,true,o1,student,s2,,José,Garza-Lind,,7004513,jose@pupils.maple.example,,,,05,
s3,active,2026-01-01T00:00:00Z,true,o1,student,s3,,Owen,Tarrow,,7004514,owen@pupils.maple.example,,,,05,
t1,active,2026-01-01T00:00:00Z,true,o1,teacher,t1,,Owen,Tarrow,,90001,otarrow@maple.example,,,,,
"""
ORGS = """sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId
o1,active,2026-01-01T00:00:00Z,Maple School,school,1,
"""
WORD = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p>'
    "<w:r><w:t>Her SSN is 531-</w:t></w:r><w:r><w:t>21-7</w:t></w:r><w:r><w:t>351.</w:t></w:r></w:p>"
    "</w:body></w:document>"
)
MESSAGE = """From: desk@maple.example
To: it@maple.example
Subject: List
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=B

--B
Content-Type: text/plain

Password: Tiger-2041
--B
Content-Type: text/csv; name=list.csv
Content-Disposition: attachment; filename=list.csv

Name,SSN
Somebody,531217351
--B--
"""
TEXTS = {
    "letter.txt": "Student: Mila Okonski\nDOB: 03/14/2012\nMother's cell: (217) 555-0134\nStudent ID 4512\n",
    "health.txt": "Jose Garza Lind has a peanut allergy.\n\nPlease call Ms. Brown at 312-555-0155.\n",
    "invoices.txt": "Invoice No. Vendor Amount\n531-21-7351 Acme 12.00\n",
    "assets.csv": "Asset Tag,Model\n7004513,Chromebook\n7004514,Chromebook\n7004512,Chromebook\n",
    "staff.txt": "Owen Tarrow teaches art. His employee number is 531-21-7351.\n",
    "sample.txt": "For example, write your SSN as 531-21-7351.\n",
    "empty.txt": "",
}
EXPECTED = {
    "letter.txt": {"name", "birth-date", "phone", "student-number"},
    "health.txt": {"name", "health"},
    "hidden.xlsx": {"ssn", "bank-account"},
    "word.bin": {"ssn"},
    "mail.txt": {"password"},
    "mail.txt!list.csv": {"ssn"},
    "a.zip!inner.zip!x.csv": {"ssn"},
}
NOT_READ = {"empty.txt": "no text", "a.zip!picture.png": "no text", "box.pst": "unknown kind", "cut.docx": "damaged"}


def write_roster(folder: Path) -> Path:
    """Write the roster's files."""
    folder.mkdir()
    (folder / "users.csv").write_text(USERS, encoding="utf-8")
    (folder / "orgs.csv").write_text(ORGS, encoding="utf-8")
    return folder


def write_documents(folder: Path) -> Path:
    """Write the documents."""
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "mail.txt").write_bytes(MESSAGE.encode())
    (folder / "box.pst").write_bytes(b"!BDN" + bytes(2000))
    (folder / "cut.docx").write_bytes(b"PK\x03\x04" + bytes(50))
    with zipfile.ZipFile(folder / "word.bin", "w") as archive:
        archive.writestr("word/document.xml", WORD)
    with xlsxwriter.Workbook(folder / "hidden.xlsx") as book:
        book.add_worksheet("Cover")
        sheet = book.add_worksheet("Data")
        sheet.hide()
        sheet.write_row(0, 0, ["Name", "SSN", "Routing", "Account"])
        sheet.write_row(1, 0, ["Somebody", 31217351, 21000021, 4417238870])
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("x.csv", "Name,SSN\nSomebody,531-21-7351\n")
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("inner.zip", inner.getvalue())
        archive.writestr("picture.png", b"\x89PNG" + bytes(50))
    return folder
