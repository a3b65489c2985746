"""What each column of the evidence holds of a person, so that erasing one knows which rows go and which cells.

Every column of every table has one class. A column that has none fails a test: whoever adds it decides what erasing
does with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from homeroom.evidence.erasing.plain_tables import PLAIN_TABLES


class OwnerKind(StrEnum):
    """How a column identifies the person that a row is about."""

    PERSON = "person"
    ACCOUNT = "account"
    ADDRESS = "address"
    SUBJECT = "subject"


PERSON, ACCOUNT, ADDRESS, SUBJECT = OwnerKind.PERSON, OwnerKind.ACCOUNT, OwnerKind.ADDRESS, OwnerKind.SUBJECT
RECORD_TABLES: Mapping[str, OwnerKind] = {"person_records": PERSON, "account_records": ACCOUNT}
"""Tables whose rows are records of people, and how their keys identify them."""


@dataclass(frozen=True, kw_only=True)
class ColumnClasses:
    """The columns of one table by what erasing does with them.

    A row goes if one of its `owners` identifies the person: by the key of a person or account record of the same
    source, by an address or number, or by the number of the resolved subject; or if one of its `ids` is an address or a
    number that only this person has. `own` values go with their row.
    `references` of another row name somebody: those that name the person are emptied, with the `aside` cells of that
    row. In `texts` the person's ids and names are replaced. `plain` columns hold no value of a person.
    """

    owners: Mapping[str, OwnerKind] = field(default_factory=dict)
    ids: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All columns that have a class."""
        return (*self.owners, *self.ids, *self.references, *self.aside, *self.own, *self.texts, *self.plain)

    @property
    def searched(self) -> tuple[str, ...]:
        """Columns that are searched for the person."""
        return (*self.owners, *self.ids, *self.references, *self.texts)


def _classify(
    *,
    owners: Mapping[str, OwnerKind] | None = None,
    ids: str = "",
    references: str = "",
    aside: str = "",
    own: str = "",
    texts: str = "",
    plain: str = "",
) -> ColumnClasses:
    return ColumnClasses(
        owners=owners or {},
        ids=tuple(ids.split()),
        references=tuple(references.split()),
        aside=tuple(aside.split()),
        own=tuple(own.split()),
        texts=tuple(texts.split()),
        plain=tuple(plain.split()),
    )


