"""The providers by which people sign in: what identifies the district there, and which address is verified."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

_DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_TENANT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class IdentityRefused(Exception):
    """A token does not prove that somebody of the district signed in; the message has no value of the token."""


@dataclass(frozen=True, kw_only=True)
class IdentityProvider:
    """A provider: its name in addresses, what is pinned there, and how the verified address is read from a token.

    `scopes` are the least that give the address. `auth_params` are added to the request for signing in, from what is
    pinned. `read_address` raises IdentityRefused if the token is not of what is pinned, or the address not verified.
    """

    name: str
    title: str
    pinned_title: str
    pinned_form: re.Pattern[str]
    pinned_fits: str
    max_pinned: int
    scopes: tuple[str, ...]
    auth_params: Callable[[Collection[str]], Mapping[str, str]]
    read_address: Callable[[Mapping[str, Any], Collection[str]], str]

    def get_issuer(self, pinned: Collection[str]) -> str:
        """Return the issuer of the district's tokens."""
        issuers: Mapping[str, str] = settings.SIGN_IN_ISSUERS
        return issuers[self.name].format(tenant=next(iter(pinned), ""))


def _read_google_address(claims: Mapping[str, Any], pinned: Collection[str]) -> str:
    if str(claims.get("hd", "")).lower() not in pinned:
        raise IdentityRefused("the hosted domain is missing or another")
    if claims.get("email_verified") is not True:
        raise IdentityRefused("the address is not verified")
    return _get_address(claims, "email")


def _read_microsoft_address(claims: Mapping[str, Any], pinned: Collection[str]) -> str:
    """Return the user principal name, whose domain the tenant had to prove; `email` is a field that people can set."""
    if str(claims.get("tid", "")).lower() not in pinned:
        raise IdentityRefused("the tenant is missing or another")
    home = str(claims.get("idp", ""))
    if claims.get("acct") not in (None, 0, "0") or (home and not any(tenant in home.lower() for tenant in pinned)):
        raise IdentityRefused("the account is a guest of the tenant")
    return _get_address(claims, "preferred_username")


def _get_address(claims: Mapping[str, Any], name: str) -> str:
    address = claims.get(name)
    if not isinstance(address, str) or address.count("@") != 1:
        raise IdentityRefused("the address is missing")
    return address.strip().lower()


def _build_google_params(pinned: Collection[str]) -> Mapping[str, str]:
    domains = list(pinned)
    return {"prompt": "select_account", "hd": domains[0] if len(domains) == 1 else "*"}


def _build_microsoft_params(_pinned: Collection[str]) -> Mapping[str, str]:
    return {"prompt": "select_account"}


GOOGLE = IdentityProvider(
    name="google",
    title="Google",
    pinned_title="domains",
    pinned_form=_DOMAIN,
    pinned_fits="domains of your Google Workspace, such as maplevalley.example, would fit",
    max_pinned=10,
    scopes=("openid", "email"),
    auth_params=_build_google_params,
    read_address=_read_google_address,
)
MICROSOFT = IdentityProvider(
    name="microsoft",
    title="Microsoft",
    pinned_title="tenant",
    pinned_form=_TENANT,
    pinned_fits="the id of your tenant would fit, such as 00000000-0000-4000-8000-000000000000",
    max_pinned=1,
    scopes=("openid", "profile"),
    auth_params=_build_microsoft_params,
    read_address=_read_microsoft_address,
)
PROVIDERS: Mapping[str, IdentityProvider] = {provider.name: provider for provider in (GOOGLE, MICROSOFT)}
