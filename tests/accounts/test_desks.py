"""The place stands in the address; what is not theirs is not found."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from portal.accounts.desks import act_at_desk
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory, PostingFactory, UserFactory

pytestmark = pytest.mark.django_db


def asked(rf, user):
    request = rf.get("/")
    request.user = user
    return request


def test_a_holder_of_the_role_acts_in_that_department_and_in_no_other(rf, django_assert_num_queries):
    posting = PostingFactory(role=Role.DISPATCHER)
    user, own = posting.user, posting.department_id
    request = asked(rf, type(user).objects.get(pk=user.pk))
    with django_assert_num_queries(2):
        desk = act_at_desk(request, own, Role.DISPATCHER, Role.SUPERVISOR)
    assert (desk.user, desk.department.pk) == (user, own)
    assert act_at_desk(request, own).department.pk == own
    for department, role in [(own, Role.SUPERVISOR), (DepartmentFactory().pk, Role.DISPATCHER), (0, "")]:
        with pytest.raises(Http404):
            act_at_desk(request, department, role)


@pytest.mark.parametrize("user", [AnonymousUser, lambda: UserFactory(is_active=False, is_superuser=True)])
def test_nobody_and_the_dismissed_act_nowhere(rf, user):
    with pytest.raises(Http404):
        act_at_desk(asked(rf, user()), DepartmentFactory().pk)


def test_a_superuser_passes_but_not_to_what_does_not_exist(rf):
    request, department = asked(rf, UserFactory(is_superuser=True)), DepartmentFactory()
    assert act_at_desk(request, department.pk, Role.SUPERVISOR).department == department
    with pytest.raises(Http404):
        act_at_desk(request, 0)
