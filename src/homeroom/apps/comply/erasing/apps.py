"""The erasing area."""

from django.apps import AppConfig


class ErasingConfig(AppConfig):
    """App configuration of the erasing area; its label is `erasing`."""

    name = "homeroom.apps.comply.erasing"
    label = "erasing"
    clocks = ("homeroom.apps.comply.erasing.last_ages.LastAgeClock",)
    restore_follow_ups = ("homeroom.apps.comply.erasing.commands.erase_again",)
    proof_sources = ("homeroom.apps.comply.erasing.proofs.LastAgeProofs",)
