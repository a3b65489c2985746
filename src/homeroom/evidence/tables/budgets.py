"""Money for devices: the funds of a district by fiscal year, and what a device of each kind costs."""

from __future__ import annotations

from homeroom.evidence.tables.declaration import PUBLIC, B, I, L, T, Table, build_columns

FUND_RECORDS = Table(
    name="fund_records",
    meaning="What a fund has for devices in one fiscal year, or over all years together.",
    derived=False,
    key=("name", "fiscal_year"),
    columns=build_columns(
        PUBLIC,
        ("name", T, "The fund."),
        ("fiscal_year", I, "The fiscal year by the year in which it ends; null for an amount over all years."),
        ("amount_minor", I, "The amount in minor units; null where a program sets it."),
        ("currency", T, "Currency of the amount, ISO 4217."),
        ("carries_over", B, "Whether what is left over may be paid in later years; null where not said."),
        ("pays_percent", I, "Of an amount over all years: the percent of a price that the fund pays."),
        ("match", T, "The fund that pays the rest of the price."),
        ("program", T, "The program that sets the amount, by its id, such as e-rate-c2."),
        ("students", I, "The students that the program counts; null for those of the rosters."),
        ("schools", L, "The schools that it may pay for; null for all."),
        ("kinds", L, "The kinds of device that it may pay for; null for all."),
    ),
)

PRICE_RECORDS = Table(
    name="price_records",
    meaning="What a device of a kind costs, how long it lasts, and how many a school needs.",
    derived=False,
    key=("kind",),
    columns=build_columns(
        PUBLIC,
        ("kind", T, "The kind of device, such as chromebook or access_point."),
        ("item", T, "What is bought, such as the model."),
        ("price_minor", I, "Price of a device in minor units."),
        ("currency", T, "Currency of the price, ISO 4217."),
        ("life_years", I, "Years that it lasts."),
        ("visit_minutes", I, "Minutes of work to replace or add a device."),
        ("weight", I, "What a year past support or missing counts; 1 where null."),
        ("per_100_students", I, "How many of the kind a school needs for 100 students; null where no rule holds."),
    ),
)
