"""What each field of the state database holds of a person, so that erasing one knows which rows go and which texts.

Every text, document, binary value and large number of every model has one class. A field that has none fails a test:
whoever adds it decides what erasing does with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class FieldClasses:
    """The fields of one model by what erasing does with them.

    A row goes if one of its `subjects` is the number of the person or account, or if one of its `keys` is the key of
    their record. `references` to their numbers are emptied. In `texts` and `documents` (JSON) ids and names are
    replaced. `packed` values are compressed, and each has its own reader. `actors` are user names of Homeroom's own
    users, who are erased by removing the user. `plain` fields hold no value of a person.
    """

    subjects: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    packed: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All fields that have a class."""
        return (
            *self.subjects,
            *self.references,
            *self.keys,
            *self.texts,
            *self.documents,
            *self.packed,
            *self.actors,
            *self.plain,
        )


def _classify(**names: str) -> FieldClasses:
    return FieldClasses(**{name: tuple(text.split()) for name, text in names.items()})


FIELD_CLASSES: Mapping[str, FieldClasses] = {
    "auth.Permission": _classify(plain="name codename"),
    "auth.Group_permissions": _classify(),
    "auth.Group": _classify(plain="name"),
    "contenttypes.ContentType": _classify(plain="app_label model"),
    "sessions.Session": _classify(packed="session_data", plain="session_key"),
    "django_ox.OxTask": _classify(
        documents="args kwargs return_value errors",
        plain="task_path queue_name backend_name status worker_ids locked_by lease_epoch",
    ),
    "django_ox.OxScheduleTick": _classify(plain="schedule_name"),
    "django_ox.OxSchedule": _classify(plain="name task_key trigger cron arguments boundary_for"),
    "django_ox.OxScheduleChange": _classify(),
    "districts.District": _classify(plain="slug name timezone"),
    "districts.User_groups": _classify(),
    "districts.User_user_permissions": _classify(),
    "districts.User": _classify(actors="username first_name last_name email", plain="password"),
    "districts.Membership": _classify(plain="role schools"),
    "districts.SignInAttempts": _classify(plain="key"),
    "accounts.UserSession": _classify(actors="ended_by address agent", plain="public session_key method ended_because"),
    "api_tokens.ApiToken": _classify(
        actors="made_by used_from ended_by name", documents="permissions", plain="public hash ended_because"
    ),
    "agendas.PersonalFeed": _classify(documents="entries", actors="person", plain="token_hash"),
    "saved_views.SavedView": _classify(actors="owner", texts="name", documents="query columns", plain="kind"),
    "accounts.TemporaryPassphrase": _classify(actors="made_by"),
    "account.EmailAddress": _classify(actors="email"),
    "account.EmailConfirmation": _classify(plain="key"),
    "socialaccount.SocialApp": _classify(plain="provider provider_id name client_id secret key", documents="settings"),
    "socialaccount.SocialAccount": _classify(actors="uid", documents="extra_data", plain="provider"),
    "socialaccount.SocialToken": _classify(plain="token token_secret"),
    "people_sign_in.SignInProvider": _classify(documents="pinned", actors="made_by", plain="provider client_id sealed"),
    "people_sign_in.SignInCode": _classify(texts="address", actors="made_by", plain="digest"),
    "second_factors.Passkey": _classify(actors="name", plain="credential_id credential handle rp_id sign_count"),
    "second_factors.AuthenticatorApp": _classify(plain="sealed last_step"),
    "second_factors.RecoveryCode": _classify(plain="digest"),
    "second_factors.ProviderLink": _classify(actors="address", plain="provider issuer subject"),
    "second_factors.ProviderInvitation": _classify(actors="address made_by", plain="provider"),
    "second_factors.SecondFactorPolicy": _classify(actors="changed_by"),
    "second_factors.BreakGlassAccount": _classify(actors="seen_by"),
    "audit.Entry": _classify(
        texts="subject",
        documents="detail",
        actors="actor",
        plain="action subject_kind salt removed previous digest mac",
    ),
    "audit.AnnouncedEntry": _classify(
        texts="subject",
        documents="detail",
        actors="actor",
        plain="area action subject_kind path before after mac",
    ),
    "audit.Head": _classify(plain="chain digest mac"),
    "audit.ManifestRecord": _classify(plain="name digest announced mac"),
    "permissions.Grant": _classify(actors="granted_by", plain="role permission"),
    "laws.EnteredFact": _classify(documents="value", actors="entered_by", plain="name"),
    "duties.DutyOwner": _classify(texts="owner", actors="changed_by", plain="duty"),
    "duties.DutyRecord": _classify(texts="note", actors="recorded_by", plain="duty case"),
    "duties.SeenLaws": _classify(actors="seen_by", documents="duties"),
    "incidents.IncidentLegalFacts": _classify(documents="moments facts", actors="changed_by", plain="vendor product"),
    "privacy.PrivacyRequest": _classify(
        texts="student student_text requester contact text",
        actors="made_by",
        plain="public kind relation choices step outcome",
    ),
    "privacy.RequestEntry": _classify(texts="text", documents="detail", actors="written_by", plain="step"),
    "privacy.RequestFile": _classify(texts="name", actors="made_by", plain="purpose sha256"),
    "privacy.OptOut": _classify(subjects="subject", texts="student source", actors="made_by ended_by", plain="kind"),
    "privacy.Disclosure": _classify(
        subjects="subject",
        texts="student recipient purpose source withdrawn_because",
        documents="elements",
        actors="made_by withdrawn_by",
        plain="basis",
    ),
    "asks.AskClaim": _classify(subjects="person", actors="claimed_by", plain="control"),
    "asks.AskExemption": _classify(
        subjects="person", texts="reason answer", actors="requested_by decided_by", plain="public control state"
    ),
    "tool_requests.ToolRequest": _classify(
        texts="requester class_name reason decision_reason conditions",
        documents="does schools",
        actors="decided_by made_by",
        plain="public name tool grades state",
    ),
    "tool_requests.ToolRequestEntry": _classify(
        texts="text conditions", documents="document", actors="written_by", plain="act"
    ),
    "calendars.CalendarEvent": _classify(
        texts="title", documents="schools", actors="added_by ended_by withdrawn_by", plain="kind"
    ),
    "exceptions.RiskException": _classify(
        subjects="subject",
        texts="value reason group",
        actors="owner made_by",
        plain="covers control product_key cve scope device rule justification",
    ),
    "finding_work.FindingWork": _classify(
        subjects="subject", texts="group", actors="person changed_by", plain="control state assessment"
    ),
    "finding_work.FindingWorkEntry": _classify(
        texts="group note", documents="subjects", actors="person made_by", plain="control act origin assessment"
    ),
    "outbox.OutboxReceipt": _classify(texts="subject", documents="answer", actors="actor", plain="key kind"),
    "sources.LoadJob": _classify(
        texts="step", documents="files result", actors="made_by", plain="folder source state done total"
    ),
    "sources.SavedMapping": _classify(
        texts="text", documents="headings", actors="made_by", plain="fingerprint name table"
    ),
    "connections.Connection": _classify(actors="made_by plain", plain="name client sealed off quiet marks stands"),
    "connections.Sync": _classify(texts="step", documents="marks result", actors="made_by", plain="state done total"),
    "inventory.Projection": _classify(plain="generation derived derived_before writing"),
    "inventory.LedgerEntry": _classify(subjects="subject", keys="key", plain="kind connector instance opened closed"),
    "inventory.LedgerMerge": _classify(subjects="subject into", plain="kind opened closed"),
    "inventory.Person": _classify(
        subjects="subject",
        texts="public sort name email title homeroom",
        plain="opened closed kind school grade grade_band sources",
    ),
    "inventory.Account": _classify(
        subjects="subject person",
        texts="public sort email name org_unit",
        plain="opened closed directory kind role school grade_band sources",
    ),
    "inventory.Device": _classify(
        references="holder",
        texts="sort name holder_name location cart org_unit",
        plain="subject public opened closed serial asset_tag kind platform model os_version status school sources",
    ),
    "inventory.Decision": _classify(
        keys="one_key other_key",
        texts="question why",
        actors="actor taken_back_by",
        plain="kind one_connector one_instance other_connector other_instance",
    ),
    "inventory.ListAnswer": _classify(actors="made_by", plain="connector fingerprint"),
    "tool_names.NameAnswer": _classify(texts="first second", actors="answered_by revoked_by", plain="question"),
    "posture.PublishedAssessment": _classify(plain="assessment"),
    "posture.Assessment": _classify(plain="number derived controls"),
    "posture.ControlResult": _classify(
        plain="assessment control severity population passing failing cannot_tell excepted not_applicable"
    ),
    "posture.SchoolResult": _classify(plain="assessment school control passing failing cannot_tell excepted"),
    "posture.ControlWeek": _classify(plain="control schools"),
    "effects.StoredStudy": _classify(
        texts="name file", documents="effect course starts", actors="made_by", plain="control"
    ),
    "posture.Finding": _classify(texts="group", plain="public control subject_kind first_opened"),
    "posture.FindingResult": _classify(plain="assessment members not_seen stale people"),
    "posture.Member": _classify(subjects="subject", plain="opened closed why snapshot"),
    "posture.SettingResult": _classify(plain="policy tenant state"),
    "vulnerabilities.Reviewed": _classify(plain="review"),
    "vulnerabilities.Review": _classify(
        plain=(
            "number derived asked opened returned fixed open_devices overdue_devices late_devices "
            "exploited_vulnerabilities late_vulnerabilities"
        )
    ),
    "vulnerabilities.Remedy": _classify(plain="product_key first"),
    "vulnerabilities.Release": _classify(plain="product_key fix"),
    "vulnerabilities.Gap": _classify(plain="device kind opened closed why snapshot"),
    "vulnerabilities.Sighting": _classify(plain="product_key cve opened closed"),
    "vulnerabilities.Fixed": _classify(plain="review kind many"),
    "vulnerabilities.Tally": _classify(
        plain="review product_key devices excepted overdue missed stale worst points reasons"
    ),
    "vulnerabilities.Deadlines": _classify(),
    "awareness.Coach": _classify(actors="named_by"),
    "awareness.HelpRequest": _classify(subjects="person"),
    "awareness.HelpTalk": _classify(subjects="person", actors="recorded_by"),
    "planning.TeamHours": _classify(actors="person"),
    "planning.Work": _classify(texts="item note", actors="person made_by", plain="act assessment"),
    "fixes.FixFile": _classify(
        texts="group target",
        documents="left",
        actors="made_by reviewed_by handed_by",
        plain="public finding control incident action state derived sha256",
    ),
    "fixes.FixRow": _classify(
        subjects="subject", texts="key handle to back", documents="cells", plain="instance flags outcome"
    ),
    "setup.Setup": _classify(documents="systems facts answered ticks uploads", actors="changed_by"),
    "agents.EnrollSecret": _classify(actors="made_by", plain="hash"),
    "agents.Agent": _classify(texts="identifier name", plain="key_hash platform version"),
    "agents.WaitingAgent": _classify(texts="identifier name", plain="key_hash platform version address"),
    "agents.Answer": _classify(packed="rows", plain="question"),
    "agents.Intake": _classify(),
    "frameworks.Attestation": _classify(
        texts="question note link", actors="owner asked_by answered_by", plain="framework goal answer"
    ),
    "frameworks.Proof": _classify(texts="name", actors="made_by", plain="sha256"),
    "detection.JudgingState": _classify(packed="learned", plain="position judged_until announced"),
    "detection.StoredDetection": _classify(
        texts="event_key title means first_step planned_test",
        documents="entities why events",
        plain="rule source log level stage playbook canary alert",
    ),
    "detection.MatchBatch": _classify(packed="matches", plain="rule"),
    "detection.StoredAlert": _classify(
        texts="title reason",
        documents="former details touches closed_rules",
        actors="acknowledged_by closed_by",
        plain="public state folded_state severity rules stages incident verdict",
    ),
    "detection.AnnouncedWork": _classify(
        texts="reason", documents="entry", actors="announced_by ended_by withdrawn_by", plain="key"
    ),
    "detection.PlantedCanary": _classify(
        actors="made_by planted_by retired_by", plain="place kind title value value_key"
    ),
    "detection.CanaryTest": _classify(actors="started_by", plain="seen_log"),
    "incidents.Incident": _classify(
        texts="title declared_as counsel",
        documents="moments",
        actors="owner made_by declared_by",
        plain="public severity state playbook merged_into",
    ),
    "incidents.HeldAlert": _classify(texts="title", documents="details", plain="alert severity playbook"),
    "incidents.HeldEvent": _classify(texts="key what", documents="row", plain="source log"),
    "incidents.IncidentEntry": _classify(texts="text reason", actors="written_by", plain="kind"),
    "incidents.IncidentTask": _classify(texts="title reason", actors="owner changed_by", plain="phase role state"),
    "incidents.IncidentFile": _classify(texts="name note", actors="made_by", plain="sha256"),
    "incidents.Contact": _classify(texts="name phone email reference", actors="changed_by", plain="kind"),
    "incidents.SheetPrint": _classify(actors="printed_by"),
    "trials.TrainingTrial": _classify(
        texts="question reason",
        documents="courses schools outlook result",
        actors="made_by",
        plain="public state title unit strata seed",
    ),
    "trials.TrialMember": _classify(references="person", plain="unit stratum arm score"),
    "budget.BudgetPlan": _classify(
        texts="title fleet prices needs",
        documents="problem document figures evidence run_problems run_step run_request",
        actors="made_by",
        plain="public origin run_state",
    ),
    "rollouts.Rollout": _classify(
        texts="title noun noun_es plan_step",
        documents="rules figures plan_problems plan_request unplaced",
        actors="made_by",
        plain="public state kind action finding plan_state",
    ),
    "rollouts.TargetRoom": _classify(texts="room name", documents="free not_on refused_by_link", plain="school ring"),
    "rollouts.RolloutVisit": _classify(
        texts="room note",
        documents="checks installed taken",
        actors="people recorded_by",
        plain="ring slot period outcome",
    ),
    "rollouts.WaveApproval": _classify(actors="approved_by", plain="ring digest"),
    "courses.Policy": _classify(plain="public title title_es", actors="made_by"),
    "courses.PolicyVersion": _classify(plain="text text_es sha256", actors="made_by"),
    "courses.Assignment": _classify(actors="made_by ended_by", plain="public course role school control trial arm law"),
    "courses.AssignedPerson": _classify(subjects="subject"),
    "courses.CourseAttempt": _classify(subjects="subject", documents="answers", plain="course version language"),
    "courses.Completion": _classify(references="subject", texts="email", plain="course version language"),
    "courses.Signature": _classify(subjects="subject", texts="email typed_name", plain="sha256 language"),
    "courses.ClassLesson": _classify(
        references="subject", texts="class_name", plain="school course lesson version language"
    ),
    "courses.TrainingIntake": _classify(plain="sha256"),
    "rollouts.VisitFeed": _classify(texts="name", documents="entries", actors="made_by", plain="kind token_hash"),
}
