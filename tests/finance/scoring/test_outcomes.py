"""What became of loans, by the score of the last run before their money."""

import datetime as dt

import pytest
from django.utils import timezone

from enterprises.consents.reading import read
from finance.models import LoanApplication, LoanState, Score, ScoreRun
from finance.scoring import runs
from finance.scoring.consented import for_consent
from finance.scoring.monitoring import Outcome
from finance.scoring.outcomes import outcomes
from tests.enterprises.consents.factories import reader_of
from tests.enterprises.factories import actor_of, give_value
from tests.finance.lending.factories import filed, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def loan() -> LoanApplication:
    """A loan that fell overdue, of an enterprise whose arrears its bank was not let know."""
    actor = actor_of()
    give_value(actor.enterprise, "tax_arrears", scaled=1, as_of=timezone.localdate())
    return put(LoanState.OVERDUE, filed(actor))


def run_on(days_ago: int) -> ScoreRun:
    run = runs.note_run(runs.version_in_use(), as_of=timezone.localdate() - dt.timedelta(days=days_ago))
    runs.work(run)
    return run


def test_a_loan_counts_by_the_run_and_not_by_what_its_bank_saw(loan: LoanApplication) -> None:
    for_consent(read(loan.consent_id, reader_of(loan.consent), at=timezone.now()))
    assert outcomes() == []
    run_on(0)
    (found,) = outcomes()
    assert found == Outcome(4_400, True)  # 50, −6 for the arrears
    assert Score.objects.get().points != found.points


def test_the_last_run_before_the_money_counts(loan: LoanApplication) -> None:
    run_on(40)  # of a day on which nothing was known of arrears
    assert [one.points for one in outcomes()] == [5_000]
    run_on(0)
    assert [one.points for one in outcomes()] == [4_400]


def test_a_run_after_the_money_or_on_its_way_counts_nothing(loan: LoanApplication) -> None:
    run_on(-1)
    runs.note_run(runs.version_in_use(), as_of=timezone.localdate())
    assert outcomes() == []


def test_loans_whose_end_is_open_do_not_count() -> None:
    put(LoanState.DRAWN)
    good = put(LoanState.REPAID)
    run_on(0)
    assert [one.defaulted for one in outcomes()] == [False]
    assert good.state == LoanState.REPAID
