"""Versions of the ranking for tests."""

from django.utils import timezone

from finance.measures import first_of_month
from finance.models import Indicator, RankingVersion
from finance.rankings.publishing import start_draft
from finance.rankings.snapshot import take
from portal.accounts.roles import Role
from tests.finance.pools.factories import official


def used() -> RankingVersion:
    """The version in use: the one of the reference data."""
    version = RankingVersion.objects.in_use("banks")
    assert version is not None
    return version


def drafted(**weights: int):
    """A draft with other weights, and who wrote it."""
    author = official(Role.EDITOR)
    draft = start_draft(by=author)
    for key, weight in weights.items():
        Indicator.objects.filter(version=draft, key=key).update(weight=weight)
    return draft, author


def months_back(back: int = 1):
    """The first of a month that is over."""
    return first_of_month(timezone.localdate(), back)


def taken(back: int = 1):
    """A frozen month."""
    return take(months_back(back), at=timezone.now())