COLUMN_CLASSES: Mapping[str, ColumnClasses] = {
    **{name: _classify(plain=columns) for name, columns in PLAIN_TABLES.items()},
    "expected_activities": _classify(
        references="who targets",
        texts="key reason hosts",
        plain="addresses countries starts ends daily_from daily_until",
    ),
    "canaries": _classify(texts="value", plain="kind"),
    "own_networks": _classify(plain="network"),
    "own_identifiers": _classify(plain="kind value"),
    "loose_file_records": _classify(
        references="owner", texts="path places", plain="kind unread students kinds counts shapes"
    ),
    "shared_file_records": _classify(
        references="owner_email", texts="title", plain="key kind access findable writable people modified_at"
    ),
    "calendar_days": _classify(texts="title", plain="date org_key kind first_bell last_bell type"),
    "bell_weeks": _classify(texts="title", plain="org_key weekday kind first_bell last_bell type"),
    "bell_periods": _classify(texts="name", plain="org_key type starts ends is_class"),
    "calendar_events": _classify(texts="title", plain="org_key first last kind line"),
    "device_records": _classify(
        references="holder_email holder_name holder_number recent_emails",
        texts="name local_admins location cart status_word os_support_note org_unit",
        plain=(
            "key serial asset_tag directory_id hardware_ids macs kind platform manufacturer model category "
            "os_version os_edition managed status school_name ownership enrolled_at last_seen encrypted compliant "
            "boot_mode expires_on extended_expires_on extended_eligible extended_enabled purchased_on cost_minor "
            "currency warranty_until funding checked_out addresses firewall reports_software system_integrity "
            "gatekeeper secure_boot auto_login passcode recovery_key_kept update_token_kept supervised jailbroken "
            "disk_free_percent last_restart"
        ),
    ),
    "software_records": _classify(
        texts="device_key", plain="name version kind vendor identifier cves exploited_cves fixed_in"
    ),
    "coverage_records": _classify(
        owners={"key": ADDRESS},
        references="email",
        texts="name",
        plain="purpose tool serial asset_tag school_name covered unclear status_word version last_seen",
    ),
    "account_records": _classify(
        owners={"key": ACCOUNT},
        ids="email directory_id aliases synced_ids external_ids",
        own="given_name family_name last_sign_in created_at password_set_at",
        texts="org_unit title department service_names",
        plain=(
            "suspended archived super_admin delegated_admin any_admin mfa_enrolled mfa_enforced mfa_methods "
            "never_signed_in recovery_set password_never_expires password_not_required password_reversible "
            "preauth_not_required expires_on des_only sid_history delegates_anyone never_delegated admin_mark "
            "protected_group ends_by_itself"
        ),
    ),
    "sign_in_rules": _classify(texts="org_unit", plain="directory domain provider"),
    "authorities": _classify(plain="kind authority"),
    "district_facts": _classify(texts="value", plain="fact"),
    "audit_events": _classify(
        references="actor_key actor_email",
        aside="address user_agent session country asn",
        texts="key target details app device_key",
        plain="at log event outcome event_type",
    ),
    "host_events": _classify(
        references="user", aside="address", texts="key details computer", plain="at channel event_id provider level"
    ),
    "drill_events": _classify(
        owners={"email": ADDRESS},
        own="key at ip agent",
        plain="drill drill_name lure event link method script first_only sent_on",
    ),
    "drill_results": _classify(
        owners={"person": SUBJECT},
        own="key delivered missed delivered_at reported_at rules clicked",
        plain="drill drill_name lure sent_on connector ended_on",
    ),
    "contract_records": _classify(
        references="owner",
        texts="key note",
        plain="product vendor kind seats cost_minor currency starts_on ends_on renews notice_on funding schools",
    ),
    "purchase_records": _classify(
        texts="key item",
        plain="order_number vendor quantity cost_minor currency bought_on warranty_until funding serial asset_tag",
    ),
    "line_records": _classify(texts="key note", plain="school_name provider megabits starts_on ends_on"),
    "app_use_records": _classify(
        owners={"email": ADDRESS}, own="last_used", plain="app school_name since until users launches minutes"
    ),
    "ticket_records": _classify(texts="key category", plain="opened_on school_name minutes"),
    "training_records": _classify(
        owners={"email": ADDRESS, "number": ADDRESS},
        own="done_on score status_word",
        plain="course kind assigned_on due_on",
    ),
    "agreement_records": _classify(
        texts="key status_word url certificate address purpose stored_in",
        plain=(
            "vendor product kind signed_on ends_on student_data data_kinds subprocessors breach_hours delete_on "
            "delete_days deleted_on schools consent exhibit_e breached_on breach_percent"
        ),
    ),
    "sent_records": _classify(
        texts="recipient", plain="way sent_on batch element column students guardians children schools school_children"
    ),
    "backup_records": _classify(
        references="owner",
        texts="system job",
        plain="tool critical last_success last_restore_test offsite immutable encrypted keeps_days",
    ),
    "mail_domains": _classify(
        plain="domain sends mx spf spf_all dkim dmarc dmarc_policy dmarc_percent dmarc_reports looked_at"
    ),
    "orgs": _classify(plain="key name kind identifier parent_key status"),
    "person_records": _classify(
        owners={"key": PERSON},
        ids="username email identifier other_ids master_id",
        references="agent_keys",
        own=(
            "given_name middle_name family_name preferred_name grade start_date end_date employment birth_date "
            "birth_year house_number street second_line city postal_code region"
        ),
        texts="title homeroom org_name",
        plain="status enabled org_key",
    ),
    "role_records": _classify(
        owners={"person_key": PERSON}, own="role grade begin_date end_date job", plain="org_key org_name primary status"
    ),
    "classes": _classify(
        texts="key title code", plain="kind course_key org_key status grades term_keys periods location"
    ),
    "enrollments": _classify(
        owners={"person_key": PERSON}, own="key begin_date end_date", plain="class_key org_key role status primary"
    ),
    "service_records": _classify(
        texts="device_key page_title",
        plain=(
            "address public protocol port state service product version scanned_at tls_versions weak_ciphers "
            "certificate_until self_signed smb_versions signing_required sign_in"
        ),
    ),
    "vulnerability_records": _classify(
        texts="device_key",
        plain=(
            "check_id title severity cves known_exploited cvss_tenths solution product version protocol port "
            "reported_at solved"
        ),
    ),
    "known_exploited": _classify(plain="cve vendor product title added_on due_on ransomware action"),
    "verdict_records": _classify(
        texts="details comment",
        plain=(
            "suite tenant product policy org_unit requirement criticality result original_result resolve_on judged_at"
        ),
    ),
    "alert_records": _classify(texts="key agent_name title agent_key", plain="at address rule level groups techniques"),
    "academic_sessions": _classify(plain="key title kind begin_date end_date parent_key school_year org_key status"),
    "courses": _classify(texts="key title code", plain="org_key session_key grades subjects status"),
    "org_units": _classify(texts="key path name parent_path description"),
    "groups": _classify(
        texts="key email name description",
        plain="kind members made_by_admin external_members who_can_join who_can_post who_can_view",
    ),
    "group_members": _classify(owners={"member_key": ACCOUNT, "email": ADDRESS}, texts="group_key", plain="kind role"),
    "setting_records": _classify(texts="unit group value", plain="suite tenant name stated_at"),
    "app_grants": _classify(
        owners={"account_key": ACCOUNT, "email": ADDRESS},
        texts="app_name",
        plain="app_key publisher verified kind scopes granted_at",
    ),
    "people": _classify(
        owners={"id": SUBJECT},
        own=(
            "name sort_name email kind roles here left left_on left_because school grade grade_band homeroom "
            "title identifiers sources"
        ),
        plain=(
            "training_listed trained_on trained_this_year training_overdue policy_acknowledged began_on "
            "trained_in_time drills_missed helped_since administers opens trained_to_administer"
        ),
    ),
    "accounts": _classify(
        owners={"id": SUBJECT, "person": SUBJECT},
        references="asked_with",
        own=(
            "email name org_unit school kind role grade_band last_sign_in created_at left_because identifiers "
            "title password_set_at"
        ),
        texts="service_names",
        plain=(
            "directory suspended archived enabled super_admin delegated_admin administrator mfa_enrolled "
            "mfa_enforced signs_in_with second_factor never_signed_in idle_school_days person_here person_left "
            "known_to_authority works_here sources password_never_expires password_not_required "
            "password_reversible preauth_not_required expires_on des_only sid_history delegates_anyone "
            "never_delegated admin_mark protected_group ends_by_itself mfa_methods accounts_here first_password"
        ),
    ),
    "devices": _classify(
        references="holder",
        aside="holder_name holder_kind holder_left",
        texts="name identifiers local_admins location cart org_unit",
        plain=(
            "id serial asset_tag kind platform manufacturer model os_version os_edition windows os_support_until "
            "os_support_kind managed managed_by in_assets asset_status active resting retired school checked_out "
            "last_seen silent_school_days encrypted developer_mode expires_on expires_without expires_with "
            "extended_eligible extended_enabled ownership warranty_until funding sources addresses firewall "
            "filtered antivirus classroom scanned known system_integrity gatekeeper secure_boot auto_login "
            "passcode recovery_key_kept update_token_kept supervised jailbroken disk_free_percent last_restart "
            "complies"
        ),
    ),
    "links": _classify(
        owners={"id": SUBJECT}, own="subject_kind", texts="key rule", plain="connector instance table_name gone"
    ),
    "software": _classify(
        plain="device name product kind version vendor source cves exploited_cves fixed_in listing identifier"
    ),
    "services": _classify(
        texts="page_title",
        plain=(
            "device address public protocol port open service product version scanned_at known kind tls_versions "
            "weak_ciphers certificate_until self_signed smb_versions signing_required sign_in"
        ),
    ),
    "vulnerabilities_found": _classify(
        plain="device check_id cve title severity known_exploited due_on ransomware product version solution source"
    ),
    "logs": _classify(
        texts="silent_servers",
        plain="id kind title product here read stopped ready last_day rules minutes first servers_silent",
    ),
    "match_reviews": _classify(
        owners={"one": SUBJECT, "other": SUBJECT},
        texts="one_key other_key why",
        plain="id kind one_connector one_instance other_connector other_instance bits",
    ),
    "systems": _classify(
        references="owner",
        texts="name",
        plain="id critical backed_up jobs tools last_success last_restore_test offsite immutable keeps_days sources",
    ),
    "backups": _classify(
        references="owner",
        texts="system job",
        plain=(
            "id tool critical last_success system_last_success last_restore_test offsite immutable encrypted "
            "keeps_days sources"
        ),
    ),
    "domains": _classify(
        plain=(
            "id domain sends spf spf_all spf_lookups dkim dmarc dmarc_from dmarc_policy dmarc_percent "
            "dmarc_subdomains dmarc_reports looked_at sources"
        )
    ),
    "agreements": _classify(
        texts="status_word url certificate address purpose stored_in",
        plain=(
            "id product vendor kind state signed_on ends_on replaced student_data data_kinds apps app_users sources "
            "subprocessors breach_hours delete_on delete_days deleted_on schools consent exhibit_e breached_on "
            "breach_percent"
        ),
    ),
    "flows": _classify(
        texts="title vendor product",
        plain="id element sensitivity way children since newest agreement state scopes",
    ),
    "loose_files": _classify(
        references="owner", texts="path places", plain="id kind unread students kinds counts shapes sources"
    ),
    "shared_files": _classify(
        references="owner",
        texts="title",
        plain="id owner_role kind access findable writable subjects modified_at sources",
    ),
    "contracts": _classify(
        references="owner",
        texts="product",
        plain=(
            "id vendor kind seats users used_percent last_used used_after_end cost_minor currency starts_on "
            "ends_on replaced renews notice_on sources"
        ),
    ),
    "apps": _classify(
        texts="name",
        plain=(
            "id directory publisher verified by_itself for_everybody scopes reach users enabled students staff "
            "administrators last_granted last_used agreement sources"
        ),
    ),
    "directory_groups": _classify(
        texts="name email",
        plain=(
            "id directory kind members owners owners_here students staff leavers outsiders external_members "
            "anyone_joins anyone_posts anyone_reads sources"
        ),
    ),
    "units": _classify(
        texts="path name",
        plain="id directory students staff accounts devices shares_outside publishes_files any_app sources",
    ),
    "rooms": _classify(texts="name carts", plain="id school classes grades periods free_periods devices sources"),
    "vulnerabilities": _classify(
        plain=(
            "item cve product_key product title version platform line told_by matched_by cve_title severity "
            "cvss_tenths probability_ppm percentile_ppm epss_model exploited due_on ransomware published_on "
            "fixed_in update_to remedy devices public staff students servers administrators beside_servers opens "
            "points reasons"
        )
    ),
    "vulnerable_installs": _classify(plain="device item"),
    "ends_of_life": _classify(
        plain=(
            "item product_key product title version platform cycle ends_on ended extended_until extended_taken "
            "latest devices"
        )
    ),
    "software_unmatched": _classify(plain="name listing platform reason versions installs"),
}
