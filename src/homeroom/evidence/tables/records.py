"""Records from spreadsheets: contracts, purchases, use of apps, training, agreements, backups, mail domains."""

from __future__ import annotations

from homeroom.evidence.tables.declaration import (
    INDIVIDUAL,
    PUBLIC,
    STAFF,
    STUDENT,
    B,
    D,
    I,
    L,
    S,
    T,
    Table,
    build_columns,
)

CONTRACT_RECORDS = Table(
    name="contract_records",
    meaning="A license, subscription or contract that the district pays for.",
    derived=False,
    key=("key",),
    columns=build_columns(
        PUBLIC,
        ("key", T, "The list's own id: contract number, else product and start."),
        ("product", T, "What is licensed."),
        ("vendor", T, "Who sells it."),
        ("kind", T, "subscription, perpetual, service, support or the list's own word."),
        ("seats", I, "How many it is licensed for; null where unlimited or not said."),
        ("cost_minor", I, "Price of the whole term in minor units."),
        ("currency", T, "Currency of the price, ISO 4217."),
        ("starts_on", D, "First day."),
        ("ends_on", D, "Last day."),
        ("renews", B, "Whether it renews by itself; null where not said."),
        ("notice_on", D, "Last day to give notice."),
        ("owner", T, "Who answers for it.", STAFF),
        ("funding", T, "Funding source."),
        ("schools", L, "Schools that it is for; null for all."),
        ("note", T, "What somebody wrote about it."),
    ),
)

PURCHASE_RECORDS = Table(
    name="purchase_records",
    meaning="A line of a purchase order or invoice.",
    derived=False,
    key=("key",),
    columns=build_columns(
        PUBLIC,
        ("key", T, "The list's own id: order and line."),
        ("order_number", T, "Purchase order."),
        ("item", T, "What was bought."),
        ("vendor", T, "From whom."),
        ("quantity", I, "How many."),
        ("cost_minor", I, "Price of the line in minor units."),
        ("currency", T, "Currency of the price, ISO 4217."),
        ("bought_on", D, "Day of the order or invoice."),
        ("warranty_until", D, "Last day of the warranty."),
        ("funding", T, "Funding source."),
        ("serial", T, "Serial number, where the line is one device."),
        ("asset_tag", T, "Asset tag, where the line is one device."),
    ),
)

APP_USE_RECORDS = Table(
    name="app_use_records",
    meaning="How much an app was used, by one account, school or the district, in one period.",
    derived=False,
    key=("app", "email", "school_name", "since"),
    columns=build_columns(
        STUDENT,
        ("app", T, "The app by name.", PUBLIC),
        ("email", T, "The account's address, in lower case; empty where counted together."),
        ("school_name", T, "The school; empty where counted together.", PUBLIC),
        ("since", D, "First day of the period.", PUBLIC),
        ("until", D, "Last day of the period.", PUBLIC),
        ("users", I, "How many used it; 1 or null where the row is one account.", PUBLIC),
        ("launches", I, "How often it was opened.", PUBLIC),
        ("minutes", I, "For how long.", PUBLIC),
        ("last_used", S, "When last."),
    ),
)

TICKET_RECORDS = Table(
    name="ticket_records",
    meaning="A ticket of the help desk, without the people in it and without its text.",
    derived=False,
    key=("key",),
    columns=build_columns(
        PUBLIC,
        ("key", T, "The ticket's number."),
        ("opened_on", D, "Day on which it was opened."),
        ("school_name", T, "The school; empty where the list names none."),
        ("category", T, "Its category, in the help desk's own words."),
        ("minutes", I, "Minutes of work on it."),
    ),
)

TRAINING_RECORDS = Table(
    name="training_records",
    meaning="A person's place in a course, or a policy that a person acknowledged.",
    derived=False,
    key=("email", "course", "assigned_on"),
    columns=build_columns(
        STAFF,
        ("email", T, "The person's address, in lower case."),
        ("number", T, "Employee number."),
        ("course", T, "The course or policy by name.", PUBLIC),
        ("kind", T, "training, phishing or policy.", PUBLIC),
        ("assigned_on", D, "When it was assigned.", PUBLIC),
        ("due_on", D, "By when it is due.", PUBLIC),
        ("done_on", D, "When it was completed or acknowledged; null where not yet."),
        ("score", I, "Result in percent, where there is one.", INDIVIDUAL),
        ("status_word", T, "The list's own word for how it stands, such as that a person clicked.", INDIVIDUAL),
    ),
)

