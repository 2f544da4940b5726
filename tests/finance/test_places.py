"""The way between pages of finance: at a bank, at the office's desk, on a phone."""

import pytest
from django.urls import reverse

from finance.scoring.access import watches
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory, PostingFactory, UserFactory
from tests.enterprises.factories import actor_of
from tests.finance.factories import BankOfficerFactory, office

pytestmark = pytest.mark.django_db


def shell_at(client, user, name, *args):
    client.force_login(user)
    return client.get(reverse(name, args=args)).context["shell"]


@pytest.mark.parametrize(
    ("name", "label"), [("bank_pool", "资金池"), ("bank_whitelists", "白名单"), ("bank_inbox", "贷款申请")]
)
def test_a_bank_comes_to_its_pools_and_lists_from_everywhere(client, name, label):
    post = BankOfficerFactory(user__second_factor=True)
    shell = shell_at(client, post.user, name, post.bank_id)
    assert [place.label for place in shell.nav if place.current] == [label]
    assert [place.label for place in shell.tabbar] == ["贷款申请", "抢单大厅", "放款还款", "资金池", "白名单"]
    assert [place.label for place in shell.more] == ["帮助"]


def official(department, role):
    return PostingFactory(user=UserFactory(second_factor=True), department=department, role=role).user


@pytest.mark.parametrize("name", ["desk_pools", "desk_whitelists", "desk_scoring"])
def test_the_office_has_its_own_work_first(client, name):
    shell = shell_at(client, official(office(), Role.LEADER), name, office().pk)
    assert [place.label for place in shell.nav[:4]] == ["普惠金融", "风险补偿金池", "白名单", "评分监测"]
    page = client.get(reverse(name, args=[office().pk])).content.decode()
    for other in ("desk_finance", "desk_pools", "desk_pool_books", "desk_whitelists", "desk_scoring"):
        assert page.count(f'href="{reverse(other, args=[office().pk])}"') >= 1, other


def test_who_does_not_watch_scores_is_not_led_there(client):
    shell = shell_at(client, official(office(), Role.REVIEWER), "desk_pools", office().pk)
    assert "评分监测" not in [place.label for place in shell.nav]


def test_other_departments_have_no_finance(client):
    department = DepartmentFactory()
    assert not watches(department)
    shell = shell_at(client, official(department, Role.LEADER), "desk_orders", department.pk)
    assert "风险补偿金池" not in [place.label for place in shell.nav]


@pytest.mark.parametrize(
    "name", ["enterprise_money", "enterprise_finance", "enterprise_loans", "enterprise_score"]
)
def test_on_a_phone_loans_are_at_hand_beside_money(client, name):
    actor = actor_of()
    shell = shell_at(client, actor.user, name, actor.enterprise.pk)
    assert [place.label for place in shell.tabbar if place.current] == ["资金贷款"]
    assert "资金" in [place.label for place in shell.nav]
    page = client.get(reverse("enterprise_money", args=[actor.enterprise.pk])).text
    for other in ("enterprise_finance", "enterprise_loans", "enterprise_score"):
        assert f'href="{reverse(other, args=[actor.enterprise.pk])}"' in page
