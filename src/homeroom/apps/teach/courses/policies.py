"""Policies that staff sign: new ones, new versions, and signatures."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.teach.courses.models import Policy, PolicyVersion, Signature
from homeroom.domain.platform.district import District
from homeroom.domain.teach.courses.assigning import StaffMember
from homeroom.domain.teach.courses.course_forms import (
    CourseRefused,
    check_policy_text,
    clean_line,
    hash_policy,
    is_own_name,
)


@dataclass(frozen=True, kw_only=True)
class PolicyView:
    """A policy with its newest version; `text_es` is empty where it was not translated."""

    public: str
    title: str
    title_es: str
    number: int
    text: str
    text_es: str
    sha256: str
    made_by: str
    made_at: datetime
    signatures: int = 0


@dataclass(frozen=True, kw_only=True)
class PolicyVersionLine:
    """A version in the list of a policy's versions."""

    number: int
    sha256: str
    made_by: str
    made_at: datetime
    signatures: int


@dataclass(frozen=True, kw_only=True)
class PolicyForm:
    """A version of a policy as somebody typed it; the Spanish may be empty."""

    title: str
    title_es: str
    text: str
    text_es: str


@dataclass(frozen=True, kw_only=True)
class SignatureForm:
    """A signature as somebody typed it, of the version that they read."""

    policy: str
    sha256: str
    typed_name: str
    language: str


def add_policy_version(
    *,
    district: District,
    form: PolicyForm,
    actor: str,
    at: datetime,
    public: str = "",
) -> str:
    """Add a policy, or a version to the one with this id, and return its id.

    A version with the texts of the newest adds nothing. Raise CourseRefused, and LookupError for an unknown id.
    """
    checked = check_policy_text(form.text)
    checked_es = check_policy_text(form.text_es, field="text_es") if form.text_es.strip() else ""
    name = clean_line("title", form.title, required="the name of the policy would fit")
    name_es = clean_line("title_es", form.title_es)
    digest = hash_policy(checked, checked_es)
    with transaction.atomic():
        policy = _get_policy(district, public) if public else None
        if policy is None:
            policy = Policy(district_id=district.pk, public=f"policy-{secrets.token_hex(6)}", made_by=actor, made_at=at)
        policy.title, policy.title_es = name, name_es
        policy.save()
        newest = PolicyVersion.objects.of(district).filter(policy=policy).order_by("-number").first()
        if newest is None or newest.sha256 != digest:
            number = newest.number + 1 if newest else 1
            PolicyVersion.objects.create(
                district_id=district.pk,
                policy=policy,
                number=number,
                text=checked,
                text_es=checked_es,
                sha256=digest,
                made_by=actor,
                made_at=at,
            )
            detail = {"title": name, "version": number, "sha256": digest}
            _audit(district, "add policy version", policy.public, detail, actor=actor, at=at)
    return policy.public


def sign_policy(*, district: District, person: StaffMember, form: SignatureForm, actor: str, at: datetime) -> bool:
    """Sign the newest version of a policy; return whether it was not signed before.

    Raise CourseRefused if the text changed since it was read, or the typed name is not the person's; LookupError if
    there is no such policy.
    """
    policy = _get_policy(district, form.policy)
    version = PolicyVersion.objects.of(district).filter(policy=policy).order_by("-number").first()
    if version is None or version.sha256 != form.sha256:
        raise CourseRefused("sha256", "the policy changed; its new text would fit")
    if not is_own_name(form.typed_name, person.name):
        raise CourseRefused("typed_name", "the name as the district has it would fit")
    row = Signature(
        district_id=district.pk,
        subject=person.id,
        email=person.email,
        policy=policy,
        version=version.number,
        sha256=version.sha256,
        typed_name=clean_line("typed_name", form.typed_name),
        language="es" if form.language == "es" and version.text_es else "en",
        signed_on=at.astimezone(ZoneInfo(district.timezone)).date(),
        signed_at=at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            detail = {"version": version.number, "sha256": version.sha256}
            _audit(district, "sign policy", policy.public, detail, actor=actor, at=at)
    except IntegrityError:  # signed before
        return False
    return True


def list_policies(*, district: District) -> tuple[PolicyView, ...]:
    """List the policies by title, each with its newest version and how many signed that."""
    views = [find_policy(district=district, public=row.public) for row in Policy.objects.of(district).order_by("title")]
    return tuple(view for view in views if view is not None)


def find_policy(*, district: District, public: str) -> PolicyView | None:
    """Return a policy with its newest version, or None."""
    policy = Policy.objects.of(district).filter(public=public).first()
    version = PolicyVersion.objects.of(district).filter(policy=policy).order_by("-number").first() if policy else None
    if policy is None or version is None:
        return None
    return PolicyView(
        public=policy.public,
        title=policy.title,
        title_es=policy.title_es,
        number=version.number,
        text=version.text,
        text_es=version.text_es,
        sha256=version.sha256,
        made_by=version.made_by,
        made_at=version.made_at,
        signatures=Signature.objects.of(district).filter(policy=policy, version=version.number).count(),
    )


def list_policy_versions(*, district: District, public: str) -> tuple[PolicyVersionLine, ...]:
    """List the versions of a policy, the newest first, each with how many signed it."""
    rows = PolicyVersion.objects.of(district).filter(policy__public=public).order_by("-number")
    signatures = Signature.objects.of(district).filter(policy__public=public)
    counts = Counter(signatures.values_list("version", flat=True))
    return tuple(
        PolicyVersionLine(
            number=row.number,
            sha256=row.sha256,
            made_by=row.made_by,
            made_at=row.made_at,
            signatures=counts[row.number],
        )
        for row in rows
    )


def find_signature(*, district: District, person: StaffMember, policy: PolicyView) -> datetime | None:
    """Return when a person signed this version of a policy, or None."""
    rows = Signature.objects.of(district).filter(subject=person.id, policy__public=policy.public, version=policy.number)
    return rows.values_list("signed_at", flat=True).first()


def _get_policy(district: District, public: str) -> Policy:
    policy = Policy.objects.of(district).filter(public=public).first()
    if policy is None:
        raise LookupError(f"there is no policy {public[:40]}")
    return policy


def _audit(
    district: District, action: str, public: str, detail: dict[str, object], *, actor: str, at: datetime
) -> None:
    record_audit_entry(
        district=district, at=at, actor=actor, action=action, subject_kind="policy", subject=public, detail=detail
    )
