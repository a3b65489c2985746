"""Many log events made from a few recorded ones: identifiers, times, processes and people differ from line to line.

Reads the recorded attacks and captures of the shared data, whose license forbids shipping them. Each output line is one
event as JSON, in the form of its source.
"""

from __future__ import annotations

import json
import random
import re
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

CASES, CAPTURES = "logs-sigma/sigma_regression_give.tar.xz", "logs-sigma/otrf"
CLOUD_RECORDS = "logs-cloud/panther_events_give.jsonl"
CLOUD_LOGS = ("GSuite", "Azure", "Microsoft365")
_GUID = re.compile(r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}")
_TIME = re.compile(r"20\d\d-\d\d-\d\d([T ])\d\d:\d\d:\d\d(\.\d+)?")
_NUMBER_FIELD = re.compile(
    r'("(?:ProcessI[dD]|ThreadI[dD]|ParentProcessId|NewProcessId|SourceProcessId|SourcePort|EventRecordID|RecordNumber'
    r'|SubjectLogonId|TargetLogonId|LogonId)": ?"?)(?:0x)?[0-9A-Fa-f]+'
)
_PERSON = re.compile(r"wardog|pgustavo|swachchhanda|user@[a-z.]+|homer[a-z.@]*", re.IGNORECASE)


def write_perturbed_logs(path: Path, *, shared: Path, events: int, seed: int = 5) -> None:
    """Write so many events as JSON lines, drawn from the recorded ones."""
    dice = random.Random(seed)
    lines = list(read_recorded_lines(shared))
    with path.open("w", encoding="utf-8") as file:
        for _ in range(events):
            file.write(_change_line(dice.choice(lines), dice))
            file.write("\n")


def read_recorded_lines(shared: Path) -> Iterator[str]:
    """Yield each recorded event as one line of JSON."""
    with tarfile.open(shared / CASES) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.name.endswith(".json") else None
            if content is not None:
                yield from _join_lines(content.read().decode())
    for path in sorted((shared / CAPTURES).glob("*.zip")):
        with zipfile.ZipFile(path) as capture:
            for name in capture.namelist():
                yield from (line for line in capture.read(name).decode().split("\n") if line.strip())
    for line in (shared / CLOUD_RECORDS).read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if any(log.startswith(CLOUD_LOGS) for log in record["log_types"]):
            yield json.dumps(record["event"])


def _join_lines(text: str) -> Iterator[str]:
    """Yield the documents of a text, which follow each other, as one line each."""
    decoder, position = json.JSONDecoder(), 0
    while (position := _skip_blanks(text, position)) < len(text):
        document, position = decoder.raw_decode(text, position)
        yield from (json.dumps(item) for item in (document if isinstance(document, list) else [document]))


def _skip_blanks(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \r\n\t\ufeff,":
        position += 1
    return position


def _change_line(line: str, dice: random.Random) -> str:
    guids: dict[str, str] = {}
    person = f"user{dice.randrange(3_000)}"

    def replace_guid(match: re.Match[str]) -> str:
        digits = f"{dice.getrandbits(128):032X}"
        return guids.setdefault(match[0], f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}")

    def replace_time(match: re.Match[str]) -> str:
        day, second = dice.randrange(1, 29), dice.randrange(86_400)
        clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
        return f"2026-09-{day:02}{match[1]}{clock}{match[2] or ''}"

    line = _GUID.sub(replace_guid, line)
    line = _TIME.sub(replace_time, line)
    line = _NUMBER_FIELD.sub(lambda match: f"{match[1]}{dice.randrange(1, 60_000)}", line)
    return _PERSON.sub(person, line)
