"""Problems reported by scanners, catalogs and other tools."""

from __future__ import annotations

from homeroom.evidence.tables.declaration import PUBLIC, STAFF, B, D, I, L, S, T, Table, build_columns

SERVICE_RECORDS = Table(
    name="service_records",
    meaning="A network port of one host, as a scan found it.",
    derived=False,
    key=("device_key", "address", "protocol", "port"),
    volatile=("scanned_at",),
    columns=build_columns(
        PUBLIC,
        ("device_key", T, "The host, by the key of its device record at the same source."),
        ("address", T, "The address that was scanned."),
        ("public", B, "Whether that address can be reached from the internet (global unicast)."),
        ("protocol", T, "tcp, udp or sctp."),
        ("port", I, "Port number."),
        ("state", T, "open, closed, filtered, or the scanner's own word."),
        ("service", T, "Service by name, such as ms-wbt-server."),
        ("product", T, "Product that answered."),
        ("version", T, "Its version."),
        ("scanned_at", S, "When it was scanned."),
        ("tls_versions", L, "Versions of SSL and TLS that it offers: SSL 3, TLS 1.2; null where nobody looked at all."),
        ("weak_ciphers", L, "Ciphers that it accepts and nobody should; empty where none, null where nobody looked."),
        ("certificate_until", D, "Last day of its certificate; null where nobody looked."),
        ("self_signed", B, "Whether its certificate is signed by itself; null where nobody looked."),
        ("smb_versions", L, "Versions of file sharing that it speaks: 1, 2.0.2, 3.1.1; null where nobody looked."),
        ("signing_required", B, "Whether file sharing demands signed messages; null where nobody looked."),
        (
            "sign_in",
            B,
            "False where the scanner was let in without signing in, true where it was turned away; else null.",
        ),
        ("page_title", T, "The title of the page that a browser gets; null where nobody looked."),
    ),
)

VULNERABILITY_RECORDS = Table(
    name="vulnerability_records",
    meaning="A weakness that a scanner reports on one host, in the scanner's own words.",
    derived=False,
    key=("device_key", "check_id", "protocol", "port"),
    volatile=("reported_at",),
    columns=build_columns(
        PUBLIC,
        (
            "device_key",
            T,
            "The host, by the key of its device record at the same source; image:… or lockfile:… where none.",
        ),
        ("check_id", T, "The scanner's own id of the check: plugin id, rule id or CVE."),
        ("title", T, "What the scanner calls it."),
        ("severity", T, "info, low, medium, high, critical or null."),
        ("cves", L, "CVE ids, in upper case."),
        ("known_exploited", B, "Whether the scanner itself says that it is known to be exploited; null where unsaid."),
        ("cvss_tenths", I, "CVSS base score in tenths (98 is 9.8), the newest version that is given."),
        ("solution", T, "What the scanner says to do, as plain text."),
        ("product", T, "The software concerned, where the scanner names it."),
        ("version", T, "Its version."),
        ("protocol", T, "tcp, udp or null."),
        ("port", I, "Port number; 0 where it is about the host."),
        ("reported_at", S, "When the scan saw it."),
        ("solved", B, "Whether the source says that it is there no more; null where it lists only what is there."),
    ),
)

KNOWN_EXPLOITED = Table(
    name="known_exploited",
    meaning="A flaw in CISA's catalog of those known to be exploited.",
    derived=False,
    key=("cve",),
    columns=build_columns(
        PUBLIC,
        ("cve", T, "CVE id."),
        ("vendor", T, "Maker."),
        ("product", T, "Product."),
        ("title", T, "Name of the flaw."),
        ("added_on", D, "The day it entered the catalog."),
        ("due_on", D, "The day by which federal agencies must have acted."),
        ("ransomware", B, "Whether use by ransomware is known."),
        ("action", T, "What the catalog says to do."),
    ),
)

VERDICT_RECORDS = Table(
    name="verdict_records",
    meaning="What another tool concluded about one policy, in its own words.",
    derived=False,
    key=("suite", "policy", "org_unit"),
    volatile=("judged_at",),
    columns=build_columns(
        PUBLIC,
        ("suite", T, "The tool: scubagear, scubagoggles, prowler, maester, fleet or ssh-audit."),
        ("tenant", T, "The tenant's domain."),
        ("product", T, "Product within the suite."),
        ("policy", T, "Policy id."),
        ("org_unit", T, "Organizational unit, team or cloud resource, where the tool judges each; else empty."),
        ("requirement", T, "The requirement, as plain text."),
        ("criticality", T, "Shall, Should, or the tool's own words."),
        ("result", T, "The verdict in the tool's own word: Pass, Fail, Warning, N/A, Omitted, Error, MANUAL, Skipped."),
        ("details", T, "Why, as plain text."),
        ("original_result", T, "The verdict before somebody annotated it."),
        ("comment", T, "What somebody noted about it."),
        ("resolve_on", D, "The day somebody promised to have it resolved."),
        ("judged_at", S, "When the tool ran."),
    ),
)

ALERT_RECORDS = Table(
    name="alert_records",
    meaning="An alert that another tool raised.",
    derived=False,
    key=("key",),
    columns=build_columns(
        STAFF,
        ("key", T, "The source's own id of the alert."),
        ("at", S, "When."),
        ("agent_key", T, "The tool's own id of the agent that saw it.", PUBLIC),
        ("agent_name", T, "The agent's host name."),
        ("address", T, "The agent's address.", PUBLIC),
        ("rule", T, "The rule's id.", PUBLIC),
        ("level", I, "The tool's own level.", PUBLIC),
        ("title", T, "What the rule says."),
        ("groups", L, "The tool's own groups.", PUBLIC),
        ("techniques", L, "MITRE ATT&CK technique ids.", PUBLIC),
    ),
)
