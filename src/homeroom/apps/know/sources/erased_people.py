"""The filter that leaves people who were erased out of what a load reads."""

from __future__ import annotations

from django.conf import settings

from homeroom.evidence.erasing.load_filter import ErasedPeopleFilter
from homeroom.evidence.erasing.register import TermHasher, list_hashes
from homeroom.evidence.loads.store import EvidenceStore


def build_people_filter(store: EvidenceStore, *, instance: str) -> ErasedPeopleFilter | None:
    """Return the filter for the loads of a source; None if nobody was erased from the district."""
    hashes = list_hashes(store.folder)
    if not hashes:
        return None
    hasher = TermHasher(settings.SECRET_KEY, district=store.folder.name)
    return ErasedPeopleFilter(hashes, hasher=hasher, instance=instance)
