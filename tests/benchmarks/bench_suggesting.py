"""How often the suggested department is right on labelled appeals it never learnt from, and how fast.

Beside it two simple ways: always the most frequent departments, and most words shared with the duties.
"""

import statistics
import time

import pytest

from appeals import models
from appeals.suggesting import training
from appeals.suggesting.suggest import suggest
from tests.appeals import factories as make
from tests.appeals import routing
from tests.benchmarks import harness

pytestmark = pytest.mark.django_db

FILES = {
    "routing_cases": "62 labelled appeals",
    "fresh_cases": "60 appeals imagined while duties were written",
    "held_out_cases": "63 appeals imagined after duties were frozen",
}


@pytest.fixture
def trained() -> None:
    training.train()


def suggested(case: routing.Case) -> list[models.Suggestion]:
    appeal = make.AppealFactory(title=case.title, text=case.text)
    return suggest(appeal)


@pytest.mark.usefixtures("trained")
@pytest.mark.parametrize("file", FILES)
def test_suggestions_are_right(file: str) -> None:
    cases = routing.cases(file)
    rows = {case: suggested(case) for case in cases}
    score = routing.score(lambda case: [row.department.code for row in rows[case]], cases)
    print(f"\n{FILES[file]}")  # noqa: T201
    print(f"  suggestion:        {score}")  # noqa: T201
    print(f"  most frequent:     {routing.score(routing.majority(cases), cases)}")  # noqa: T201
    print(f"  most words shared: {routing.score(routing.most_words_shared, cases)}")  # noqa: T201
    labelled = [case for case in cases if case.mode]
    if labelled:
        right = sum(rows[case][0].mode == case.mode for case in labelled)
        print(f"  mode right:        {routing.share(right, len(labelled))}")  # noqa: T201
    name = f"suggestion on {FILES[file]}"
    first = harness.above(f"{name}: first right", 100 * score.first / score.total, "%", 75)
    three = harness.above(f"{name}: among three", 100 * score.three / score.total, "%", 92)
    assert first.ok
    assert three.ok


@pytest.mark.usefixtures("trained")
def test_a_suggestion_is_quick() -> None:
    """Warm: words, model, rules, reasons and the rows written."""
    cases = routing.cases("routing_cases")
    appeals = [make.AppealFactory(title=case.title, text=case.text) for case in cases]
    suggest(make.AppealFactory())
    seconds = []
    for appeal in appeals:
        start = time.perf_counter()
        suggest(appeal)
        seconds.append(time.perf_counter() - start)
    assert harness.below("suggestion, warm (median)", 1000 * statistics.median(seconds), "ms", 20).ok
