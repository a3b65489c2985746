"""The logs that a rule's `logsource` means: Windows channels and event ids, and the services of cloud logs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from homeroom.domain.protect.detections.rules import (
    And,
    Condition,
    FieldSearch,
    LogCondition,
    LogVariant,
    Text,
    rename_fields,
)

WINDOWS = "windows"
SECURITY = "security"
SYSMON = "microsoft-windows-sysmon/operational"

CHANNELS: Mapping[str, tuple[str, ...]] = {
    "application": ("application",),
    "applocker": (
        "microsoft-windows-applocker/exe and dll",
        "microsoft-windows-applocker/msi and script",
        "microsoft-windows-applocker/packaged app-deployment",
        "microsoft-windows-applocker/packaged app-execution",
    ),
    "appmodel-runtime": ("microsoft-windows-appmodel-runtime/admin",),
    "appxdeployment-server": ("microsoft-windows-appxdeploymentserver/operational",),
    "appxpackaging-om": ("microsoft-windows-appxpackaging/operational",),
    "bitlocker": ("microsoft-windows-bitlocker/bitlocker management",),
    "bits-client": ("microsoft-windows-bits-client/operational",),
    "capi2": ("microsoft-windows-capi2/operational",),
    "certificateservicesclient-lifecycle-system": (
        "microsoft-windows-certificateservicesclient-lifecycle-system/operational",
    ),
    "codeintegrity-operational": ("microsoft-windows-codeintegrity/operational",),
    "dhcp": ("microsoft-windows-dhcp-server/operational",),
    "diagnosis-scripted": ("microsoft-windows-diagnosis-scripted/operational",),
    "dns-client": ("microsoft-windows-dns client events/operational",),
    "dns-server": ("dns server",),
    "dns-server-analytic": ("microsoft-windows-dns-server/analytical",),
    "dns-server-audit": ("microsoft-windows-dns-server/audit",),
    "driver-framework": ("microsoft-windows-driverframeworks-usermode/operational",),
    "firewall-as": ("microsoft-windows-windows firewall with advanced security/firewall",),
    "iis-configuration": ("microsoft-iis-configuration/operational",),
    "ldap": ("microsoft-windows-ldap-client/debug",),
    "ldap_debug": ("microsoft-windows-ldap-client/debug",),
    "lsa-server": ("microsoft-windows-lsa/operational",),
    "microsoft-servicebus-client": ("microsoft-servicebus-client",),
    "msexchange-management": ("msexchange management",),
    "ntlm": ("microsoft-windows-ntlm/operational",),
    "openssh": ("openssh/operational",),
    "powershell": ("microsoft-windows-powershell/operational", "powershellcore/operational"),
    "powershell-classic": ("windows powershell",),
    "printservice-admin": ("microsoft-windows-printservice/admin",),
    "printservice-operational": ("microsoft-windows-printservice/operational",),
    "security": ("security",),
    "security-mitigations": (
        "microsoft-windows-security-mitigations/kernel mode",
        "microsoft-windows-security-mitigations/user mode",
    ),
    "shell-core": ("microsoft-windows-shell-core/operational",),
    "smbclient-connectivity": ("microsoft-windows-smbclient/connectivity",),
    "smbclient-security": ("microsoft-windows-smbclient/security",),
    "smbserver-connectivity": ("microsoft-windows-smbserver/connectivity",),
    "sysmon": (SYSMON,),
    "system": ("system",),
    "taskscheduler": ("microsoft-windows-taskscheduler/operational",),
    "terminalservices-localsessionmanager": ("microsoft-windows-terminalservices-localsessionmanager/operational",),
    "vhdmp": ("microsoft-windows-vhdmp/operational",),
    "windefend": ("microsoft-windows-windows defender/operational",),
    "wmi": ("microsoft-windows-wmi-activity/operational",),
}
"""Channels of Sigma's Windows services, in lower case."""

