"""After the answer: rated, handled a second time, supervised, closed unrated, reopened."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from appeals import handling, higher, surveying
from appeals.enums import OrderState, Outcome, Satisfaction, Status, Why
from appeals.models import Appeal, Survey, WorkOrder
from portal.accounts.models.officers import Rank
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from tests.accounts.factories import DepartmentFactory
from tests.appeals import factories as make
from tests.appeals.messages import told
from tests.clients import signed_in

pytestmark = pytest.mark.django_db


def rate(order, satisfaction=Satisfaction.DISSATISFIED, solved=False, comment=""):
    return surveying.survey(order, satisfaction, solved, comment, by=None)


def running(order):
    return set(order.clocks.filter(met_at=None).values_list("target", flat=True))


@pytest.fixture
def department():
    """With officers of each rank; those of a deputy's rank: one away, one here."""
    department = DepartmentFactory()
    for rank in (Rank.STAFF, Rank.SECTION_HEAD, Rank.HEAD):
        make.officer_with_user(department, rank=rank)
    make.away(make.OfficerFactory(department=department, rank=Rank.DEPUTY))
    make.officer_with_user(department, rank=Rank.DEPUTY)
    return department


def officer(department, rank):
    return department.officers.filter(rank=rank, absences=None).get()


def second_of(order):
    return make.lead(order.appeal)


def test_a_rating_closes_the_order_and_tells_the_holder(department):
    order = make.answered(department)
    handler = officer(department, Rank.STAFF).user
    row = rate(order, Satisfaction.NEUTRAL, solved=False, comment=" 还行 ")
    assert (row.satisfaction, row.solved, row.comment) == ("neutral", False, "还行")
    assert (order.state, Appeal.objects.get().status) == (OrderState.CLOSED, Status.CLOSED)
    assert running(order) == set()
    assert told(handler)[-1] == "企业评价：基本满意"
    with pytest.raises(DomainError, match="答复之后、办结之前"):
        rate(order)
    assert Survey.objects.count() == 1


def test_what_is_not_answered_is_not_rated():
    with pytest.raises(DomainError, match="答复之后"):
        rate(make.handling())
    with pytest.raises(DomainError, match="满意度"):
        rate(make.answered(), "fine")


def test_dissatisfied_once_goes_to_a_higher_leader_with_new_clocks(department):
    order = make.lead(make.file())
    staff = officer(department, Rank.SECTION_HEAD)
    surveying_target = make.Target(department, leader=staff)
    make.dispatch(order, surveying_target, by=None)
    handling.accept(order, by=None)
    handling.answer(order, Outcome.EXPLAINED, "没办法", by=None)
    rate(order, comment="没解决")
    second = second_of(order)
    deputy = officer(department, Rank.DEPUTY)
    assert (second.round, second.state, second.leader) == (2, OrderState.OFFERED, deputy)
    assert running(second) == {"accept", "second"}
    given = second.assignments.get()
    assert (given.why, given.note) == (Why.SECOND, "没解决")
    appeal = Appeal.objects.get()
    assert (appeal.round, appeal.status) == (2, Status.OFFERED)
    assert told(deputy.user)[-1] == "叮咚！您有一条新订单到！"


def test_a_deputys_order_goes_to_the_head_and_nobody_above_the_head_is_told_to_the_desk(department):
    user = make.dispatcher()
    for rank, expected in [(Rank.DEPUTY, Rank.HEAD), (Rank.HEAD, None)]:
        order = make.lead(make.file())
        make.dispatch(order, make.Target(department, leader=officer(department, rank)), by=None)
        handling.accept(order, by=None)
        handling.answer(order, Outcome.EXPLAINED, "没办法", by=None)
        rate(order)
        second = second_of(order)
        assert (second.leader.rank if second.leader else None) == expected
    assert second.state == OrderState.WAITING
    assert "请指定二次办理的领导" in told(user)[-1]


def headless_second(department):
    """A second handling of what the head had already: nobody in the department stands higher."""
    order = make.lead(make.file())
    make.dispatch(order, make.Target(department, leader=officer(department, Rank.HEAD)), by=None)
    handling.accept(order, by=None)
    handling.answer(order, Outcome.EXPLAINED, "没办法", by=None)
    rate(order)
    return second_of(order)


def test_a_second_handling_is_not_given_to_the_same_leader_nor_to_one_as_high(department):
    second, head = headless_second(department), officer(department, Rank.HEAD)
    for target, words in [
        (make.Target(department, leader=head), f"不能再派给{head.name}"),
        (make.Target(department, leader=officer(department, Rank.DEPUTY)), "须由更高层领导负责"),
        (make.Target(department), "没有比一次办理"),
    ]:
        with pytest.raises(DomainError, match=words):
            make.dispatch(second, target, by=None)
    assert second_of(second).state == OrderState.WAITING
    other = make.OfficerFactory(rank=Rank.HEAD)
    make.dispatch(second, make.Target(other.department), by=None)
    assert second_of(second).leader == other, "the place alone is enough: its higher leader gets it"


def test_who_is_proposed_is_higher_here_else_of_the_county_else_the_supervisors(department):
    second = headless_second(department)
    before, day = higher.first_handling(second), timezone.localdate()
    assert higher.proposed(before, day) is None
    assert "请自行选择" in higher.reason(before, None)
    supervisor = make.official(Role.SUPERVISOR).postings.get().department
    own = make.OfficerFactory(department=supervisor, rank=Rank.HEAD)
    assert higher.proposed(before, day) == own
    county = make.OfficerFactory(rank=Rank.COUNTY)
    assert higher.proposed(before, day) == county
    assert county.name in higher.reason(before, county)
    above = make.OfficerFactory(department=department, rank=Rank.COUNTY)
    assert higher.proposed(before, day) == above


