"""XML, JSON objects and texts that attack ingest: entities, depth, gigabytes of dropped data, missing ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
SCAN = XML + "<!DOCTYPE nmaprun>\n<nmaprun>\n{}</nmaprun>\n"
ALERT = (
    '{"timestamp":"2026-01-05T10:00:00Z","rule":{"level":3,"id":"5501"},"agent":{"id":"1","name":"lab-1"},"id":"1.1"}'
)
YEAR = "DTSTART;VALUE=DATE:2025{}\nSUMMARY:{}\n"
WEEK = "* Default Week\n" + "".join(f"{day} normal\n" for day in ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"))
LAUGHS = '<!DOCTYPE nmaprun [<!ENTITY a0 "ha">{}]>\n<nmaprun><host>&a9;</host></nmaprun>'.format(
    "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
)

# Name, file name, content, expected message, and the line that is named.
DOCUMENT_ATTACKS: tuple[tuple[str, str, str | bytes, str, int | None], ...] = (
    ("XML's billion laughs", "s.xml", XML + LAUGHS, "declarations", 2),
    (
        "an external entity",
        "s.xml",
        '<!DOCTYPE nmaprun [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<nmaprun>&x;</nmaprun>',
        "declarations",
        1,
    ),
    ("an entity that nobody declared", "s.xml", SCAN.format("<host>&x;</host>\n"), "not defined", 4),
    (
        "an external document type",
        "s.xml",
        '<!DOCTYPE nmaprun SYSTEM "http://192.0.2.1/x.dtd">\n<nmaprun>&x;</nmaprun>',
        "not defined",
        2,
    ),
    ("XML without its tail", "s.xml", SCAN.format("<host/>\n")[:-12], "the file ends in the middle", None),
    ("XML of 100,000 levels", "s.xml", SCAN.format("<a>" * 100_000), "depth", 4),
    ("XML with a text of 32 MiB", "s.xml", SCAN.format("<host>" + "x" * (32 << 20) + "</host>"), "is no XML", 4),
    (
        "XML with a tag of 32 MiB",
        "s.xml",
        SCAN.format("<host " + 'a="1" ' * (5 << 20) + "/>"),
        "one tag of more than",
        None,
    ),
    (
        "an XML record of four million elements",
        "s.xml",
        SCAN.format("<host>" + "<a/>" * (4 << 20) + "</host>"),
        "one record of more than",
        4,
    ),
    (
        "XML that says another encoding",
        "s.xml",
        SCAN.replace("UTF-8", "ISO-8859-1").format('<host a="Núñez"/>'),
        "says that it is in",
        1,
    ),
    (
        "XML that says UTF-16 and is not",
        "s.xml",
        SCAN.replace("UTF-8", "UTF-16").format('<host a="Núñez"/>'),
        "says that it is in",
        1,
    ),
    ("XML of nobody", "s.xml", XML + "<rss/>", "root element rss", None),
    ("XML that is a web page", "s.xml", XML + "<html/>", "root element html", None),
    (
        "JSON lines with many broken ones",
        "a.json",
        f"{ALERT}\n{ALERT}\n" + (ALERT.replace('"rule":{', '"rule":{,', 1) + "\n") * 11 + f"{ALERT}\n" * 20,
        "is no JSON",
        3,
    ),
    (
        "a list of four million lists",
        "a.json",
        '{"MetaData":{"Tool":"x"},"Results":[' + "[]," * (4 << 20) + "[]]}",
        "entries",
        1,
    ),
    (
        "a dropped block that never ends",
        "r.json",
        '{"MetaData":{},"Results":{},"Raw":{"a":[' + '"x",' * (1 << 20),
        "never ends",
        1,
    ),
    (
        "a dropped block of 100,000 levels",
        "r.json",
        '{"Raw":' + "[" * 100_000 + "]" * 100_000 + "}",
        "nested deeper",
        1,
    ),
    (
        "a calendar without its end",
        "c.ics",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n" + YEAR.format("0818", "First day of school"),
        "never ends",
        2,
    ),
    (
        "a calendar that tells no year",
        "c.ics",
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nEND:VCALENDAR\n",
        "says nowhere",
        None,
    ),
    (
        "a calendar event every second",
        "c.ics",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n"
        + YEAR.format("0818", "First day of school")
        + "RRULE:FREQ=SECONDLY\nEND:VEVENT\nEND:VCALENDAR\n",
        "repeats within a day",
        2,
    ),
    ("a calendar of 9 MiB", "c.ics", "BEGIN:VCALENDAR\n" + "X-A:1\n" * (3 << 19), "is larger than", None),
    ("a bell calendar alone", "calendar.bell", WEEK, "is not in its folder", None),
)


def write_bell_calendar(folder: Path) -> Path:
    """Write a bell calendar whose week has an undescribed type of day, on its line 7."""
    (folder / "calendar.bell").write_text(WEEK.replace("Fri normal", "Fri feast"), encoding="utf-8")
    (folder / "schedules.bell").write_text("* normal\n8:00 {Period 1}\n9:00 Free\n", encoding="utf-8")
    (folder / "meta.json").write_text('{"name": "Oak High"}', encoding="utf-8")
    return folder


def write_raw_block(folder: Path) -> Path:
    """Write an assessment whose raw block has 300 MB of accounts."""
    with (folder / "ScubaResults.json").open("w", encoding="utf-8") as stream:
        stream.write(
            '{"MetaData":{"Tool":"ScubaGear","ToolVersion":"1.5.0","TimestampZulu":"2026-01-05T10:00:00Z"},"Raw":{"users":['
        )
        entry = '{"mail":"x@district.example","roles":["a \\"b\\"",{"id":"1"}]},' * 1000
        for _ in range(300_000_000 // len(entry)):
            stream.write(entry)
        stream.write('{}]},"Results":{"AAD":[]}}')
    return folder


def write_wide_scan(folder: Path) -> Path:
    """Write a scan of 100 MB whose elements are no hosts."""
    with (folder / "scan.xml").open("w", encoding="utf-8") as stream:
        stream.write(XML + "<nmaprun>\n")
        for _ in range(100):
            stream.write('<task name="x"/>\n' * 61_000)
        stream.write("<host></nmaprun>\n")
    return folder


GENERATED_ATTACKS: tuple[tuple[str, Callable[[Path], Path], str, int | None], ...] = (
    ("an unknown type of day", write_bell_calendar, "feast is no type of day", 7),
    ("100 MB of XML that is nothing", write_wide_scan, "mismatch", None),
)
