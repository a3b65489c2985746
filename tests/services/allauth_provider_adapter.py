"""What a Workspace adds to allauth's provider: the hosted domain of an account."""

from __future__ import annotations

from typing import Any

from allauth.idp.oidc.adapter import DefaultOIDCAdapter


class WorkspaceAdapter(DefaultOIDCAdapter):  # type: ignore[misc]
    """A provider whose tokens have the hosted domain of the address."""

    def get_claims(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        """Return the claims of a person, with the hosted domain."""
        claims = super().get_claims(*arguments, **options)
        return {**claims, "hd": claims.get("email", "").rpartition("@")[2]}
