"""Models of the budget: saved problems of a refresh, each with its plan."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class BudgetPlan(Scoped):
    """A problem with its plan. `origin` is files, evidence or change; `base` is the plan whose amounts were changed.

    `problem` is the content of the plan's YAML, beside which `fleet`, `prices` and `needs` (empty: none) are its lists
    as CSV. `document` is the plan as `homeroom refresh --json` prints it, `figures` what pages show of it.
    `evidence` is what a problem from evidence rests on, as it was built; empty for others.

    `run_state` is empty, waiting, running, stopping, done, refused or failed; `run_number` counts the runs, so that one
    that was replaced changes nothing. `run_step` has the step and the best W so far, `run_request` the seconds and the
    fund whose level is looked for, `run_problems` why it was refused.
    """

    public = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    origin = models.CharField(max_length=10)
    base = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="changes")
    problem = models.JSONField(default=dict)
    fleet = models.TextField()
    prices = models.TextField()
    needs = models.TextField(blank=True)
    evidence = models.JSONField(default=dict)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    document = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    planned_at = models.DateTimeField(null=True)
    run_state = models.CharField(max_length=10, blank=True)
    run_step = models.JSONField(default=dict)
    run_problems = models.JSONField(default=list)
    run_number = models.PositiveIntegerField(default=0)
    run_request = models.JSONField(default=dict)
    run_requested_at = models.DateTimeField(null=True)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["district", "public"], name="one_budget_plan_an_id")]
        indexes: ClassVar = [models.Index(fields=["district", "-made_at"], name="budget_plans_newest")]
