"""The provider stands in the address; what is not theirs is not found."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from appeals.acting import act_for_provider
from tests.accounts.factories import UserFactory
from tests.appeals import factories as make

pytestmark = pytest.mark.django_db


def asked(rf, user):
    request = rf.get("/")
    request.user = user
    return request


@pytest.mark.parametrize("user", [AnonymousUser, lambda: UserFactory(is_active=False, is_superuser=True)])
def test_nobody_and_the_dismissed_act_nowhere(rf, user):
    provider = make.ProviderFactory()
    with pytest.raises(Http404):
        act_for_provider(asked(rf, user()), provider.pk)


def test_a_superuser_passes(rf):
    provider = make.ProviderFactory()
    assert act_for_provider(asked(rf, UserFactory(is_superuser=True)), provider.pk).provider == provider


def test_a_providers_people_act_for_it_alone(rf, django_assert_num_queries):
    member = make.ProviderMemberFactory()
    request = asked(rf, member.user)
    with django_assert_num_queries(1):
        assert act_for_provider(request, member.provider_id).provider == member.provider
    with pytest.raises(Http404):
        act_for_provider(request, make.ProviderFactory().pk)