def test_the_desk_proposes_the_higher_leader_and_says_why(department):
    second, county = headless_second(department), make.OfficerFactory(rank=Rank.COUNTY)
    make.models.Suggestion.objects.create(
        appeal=second.appeal, rank=1, department=department, leader=officer(department, Rank.HEAD), percent=90
    )
    user = make.dispatcher()
    desk, centre = signed_in(user), user.postings.get().department
    page = desk.get(reverse("desk_order", args=[centre.pk, second.pk])).content.decode()
    assert "须由更高层领导二次办理" in page
    assert f'<option value="{county.pk}" selected' in page
    assert 'name="suggestion"' not in page
    address = reverse("desk_step", args=[centre.pk, second.pk, "dispatch"])
    refused = desk.post(address, {"target": f"d{department.pk}"})
    assert refused.status_code == 422
    assert "请选择其他单位的更高层领导" in refused.content.decode()
    assert desk.post(address, {"leader": county.pk}).status_code == 302
    assert second_of(second).leader == county


def test_dissatisfied_twice_is_supervised(department):
    supervisor = make.official(Role.SUPERVISOR)
    order = make.answered(department)
    rate(order)
    second = second_of(order)
    handling.accept(second, by=None)
    handling.answer(second, Outcome.EXPLAINED, "还是没办法", by=None)
    rate(second, comment="两次了")
    supervision = WorkOrder.objects.get(kind="supervision")
    head = officer(department, Rank.HEAD)
    assert (supervision.state, supervision.leader) == (OrderState.OFFERED, head)
    assert running(supervision) == {"accept", "supervision"}
    assert Appeal.objects.get().status == Status.SUPERVISED
    assert told(supervisor) == ["新增督办件，请跟踪"]
    assert any("已转督办" in title for title in told(order.appeal.enterprise.mailbox))
    handling.accept(supervision, by=None)
    handling.answer(supervision, Outcome.SOLVED, "局长到场解决", by=None)
    assert Appeal.objects.get().status == Status.CLOSED
    handling.finish(supervision, by=None)
    assert supervision.state == OrderState.CLOSED


def test_satisfied_once_and_dissatisfied_after_reopening_counts_once(department):
    order = make.answered(department)
    rate(order, Satisfaction.SATISFIED, solved=True)
    again = surveying.reopen(order.appeal, "灯又坏了", by=None)
    make.dispatch(again, make.Target(department), by=None)
    handling.accept(again, by=None)
    handling.answer(again, Outcome.SOLVED, "修了", by=None)
    rate(again)
    assert not WorkOrder.objects.filter(kind="supervision").exists()
    assert second_of(order).round == 3


def test_a_providers_order_goes_to_the_department_of_its_trade(department):
    category = make.CategoryFactory(market=True)
    provider = make.ProviderFactory(department=department, categories=[category])
    order = make.answered(category=category)
    WorkOrder.objects.filter(pk=order.pk).update(department=None, provider=provider)
    order.refresh_from_db()
    rate(order)
    assert second_of(order).department == department


def test_silence_closes_and_is_no_rating():
    order, young = make.answered(), make.answered()
    later = order.clocks.get(target="survey").due_at
    young.clocks.filter(target="survey").update(due_at=later + dt.timedelta(seconds=1))
    assert surveying.close_unrated(later - dt.timedelta(seconds=1)) == 0
    assert surveying.close_unrated(later) == 1
    order.refresh_from_db()
    young.refresh_from_db()
    assert (order.state, young.state) == (OrderState.CLOSED, OrderState.ANSWERED)
    assert not Survey.objects.exists()
    assert order.events.last().comment == "企业未评价"
    assert surveying.close_unrated(later) == 0


def test_an_open_promise_is_not_closed_by_silence():
    order = make.handling()
    day = timezone.localdate() + dt.timedelta(days=3)
    handling.answer(order, Outcome.PROMISED, "会修", by=None, promise=("修灯", day))
    assert surveying.close_unrated(timezone.now() + dt.timedelta(days=60)) == 0


def test_a_closed_appeal_is_reopened_in_a_new_round():
    user = make.dispatcher()
    order = make.answered()
    with pytest.raises(DomainError, match="先对答复作出评价"):
        surveying.reopen(order.appeal, "又坏了", by=None)
    rate(order, Satisfaction.SATISFIED, solved=True)
    with pytest.raises(DomainError, match="为什么"):
        surveying.reopen(order.appeal, " ", by=None)
    again = surveying.reopen(order.appeal, "又坏了", by=None)
    assert (again.round, again.state, running(again)) == (2, OrderState.WAITING, {"receive"})
    assert Appeal.objects.get().status == Status.ROUTING
    assert told(user)[-1] == "企业要求重新办理，请派单"
    with pytest.raises(DomainError, match="正在办理"):
        surveying.reopen(order.appeal, "又坏了", by=None)


def test_a_supervisor_may_supervise_what_is_accepted_once(department):
    with pytest.raises(DomainError, match="受理之后"):
        surveying.supervise(make.file(), "拖延", by=None)
    order = make.handling(department)
    with pytest.raises(DomainError, match="督办理由"):
        surveying.supervise(order.appeal, "", by=None)
    surveying.supervise(order.appeal, "拖延", by=None)
    with pytest.raises(DomainError, match="已在督办"):
        surveying.supervise(order.appeal, "拖延", by=None)


def test_a_rating_takes_a_bounded_number_of_queries(department, django_assert_max_num_queries):
    order = make.answered(department)
    with django_assert_max_num_queries(60):
        rate(order)
