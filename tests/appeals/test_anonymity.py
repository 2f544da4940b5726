"""Who files for an enterprise that is not to be named is not named either, wherever the work is done."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from appeals import handling, surveying
from appeals.anonymity import firm_side
from appeals.dispatching import Target, dispatch
from appeals.dossier.content import content
from appeals.enums import OrderState, Outcome, Satisfaction, Source
from appeals.filing import attach, chase, file_appeal
from appeals.models import WorkOrder
from enterprises.models import Membership
from portal.accounts.desks import Desk
from portal.accounts.roles import Role
from tests.accounts.factories import DepartmentFactory, UserFactory
from tests.appeals import factories as make
from tests.enterprises.factories import EnterpriseFactory, MembershipFactory
from tests.papers import PDF

pytestmark = pytest.mark.django_db
OWNER = "轮毂厂掌柜"


@pytest.fixture
def lights():
    return DepartmentFactory(short_name="城管局")


@pytest.fixture
def owner():
    return MembershipFactory(user__name=OWNER).user


@pytest.fixture
def order(owner, lights):
    """Filed with a file, chased, asked and replied to, answered and rated: all by the owner."""
    firm = owner.memberships.get().enterprise
    appeal = file_appeal(firm, make.filing(anonymous=True), by=owner)
    attach(appeal, SimpleUploadedFile("情况.pdf", PDF), by=owner)
    found = make.lead(appeal)
    dispatch(found, Target(lights), by=make.dispatcher())
    chase(appeal, by=owner)
    handling.accept(found, by=None)
    handling.ask(found, "哪一盏灯？", by=None)
    handling.reply(found, "第一盏。", by=owner)
    handling.answer(found, Outcome.SOLVED, "已修好。", by=None)
    surveying.survey(found, Satisfaction.SATISFIED, True, "快", by=owner)
    return found


def seen(user, name, *args):
    client = Client()
    client.force_login(user)
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def told(user, department, appeal):
    return str(content(Desk(user, department), appeal, timezone.now()))


@pytest.mark.parametrize("role", [Role.HANDLER, Role.LEADER])
@pytest.mark.parametrize("address", ["desk_order", "desk_slip"])
def test_the_owner_is_the_enterprise_to_who_handles_it(order, lights, role, address):
    text = seen(make.official(role, lights), address, lights.pk, order.pk)
    assert OWNER not in text
    if address == "desk_order":
        assert "企业 · " in text


def test_the_owner_is_the_enterprise_in_the_leaders_dossier(order, lights):
    text = told(make.official(Role.LEADER, lights), lights, order.appeal)
    assert OWNER not in text
    assert "企业评价 · 企业 · " in text


def test_the_owner_is_the_enterprise_to_a_provider(order):
    member = make.ProviderMemberFactory()
    WorkOrder.objects.filter(pk=order.pk).update(department=None, provider=member.provider)
    text = seen(member.user, "provider_order", member.provider.pk, order.pk)
    assert OWNER not in text
    assert "· 企业<" in text


def test_who_left_the_enterprise_stays_unnamed(order, owner, lights):
    Membership.objects.filter(user=owner).delete()
    leader = make.official(Role.LEADER, lights)
    assert OWNER not in told(leader, lights, order.appeal)
    assert OWNER not in seen(leader, "desk_order", lights.pk, order.pk)


def test_the_desk_and_whoever_handles_a_named_appeal_read_the_name(order, lights):
    centre = DepartmentFactory()
    desk = make.official(Role.SUPERVISOR, centre)
    assert OWNER in told(desk, centre, order.appeal)
    assert OWNER in seen(desk, "desk_order", centre.pk, order.pk)
    type(order.appeal).objects.filter(pk=order.appeal_id).update(anonymous=False)
    assert OWNER in seen(make.official(Role.HANDLER, lights), "desk_order", lights.pk, order.pk)


def test_a_leader_does_not_find_it_by_the_name_of_the_enterprise(lights):
    firm = EnterpriseFactory(name="匿名轮毂有限公司")
    hidden = make.handling(lights, enterprise=firm, anonymous=True)
    named = make.handling(lights, enterprise=firm)

    def found(user, department):
        client = Client()
        client.force_login(user)
        address = reverse("desk_supervision_list", args=[department.pk, "open"])
        return {row.order.pk for row in client.get(address, {"q": "轮毂"}).context["rows"]}

    assert found(make.official(Role.LEADER, lights), lights) == {named.pk}
    centre = DepartmentFactory()
    assert found(make.official(Role.SUPERVISOR, centre), centre) == {hidden.pk, named.pk}


def test_officials_are_named_even_when_they_entered_it(lights):
    clerk = UserFactory(name="坐席小王")
    filing = make.filing(anonymous=True)
    appeal = file_appeal(EnterpriseFactory(), filing, by=clerk, source=Source.PHONE)
    order = make.lead(appeal)
    dispatch(order, Target(lights), by=clerk)
    handling.accept(order, by=None)
    handling.answer(order, Outcome.SOLVED, "已修好。", by=None)
    surveying.survey(order, Satisfaction.SATISFIED, True, "", by=clerk, by_phone=True)
    assert make.lead(appeal).state == OrderState.CLOSED
    assert firm_side(appeal) == frozenset()
    assert "坐席小王" in seen(make.official(Role.HANDLER, lights), "desk_order", lights.pk, order.pk)
