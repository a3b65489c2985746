"""Headings that payroll and human-resources systems use for the fields that Homeroom needs, best first.

Also the headings of columns that it must not store. Gathered from the forms of district exports: eSchool- and
PowerSchool-like (`First Name`, `Staff ID`), Frontline-like (`Employee ID`, `Position Title`, `Work Location`),
Munis-like (`a_employee_number`, `a_name_last`, `Job Class Desc`). Case, spaces and punctuation in a heading do not
matter.
"""

from __future__ import annotations

EMPLOYEE = (
    "Employee ID", "Employee Id Number", "Employee Number", "Employee No", "Employee #", "Emp ID", "Emp No",
    "Emp #", "Emp Number", "Emp Num", "EMP_NBR", "Employee Code", "EMPLID", "Worker ID", "Associate ID", "Staff ID",
    "Staff Number", "Staff #", "Personnel Number", "Personnel ID", "Person ID", "a_employee_number", "a_emp_no",
)  # fmt: skip
GIVEN = (
    "First Name", "Legal First Name", "Employee First Name", "Emp First Name", "Given Name", "First", "Name First",
    "a_name_first",
)  # fmt: skip
MIDDLE = ("Middle Name", "Middle", "Middle Initial", "MI", "Legal Middle Name", "Name Middle", "a_name_middle")
FAMILY = (
    "Last Name", "Legal Last Name", "Employee Last Name", "Emp Last Name", "Family Name", "Surname", "Last",
    "Name Last", "a_name_last",
)  # fmt: skip
PREFERRED = ("Preferred First Name", "Preferred Name", "Preferred", "Nickname", "Goes By", "Known As")
FULL_NAME = ("Employee Name", "Full Name", "Name", "Staff Name")
EMAIL = (
    "Email", "E-mail", "Email Address", "Work Email", "Work Email Address", "District Email", "School Email",
    "Business Email", "Primary Email", "a_email",
)  # fmt: skip
USERNAME = ("Username", "User Name", "Network ID", "Login", "Login ID")
TITLE = (
    "Job Title", "Position Title", "Title", "Position", "Position Name", "Position Description", "Job Description",
    "Job Class Desc", "Job Class Description", "Job Desc", "Assignment", "Assignment Title", "Primary Position",
    "Job", "Role",
)  # fmt: skip
EMPLOYEE_TYPE = (
    "Employee Type",
    "Employment Type",
    "Emp Type",
    "Position Type",
    "Employee Group",
    "Staff Type",
    "Classification",
)
DEPARTMENT = ("Department", "Dept", "Department Name", "Dept Name", "Department Description", "Division")
LOCATION = (
    "Location", "Work Location", "Location Name", "Primary Location", "Location Description", "Location Desc",
    "Building", "Bldg", "Building Name", "Home Building", "School", "School Name", "Site", "Site Name", "Campus",
    "Worksite",
)  # fmt: skip
LOCATION_CODE = (
    "Location Code", "Location ID", "Building Code", "Building ID", "Building Number", "School Code", "School ID",
    "School Number", "Site Code", "Site ID",
)  # fmt: skip
EMPLOYMENT = (
    "Employment Status", "Employee Status", "Emp Status", "Worker Status", "Status", "Active Status",
    "Active/Inactive", "Active", "Active Flag", "Status Code",
)  # fmt: skip
START = (
    "Most Recent Hire Date", "Last Hire Date", "Rehire Date", "Hire Date", "Date of Hire", "Date Hired",
    "Start Date", "Original Hire Date", "Hire Dt", "Begin Date", "Employment Start Date", "a_hire_date",
)  # fmt: skip
END = (
    "Termination Date", "Term Date", "Term Dt", "Date Terminated", "Terminated Date", "End Date", "Separation Date",
    "Last Day Worked", "Last Day of Work", "Last Day", "Resignation Date", "Exit Date", "Inactive Date",
    "Employment End Date", "a_term_date",
)  # fmt: skip

PRIVATE = (
    r".*(ssn|socialsecurity|socsec).*|.*birth.*|dob|.*(salary|wage|payrate|hourlyrate|payscale|paygrade|stipend).*"
    r"|.*(bank|routing|directdeposit|taxid).*|(home|mailing|street|residential|permanent)?address[12]?|street[12]?"
    r"|city|zip(code)?|postalcode|.*(homephone|cellphone|mobilephone|personalphone|personalemail|homeemail).*"
    r"|gender|sex|ethnicity|race|maritalstatus|.*(emergencycontact).*"
)
"""Folded headings of columns that Homeroom does not need: counted and dropped on ingest."""
