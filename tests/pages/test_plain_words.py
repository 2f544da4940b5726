"""What a stranger misread: tabs, items that exclude each other, how to apply now, days of opening."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from enterprises.services import record_registry
from portal.notifications.models import Mailbox, Message
from tests.accounts.factories import UserFactory
from tests.enterprises.factories import EnterpriseFactory, MembershipFactory
from tests.policies import factories as make

pytestmark = pytest.mark.django_db
NOT_FOR_US = {"all": [{"fact": "region", "op": "within", "value": ["500230"]}]}


@pytest.fixture
def firm():
    made = EnterpriseFactory(name="渝东轮毂制造有限公司")
    record_registry([made], as_of=timezone.localdate() - dt.timedelta(days=10))
    return made


@pytest.fixture
def member(firm):
    person = UserFactory()
    MembershipFactory(user=person, enterprise=firm)
    client = Client()
    client.force_login(person)
    client.person = person
    return client


def text(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_what_does_not_fit_has_a_tab(firm, member):
    elsewhere = [
        {"name": "对", "facts": {"region": "500230"}, "verdict": "eligible"},
        {"name": "缺", "facts": {}, "verdict": "needs_info"},
        {"name": "错", "facts": {"region": "500231"}, "verdict": "ineligible"},
    ]
    make.published(title="外县奖励", rule_conditions=NOT_FOR_US, rule_examples=elsewhere)
    make.published(title="本县奖励")
    page = text(member, f"/e/{firm.pk}/policies/?tab=not")
    assert "外县奖励" in page
    assert "本县奖励" not in page
    assert "有条件没达到" in page


def test_items_that_exclude_each_other_name_each_other(firm, member):
    one = make.published(title="甲类奖励", exclusivity_group="same")
    make.published(title="乙类奖励", exclusivity_group="same")
    make.published(title="丙类奖励", exclusivity_group="other")
    page = text(member, f"/e/{firm.pk}/policies/")
    assert "与“乙类奖励”只能享受一项，取高者，总额只算一次" in page
    assert "与“甲类奖励”只能享受一项，取高者，总额只算一次" in page
    assert "与“丙类奖励”" not in page
    for address in (f"/e/{firm.pk}/policies/{one.item.code}/", f"/policies/{one.item.code}/"):
        assert ">“乙类奖励”</a>" in text(member, address)


@pytest.mark.parametrize("mode", ["quick", "apply"])
def test_how_to_apply_is_said_with_whom_to_ask(firm, member, mode):
    version = make.published(mode=mode, contacts=[{"name": "企业科", "phone": "023-74512345"}])
    own = f"/e/{firm.pk}/policies/{version.item.code}/"
    for address, way in ((own, f'action="{own}apply/"'), (f"/policies/{version.item.code}/", "点“申报”")):
        page = text(member, address)
        assert way in page
        assert version.item.department.name in page
        assert page.count("tel:023-74512345") >= 2


def test_a_window_that_opens_later_says_when_it_begins(firm, member):
    start = timezone.localdate() + dt.timedelta(days=30)
    version = make.published(window_from=start, window_to=start + dt.timedelta(days=9))
    page = text(member, f"/e/{firm.pk}/policies/{version.item.code}/")
    assert "什么时候开始" in page
    assert "什么时候截止" not in page


def test_the_bell_of_one_firm_counts_everywhere(firm, member):
    Message.objects.create(mailbox=firm.mailbox, key="one", kind="policy", title="您符合")
    page = text(member, "/policies/")
    assert "消息，1 条未读" in page
    assert f'href="/e/{firm.pk}/messages/"' in page
    Message.objects.create(
        mailbox=Mailbox.for_user(member.person), key="own", kind="system", title="认领通过"
    )
    assert 'class="bell" href="/messages/"' in text(member, "/policies/")


def test_signing_in_from_the_front_page_leads_to_the_work(client):
    assert "/accounts/login/?next=" not in text(client, "/")
    assert "/accounts/login/?next=/policies/" in text(client, "/policies/")


def test_facts_are_found_by_their_words(firm, member):
    page = text(member, f"/e/{firm.pk}/facts/?q=从业人数")
    assert 'id="employees"' in page
    assert 'id="revenue"' not in page
    assert "没有找到" in text(member, f"/e/{firm.pk}/facts/?q=鎏金孔雀翎")
