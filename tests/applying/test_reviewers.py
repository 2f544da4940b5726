"""Who reviews: by posting, or in the place of a colleague who is away and still works there."""

import datetime as dt

import pytest
from django.utils import timezone

from policies.models import ReviewDelegation
from policies.reviewers import departments_of, may_review, reviewers_of
from portal.accounts.roles import Role
from tests.accounts.factories import UserFactory
from tests.applying import factories as make
from tests.policies.factories import economy

pytestmark = pytest.mark.django_db


def away(colleague, substitute, first=0, last=0):
    today = timezone.localdate()
    return ReviewDelegation.objects.create(
        department=economy(),
        away=colleague,
        substitute=substitute,
        first_day=today + dt.timedelta(days=first),
        last_day=today + dt.timedelta(days=last),
    )


def test_a_substitute_reviews_on_both_days_and_not_beyond():
    colleague, other = make.reviewer(), UserFactory()
    assert not may_review(other, economy().pk)
    away(colleague, other)
    assert may_review(other, economy().pk, Role.REVIEWER)
    assert not may_review(other, economy().pk, Role.LEADER)
    assert departments_of(other) == {economy().pk}
    for first, last in [(1, 3), (-3, -1)]:
        another = UserFactory()
        away(colleague, another, first, last)
        assert not may_review(another, economy().pk)
        assert departments_of(another) == set()


def test_who_left_has_no_substitute():
    colleague, other = make.reviewer(), UserFactory()
    away(colleague, other)
    colleague.postings.all().delete()
    assert not may_review(other, economy().pk)
    assert departments_of(other) == set()
    dismissed, third = make.reviewer(), UserFactory()
    away(dismissed, third)
    type(dismissed).objects.filter(pk=dismissed.pk).update(is_active=False)
    assert not may_review(third, economy().pk)


def test_who_is_away_is_not_told_but_the_substitute_is():
    colleague, present, other = make.reviewer(), make.reviewer(), UserFactory()
    away(colleague, other)
    assert set(reviewers_of(economy().pk, (Role.REVIEWER,))) == {present, other}
