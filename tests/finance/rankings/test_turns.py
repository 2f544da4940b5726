"""Two connections, one right behind the other: the second waits, and then sees what the first did."""

from functools import partial

import pytest
from django.db import IntegrityError
from django.utils import timezone

from finance.models import RankingSnapshot
from finance.rankings import publishing
from finance.rankings.snapshot import take
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from tests.finance.factories import BankFactory
from tests.finance.pools.factories import official
from tests.finance.rankings.factories import drafted, months_back
from tests.races import behind
from tests.rows import change

pytestmark = pytest.mark.django_db(transaction=True)


def code_of(error):
    assert isinstance(error, DomainError), error
    return error.code


def test_an_indicator_is_not_weighed_while_its_version_is_published():
    draft, _author = drafted()
    one = draft.indicators.first()
    seen = publishing.digest(draft.indicators.all())
    publish = partial(publishing.publish, draft, by=official(Role.PUBLISHER), seen=seen)
    error = behind(publish, partial(change, one, weight=1))
    assert isinstance(error, IntegrityError), error
    assert error.__cause__.diag.constraint_name == "finance_indicators_stand"


def test_a_month_is_taken_once():
    BankFactory()
    one = partial(take, months_back(), at=timezone.now())
    found = behind(one, one)
    assert found == RankingSnapshot.objects.get()


def test_of_two_drafts_begun_at_once_there_is_one():
    one, other = (partial(publishing.start_draft, by=official(Role.EDITOR)) for _time in range(2))
    assert code_of(behind(one, other)) == "in_preparation"


def test_what_is_weighed_anew_meanwhile_is_not_published():
    draft, author = drafted()
    seen = publishing.digest(draft.indicators.all())
    weigh = partial(publishing.reweigh, draft, {"lent": 5, "first": 7}, by=author)
    publish = partial(publishing.publish, draft, by=official(Role.PUBLISHER), seen=seen)
    assert code_of(behind(weigh, publish)) == "changed"
