"""The logs of a data folder: JSON lines, readable by their owner only, without any student's data.

A log is a file of one UTC day that is never larger than its policy allows; the file before it has its end in its name
(`access-20260115T063000.120000Z.log`). Several processes append to a log at once, each line with one write.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock, Timeout

from homeroom.evidence.files.blobs import open_owner_only
from homeroom.evidence.files.data_folder import MARKER_FILE

LOG_FOLDER = "logs"
EVENTS, ACCESS, CRASHES = "events", "access", "crash"
LOGS = (EVENTS, ACCESS, CRASHES)
"""What happened, requests that were answered, and failures with their frames."""
_OLD_FILE = re.compile(rf"(?P<log>{'|'.join(LOGS)})-\d{{8}}T\d{{6}}\.\d{{6}}Z\.log")


@dataclass(frozen=True, kw_only=True)
class LogPolicy:
    """How large a file of a log may be in bytes, for how many days and in how many files a log is stored.

    With `to_stderr`, lines go to standard error instead of files, for a system that collects them there.
    """

    most_bytes: int = 10 * 1024**2
    days: int = 30
    files: int = 20
    to_stderr: bool = False


_policies = [LogPolicy()]
"""The policy of this process; the settings replace it at their start."""


def set_log_policy(policy: LogPolicy) -> None:
    """Let every log of this process follow a policy."""
    _policies[:] = [policy]


def get_log_policy() -> LogPolicy:
    """Return the policy of this process."""
    return _policies[0]


def get_log_path(data: Path, log: str = EVENTS) -> Path:
    """Return the path of a log's newest file."""
    return data / LOG_FOLDER / f"{log}.log"


def build_entry(event: str, *, level: str, **fields: Any) -> dict[str, Any]:
    """Return an entry with the time (UTC) and the process first; fields without a value are left out."""
    now = datetime.now(UTC)
    head = {"at": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z", "level": level, "event": event}
    rest = {name: value for name, value in fields.items() if value is not None and value != ""}
    return head | rest | {"process": os.getpid()}


def append_entry(data: Path, entry: Mapping[str, Any], *, log: str = EVENTS) -> bool:
    """Append an entry to a log as one line of JSON; return whether it was written.

    A log that cannot be written, as on a full disk, raises nothing: what it is about matters more.
    """
    line = msgspec.json.encode(entry) + b"\n"
    policy = get_log_policy()
    if policy.to_stderr:
        sys.stderr.write(line.decode())
        sys.stderr.flush()
        return True
    path = get_log_path(data, log)
    try:
        if not (data / MARKER_FILE).exists():
            return False  # a folder that is not Homeroom's yet must stay empty
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if _is_full(path, len(line), policy):
            _rotate(path, len(line), policy)
        descriptor = open_owner_only(os.fspath(path), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)
    except OSError:
        return False
    return True


def append_log(data: Path, text: str, *, echo: bool = False) -> bool:
    """Append a warning about the service; with `echo` also print it on standard error. Return whether it was written.

    The text must hold no value of anybody's data.
    """
    entry = build_entry("service", level="WARNING", message=text)
    if echo and not get_log_policy().to_stderr:
        sys.stderr.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC  {text}\n")
        sys.stderr.flush()
    return append_entry(data, entry)


def list_log_files(data: Path, log: str) -> list[Path]:
    """Return the files of a log from the oldest to the newest."""
    return [*_list_old_files(data / LOG_FOLDER, log), *filter(Path.exists, [get_log_path(data, log)])]


def read_entries(data: Path, log: str) -> Iterator[dict[str, Any]]:
    """Yield the entries of a log from the oldest; a line that is no entry, such as one cut off, is left out."""
    for path in list_log_files(data, log):
        try:
            lines = path.read_bytes().splitlines()
        except OSError:
            continue  # it was deleted in the meantime
        for line in lines:
            try:
                yield msgspec.json.decode(line, type=dict[str, Any])
            except msgspec.MsgspecError:
                continue


def remove_old_logs(data: Path, *, at: datetime) -> int:
    """Delete files of logs that are older than the policy allows, or more than it allows; return how many.

    A newest file whose last entry is that old is deleted as well.
    """
    policy = get_log_policy()
    earliest = (at - timedelta(days=policy.days)).timestamp()
    removed = 0
    for log in LOGS:
        paths = list_log_files(data, log)
        for number, path in enumerate(reversed(paths)):
            if number >= policy.files or _read_last_change(path) < earliest:
                path.unlink(missing_ok=True)
                removed += 1
    return removed


def _list_old_files(folder: Path, log: str) -> list[Path]:
    names = sorted(path.name for path in folder.glob(f"{log}-*.log"))
    return [folder / name for name in names if (match := _OLD_FILE.fullmatch(name)) and match["log"] == log]


def _is_full(path: Path, size: int, policy: LogPolicy) -> bool:
    """Return whether a file has no room for so many bytes, or is of an earlier day."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return False
    last_day = datetime.fromtimestamp(status.st_mtime, UTC).date()
    return status.st_size > 0 and (status.st_size + size > policy.most_bytes or last_day < datetime.now(UTC).date())


def _rotate(path: Path, size: int, policy: LogPolicy) -> None:
    """Rename a full file, in one process alone; another that is about to write goes on in the renamed file."""
    try:
        with FileLock(path.with_name("rotation.lock"), timeout=0.5, mode=0o600):
            if _is_full(path, size, policy):
                path.rename(path.with_name(f"{path.stem}-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}.log"))
                for old in _list_old_files(path.parent, path.stem)[: -policy.files or None]:
                    old.unlink(missing_ok=True)
    except Timeout:
        return  # the file grows a little beyond its size


def _read_last_change(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return float("inf")
