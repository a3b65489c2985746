"""Every setting that the environment may define: its name, default and meaning; all of them are read here."""

from __future__ import annotations

import os
from dataclasses import dataclass

from homeroom.ingest.contract.limits import STANDARD


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One environment variable; `default` is the text if it is not set."""

    name: str
    default: str
    meaning: str

    @property
    def text(self) -> str:
        """Current value."""
        return os.environ.get(self.name, self.default)

    @property
    def words(self) -> list[str]:
        """Current value as a list, split at commas."""
        return [word for word in self.text.split(",") if word]

    @property
    def number(self) -> float:
        """Current value as a number; raise ValueError with the variable's name if it is not a number."""
        try:
            return float(self.text)
        except ValueError:
            raise ValueError(f"{self.name}={self.text!r} is no number; {self.default} would fit") from None

    @property
    def count(self) -> int:
        """Current value as a whole number above 0; raise ValueError with the variable's name if it is not."""
        if (value := int(self.number)) < 1:
            raise ValueError(f"{self.name}={self.text!r} is not above 0; {self.default} would fit")
        return value


DATA = Setting(
    name="HOMEROOM_DATA",
    default="",
    meaning="The data folder; empty for the system's place for such things. `--data` goes before it.",
)
DATABASE_URL = Setting(
    name="DATABASE_URL",
    default="",
    meaning="`postgresql://user:password@host/name` keeps the small, changing part in PostgreSQL; empty in SQLite. "
    "Never a demo's.",
)
HOSTS = Setting(
    name="HOMEROOM_HOSTS",
    default="127.0.0.1,localhost,[::1]",
    meaning="Names under which the site is reached, with commas between; a request for another one is refused.",
)
ORIGINS = Setting(
    name="HOMEROOM_ORIGINS",
    default="",
    meaning="Origins that forms may come from, such as `https://homeroom.example.org`, where a proxy stands before "
    "the server.",
)
HTTPS = Setting(
    name="HOMEROOM_HTTPS",
    default="",
    meaning="`1` where a proxy serves HTTPS: cookies then travel by HTTPS only, and browsers are told to insist on it.",
)
PROXIES = Setting(
    name="HOMEROOM_PROXIES",
    default="",
    meaning="Addresses or networks of proxies before the server, such as `10.0.0.5,10.1.0.0/24`: their "
    "`X-Forwarded-For` and `X-Forwarded-Proto` are believed, nobody else's.",
)
LEASE_SECONDS = Setting(
    name="HOMEROOM_LEASE_SECONDS",
    default="60",
    meaning="How long after a killed worker's last sign of life its job is run again. A job that breaks is tried "
    "three times, "
    "with pauses of a twelfth and a sixth of it.",
)
DROP_MOST_BYTES = Setting(
    name="HOMEROOM_DROP_MOST_BYTES",
    default=str(4 * 1024**3),
    meaning="The most bytes that one drop in the browser may have; more is refused before it is read.",
)
DROP_MOST_FILES = Setting(
    name="HOMEROOM_DROP_MOST_FILES", default="200", meaning="The most files in one drop in the browser."
)
FILE_MOST_BYTES = Setting(
    name="HOMEROOM_FILE_MOST_BYTES",
    default=str(STANDARD.file),
    meaning="The most bytes of one file that is loaded, unpacked; a larger one is refused whole.",
)
ZIP_MOST_BYTES = Setting(
    name="HOMEROOM_ZIP_MOST_BYTES",
    default=str(STANDARD.unpacked),
    meaning="The most bytes that all files of one zip may have together, unpacked; one with more is refused whole.",
)
ZIP_RATIO = Setting(
    name="HOMEROOM_ZIP_RATIO",
    default=str(STANDARD.ratio),
    meaning="How many times its size a packed file may grow when unpacked, beyond the first mebibyte; a zip bomb "
    "grows more.",
)
AUDIT_DAYS = Setting(
    name="HOMEROOM_AUDIT_DAYS",
    default="400",
    meaning="For how many days the entries of consoles' logs are kept: a load counts back from the newest entry, "
    "the background worker each night from the day.",
)
HOST_DAYS = Setting(
    name="HOMEROOM_HOST_DAYS",
    default="90",
    meaning="For how many days the events of Windows computers are kept: a load counts back from the newest event, "
    "the background worker each night from the day.",
)
DRILL_EVENT_DAYS = Setting(
    name="HOMEROOM_DRILL_EVENT_DAYS",
    default="90",
    meaning="For how many days after a phishing drill's end its events are kept; what people did and the counts of the "
    "drill stay longer.",
)
DRILL_RESULT_DAYS = Setting(
    name="HOMEROOM_DRILL_RESULT_DAYS",
    default="730",
    meaning="For how many days after a phishing drill's end it is kept what each person did; the drill's counts stay "
    "for good.",
)
SESSION_HOURS = Setting(
    name="HOMEROOM_SESSION_HOURS",
    default="12",
    meaning="For how many hours after signing in a session lasts, however much it is used.",
)
SESSION_IDLE_MINUTES = Setting(
    name="HOMEROOM_SESSION_IDLE_MINUTES",
    default="240",
    meaning="After how many minutes without a request a session ends.",
)
SESSION_RECORD_DAYS = Setting(
    name="HOMEROOM_SESSION_RECORD_DAYS",
    default="90",
    meaning="For how many days after a session ended it is kept who signed in, when, from which address and with which "
    "browser.",
)
TOKEN_RECORD_DAYS = Setting(
    name="HOMEROOM_TOKEN_RECORD_DAYS",
    default="400",
    meaning="For how many days after an API token ended it is listed whose it was, what it opened and when it was last "
    "used.",
)
SERVER = Setting(
    name="HOMEROOM_SERVER",
    default="",
    meaning="On another machine: the address of the server that the command line calls, such as "
    "`https://homeroom.example.org`. `--server` goes before it.",
)
TOKEN_FILE = Setting(
    name="HOMEROOM_TOKEN_FILE",
    default="",
    meaning="On another machine: the file with the API token for that server, which nobody else can read. "
    "`--token-file` goes before it.",
)
ATTEMPT_MINUTES = Setting(
    name="HOMEROOM_ATTEMPT_MINUTES",
    default="30",
    meaning="For how many minutes the counts of sign-in attempts are kept (hashes without a name); at least 30, the "
    "time for which they slow anybody down.",
)
TEMPORARY_PASSPHRASE_HOURS = Setting(
    name="HOMEROOM_TEMPORARY_PASSPHRASE_HOURS",
    default="72",
    meaning="For how many hours a new user, or one whose passphrase was reset, can sign in with the one-time "
    "passphrase.",
)
LOCAL_CONSOLES = Setting(
    name="HOMEROOM_LOCAL_CONSOLES",
    default="",
    meaning="Networks of consoles and directories on the district's own network, such as `10.20.0.0/16,10.9.3.4`, with "
    "commas between. Homeroom connects to no other private or local address, and never to a link-local one or a "
    "cloud's metadata service.",
)
BACKUP_FOLDER = Setting(
    name="HOMEROOM_BACKUP_FOLDER",
    default="",
    meaning="The folder, on another disk, into which the background worker backs up each night; empty for no schedule.",
)
BACKUP_RECIPIENTS = Setting(
    name="HOMEROOM_BACKUP_RECIPIENTS",
    default="",
    meaning="Who can open backups: age recipients (`age1…`), with commas between. Their identities stay elsewhere.",
)
BACKUP_PASSPHRASE_FILE = Setting(
    name="HOMEROOM_BACKUP_PASSPHRASE_FILE",
    default="",
    meaning="The file with the passphrase that opens backups, where there are no recipients.",
)
BACKUP_IDENTITY_FILE = Setting(
    name="HOMEROOM_BACKUP_IDENTITY_FILE",
    default="",
    meaning="The file with the age identity that opens backups, where backups are to be verified on this machine.",
)
BACKUP_HOURS = Setting(
    name="HOMEROOM_BACKUP_HOURS",
    default="24",
    meaning="How many hours after a backup the background worker makes the next one, at night.",
)
BACKUP_MAX_HOURS = Setting(
    name="HOMEROOM_BACKUP_MAX_HOURS",
    default="50",
    meaning="How many hours after the last good backup Today and `homeroom doctor` ask for one.",
)
BACKUP_KEEP = Setting(
    name="HOMEROOM_BACKUP_KEEP",
    default="14",
    meaning="How many backups the background worker keeps in its folder; older ones are deleted after a good one.",
)
BACKUP_VERIFY_DAYS = Setting(
    name="HOMEROOM_BACKUP_VERIFY_DAYS",
    default="7",
    meaning="How many days after a trial restore the background worker makes the next one, if it can open backups.",
)
LOG = Setting(
    name="HOMEROOM_LOG",
    default="WARNING",
    meaning="How much is logged: DEBUG, INFO, WARNING or ERROR. Logs never hold a student's data.",
)
LOG_TO = Setting(
    name="HOMEROOM_LOG_TO",
    default="files",
    meaning="`files` writes the logs into `logs/` of the data folder, `stderr` writes them as JSON lines to standard "
    "error, for a container or a system that collects them there.",
)
LOG_FILE_BYTES = Setting(
    name="HOMEROOM_LOG_FILE_BYTES",
    default=str(10 * 1024**2),
    meaning="The most bytes of one file of a log; a new file begins then, and each day (UTC).",
)
LOG_FILES = Setting(
    name="HOMEROOM_LOG_FILES", default="20", meaning="The most files of each log; the oldest is deleted beyond it."
)
LOG_DAYS = Setting(
    name="HOMEROOM_LOG_DAYS",
    default="30",
    meaning="For how many days the files of logs are kept; the background worker deletes older ones within the hour.",
)
METRICS_TOKEN = Setting(
    name="HOMEROOM_METRICS_TOKEN",
    default="",
    meaning="The token with which Prometheus reads `/metrics`, of at least 24 characters; without one there are no "
    "metrics.",
)
OTLP_ENDPOINT = Setting(
    name="OTEL_EXPORTER_OTLP_ENDPOINT",
    default="",
    meaning="OpenTelemetry's own: the collector to which traces of requests and jobs go by HTTP, such as "
    "`http://127.0.0.1:4318`. The other `OTEL_` variables of its SDK count as well; without an endpoint there are no "
    "traces.",
)
OTLP_TRACES_ENDPOINT = Setting(
    name="OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    default="",
    meaning="OpenTelemetry's own: the whole address for traces, such as `http://127.0.0.1:4318/v1/traces`, in place of "
    "the one above.",
)
OTEL_DISABLED = Setting(
    name="OTEL_SDK_DISABLED", default="", meaning="OpenTelemetry's own: `true` turns traces off whatever else is set."
)
SETTINGS: tuple[Setting, ...] = tuple(setting for setting in list(globals().values()) if isinstance(setting, Setting))
"""All settings, in the order above."""
