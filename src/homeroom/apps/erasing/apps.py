"""The erasing area."""

from django.apps import AppConfig


class ErasingConfig(AppConfig):
    """App configuration of the erasing area; its label is `erasing`."""

    name = "homeroom.apps.erasing"
    label = "erasing"
    clocks = ("homeroom.apps.erasing.last_ages.LastAgeClock",)
    proof_sources = ("homeroom.apps.erasing.proofs.LastAgeProofs",)
