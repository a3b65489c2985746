"""Apps name the classes that other apps ask: each name leads to a class, and nothing else is named."""

from __future__ import annotations

import inspect

import pytest
from django.apps import apps

from homeroom.apps.comply.laws.case_sources import CaseSource
from homeroom.apps.comply.laws.proof_sources import ProofSource
from homeroom.apps.manage.planning.tasks import TaskSource
from homeroom.apps.manage.planning.visits import VisitSource
from homeroom.apps.platform.districts.app_sources import KINDS, load_sources
from homeroom.apps.teach.trials.required_courses import CourseSource

PROTOCOLS = {
    "task_sources": TaskSource,
    "visit_sources": VisitSource,
    "case_sources": CaseSource,
    "proof_sources": ProofSource,
    "course_sources": CourseSource,
}


def test_every_kind_has_a_protocol() -> None:
    assert set(PROTOCOLS) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_named_class_has_what_is_asked_of_it(kind: str) -> None:
    methods = {name for name, member in vars(PROTOCOLS[kind]).items() if inspect.isfunction(member) and name[0] != "_"}
    sources = load_sources(kind)
    assert sources
    assert [source for source in sources if not all(hasattr(source, name) for name in methods)] == []


def test_no_configuration_names_sources_of_an_unknown_kind() -> None:
    named = {name for config in apps.get_app_configs() for name in vars(type(config)) if name.endswith("_sources")}
    assert named == set(KINDS)
