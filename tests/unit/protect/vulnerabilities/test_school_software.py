"""Test that what schools install is recognized under its installers' names, in its right version, and nothing else."""

from __future__ import annotations

from datetime import date

import pytest

from homeroom.domain.know.software.products import ProductCatalog
from homeroom.engines.protect.vulnerabilities.product_identification import (
    INSIDE_ANOTHER,
    ProductListing,
    identify_product,
)
from homeroom.library.know.software import load_products
from tests.unit.protect.vulnerabilities.engine_runs import build_feeds, open_source_session, run_engine
from tests.unit.protect.vulnerabilities.school_software import EXTENSION_LISTINGS, WINDOWS_NAMES

# (name, listed version, platform, version that is compared)
VERSIONS_IN_NAMES = (
    ("Microsoft Windows Desktop Runtime - 6.0.6 (x64)", "48.27.42327", "windows", "6.0.6"),
    ("Microsoft Windows Desktop Runtime - 6.0.6 (x64)", "6.0.6.31224", "windows", "6.0.6"),
    ("Microsoft ASP.NET Core 8.0.10 Shared Framework (x64)", "8.0.10.24468", "windows", "8.0.10"),
    ("Microsoft .NET Runtime - 9.0.0 Preview 7 (x64)", "72.0.1", "windows", "9.0.0-preview.7"),
    ("Microsoft .NET Runtime - 9.0.0 Release Candidate 2 (x64)", "72.0.1", "windows", "9.0.0-rc.2"),
    ("Microsoft .NET Runtime", "48.27.42327", "windows", ""),
    ("Microsoft .NET Runtime", "6.0.6", "windows", "6.0.6"),
    ("Microsoft .NET SDK 6.0.412 (x64)", "6.4.1223.32811", "windows", "6.0.412"),
    ("Python 3.11.4 (64-bit)", "3.11.4150.0", "windows", "3.11.4"),
    ("Python 3.11", "3.11.1264.0", "windows", "3.11.x"),
    ("Python.app", "3.11.4", "macos", "3.11.4"),
    ("OpenVPN 2.6.8-I001 amd64", "2.6.801", "windows", "2.6.8"),
    ("Microsoft SQL Server Management Studio - 18.12.1", "15.0.18424.0", "windows", "18.12.1"),
    ("SQL Server Management Studio", "15.0.18424.0", "windows", ""),
    ("IntelliJ IDEA Community Edition 2023.2.1", "232.9559.62", "windows", "2023.2.1"),
    ("PyCharm 2024.1", "241.14494.241", "windows", "2024.1"),
    ("PyCharm CE.app", "2023.2.1", "macos", "2023.2.1"),
)  # fmt: skip


@pytest.mark.parametrize("line", WINDOWS_NAMES.strip().splitlines())
def test_names_as_schools_see_them_are_their_product(line: str) -> None:
    product_id, _, names = line.partition(": ")
    catalog = ProductCatalog(load_products())
    matches = {name: catalog.find_product(name=name, platform="windows") for name in names.split(" | ")}
    found_ids = {name: product.id if product else "-" for name, product in matches.items()}
    assert found_ids == dict.fromkeys(found_ids, product_id)


@pytest.mark.parametrize(("name", "version", "listing", "identifier"), EXTENSION_LISTINGS)
def test_an_extension_is_not_the_program_whose_name_it_has(
    name: str, version: str, listing: str, identifier: str
) -> None:
    extension = ProductListing(name=name, version=version, listing=listing, identifier=identifier, platform="windows")
    identity = identify_product(extension, shelf=ProductCatalog(load_products()))
    assert (identity.product_key, identity.reason) == ("", INSIDE_ANOTHER)


@pytest.mark.parametrize(("name", "listed", "platform", "expected"), VERSIONS_IN_NAMES)
def test_the_version_in_a_name_is_the_one_that_is_compared(
    name: str, listed: str, platform: str, expected: str
) -> None:
    listing = ProductListing(name=name, version=listed, listing="programs", platform=platform)
    identity = identify_product(listing, shelf=ProductCatalog(load_products()))
    assert identity.product
    assert identity.version == expected


def test_an_old_runtime_has_its_vulnerability_and_its_end_of_support() -> None:
    names = ("Microsoft Windows Desktop Runtime - 6.0.6 (x64)", "Microsoft .NET Runtime - 6.0.8 (x64)", "Python 3.8")
    listed = ("48.27.42327", "48.35.7011", "3.8.2800.0")
    flaw = {"cve": "CVE-2099-2001", "vendor": "microsoft", "product": ".net", "introduced": "6.0.0", "fixed": "6.0.7"}
    python = {"cve": "CVE-2099-2002", "vendor": "python", "product": "python", "introduced": "0", "fixed": "3.8.20"}
    cycles = [
        {"product": "dotnet", "cycle": "6", "eol_on": date(2024, 11, 12)},
        {"product": "python", "cycle": "3.8", "eol_on": date(2024, 10, 7)},
    ]
    with open_source_session(**build_feeds([flaw, python]), lifecycles=cycles) as session:
        tables = run_engine(
            session,
            devices=[{"id": number, "platform": "windows"} for number in range(3)],
            software=[
                {"device": number, "name": names[number], "version": listed[number], "listing": "programs"}
                for number in range(3)
            ],
        )
    matches = {(row["cve"], row["product"], row["version"]) for row in tables["vulnerabilities"]}
    assert matches == {("CVE-2099-2001", "dotnet-runtime", "6.0.6")}
    ends = {(row["product"], row["version"], row["cycle"], row["ended"]) for row in tables["ends_of_life"]}
    assert ends == {
        ("dotnet-runtime", "6.0.6", "6", True),
        ("dotnet-runtime", "6.0.8", "6", True),
        ("python", "3.8.x", "3.8", True),
    }


@pytest.mark.parametrize(
    ("installed", "introduced", "fixed", "affected"),
    [
        ("1:3.0.7-27.el9", "0", "3.0.7-28.el9_4", True),
        ("1:3.0.7-28.el9_4", "0", "3.0.7-28.el9_4", False),
        ("3.0.7-27.el9", "0", "1:3.0.7-28.el9_4", True),
        ("1:3.0.7-27.el9", "0", "2:1.0-1.el9", True),
        ("2:1.0-1.el9", "1:2.0-1.el9", "1:3.0-1.el9", False),
        ("1:2.5-1.el9", "2.0-1.el9", "3.0-1.el9", True),
        ("1:1.5-1.el9", "2.0-1.el9", "3.0-1.el9", False),
    ],
)
def test_an_epoch_counts_where_both_versions_have_it(
    installed: str, introduced: str, fixed: str, affected: bool
) -> None:
    flaw = {"cve": "CVE-2099-2003", "ecosystem": "Red Hat:enterprise_linux:9::baseos", "product": "openssl"}
    bounds = {"introduced": introduced, "fixed": fixed, "scheme": "rpm"}
    with open_source_session(**build_feeds([{**flaw, **bounds}])) as session:
        tables = run_engine(
            session,
            devices=[{"id": 0, "platform": "linux", "os_version": "Red Hat Enterprise Linux 9.4"}],
            software=[{"device": 0, "name": "openssl", "version": installed, "listing": "rpm_packages"}],
        )
    assert [row["fixed_in"] for row in tables["vulnerabilities"]] == ([fixed] if affected else [])
