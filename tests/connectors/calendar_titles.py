"""Titles of events by what they are about: tests, freezes of changes, and what resembles either."""

from __future__ import annotations

TESTS = (
    "SBAC", "CAASPP testing window", "STAAR Grade 3 Reading", "MAP Growth", "MAP Testing", "Fall MAP", "MAP",
    "WIDA ACCESS", "ACCESS for ELLs", "PSAT 8/9", "PSAT/NMSQT", "SAT School Day", "SAT", "SAT (Grade 11)", "SAT/ACT",
    "ACT for Juniors", "ACT (Juniors)", "AP Exams", "AP Exams begin", "AP Testing", "AP Calculus Exam", "Finals Week",
    "Finals", "Semester 1 Finals", "Final Exams", "Final exam schedule", "Fall finals - minimum day", "Midterms",
    "Midterm Exams", "District Benchmark Assessments", "State Testing Window", "State Testing", "map testing",
    "sat testing", "ap exams", "ELPAC Summative", "i-Ready diagnostic", "Regents Exams", "EOC testing",
    "NWEA MAP Growth Winter", "SAT 10/4", "PSAT make-up day", "3rd grade testing", "Early Release - Finals",
    "No School - SAT testing for juniors", "AP EXAMS", "SBAC TESTING GRADES 3-8", "Exams", "Exam week",
    "Senior Finals", "Exámenes finales", "MAP Reading Grade 3", "State tests", "SBAC/CAST Testing", "CAST Science",
    "STAAR EOC English I", "Semester exams", "Finals (periods 1 & 2)", "ACT State Administration", "WIDA",
)  # fmt: skip
FREEZES = (
    "Change freeze", "IT blackout", "Testing blackout", "Technology freeze", "Network blackout window",
    "Blackout period", "No IT changes", "Change Freeze: Winter", "Blackout dates",
)  # fmt: skip
NEITHER = (
    "Map of the school", "MAP OF THE SCHOOL", "Map skills night", "Act of Kindness Day", "ACT OF KINDNESS DAY",
    "Act 1 rehearsal", "We act on bullying", "ACT I rehearsal", "SAT Prep class", "ACT Registration Deadline",
    "AP Parent Night", "AP Art Show", "AP Info Night", "SAT scores released", "Sat morning basketball",
    "Saturday school", "Volleyball State Finals", "Regional Finals", "Spelling Bee Finals", "Semifinals", "Eye exams",
    "Sports physical exams", "Fire alarm testing", "COVID testing", "Hearing test", "CAASPP Coordinator Training",
    "STAAR Pep Rally", "Midterm grades due", "Final grades due", "Hiring freeze", "Freeze tag tournament",
    "Blackout football game", "Blackout Day - wear black", "Test Event", "Cast list posted",
    "Spring musical cast party", "CAST PARTY", "Star party", "STAR of the week", "Leap day", "Fast food fundraiser",
    "Final concert", "Finalists announced", "Access to counselors", "AP Capstone Gala", "Drama: last act",
    "Family Map Quest", "Board meeting", "Labor Day", "Lead testing of water", "AP Biology", "AP Biology night", "Map of campus", "Open gym SAT 9am",
    "Class act talent show", "Fall Play ACT II", "Drivers exam", "Basketball Finals", "Latest news", "Contest",
    "NHS app deadline", "Apple day", "Final day of school", "Last day of finals review",
)  # fmt: skip
