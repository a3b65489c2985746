"""Labels of control areas and of the products that sources come from."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_lazy

AREA_LABELS = {
    "identity": gettext_lazy("Accounts and sign-in"),
    "endpoints": gettext_lazy("Laptops and desktops"),
    "network": gettext_lazy("Network"),
    "chromeos": gettext_lazy("Chromebooks"),
    "assets": gettext_lazy("Assets"),
    "settings": gettext_lazy("Tenant settings"),
    "backups": gettext_lazy("Backups"),
    "mail": gettext_lazy("Mail domains"),
    "agreements": gettext_lazy("Agreements about data"),
    "contracts": gettext_lazy("Licences and contracts"),
    "apps": gettext_lazy("Third-party apps"),
    "groups": gettext_lazy("Groups"),
    "data": gettext_lazy("Shared data, by unit"),
    "awareness": gettext_lazy("Training and policies"),
}
PRODUCT_LABELS = {
    "google": gettext_lazy("Google"),
    "microsoft": gettext_lazy("Microsoft"),
    "entra": gettext_lazy("Microsoft Entra"),
    "intune": gettext_lazy("Microsoft Intune"),
    "activedirectory": gettext_lazy("Active Directory"),
    "oneroster": gettext_lazy("Roster"),
    "powerschool": gettext_lazy("PowerSchool"),
    "infinitecampus": gettext_lazy("Infinite Campus"),
    "snipeit": gettext_lazy("Snipe-IT"),
    "glpi": gettext_lazy("GLPI"),
    "incidentiq": gettext_lazy("Incident IQ"),
    "icalendar": gettext_lazy("Calendar"),
    "bell": gettext_lazy("Bell schedule"),
    "cisa": gettext_lazy("CISA catalogue"),
    "cve": gettext_lazy("CVE records"),
    "epss": gettext_lazy("EPSS scores"),
    "msrc": gettext_lazy("Microsoft updates"),
    "osv": gettext_lazy("OSV"),
    "osvscanner": gettext_lazy("OSV-Scanner"),
    "csaf": gettext_lazy("Advisories"),
    "endoflife": gettext_lazy("endoflife.date"),
    "crowdstrike": gettext_lazy("CrowdStrike"),
    "edfi": gettext_lazy("Ed-Fi"),
    "sds": gettext_lazy("School Data Sync"),
    "names": gettext_lazy("Mail domains"),
    "cyclonedx": gettext_lazy("CycloneDX"),
    "openscap": gettext_lazy("OpenSCAP"),
    "osquery": gettext_lazy("osquery"),
    "sshaudit": gettext_lazy("ssh-audit"),
    "sslscan": gettext_lazy("sslscan"),
    "testssl": gettext_lazy("testssl.sh"),
    "scubagear": gettext_lazy("ScubaGear"),
    "scubagoggles": gettext_lazy("ScubaGoggles"),
    "scuba": gettext_lazy("SCuBA"),
    "hr": gettext_lazy("HR"),
    "csv": gettext_lazy("CSV file"),
    "nvd": gettext_lazy("NVD"),
    "openvas": gettext_lazy("OpenVAS"),
    "pdq": gettext_lazy("PDQ"),
    "district": gettext_lazy("District facts"),
    "any": gettext_lazy("Any product"),
}


def area_word(area: str) -> str:
    """Return the label of a control area."""
    return str(
        AREA_LABELS.get(area) or (area.replace("-", " ").replace("_", " ").capitalize() if area else gettext("Other"))
    )


def product_word(product: str) -> str:
    """Return the label of a product or source."""
    return str(PRODUCT_LABELS.get(product) or product.replace("_", " ").replace("-", " ").capitalize())
