"""Who may not open a page reads whom to ask, in words for who they are."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.views.defaults import permission_denied

from portal.accounts.roles import Role
from tests.accounts.factories import PostingFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
FOR_FIRMS, FOR_OFFICIALS = "请本企业管理员", "请系统管理员"


def refusal(rf, user):
    request = rf.get("/")
    request.user = user
    return permission_denied(request, PermissionDenied()).content.decode()


def test_a_person_of_a_firm_is_sent_to_the_firms_manager(rf):
    page = refusal(rf, UserFactory())
    assert FOR_FIRMS in page
    assert FOR_OFFICIALS not in page


@pytest.mark.parametrize("official", [StaffFactory, lambda: PostingFactory(role=Role.HANDLER).user])
def test_an_official_is_sent_to_who_gives_postings(rf, official):
    page = refusal(rf, official())
    assert FOR_OFFICIALS in page
    assert FOR_FIRMS not in page


def test_the_admin_refuses_an_official_in_words_for_officials(client):
    client.force_login(StaffFactory())
    answer = client.get(reverse("admin:policies_policyitem_changelist"))
    assert answer.status_code == 403
    assert FOR_OFFICIALS in answer.content.decode()
