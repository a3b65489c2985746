"""The posture area."""

from django.apps import AppConfig


class PostureConfig(AppConfig):
    """App configuration of the posture area; its label is `posture`."""

    name = "homeroom.apps.protect.posture"
    label = "posture"
    event_follow_ups = ("homeroom.apps.protect.checks_after_load.judge_new_events",)
    load_follow_ups = ("homeroom.apps.protect.checks_after_load.check_controls",)
