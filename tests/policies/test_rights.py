"""Who may change whose items and documents."""

import pytest
from django.urls import reverse

from policies.models import PolicyItem
from portal.accounts.models import Department
from portal.accounts.roles import Role
from tests.accounts.factories import PostingFactory, StaffFactory
from tests.policies import factories as make

pytestmark = pytest.mark.django_db


def sign_in(client, role, code="economy"):
    user = StaffFactory()
    PostingFactory(user=user, department=Department.objects.get(code=code), role=role)
    client.force_login(user)
    return user


def hand_over(client, item, code):
    """The item's form, posted with another department; its versions are an inline without forms."""
    data = {"department": Department.objects.get(code=code).pk}
    data |= {"versions-TOTAL_FORMS": 0, "versions-INITIAL_FORMS": 0}
    response = client.post(reverse("admin:policies_policyitem_change", args=[item.pk]), data)
    return response, PolicyItem.objects.get(pk=item.pk).department.code


def test_an_editor_does_not_take_over_the_item_of_another_department(client):
    item = make.draft().item
    sign_in(client, Role.EDITOR, "finance")
    response, department = hand_over(client, item, "finance")
    assert (response.status_code, department) == (403, "economy")


def test_an_item_is_not_handed_to_a_department_of_which_one_is_no_editor(client):
    item = make.draft().item
    user = sign_in(client, Role.EDITOR)
    assert hand_over(client, item, "finance")[1] == "economy"
    PostingFactory(user=user, department=Department.objects.get(code="finance"), role=Role.EDITOR)
    assert hand_over(client, item, "finance")[1] == "finance"
