"""Collects, for every guard, the test that must turn red without it, and runs it so."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.finance.lending.conftest import firm  # noqa: F401 - what proofs stand on
from tests.guards import code, database
from tests.guards.guard import IN_PLACE, Guard
from tests.guards.proofs import BY_NAME, PROOFS, guard_of
from tests.money.conftest import county, file, inbox, outbox  # noqa: F401 - those too

ROOT = Path(__file__).resolve().parents[2]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.File | None:
    """The table of proofs is a file of tests: theirs, without the guards."""
    return Proofs.from_parent(parent, path=file_path) if file_path.name == "proofs.yaml" else None


class NotCaught(Exception):  # noqa: N818 - reads as what happened
    """The test does not miss the guard."""


class With(pytest.Function):
    """A test as it is. `proof` is its id where it stands."""

    proof: str


class Without(With):
    """A test with a guard removed: it passes when the test fails."""

    guard: str

    def runtest(self) -> None:
        """Raises NotCaught when nothing fails."""
        try:
            super().runtest()
        except (Exception, pytest.fail.Exception) as failure:
            lines = str(failure).strip().splitlines() or [""]
            self.user_properties.append(("failure", f"{type(failure).__name__}: {lines[0]}"))
            return
        raise NotCaught(f"{self.originalname} stays green without {self.guard}")


class Proofs(pytest.File):
    """Tests that stand elsewhere, each once for every guard that it proves."""

    def collect(self) -> Iterator[pytest.Item]:
        """Raises LookupError for a proof that is no test."""
        tests = list(self._tests())
        proofs = [*_by_name(tests), *((guard, _named(tests, test)) for guard, test in PROOFS.items())]
        if self.config.stash.get(IN_PLACE, False):
            yield from (
                _twin(test, With, "with every guard")
                for test in dict.fromkeys(test for _guard, test in proofs)
            )
        for guard, test in proofs:
            twin = _twin(test, Without, f"without {guard}", "removed_guard")
            twin.guard = guard
            twin.add_marker("guards")
            twin.user_properties += [("guard", guard), ("proof", test.nodeid)]
            yield twin

    def _tests(self) -> Iterator[pytest.Function]:
        named = [test.partition("::")[0] for test in (*BY_NAME, *PROOFS.values())]
        for path in dict.fromkeys(named):
            yield from _functions(pytest.Module.from_parent(self, path=ROOT / path))


def _functions(collector: pytest.Collector) -> Iterator[pytest.Function]:
    """All of a module, without pytest's knowing: they run where they stand."""
    for node in collector.collect():
        if isinstance(node, pytest.Collector):
            yield from _functions(node)
        elif isinstance(node, pytest.Function):
            yield node


def _by_name(tests: list[pytest.Function]) -> Iterator[tuple[str, pytest.Function]]:
    """Tests of a constraint that is their parameter; the first one of each."""
    seen = set(PROOFS)
    for test in tests:
        told = getattr(test, "callspec", None) and test.callspec.params.get("constraint")
        if told and test.nodeid.startswith(BY_NAME) and (guard := guard_of(told)) not in seen:
            seen.add(guard)
            yield guard, test


def _named(tests: list[pytest.Function], start: str) -> pytest.Function:
    """The first test of which the id begins so."""
    exact = [test for test in tests if test.nodeid == start]
    found = exact or [test for test in tests if test.nodeid.startswith(start)]
    if not found:
        raise LookupError(f"no test begins with {start}")
    return found[0]


def _twin(test: pytest.Function, kind: type[With], words: str, *fixtures: str) -> With:
    info = test._fixtureinfo
    info = dataclasses.replace(info, names_closure=[*fixtures, *info.names_closure])
    twin = kind.from_parent(
        test.parent,
        name=f"{test.name} {words}",
        callspec=getattr(test, "callspec", None),
        fixtureinfo=info,
        originalname=test.originalname,
    )
    twin.proof = test.nodeid
    return twin


@pytest.fixture(scope="session")
def guards(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, Guard]]:
    """Every guard there is, by name."""
    with django_db_blocker.unblock():
        yield database.found() | code.found()
        database.sign_out()


@pytest.fixture
def removed_guard(
    request: pytest.FixtureRequest, guards: dict[str, Guard], django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Take the guard away before the test's own fixtures begin a transaction, and put it back after."""
    guard = guards[request.node.guard]
    request.node.user_properties += [("kind", guard.kind), ("protects", guard.protects), ("how", guard.how)]
    with django_db_blocker.unblock(), guard.without():
        yield