SYSMON_EVENTS: Mapping[str, frozenset[int]] = {
    "clipboard_capture": frozenset({24}),
    "create_remote_thread": frozenset({8}),
    "create_stream_hash": frozenset({15}),
    "dns_query": frozenset({22}),
    "driver_load": frozenset({6}),
    "file_block_executable": frozenset({27}),
    "file_block_shredding": frozenset({28}),
    "file_change": frozenset({2}),
    "file_delete": frozenset({23}),
    "file_delete_detected": frozenset({26}),
    "file_event": frozenset({11}),
    "file_executable_detected": frozenset({29}),
    "image_load": frozenset({7}),
    "network_connection": frozenset({3}),
    "pipe_created": frozenset({17, 18}),
    "process_access": frozenset({10}),
    "process_creation": frozenset({1}),
    "process_tampering": frozenset({25}),
    "process_termination": frozenset({5}),
    "raw_access_thread": frozenset({9}),
    "registry_add": frozenset({12}),
    "registry_delete": frozenset({12}),
    "registry_event": frozenset({12, 13, 14}),
    "registry_rename": frozenset({14}),
    "registry_set": frozenset({13}),
    "sysmon_error": frozenset({255}),
    "sysmon_status": frozenset({4, 16}),
    "wmi_event": frozenset({19, 20, 21}),
}
"""Event ids of Sysmon for Sigma's categories."""

POWERSHELL_EVENTS: Mapping[str, tuple[str, int]] = {
    "ps_classic_provider_start": ("powershell-classic", 600),
    "ps_classic_script": ("powershell-classic", 800),
    "ps_classic_start": ("powershell-classic", 400),
    "ps_module": ("powershell", 4103),
    "ps_script": ("powershell", 4104),
}
"""Service and event id of PowerShell's own logs for Sigma's categories."""

VALUE_CREATED = ("New registry value created", "%%1904")
VALUE_MODIFIED = ("Existing registry value modified", "%%1905")
"""What `OperationType` of event 4657 is: as Windows shows it, and as the log has it."""
AUDIT_EVENTS: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "process_creation": (4688, ()),
    "registry_add": (4657, VALUE_CREATED),
    "registry_event": (4657, VALUE_CREATED + VALUE_MODIFIED),
    "registry_set": (4657, VALUE_MODIFIED),
}
"""Event id of the Security log for Sigma's categories, and the `OperationType` that it has to have."""
AUDIT_FIELDS = {
    "Image": "NewProcessName",
    "ParentImage": "ParentProcessName",
    "Details": "NewValue",
    "LogonId": "SubjectLogonId",
}
"""Names in the Security log of fields that Sigma names as Sysmon does."""
REGISTRY_AUDIT_FIELDS = AUDIT_FIELDS | {"Image": "ProcessName", "TargetObject": "ObjectName"}
FIELDS_NOT_AUDITED = frozenset({"EventType", "NewName", "User"})
"""Fields of changes of the registry that event 4657 does not have."""

GOOGLE = "google_workspace"
GOOGLE_PRODUCTS = frozenset({"gcp", GOOGLE, "google"})
CLOUD_SERVICES: Mapping[tuple[str, str], frozenset[str]] = {
    ("azure", "pim"): frozenset({"pim", "auditlogs"}),
    ("m365", "exchange"): frozenset(),
    ("m365", "threat_detection"): frozenset(),
    ("m365", "threat_management"): frozenset(),
    ("m365", "audit"): frozenset(),
}
"""Services whose records come in a log of another name; Microsoft's unified log holds all of m365."""
FIELDS_WITHOUT_SOURCE: Mapping[tuple[str, str], frozenset[str]] = {("azure", "pim"): frozenset({"riskEventType"})}
"""Fields of rules that no log has. Alerts of Privileged Identity Management are in neither Graph's nor Azure's logs."""
PRODUCTS_READ = (WINDOWS, GOOGLE, "azure", "m365")
CATEGORIES_NOT_READ = frozenset({"antivirus", "application", "database", "dns", "firewall", "proxy", "webserver"})


class NoSuchLog(ValueError):
    """A rule is about a log that Homeroom does not read; the message names it."""


