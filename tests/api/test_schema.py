"""Whatever anybody sends to any operation of the OpenAPI document, the answer is one that it documents.

schemathesis makes the calls from the document, right ones and wrong ones, the same in each run. Where a call
names something of the portal (a number, an item), what is there is put in its place: or all would be 404.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from drf_spectacular.generators import SchemaGenerator
from pytest_django.plugin import DjangoDbBlocker
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.config import (
    CoveragePhaseConfig,
    FuzzingPhaseConfig,
    GenerationConfig,
    PhasesConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from werkzeug import Client

from portal.wsgi import application
from tests.api.county import County, make_county

EACH = 5
"""Calls of an operation that are made up for each caller."""
NOT_ASKED = {
    "positive_data_acceptance": "what the document allows may be refused for what the portal knows besides",
    "ignored_auth": "it leaves out headers, of which a session is not one; each caller here has their own",
}


def api(*, coverage: bool) -> Any:
    """The API of the whole portal as it describes itself: every bound of every value, or values made up."""
    described = SchemaGenerator().get_schema(request=None, public=True)
    phases = PhasesConfig(
        coverage=CoveragePhaseConfig(enabled=coverage), fuzzing=FuzzingPhaseConfig(enabled=not coverage)
    )
    generation = GenerationConfig(
        max_examples=EACH, deterministic=True, no_shrink=True, database="none", with_security_parameters=False
    )
    project = ProjectConfig(generation=generation, phases=phases, base_url="http://testserver/")
    config = SchemathesisConfig(projects=ProjectsConfig(default=project))
    loaded = schemathesis.openapi.from_dict(described, config=config)
    loaded.app = application
    return loaded


BOUNDS, MADE_UP = api(coverage=True), api(coverage=False)


@pytest.fixture(scope="module")
def county(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[County]:
    """Made once; what a call does to it is undone after the call."""
    with django_db_blocker.unblock(), undone():
        made = make_county()
        with one_connection():
            yield made


@contextmanager
def one_connection() -> Iterator[None]:
    """Between two requests the database stays connected, as with Django's own test client."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@contextmanager
def undone() -> Iterator[None]:
    """What is written is rolled back; durable transactions may be within, as in Django's own test cases."""
    held = transaction.atomic()
    held._from_testcase = True
    with held:
        try:
            yield
        finally:
            transaction.set_rollback(True)


def wrong_parts(case: Case) -> set[str]:
    """Of which parts (path, query, header, body) the call is wrong on purpose."""
    parts = case.meta.components.items()
    return {place.value for place, part in parts if part.mode is GenerationMode.NEGATIVE}


def made_real(case: Case, known: dict[str, dict[str, Any]]) -> None:
    """What the call names is there, but in what is wrong on purpose."""
    here = next(real for folder, real in known.items() if case.path.startswith(folder))
    wrong = wrong_parts(case)
    if "path" not in wrong:
        case.path_parameters.update({name: here[name] for name in case.path_parameters.keys() & here})
    if "body" not in wrong and isinstance(case.body, dict):
        case.body.update({name: here[name] for name in case.body.keys() & here})


def call(case: Case, county: County, caller: str) -> None:
    """Make the call as the caller, in a transaction that is undone; the answer is as documented."""
    made_real(case, county.known)
    unasked = set(NOT_ASKED)
    if wrong_parts(case) != {
        "body"
    }:  # what else is wrong in an address is passed over, as the web is used to
        unasked.add("negative_data_rejection")
    cache.clear()  # of the calls that a key has had in this minute
    with undone():
        case.call_and_validate(
            headers=county.callers[caller].headers,
            session=Client(application),
            excluded_checks=CHECKS.get_by_names(sorted(unasked)),
        )


@pytest.mark.parametrize("caller", ["member", "official", "key", "bank", "anonymous"])
@MADE_UP.parametrize()
def test_every_answer_is_a_documented_one(case: Case, county: County, caller: str) -> None:
    call(case, county, caller)


@BOUNDS.parametrize()
def test_at_the_bounds_of_every_value_too(case: Case, county: County) -> None:
    call(case, county, "bank" if case.path.startswith("/api/v1/bank/") else "member")
