"""Documents to plant: each maker returns the content of one and the kinds of data that are in it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.loose_data.people import (
    STREETS,
    TOWNS,
    InventedPeople,
    InventedStudent,
    make_card,
    make_password,
    make_phone,
    make_routing,
    make_ssn,
    write_dashes,
)

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
type Rows = list[list[str]]
_FILLER = (
    "The committee reviewed the schedule for the spring and agreed to meet again.",
    "Buses leave from the north lot at three; please plan for the detour on the county road.",
    "The library will be open until five on weekdays, and the copier on the second floor works again.",
    "We thank everybody who helped with the book fair and look forward to the concert.",
    "Room changes are posted at the entrance. In order to keep the halls clear, use the side doors.",
    "The new filters were installed and the water was tested; results are on file with the facilities team.",
)


@dataclass(frozen=True, kw_only=True)
class Planted:
    """A document before it is written: a text or rows, and what has to be found in it."""

    kinds: frozenset[str]
    text: str = ""
    rows: Rows = field(default_factory=list)


type Maker = Callable[[random.Random, InventedPeople], Planted]


def _plant(kinds: str, *, text: str = "", rows: Rows | None = None) -> Planted:
    return Planted(kinds=frozenset(kinds.split()), text=text, rows=rows or [])


def _fill(rng: random.Random, sentences: int) -> str:
    return " ".join(rng.choice(_FILLER) for _ in range(sentences))


def _wrap(rng: random.Random, middle: str) -> str:
    return f"{_fill(rng, 3)}\n\n{middle}\n\n{_fill(rng, 4)}\n"


def _write_name(rng: random.Random, student: InventedStudent) -> str:
    ways = (
        f"{student.first} {student.last}",
        f"{student.last}, {student.first}",
        f"{student.first} {student.middle[:1]}. {student.last}"
        if student.middle
        else f"{student.first} {student.last}",
        f"{student.first} {student.last}".upper(),
    )
    return rng.choice(ways)


def _pick(rng: random.Random, people: InventedPeople, count: int) -> list[InventedStudent]:
    return rng.sample(people.students, count)


def _write_date(student: InventedStudent, rng: random.Random) -> str:
    year, month, day = student.born
    return rng.choice((f"{month}/{day}/{year}", f"{month:02d}/{day:02d}/{year}", f"{year}-{month:02d}-{day:02d}"))


def _make_amount(rng: random.Random) -> str:
    return f"{rng.randint(5, 900)}.{rng.randint(0, 99):02d}"


# --- documents that hold something -------------------------------------------------------------------------------


def make_roster_with_ssn(rng: random.Random, people: InventedPeople) -> Planted:
    heading = rng.choice(("SSN", "Social Security Number", "Student_SSN", "Soc Sec No"))
    is_bare = rng.random() < 0.5
    rows = [["Last", "First", "Grade", heading]]
    for student in _pick(rng, people, rng.randint(3, 60)):
        digits = make_ssn(rng)
        text = (digits.lstrip("0") if rng.random() < 0.5 else digits) if is_bare else write_dashes(digits)
        rows.append([student.last, student.first, str(rng.randint(1, 12)), text])
    return _plant("name ssn", rows=rows)


def make_health_list(rng: random.Random, people: InventedPeople) -> Planted:
    rows = [["Student", "Allergies", "Medication", "Nurse"]]
    for student in _pick(rng, people, rng.randint(3, 30)):
        nurse = " ".join(rng.choice(people.staff))
        rows.append(
            [_write_name(rng, student), rng.choice(("Peanuts", "None", "Bees")), rng.choice(("", "Albuterol")), nurse]
        )
    rows[1][1] = "Peanuts"
    return _plant("name health", rows=rows)


def make_contact_list(rng: random.Random, people: InventedPeople) -> Planted:
    rows = [["Student ID", "Student Name", "Guardian", "Home Phone", "Guardian Email", "Home Address", "DOB"]]
    for student in _pick(rng, people, rng.randint(3, 60)):
        guardian = f"{rng.choice(people.others)[0]} {student.last}"
        rows.append(
            [
                student.number,
                _write_name(rng, student),
                guardian,
                make_phone(rng),
                f"{guardian.split()[0].lower()}{rng.randint(1, 999)}@mail.example.com",
                f"{rng.randint(10, 9999)} {rng.choice(STREETS)}, {rng.choice(TOWNS)}",
                _write_date(student, rng),
            ]
        )
    return _plant("student-number name phone email home-address birth-date", rows=rows)


def make_lunch_list(rng: random.Random, people: InventedPeople) -> Planted:
    rows = [["Student Number", "Grade", rng.choice(("Lunch Status", "Meal Eligibility", "FRL"))]]
    rows += [[s.number, "4", rng.choice(("Free", "Reduced", "Paid"))] for s in _pick(rng, people, rng.randint(4, 50))]
    return _plant("student-number meal-status", rows=rows)


def make_iep_letter(rng: random.Random, people: InventedPeople) -> Planted:
    (student,) = _pick(rng, people, 1)
    teacher = rng.choice(people.staff)
    text = (
        f"Re: {student.first} {student.last}\n\nThe IEP team met to discuss the progress of {student.first}. "
        f"Please direct questions to Ms. {teacher[1]} at {make_phone(rng)}."
    )
    return _plant("name special-education", text=_wrap(rng, text))


def make_referral(rng: random.Random, people: InventedPeople) -> Planted:
    (student,) = _pick(rng, people, 1)
    text = (
        f"{_write_name(rng, student)} (ID {student.number}) received a discipline referral and a three-day suspension."
    )
    return _plant("name student-number discipline", text=_wrap(rng, text))


def make_direct_deposit(rng: random.Random, people: InventedPeople) -> Planted:
    first, last = rng.choice(people.staff)
    account = str(rng.randint(10_000_000, 9_999_999_999))
    text = f"Direct deposit for {first} {last}\nRouting number: {make_routing(rng)}\nAccount number: {account}"
    return _plant("bank-account", text=_wrap(rng, text))


def make_vendor_accounts(rng: random.Random, people: InventedPeople) -> Planted:
    rows = [["Vendor", "ABA Routing", "Account No."]]
    rows += [
        [f"{rng.choice(people.others)[1]} Supply", make_routing(rng), str(rng.randint(10**7, 10**10))] for _ in range(9)
    ]
    return _plant("bank-account", rows=rows)


def make_card_note(rng: random.Random, people: InventedPeople) -> Planted:
    card = make_card(rng)
    if len(card) == 16 and rng.random() < 0.5:
        card = rng.choice((" ", "-")).join(card[i : i + 4] for i in range(0, 16, 4))
    text = rng.choice(
        (f"Field trip paid with card {card} exp 09/28.", f"Please use the P-card: {card}", f"Visa {card}")
    )
    return _plant("card", text=_wrap(rng, text))


def make_password_list(rng: random.Random, people: InventedPeople) -> Planted:
    rows = [["Email", rng.choice(("Password", "Temp Password", "pwd"))]]
    students = _pick(rng, people, rng.randint(3, 40))
    rows += [[student.email, make_password(rng)] for student in students]
    return _plant("email password", rows=rows)


def make_password_note(rng: random.Random, people: InventedPeople) -> Planted:
    text = rng.choice(("Wifi password: {}", "username: lab12 password: {}", "The password is {} for the cart.")).format(
        make_password(rng)
    )
    return _plant("password", text=_wrap(rng, text))


def make_ssn_letter(rng: random.Random, people: InventedPeople) -> Planted:
    digits = make_ssn(rng)
    text = rng.choice(
        (
            f"The applicant's Social Security number is {write_dashes(digits)}.",
            f"SSN: {digits}",
            f"Background check for {' '.join(rng.choice(people.staff))}, {write_dashes(digits)}, cleared.",
            f"Invoice 4471 attached. Her SSN, {write_dashes(digits)}, was on the form.",
        )
    )
    return _plant("ssn", text=_wrap(rng, text))


def make_printed_roster(rng: random.Random, people: InventedPeople) -> Planted:
    lines = [f"{'STUDENT':<34}{'SSN':<14}{'ORDER NO.':<14}"]
    for student in _pick(rng, people, rng.randint(3, 25)):
        name = f"{student.last}, {student.first}"
        lines.append(f"{name:<34}{make_ssn(rng):<14}{write_dashes(make_ssn(rng)):<14}")
    return _plant("name ssn", text="\n".join(lines) + "\n")


def make_student_letter(rng: random.Random, people: InventedPeople) -> Planted:
    (student,) = _pick(rng, people, 1)
    year, month, day = student.born
    text = (
        f"Student: {student.first} {student.last}\nDate of birth: {MONTHS[month - 1]} {day}, {year}\n"
        f"Address: {rng.randint(10, 9999)} {rng.choice(STREETS)}\nParent phone: {make_phone(rng)}"
    )
    return _plant("name birth-date home-address phone", text=_wrap(rng, text))


# --- documents that hold what looks like something ----------------------------------------------------------------


def make_invoices(rng: random.Random, people: InventedPeople) -> Planted:
    heading = rng.choice(
        ("Invoice No.", "Order Number", "Asset Tag", "Serial No", "PO Number", "Employee ID", "Case No.")
    )
    rows = [[heading, "Vendor", "Amount"]]
    rows += [
        [write_dashes(make_ssn(rng)), f"{rng.choice(people.others)[1]} Inc", _make_amount(rng)]
        for _ in range(rng.randint(3, 40))
    ]
    return _plant("", rows=rows)


def make_printed_invoices(rng: random.Random, people: InventedPeople) -> Planted:
    heading = rng.choice(("Invoice No.", "Order No.", "Asset Tag"))
    separator = rng.choice(("   ", " "))
    lines = [separator.join((heading, "Vendor", "Amount"))]
    lines += [
        separator.join((write_dashes(make_ssn(rng)), rng.choice(people.others)[1], _make_amount(rng)))
        for _ in range(12)
    ]
    return _plant("", text="\n".join(lines) + "\n")


def make_tracking_numbers(rng: random.Random, people: InventedPeople) -> Planted:
    rows = [[rng.choice(("Tracking", "Order ID", "Barcode")), "Carrier"]]
    rows += [
        [make_card(rng) if rng.random() < 0.3 else str(rng.randint(4 * 10**15, 5 * 10**15)), "Post"] for _ in range(20)
    ]
    return _plant("", rows=rows)


def make_book_list(rng: random.Random, people: InventedPeople) -> Planted:
    rows = [["Title", "Author", "ISBN"]]
    for _ in range(rng.randint(3, 30)):
        first, last = rng.choice(people.others)
        rows.append([f"The {last} Road", f"{first} {last}", f"978{rng.randint(10**9, 10**10 - 1)}"])
    return _plant("", rows=rows)


def make_staff_directory(rng: random.Random, people: InventedPeople) -> Planted:
    rows = [["Name", "Title", "Phone", "Email", "Employee No."]]
    for first, last in rng.sample(people.staff, 8):
        email = f"{first}.{last}@fairmont.example.net".lower()
        rows.append([f"{first} {last}", "Teacher", make_phone(rng), email, str(rng.randint(10**8, 10**9 - 1))])
    return _plant("", rows=rows)


def make_sample_form(rng: random.Random, people: InventedPeople) -> Planted:
    text = rng.choice(
        (
            f"Sample: SSN {write_dashes(make_ssn(rng))}, do not use.",
            "Known from an old wallet: 078-05-1120.",
            f"For example, write your Social Security number as {write_dashes(make_ssn(rng))}.",
            "SSN 900-12-3456, SSN 666-12-3456, SSN 123-00-4567, SSN 123-45-0000, SSN 000-12-3456",
        )
    )
    return _plant("", text=_wrap(rng, text))


def make_policy_text(rng: random.Random, people: InventedPeople) -> Planted:
    text = (
        "Students may be suspended for fighting. Each IEP is reviewed once a year. Free lunch is offered to families "
        "who apply. Password: must be at least twelve characters. Asthma plans are filed with the nurse. "
        f"Call the main office at {make_phone(rng)}, 500 Main Street."
    )
    return _plant("", text=_wrap(rng, text))


def make_letter_from_office(rng: random.Random, people: InventedPeople) -> Planted:
    (student,) = _pick(rng, people, 1)
    text = (
        f"Fairmont Elementary School\n500 Main Street\nMain office: {make_phone(rng)}\n\n\n\n\n"
        f"Congratulations to {student.first} {student.last} for the reading award."
    )
    return _plant("name", text=f"{text}\n\n{_fill(rng, 5)}\n")


def make_asset_list(rng: random.Random, people: InventedPeople) -> Planted:
    rows = [["Asset Tag", "Model", "Room"]]
    rows += [[s.number, "Chromebook", str(rng.randint(100, 300))] for s in _pick(rng, people, rng.randint(3, 40))]
    return _plant("", rows=rows)


def make_parcel_text(rng: random.Random, people: InventedPeople) -> Planted:
    text = (
        f"Purchase order {write_dashes(make_ssn(rng))} and ticket {make_card(rng)} are closed; serial {make_ssn(rng)}."
    )
    return _plant("", text=_wrap(rng, text))


def make_password_dates(rng: random.Random, people: InventedPeople) -> Planted:
    rows = [["Account", "Password last changed", "Suspended"]]
    rows += [[f"lab{n}", f"2026-0{rng.randint(1, 9)}-11", rng.choice(("TRUE", "FALSE"))] for n in range(12)]
    return _plant("", rows=rows)


def make_plain_prose(rng: random.Random, people: InventedPeople) -> Planted:
    first, last = rng.choice(people.others)
    text = "\n\n".join(_fill(rng, rng.randint(4, 12)) for _ in range(rng.randint(5, 60)))
    return _plant("", text=f"{text}\n\nWritten by {first} {last}.\n")


MAKERS: tuple[tuple[Maker, int], ...] = (
    (make_roster_with_ssn, 3),
    (make_health_list, 3),
    (make_contact_list, 4),
    (make_lunch_list, 3),
    (make_iep_letter, 3),
    (make_referral, 3),
    (make_direct_deposit, 2),
    (make_vendor_accounts, 2),
    (make_card_note, 3),
    (make_password_list, 3),
    (make_password_note, 3),
    (make_ssn_letter, 4),
    (make_printed_roster, 2),
    (make_student_letter, 3),
    (make_invoices, 4),
    (make_printed_invoices, 3),
    (make_tracking_numbers, 2),
    (make_book_list, 2),
    (make_staff_directory, 3),
    (make_sample_form, 3),
    (make_policy_text, 3),
    (make_letter_from_office, 2),
    (make_asset_list, 2),
    (make_parcel_text, 3),
    (make_password_dates, 2),
    (make_plain_prose, 10),
)
"""Makers with how often each is chosen."""