@dataclass(frozen=True, kw_only=True)
class RuleLogSource:
    """A rule's own description of its log."""

    product: str = ""
    category: str = ""
    service: str = ""


@dataclass(frozen=True, kw_only=True)
class LogForm:
    """One log that a log source means, what else has to be true there, and how its fields are called."""

    log: LogCondition
    requires: tuple[Condition, ...] = ()
    field_names: Mapping[str, str] = field(default_factory=dict)
    missing_fields: frozenset[str] = frozenset()
    """Fields that this log does not have although another one of the log source does: a rule about them skips it."""

    def apply(self, condition: Condition) -> LogVariant:
        """Return the rule's condition for this log."""
        renamed = rename_fields(condition, dict(self.field_names)) if self.field_names else condition
        required = And(parts=(*self.requires, renamed)) if self.requires else renamed
        return LogVariant(log=self.log, condition=required, field_names=self.field_names)


def list_log_forms(source: RuleLogSource) -> tuple[LogForm, ...]:
    """Return the logs of a log source; raise NoSuchLog."""
    if source.product == WINDOWS:
        return _list_windows_forms(source)
    if source.product in GOOGLE_PRODUCTS:
        return (_build_google_form(source.service),)
    if source.product and source.product not in PRODUCTS_READ:
        raise NoSuchLog(f"no log of the product {source.product} is read")
    if not source.product and source.category in CATEGORIES_NOT_READ:
        raise NoSuchLog(f"no log of the category {source.category} is read")
    services = CLOUD_SERVICES.get((source.product, source.service), frozenset(filter(None, [source.service])))
    return (LogForm(log=LogCondition(product=source.product, services=services)),)


def require_known_fields(source: RuleLogSource, names: Iterable[str]) -> None:
    """Raise NoSuchLog if a field is one that no log of the source has."""
    missing = FIELDS_WITHOUT_SOURCE.get((source.product, source.service), frozenset()) & set(names)
    if missing:
        raise NoSuchLog(f"no log of {source.product} {source.service} has the field {', '.join(sorted(missing))}")


def _list_windows_forms(source: RuleLogSource) -> tuple[LogForm, ...]:
    """Return the forms of a Windows log source; a category decides, whatever the service."""
    forms = []
    if source.category in SYSMON_EVENTS:
        log = LogCondition(product=WINDOWS, channels=frozenset({SYSMON}), event_ids=SYSMON_EVENTS[source.category])
        forms.append(LogForm(log=log))
    if source.category in AUDIT_EVENTS:
        forms.append(_build_audit_form(*AUDIT_EVENTS[source.category]))
    if source.category in POWERSHELL_EVENTS:
        service, event_id = POWERSHELL_EVENTS[source.category]
        channels = frozenset(CHANNELS[service])
        forms.append(LogForm(log=LogCondition(product=WINDOWS, channels=channels, event_ids=frozenset({event_id}))))
    if forms:
        return tuple(forms)
    return (LogForm(log=LogCondition(product=WINDOWS, channels=frozenset(CHANNELS.get(source.service, ())))),)


def _build_audit_form(event_id: int, operations: tuple[str, ...]) -> LogForm:
    tests = tuple(Text(parts=(operation,)) for operation in operations)
    return LogForm(
        log=LogCondition(product=WINDOWS, channels=frozenset(CHANNELS[SECURITY]), event_ids=frozenset({event_id})),
        requires=(FieldSearch(name="OperationType", tests=tests),) if tests else (),
        field_names=REGISTRY_AUDIT_FIELDS if operations else AUDIT_FIELDS,
        missing_fields=FIELDS_NOT_AUDITED if operations else frozenset(),
    )


def _build_google_form(service: str) -> LogForm:
    """Return the form of a Google log: `google_workspace.admin` or `admin`; the Cloud audit log is not read."""
    if service.startswith("gcp."):
        raise NoSuchLog(f"no log of the service {service} is read")
    name = service.removeprefix(f"{GOOGLE}.")
    return LogForm(log=LogCondition(product=GOOGLE, services=frozenset(filter(None, [name]))))
