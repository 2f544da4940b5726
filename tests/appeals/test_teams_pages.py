"""Pages of the mall, of providers and of the desk's teams: who sees what, at what price, and what they do."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from appeals.enums import OrderState, Side, Standing, TeamKind
from appeals.models import Rating, WorkOrder
from appeals.picking import pick_service
from appeals.standing import remove
from portal.accounts.roles import Role
from tests.accounts.factories import PostingFactory, StaffFactory, UserFactory
from tests.appeals.factories import (
    AppealFactory,
    CategoryFactory,
    OrderFactory,
    ProviderFactory,
    ProviderMemberFactory,
    ServiceItemFactory,
    TeamFactory,
    filing,
    lead,
)
from tests.appeals.finished import finished, rated
from tests.clients import cheap
from tests.enterprises.factories import EnterpriseFactory, MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def category():
    return CategoryFactory(market=True, label="财税")


@pytest.fixture
def member(category):
    return ProviderMemberFactory(provider=ProviderFactory(categories=[category], cap=3))


@pytest.fixture
def service(member, category):
    return ServiceItemFactory(
        provider=member.provider, category=category, name="代理记账", price_low_fen=20000, days=3
    )


@pytest.fixture
def at_work(client, member):
    client.force_login(member.user)
    return client


@pytest.fixture
def firm():
    return MembershipFactory()


@pytest.fixture
def desk(client):
    posting = PostingFactory(user=StaffFactory(), role=Role.DISPATCHER)
    client.force_login(posting.user)
    return posting


def in_the_hall(category, **appeal):
    now = timezone.now()
    order = OrderFactory(appeal=AppealFactory(category=category, **appeal))
    window = {"window_from": now - dt.timedelta(minutes=1), "window_to": now + dt.timedelta(hours=1)}
    WorkOrder.objects.filter(pk=order.pk).update(state=OrderState.OPEN, **window)
    order.refresh_from_db()
    return order


class TestMall:
    def test_open_to_everybody_and_cheap(self, client, service):
        for _ in range(5):
            rated(ServiceItemFactory(category=service.category).provider, 5)
        answer = cheap(client, "/services/")
        assert "代理记账" in answer.content.decode()
        assert "代理记账" in cheap(client, f"/services/{service.pk}/").content.decode()

    def found(self, client, **query):
        return [item.name for item, _score in client.get("/services/", query).context["rows"]]

    def test_words_and_facets_narrow(self, client, service, category):
        free = ServiceItemFactory(category=category, name="开票培训", price_low_fen=0)
        other = ServiceItemFactory(category=CategoryFactory(), name="商标注册", days=10, price_low_fen=100000)
        rated(other.provider, 5)
        assert self.found(client, q="记账") == ["代理记账"]
        assert set(self.found(client, category=category.key)) == {service.name, free.name}
        assert self.found(client, price="free") == [free.name]
        assert self.found(client, days="3") == [service.name]
        assert self.found(client, stars="4") == [other.name]
        assert self.found(client, order="price") == [free.name, service.name, other.name]
        assert self.found(client)[0] == other.name

    def test_a_removed_provider_offers_nothing(self, client, service):
        remove(service.provider, "连续差评", by=None)
        assert self.found(client) == []
        assert "已下架" in client.get(f"/services/{service.pk}/").content.decode()

    def test_odd_addresses_get_a_page(self, client, service):
        for query in ("page=999", "page=x", "order=nonsense", "stars=x", "price='%5C", "q=%25"):
            assert client.get(f"/services/?{query}").status_code == 200


class TestPicking:
    def address(self, firm, service):
        return f"/e/{firm.enterprise.pk}/services/{service.pk}/pick/"

    WORDS = {"title": "找代账", "text": "月票二十张", "contact_name": "李四", "contact_phone": "13900000000"}

    def test_an_enterprise_picks_once_although_it_sends_twice(self, client, firm, service):
        client.force_login(firm.user)
        assert client.get(self.address(firm, service)).status_code == 200
        for _ in range(2):
            answer = client.post(self.address(firm, service), {**self.WORDS, "key": "abc"})
            assert answer.status_code == 302
        order = WorkOrder.objects.get()
        assert (order.state, order.service) == ("offered", service)

    def test_what_is_missing_is_said(self, client, firm, service):
        client.force_login(firm.user)
        assert client.post(self.address(firm, service), {"title": "x"}).status_code == 422

    def test_for_another_enterprise_it_is_not_found(self, client, firm, service):
        client.force_login(UserFactory())
        assert client.post(self.address(firm, service), self.WORDS).status_code == 404
        assert not WorkOrder.objects.exists()

    def test_a_provider_without_a_service(self, client, firm, service, category):
        client.force_login(firm.user)
        address = f"/e/{firm.enterprise.pk}/services/providers/{service.provider.pk}/pick/"
        assert client.get(address).status_code == 200
        assert client.post(address, {**self.WORDS, "category": category.pk}).status_code == 302
        assert client.post(address, {**self.WORDS, "category": CategoryFactory().pk}).status_code == 422


class TestHall:
    def test_what_it_says(self, at_work, member, category):
        mine, other = in_the_hall(category), in_the_hall(CategoryFactory(market=True))
        text = cheap(at_work, f"/p/{member.provider.pk}/hall/").content.decode()
        assert f'id="grab-{mine.pk}"' in text
        assert f'id="grab-{other.pk}"' not in text
        assert "不在本机构可接类别内" in text
        assert mine.appeal.enterprise.name not in text
        assert mine.appeal.contact_phone not in text

    def test_many_orders_cost_no_more(self, at_work, member, category):
        for _ in range(15):
            in_the_hall(category)
        cheap(at_work, f"/p/{member.provider.pk}/hall/?show=mine")

    def test_live_is_a_304_until_something_changes(self, at_work, member, category):
        in_the_hall(category)
        address = f"/p/{member.provider.pk}/hall/"
        etag = at_work.get(address).context["etag"]
        again = at_work.get(address + "live/", headers={"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")
        in_the_hall(category)
        at_work.get(address)  # somebody opens the hall anew; the others see it within two seconds
        changed = at_work.get(address + "live/", headers={"If-None-Match": etag})
        assert changed.status_code == 200
        assert changed["ETag"] != etag

    def test_what_is_complained_of_is_in_no_hall(self, at_work, member, category):
        order = in_the_hall(category, secrecy="confidential")
        assert order.appeal.title not in at_work.get(f"/p/{member.provider.pk}/hall/").content.decode()

    def test_the_winner_gets_200_and_again_200_the_other_409(self, client, at_work, member, category):
        order = in_the_hall(category)
        grab = {"order": order.pk}
        for _ in range(2):
            answer = at_work.post(f"/p/{member.provider.pk}/hall/grab/", grab)
            assert answer.status_code == 200
            assert order.appeal.contact_phone in answer.content.decode()
        late = ProviderMemberFactory(provider=ProviderFactory(categories=[category]))
        client.force_login(late.user)
        answer = client.post(f"/p/{late.provider.pk}/hall/grab/", grab)
        assert answer.status_code == 409
        assert member.provider.name in answer.content.decode()
        assert order.appeal.contact_phone not in answer.content.decode()

    def test_refusals_are_422(self, at_work, member):
        for order in (in_the_hall(CategoryFactory(market=True)).pk, 0, "x", ""):
            answer = at_work.post(f"/p/{member.provider.pk}/hall/grab/", {"order": order})
            assert answer.status_code == 422

    def test_a_get_does_not_grab(self, at_work, member):
        assert at_work.get(f"/p/{member.provider.pk}/hall/grab/").status_code == 405


@pytest.mark.parametrize("part", ["hall/", "hall/live/", "orders/"])
def test_another_providers_pages_are_not_found(at_work, part):
    assert at_work.get(f"/p/{ProviderFactory().pk}/{part}").status_code == 404


def test_nobody_grabs_for_another_provider(at_work, category):
    order = in_the_hall(category)
    other = ProviderFactory(categories=[category])
    assert at_work.post(f"/p/{other.pk}/hall/grab/", {"order": order.pk}).status_code == 404
    order.refresh_from_db()
    assert order.state == OrderState.OPEN


class TestOrders:
    @pytest.fixture
    def order(self, member, service):
        return lead(pick_service(EnterpriseFactory(), service, filing(), by=UserFactory()))

    def address(self, order, step=""):
        return f"/p/{order.provider_id}/orders/{order.pk}/{step}"

    def test_lists_and_page_are_cheap(self, at_work, member, order):
        for state in ("", "handling", "asking", "answered", "closed", "nonsense"):
            cheap(at_work, f"/p/{member.provider.pk}/orders/?state={state}")
        text = cheap(at_work, self.address(order)).content.decode()
        assert order.appeal.contact_phone in text

    def test_an_anonymous_enterprise_stays_unnamed(self, at_work, order):
        type(order.appeal).objects.filter(pk=order.appeal.pk).update(anonymous=True)
        for address in (self.address(order), f"/p/{order.provider_id}/orders/"):
            text = at_work.get(address).content.decode()
            assert order.appeal.enterprise.name not in text
            assert order.appeal.contact_phone not in text

    def test_accepted_noted_asked_and_answered(self, at_work, order):
        assert at_work.post(self.address(order, "accept/")).status_code == 302
        assert at_work.post(self.address(order, "note/"), {"text": "已电话联系"}).status_code == 302
        answer = {"outcome": "solved", "text": "已办好"}
        assert at_work.post(self.address(order, "answer/"), answer).status_code == 302
        order.refresh_from_db()
        assert order.state == OrderState.ANSWERED
        assert at_work.get(self.address(order)).status_code == 200

    def test_declined_it_is_no_longer_theirs(self, at_work, order):
        answer = at_work.post(self.address(order, "decline/"), {"text": "排满了"})
        assert answer["Location"] == f"/p/{order.provider_id}/orders/"
        assert at_work.get(self.address(order)).status_code == 404

    @pytest.mark.parametrize(
        ("step", "given"),
        [
            ("decline", {"text": " "}),
            ("answer", {"outcome": "solved", "text": "还没接就答"}),
            ("answer", {"outcome": "promised", "text": "会办的"}),
            ("ask", {"text": ""}),
        ],
    )
    def test_what_is_refused_is_said_beside_the_form(self, at_work, order, step, given):
        answer = at_work.post(self.address(order, f"{step}/"), given)
        assert answer.status_code == 422
        assert answer.context["steps"][step][1].errors
        order.refresh_from_db()
        assert order.state == OrderState.OFFERED

    def test_another_providers_order_is_not_found(self, at_work, order, member):
        other = finished(ProviderFactory(), OrderState.HANDLING)
        wrong = f"/p/{member.provider.pk}/orders/{other.pk}/"
        assert at_work.get(wrong).status_code == 404
        assert at_work.post(f"{wrong}answer/", {"outcome": "solved", "text": "x"}).status_code == 404
        assert at_work.post(self.address(order, "nonsense/")).status_code == 404


class TestDesk:
    def test_pages_are_cheap(self, client, desk, category):
        for _ in range(5):
            in_the_hall(category)
            rated(ProviderFactory(categories=[category]), 4)
        place = desk.department_id
        cheap(client, f"/desk/{place}/hall/")
        cheap(client, f"/desk/{place}/teams/?q=服务&standing=active")
        member = ProviderFactory()
        rated(member, 4)
        cheap(client, f"/desk/{place}/teams/{member.pk}/")

    def test_another_departments_desk_is_not_found(self, client, desk):
        other = PostingFactory().department_id
        for part in ("hall/", "hall/live/", "teams/", f"teams/{ProviderFactory().pk}/"):
            assert client.get(f"/desk/{other}/{part}").status_code == 404

    def test_an_order_is_taken_back(self, client, desk, category):
        order = in_the_hall(category)
        client.post(f"/desk/{desk.department_id}/hall/close/", {"order": order.pk})
        order.refresh_from_db()
        assert order.state == OrderState.WAITING

    def test_removed_and_taken_back_with_a_reason(self, client, desk, member):
        address = f"/desk/{desk.department_id}/teams/{member.provider.pk}/"
        assert client.post(address, {"step": "remove", "reason": ""}).status_code == 422
        assert client.post(address, {"step": "lift", "reason": "x"}).status_code == 422
        for step, standing in (("remove", Standing.REMOVED), ("lift", Standing.ACTIVE)):
            assert client.post(address, {"step": step, "reason": "核查属实"}).status_code == 302
            member.provider.refresh_from_db()
            assert member.provider.standing == standing

    def test_the_centre_rates_once(self, client, desk, member):
        order = finished(member.provider)
        address = f"/desk/{desk.department_id}/teams/orders/{order.pk}/rate/"
        assert client.get(address).status_code == 200
        assert client.post(address, {"stars": 4, "comment": "规范"}).status_code == 302
        assert Rating.objects.get().side == Side.CENTRE
        assert client.post(address, {"stars": 1}).status_code == 422

    def test_the_trades_department_rates_for_itself_and_nobody_else_does(self, client, member):
        order = finished(member.provider)
        handler = PostingFactory(user=StaffFactory(), role=Role.HANDLER)
        client.force_login(handler.user)
        address = f"/desk/{handler.department_id}/teams/orders/{order.pk}/rate/"
        assert client.post(address, {"stars": 5}).status_code == 404
        type(member.provider).objects.filter(pk=member.provider.pk).update(department=handler.department)
        assert client.post(address, {"stars": 5}).status_code == 302
        assert Rating.objects.get().side == Side.DEPARTMENT


class TestRatingByTheEnterprise:
    def test_after_closing_once(self, client, firm, member):
        client.force_login(firm.user)
        order = finished(member.provider, appeal=AppealFactory(enterprise=firm.enterprise))
        address = f"/e/{firm.enterprise.pk}/services/orders/{order.pk}/rate/"
        assert client.post(address, {"stars": 9}).status_code == 422
        assert client.post(address, {"stars": 5, "comment": "很快"}, follow=True).status_code == 200
        assert client.post(address, {"stars": 1}).status_code == 422
        assert Rating.objects.get().stars == 5

    def test_not_before_and_not_anothers(self, client, firm, member):
        client.force_login(firm.user)
        early = finished(
            member.provider, OrderState.HANDLING, appeal=AppealFactory(enterprise=firm.enterprise)
        )
        others = finished(member.provider)
        for order in (early, others):
            address = f"/e/{firm.enterprise.pk}/services/orders/{order.pk}/rate/"
            assert client.post(address, {"stars": 5}).status_code == 404


def test_who_acts_for_one_provider_starts_in_its_hall(at_work, member):
    assert at_work.get("/start/")["Location"] == "/p/"
    assert at_work.get("/p/")["Location"] == f"/p/{member.provider.pk}/hall/"
    ProviderMemberFactory(user=member.user, provider=ProviderFactory(team=TeamFactory(kind=TeamKind.CIVIL)))
    assert cheap(at_work, "/p/").status_code == 200
    assert Client().get("/p/").status_code == 302
