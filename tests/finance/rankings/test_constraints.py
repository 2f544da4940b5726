"""What the database refuses of rankings, whoever writes."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from finance.models import RankingModel
from tests.databases import needs_two_roles
from tests.finance.rankings.factories import drafted, used
from tests.money.refusing import denied, refused, run
from tests.rows import change, copy, delete

pytestmark = pytest.mark.django_db
AS_DRAFT: Final = {"state": "draft", "published_at": None, "published_by_id": None}


def model() -> RankingModel:
    return used().model


def indicator() -> Any:
    draft, _author = drafted()
    return draft.indicators.first()


CASES: Final[list[tuple[str, Callable[[], object]]]] = [
    ("finance_rankingmodel_code", lambda: change(model(), code="Banks")),
    ("finance_rankingmodel_code_key", lambda: copy(model())),
    ("finance_rankingversion_number_once", lambda: copy(used(), **AS_DRAFT)),
    ("finance_rankingversion_number_positive", lambda: copy(used(), number=0, **AS_DRAFT)),
    (
        "finance_rankingversion_state_transitions UPDATE",
        lambda: change(drafted()[0], state="retired", published_at="now", retired_at="now"),
    ),
    ("finance_rankingversion_state_transitions DELETE", lambda: delete(used())),
    ("finance_rankingversion_one_draft", lambda: copy(drafted()[0], number=9)),
    ("finance_indicator_once", lambda: copy(indicator())),
    ("finance_indicator_direction", lambda: change(indicator(), direction="x")),
]


@pytest.mark.parametrize(("constraint", "provoke"), CASES, ids=[name for name, _provoke in CASES])
def test_the_database_refuses(constraint: str, provoke: Callable[[], object]) -> None:
    refused(constraint.partition(" ")[0], provoke)


@needs_two_roles
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"], ids=["UPDATE", "DELETE"])
def test_what_is_written_stands(statement: str) -> None:
    denied(lambda: run(statement.format("finance_rankingversionevent")))
