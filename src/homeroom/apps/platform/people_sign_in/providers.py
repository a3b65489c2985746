"""The registrations of Homeroom at a district's providers: entered by the director, with an encrypted secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.people_sign_in.identity_providers import PROVIDERS, IdentityProvider, IdentityRefused
from homeroom.apps.platform.people_sign_in.models import SignInProvider
from homeroom.apps.platform.secret_box import SecretBox, SecretDecryptionError, open_secret_box
from homeroom.domain.platform.district import District

_MAX_TEXT = 255


class RegistrationRefused(ValueError):
    """A registration does not fit; `field` names the setting, the message what would fit."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class Registration:
    """A registration as pages show it, without its secret."""

    provider: IdentityProvider
    client_id: str
    pinned: tuple[str, ...]
    made_at: datetime
    made_by: str

    @property
    def issuer(self) -> str:
        """Issuer of the tokens."""
        return self.provider.get_issuer(self.pinned)


def list_registrations(*, district: District) -> tuple[Registration, ...]:
    """Return the registrations of a district, by name of the provider."""
    rows = SignInProvider.objects.of(district).filter(provider__in=PROVIDERS).order_by("provider")
    return tuple(_build_registration(row) for row in rows)


def find_registration(*, district: District, provider: str) -> Registration | None:
    """Return the registration at one provider, or None."""
    return next((item for item in list_registrations(district=district) if item.provider.name == provider), None)


def read_client_secret(*, district: District, provider: str) -> str:
    """Return the decrypted secret of a registration: never show or log it. Raise IdentityRefused."""
    row = SignInProvider.objects.of(district).filter(provider=provider).first()
    try:
        values = open_secret_box().decrypt(row.sealed, context=_format_context(district, provider)) if row else {}
    except SecretDecryptionError:
        raise IdentityRefused("the client secret cannot be decrypted; enter it again") from None
    return values.get("secret", "")


@transaction.atomic
def register_provider(
    *, district: District, provider: str, client_id: str, secret: str, pinned: str, actor: str, at: datetime
) -> Registration:
    """Store a registration in place of an earlier one; an empty secret leaves the one that is stored.

    Raise RegistrationRefused.
    """
    if provider not in PROVIDERS:
        raise RegistrationRefused("provider", f"{', '.join(PROVIDERS)} would fit")
    descriptor = PROVIDERS[provider]
    values = _parse_pinned(descriptor, pinned)
    _check_text("client_id", client_id)
    stored = SignInProvider.objects.of(district).filter(provider=provider).first()
    if secret or stored is None:
        _check_text("secret", secret)
        sealed = open_secret_box().encrypt({"secret": secret}, context=_format_context(district, provider))
    else:
        sealed = stored.sealed
    row, _is_new = SignInProvider.objects.of(district).update_or_create(
        district_id=district.pk,
        provider=provider,
        defaults={"client_id": client_id, "sealed": sealed, "pinned": values, "made_at": at, "made_by": actor},
    )
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action="set staff sign-in",
        subject_kind="sign-in",
        subject=provider,
        detail={"client_id": client_id, descriptor.pinned_title: values, "secret_changed": bool(secret)},
    )
    return _build_registration(row)


@transaction.atomic
def remove_provider(*, district: District, provider: str, actor: str, at: datetime) -> bool:
    """Remove a registration with its secret; return False if there is none."""
    count, _ = SignInProvider.objects.of(district).filter(provider=provider).delete()
    if count:
        record_audit_entry(
            district=district,
            at=at,
            actor=actor,
            action="remove staff sign-in",
            subject_kind="sign-in",
            subject=provider,
        )
    return bool(count)


def encrypt_providers_again(secret_box: SecretBox) -> int:
    """Encrypt the secrets of all registrations with the current key, and return how many."""
    rows = list(SignInProvider.everywhere.select_related("district"))
    for row in rows:
        context = _format_context(row.district, row.provider)
        sealed = secret_box.encrypt(secret_box.decrypt(row.sealed, context=context), context=context)
        SignInProvider.objects.of(row.district).filter(pk=row.pk).update(sealed=sealed)
    return len(rows)


def _parse_pinned(descriptor: IdentityProvider, text: str) -> list[str]:
    values = list(dict.fromkeys(text.lower().replace(",", " ").split()))
    fits = all(descriptor.pinned_form.fullmatch(value) for value in values)
    if not values or len(values) > descriptor.max_pinned or not fits:
        raise RegistrationRefused("pinned", descriptor.pinned_fits)
    return values


def _check_text(field: str, text: str) -> None:
    if not 0 < len(text) <= _MAX_TEXT or not text.isascii() or not text.isprintable() or " " in text:
        raise RegistrationRefused(field, "the text that the provider's console shows would fit, without blanks")


def _format_context(district: District, provider: str) -> str:
    return f"{district.slug}/sign-in/{provider}"


def _build_registration(row: SignInProvider) -> Registration:
    return Registration(
        provider=PROVIDERS[row.provider],
        client_id=row.client_id,
        pinned=tuple(row.pinned),
        made_at=row.made_at,
        made_by=row.made_by,
    )