AGREEMENT_RECORDS = Table(
    name="agreement_records",
    meaning="An agreement with a vendor about data: a data privacy agreement, its signature and its end.",
    derived=False,
    key=("key",),
    columns=build_columns(
        PUBLIC,
        ("key", T, "The list's own id, else vendor, product, kind and day of signing."),
        ("vendor", T, "With whom."),
        ("product", T, "About which app; null for all of the vendor's."),
        ("kind", T, "privacy, exhibit-e, security, insurance or the list's own word."),
        ("signed_on", D, "When it was signed; null where it is not."),
        ("ends_on", D, "Last day; null where open."),
        ("student_data", B, "Whether students' data is handed over; null where not said."),
        ("data_kinds", L, "Which kinds of data."),
        ("status_word", T, "The list's own word for how it stands."),
        ("url", T, "Where it can be read."),
        ("subprocessors", L, "Whom the vendor passes data on to."),
        ("breach_hours", I, "Within how many hours the vendor reports a breach; null where not said."),
        ("delete_on", D, "By when the vendor deletes the data; null where not said."),
        ("delete_days", I, "Within how many days after its end the vendor deletes the data; null where not said."),
        ("deleted_on", D, "Day of the certificate that the data was deleted; null where there is none."),
        ("certificate", T, "Where the certificate of deletion is."),
        ("schools", L, "Schools that it is for; null for all."),
        ("consent", T, "On what the consent rests: school official, school on behalf of parents, parents."),
        ("exhibit_e", B, "Whether other districts may join it (general offer of terms); null where not said."),
        ("address", T, "The vendor's address, for what is posted."),
        ("purpose", T, "What the data is used for."),
        ("stored_in", T, "Where the data is stored and how it is protected, in the words of the agreement."),
        ("breached_on", D, "Day on which a breach at the vendor became known; null where none is known."),
        ("breach_percent", I, "Share of the enrollment that the breach concerned, in whole percent."),
    ),
)

BACKUP_RECORDS = Table(
    name="backup_records",
    meaning="A backup of one system: what is known of its age, its place and its proof.",
    derived=False,
    key=("system", "job"),
    columns=build_columns(
        PUBLIC,
        ("system", T, "What is backed up."),
        ("job", T, "The backup job; empty where there is one."),
        ("tool", T, "The tool that makes it."),
        ("critical", B, "Whether school cannot go on without the system; null where not said."),
        ("last_success", S, "When a backup last succeeded."),
        ("last_restore_test", D, "When a restore was last tried and worked."),
        ("offsite", B, "Whether a copy is kept elsewhere; null where not said."),
        ("immutable", B, "Whether a copy cannot be changed or deleted; null where not said."),
        ("encrypted", B, "Whether it is encrypted; null where not said."),
        ("keeps_days", I, "For how many days it is kept."),
        ("owner", T, "Who answers for it.", STAFF),
    ),
)

MAIL_DOMAINS = Table(
    name="mail_domains",
    meaning="What the public name service says of one of the district's mail domains.",
    derived=False,
    key=("domain",),
    columns=build_columns(
        PUBLIC,
        ("domain", T, "The domain, in lower case."),
        ("sends", B, "Whether the district sends mail from it; null where not known."),
        ("mx", L, "Mail exchangers."),
        ("spf", T, "The SPF record; empty where there is none, null where nobody looked."),
        ("spf_all", T, "What it says of everybody else: fail, softfail, neutral, pass, or null."),
        ("dkim", B, "Whether a DKIM key is published; null where nobody looked."),
        ("dmarc", T, "The DMARC record; empty where there is none, null where nobody looked."),
        ("dmarc_policy", T, "none, quarantine or reject."),
        ("dmarc_percent", I, "Share of mail that the policy is applied to."),
        ("dmarc_reports", L, "Where aggregate reports go."),
        ("looked_at", S, "When somebody looked."),
    ),
)
