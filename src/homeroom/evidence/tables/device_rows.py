"""Derived tables of software, services and vulnerabilities on devices, any number of rows per device."""

from __future__ import annotations

from homeroom.evidence.tables.declaration import PUBLIC, B, D, I, L, S, T, Table, build_columns

SOFTWARE = Table(
    name="software",
    meaning="A piece of software on one device. A computer in use of which nobody lists the software has one "
    "empty row.",
    derived=True,
    key=("device", "name", "version", "product", "source"),
    columns=build_columns(
        PUBLIC,
        ("device", I, "The device, from the identity ledger."),
        ("name", T, "Name as written."),
        ("product", T, "The product by Homeroom's own id; null where content knows none of that name."),
        ("kind", T, "browser, archiver, or another kind that content names; null with the product."),
        ("version", T, "Version as written."),
        ("vendor", T, "Maker as written."),
        ("source", T, "Connector that lists it."),
        ("cves", L, "CVE ids that the source itself reports for this version; null where it does not look."),
        ("exploited_cves", L, "Those that the source, or else the loaded catalog, calls known to be exploited."),
        ("fixed_in", T, "The lowest version in which the source says that every reported flaw is fixed."),
        ("listing", T, "The source's own word for where it was found: programs, apps, deb_packages."),
        ("identifier", T, "CPE, bundle id or package URL."),
    ),
)

SERVICES = Table(
    name="services",
    meaning="A network port of one device, as the newest scan of it found it.",
    derived=True,
    key=("device", "address", "protocol", "port"),
    columns=build_columns(
        PUBLIC,
        ("device", I, "The device, from the identity ledger."),
        ("address", T, "The address that was scanned."),
        ("public", B, "Whether that address can be reached from the internet."),
        ("protocol", T, "tcp, udp or sctp."),
        ("port", I, "Port number."),
        ("open", B, "Whether it answers; null where the scanner cannot tell open from filtered."),
        ("service", T, "Service by name, such as ms-wbt-server."),
        ("product", T, "Product that answered."),
        ("version", T, "Its version."),
        ("scanned_at", S, "When it was scanned."),
        ("known", B, "A console or an asset list carries the device."),
        ("kind", T, "The device's kind: laptop, desktop, other; null where not known."),
        ("tls_versions", L, "Versions of SSL and TLS that it offers, by the newest scan that looked."),
        ("weak_ciphers", L, "Ciphers that it accepts and nobody should, by the newest scan that looked."),
        ("certificate_until", D, "Last day of its certificate, by the newest scan that looked."),
        ("self_signed", B, "Whether its certificate is signed by itself, by the newest scan that looked."),
        ("smb_versions", L, "Versions of file sharing that it speaks, by the newest scan that looked."),
        ("signing_required", B, "Whether file sharing demands signed messages, by the newest scan that looked."),
        ("sign_in", B, "False where a scan was let in without signing in, true where it was turned away; else null."),
        ("page_title", T, "The title of the page that a browser gets, by the newest scan that looked."),
    ),
)

VULNERABILITIES_FOUND = Table(
    name="vulnerabilities_found",
    meaning="A weakness that a scanner reports on one device: one row for each CVE that the check names.",
    derived=True,
    key=("device", "source", "check_id", "cve", "product", "version"),
    columns=build_columns(
        PUBLIC,
        ("device", I, "The device, from the identity ledger."),
        ("check_id", T, "The scanner's own id of the check."),
        ("cve", T, "CVE id; null where the check names none."),
        ("title", T, "What the scanner calls it."),
        ("severity", T, "info, low, medium, high, critical or null."),
        ("known_exploited", B, "By the scanner, else by CISA's catalog; null where neither was loaded."),
        ("due_on", D, "The day by which CISA's catalog tells federal agencies to act."),
        ("ransomware", B, "Whether the catalog knows of use by ransomware."),
        ("product", T, "The software concerned, where the scanner names it."),
        ("version", T, "Its version."),
        ("solution", T, "What the scanner says to do."),
        ("source", T, "Connector of the scanner."),
    ),
)
