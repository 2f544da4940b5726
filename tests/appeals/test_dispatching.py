"""Orders are handed out, returned, mediated, passed on and undone; each refusal says what to do."""

import datetime as dt

import pytest
from django.utils import timezone

from appeals import dispatching
from appeals.dispatching import Target, dispatch, open_grab, return_order, undo
from appeals.enums import Intake, Mode, OrderState, Status, Why
from appeals.handling import accept
from appeals.intake import accept_appeal
from appeals.models import Appeal, Provider, Suggestion, WorkOrder
from appeals.portal.story import Story
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.outbox import OutboxEntry, deliver
from portal.kernel.transitions import advance
from portal.notifications.models import Delivery, Message
from tests.accounts.factories import DepartmentFactory, PostingFactory
from tests.appeals import factories as make
from tests.appeals.messages import told
from tests.notifications.factories import channel

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    return make.lead(make.file())


@pytest.fixture
def user():
    return make.dispatcher()


def running(order):
    return set(order.clocks.filter(met_at=None).values_list("target", flat=True))


def offered(order, user, department=None, **more):
    dispatch(order, Target(department or DepartmentFactory()), by=user, **more)
    return order


def test_a_dispatch_accepts_the_appeal_starts_the_clocks_and_tells(order, user):
    handler = make.official(Role.HANDLER)
    department = handler.postings.get().department
    section = make.SectionFactory(department=department)
    dispatch(order, Target(department, section), by=user, why=Why.SUGGESTED, note="请尽快")
    stored = WorkOrder.objects.get()
    assert (order.state, order.department) == (OrderState.OFFERED, department)
    assert (stored.state, stored.department, stored.section) == (OrderState.OFFERED, department, section)
    appeal = Appeal.objects.get()
    assert (appeal.intake, appeal.status) == (Intake.ACCEPTED, Status.OFFERED)
    assert running(stored) == {"accept", "single"}
    given = stored.assignments.get()
    assert (given.department, given.why, given.note, given.by) == (department, "suggested", "请尽快", user)
    assert told(handler) == ["叮咚！您有一条新订单到！"]
    assert told(appeal.enterprise.mailbox) == [f"您的诉求已交由{section}办理"]
    event = stored.events.get()
    assert (event.name, event.public, "请尽快" in event.comment) == ("dispatch", True, False)


def test_the_first_suggestion_is_kept_with_the_assignment(order, user):
    newest, other = DepartmentFactory(), DepartmentFactory()
    for made, department in ((2, newest), (1, other)):
        at = timezone.now() - dt.timedelta(minutes=10 - made)
        Suggestion.objects.create(appeal=order.appeal, rank=1, department=department, percent=50, made_at=at)
    offered(order, user, other)
    assert order.assignments.get().suggested == newest


def test_several_departments_are_one_lead_and_co_orders_with_the_joint_span(order, user):
    lead, other = DepartmentFactory(), DepartmentFactory()
    dispatch(order, Target(lead), by=user, co=[Target(other)])
    co = WorkOrder.objects.get(kind="co")
    assert (co.state, co.department) == (OrderState.OFFERED, other)
    assert running(order) == running(co) == {"accept", "joint"}
    assert Appeal.objects.get().complexity == "joint"
    for taken in (lead, other):
        with pytest.raises(DomainError, match="已在主办或协办"):
            dispatching.add_co(order, Target(taken), by=user)
    assert dispatching.add_co(order, Target(DepartmentFactory()), by=user).kind == "co"
    with pytest.raises(DomainError, match="才能添加协办"):
        dispatching.add_co(co, Target(DepartmentFactory()), by=user)


def test_a_second_dispatch_is_told_who_was_faster(order, user):
    stale = WorkOrder.objects.get()
    offered(order, user)
    with pytest.raises(DomainError, match=f"{user}.*抢先.*待接单"):
        offered(stale, make.dispatcher())
    with pytest.raises(DomainError, match="不能派单"):
        offered(order, user)
    assert order.assignments.count() == 1


def test_a_complaint_is_not_given_to_the_department_complained_of(user):
    about = DepartmentFactory()
    order = make.lead(make.file(about=about))
    for send in (
        lambda: offered(order, user, about),
        lambda: offered(order, user, co=[Target(about)]),
    ):
        with pytest.raises(DomainError, match="反映的就是该部门"):
            send()
    order.refresh_from_db()
    assert (order.state, order.appeal.intake) == (OrderState.WAITING, Intake.SUBMITTED)
    offered(order, user)
    with pytest.raises(DomainError, match="反映的就是该部门"):
        return_order(order, "不归我们", about, by=user)


def test_who_works_in_two_departments_is_not_told_of_a_complaint_about_one(user):
    about, other = DepartmentFactory(), DepartmentFactory()
    both = PostingFactory(department=other, role=Role.HANDLER).user
    PostingFactory(department=about, role=Role.EDITOR, user=both)
    colleague = make.official(Role.HANDLER, other)
    offered(make.lead(make.file(about=about)), user, other)
    assert (told(both), len(told(colleague))) == ([], 1)


def test_officers_who_are_away_are_stood_in_for(order, user):
    department = DepartmentFactory()
    absent = make.officer_with_user(department)
    present = make.officer_with_user(department)
    make.away(absent, present)
    dispatch(order, Target(department, handler=absent, leader=absent), by=user)
    given = order.assignments.get()
    assert (order.handler, order.leader, given.handler) == (present, present, present)
    assert given.why == Why.SUBSTITUTE
    assert absent.name in given.note
    assert present.name in given.note
    assert (told(absent.user), len(told(present.user))) == ([], 1)


def test_officers_who_left_or_nobody_stands_in_for_cannot_be_given_work(order, user):
    department, today = DepartmentFactory(), timezone.localdate()
    left = make.OfficerFactory(department=department, left_on=today)
    alone = make.OfficerFactory(department=department)
    make.away(alone)
    for officer in (left, alone):
        for role in ("leader", "handler"):
            with pytest.raises(DomainError, match=f"{officer.name}已离任或外出.*改派"):
                dispatch(order, Target(department, **{role: officer}), by=user)
    tomorrow = make.OfficerFactory(department=department, left_on=today + dt.timedelta(days=1))
    dispatch(order, Target(department, handler=tomorrow), by=user)


def test_section_and_officers_are_of_the_department(order, user):
    department = DepartmentFactory()
    with pytest.raises(DomainError, match="科室不属于"):
        dispatch(order, Target(department, section=make.SectionFactory()), by=user)
    with pytest.raises(DomainError, match="不在该部门"):
        dispatch(order, Target(department, leader=make.OfficerFactory()), by=user)
    assert WorkOrder.objects.get().state == OrderState.WAITING


def test_a_return_names_the_right_department(order, user):
    offered(order, user)
    for wrong in (None, order.department):
        with pytest.raises(DomainError, match="应由哪个部门承办"):
            return_order(order, "不归我们", wrong, by=user)
    with pytest.raises(DomainError, match="退单理由"):
        return_order(order, " ", DepartmentFactory(), by=user)
    right = DepartmentFactory()
    return_order(order, "不归我们", right, by=user)
    order.refresh_from_db()
    assert (order.state, order.returns, order.rightful) == (OrderState.RETURNED, 1, right)
    assert running(order) == {"single"}
    assert told(user)[-1] == "工单被退回，请重新派单"
    assert not order.events.get(name="return_order").public


def test_the_second_return_goes_to_a_mediator_who_decides_for_good(order, user):
    mediator, first = make.official(Role.MEDIATOR), DepartmentFactory()
    offered(order, user, first)
    return_order(order, "不归我们", DepartmentFactory(), by=None)
    assert told(mediator) == []
    offered(order, user)
    return_order(order, "也不归我们", first, by=None)
    assert (order.state, order.returns) == (OrderState.MEDIATION, 2)
    assert running(order) == {"single", "mediation"}
    assert told(mediator) == ["工单再次被退回，请半天内协调确定承办单位"]
    with pytest.raises(DomainError, match="协调意见"):
        dispatching.decide(order, Target(first), "", by=mediator)
    dispatching.decide(order, Target(first), "按职责分工由该局承办", by=mediator)
    assert (order.state, order.department) == (OrderState.OFFERED, first)
    assert running(order) == {"single", "accept"}
    assert order.assignments.last().why == Why.MEDIATED
    with pytest.raises(DomainError, match="协调确定.*不能再退回"):
        return_order(order, "还是不归我们", DepartmentFactory(), by=None)


def test_the_clock_of_the_work_runs_on_through_returns(order, user):
    offered(order, user)
    begun = order.clocks.get(target="single").started_at
    return_order(order, "不归我们", DepartmentFactory(), by=None)
    offered(order, user)
    assert order.clocks.get(target="single").started_at == begun


def test_a_transfer_needs_a_reason_and_another_holder(order, user):
    department = DepartmentFactory()
    offered(order, user, department)
    with pytest.raises(DomainError, match="不能转办"):
        dispatching.transfer(order, Target(DepartmentFactory()), "职责调整", by=user)
    advance(order, "accept", actor=user)
    with pytest.raises(DomainError, match="转办理由"):
        dispatching.transfer(order, Target(DepartmentFactory()), " ", by=user)
    with pytest.raises(DomainError, match="就是现在的承办人"):
        dispatching.transfer(order, Target(department), "职责调整", by=user)
    other = DepartmentFactory()
    dispatching.transfer(order, Target(other), "职责调整", by=user)
    assert (order.state, order.department, order.assignments.last().why) == ("offered", other, "transfer")


@pytest.fixture
def market():
    category = make.CategoryFactory(market=True)
    return category, make.lead(make.file(category=category))


def test_an_order_is_opened_to_those_who_qualify_and_closed_again(market, user):
    category, order = market
    able = make.ProviderMemberFactory(provider=make.ProviderFactory(categories=[category])).user
    removed = make.ProviderMemberFactory(provider=make.ProviderFactory(categories=[category])).user
    Provider.objects.filter(members__user=removed).update(standing="removed", standing_reason="三次差评")
    other = make.ProviderMemberFactory().user
    open_grab(order, by=user, hours=2)
    assert (order.state, order.mode) == (OrderState.OPEN, Mode.GRAB)
    assert order.window_to - order.window_from == dt.timedelta(hours=2)
    assert Appeal.objects.get().status == Status.OFFERED
    assert ([len(told(each)) for each in (able, removed, other)]) == [1, 0, 0]
    dispatching.close_grab(order, by=None)
    assert (order.state, order.window_to) == (OrderState.WAITING, None)
    assert told(user)[-1] == "抢单已结束，无人抢单，请派单"


def test_a_returned_order_may_be_opened_and_an_open_one_dispatched(market, user):
    _category, order = market
    offered(order, user)
    return_order(order, "不归我们", DepartmentFactory(), by=None)
    open_grab(order, by=user)
    assert (order.department, order.rightful) == (None, None)
    offered(order, user)
    assert (order.state, order.mode, order.window_to) == (OrderState.OFFERED, Mode.DISPATCH, None)


def test_what_is_no_markets_is_not_opened(order, market, user):
    category, open_one = market
    with pytest.raises(DomainError, match="不是市场化服务"):
        open_grab(order, by=user)
    for secret in ({"secrecy": "confidential"}, {"about": DepartmentFactory()}):
        with pytest.raises(DomainError, match="不能放到抢单大厅"):
            open_grab(make.lead(make.file(category=category, **secret)), by=user)
    for hours in (0, 169):
        with pytest.raises(DomainError, match="1 到 168 小时"):
            open_grab(open_one, by=user, hours=hours)


def test_a_dispatch_is_undone_with_its_co_orders(order, user):
    handler = make.official(Role.HANDLER)
    department = handler.postings.get().department
    due = order.clocks.get(target="receive").due_at
    dispatch(order, Target(department), by=user, co=[Target(DepartmentFactory())])
    undo(order, by=user)
    order.refresh_from_db()
    assert (order.state, order.department, order.held_at) == (OrderState.WAITING, None, None)
    appeal = Appeal.objects.get()
    assert (appeal.intake, appeal.status, appeal.complexity) == ("submitted", "received", "single")
    assert (running(order), order.clocks.get().due_at) == ({"receive"}, due)
    assert WorkOrder.objects.get(kind="co").state == OrderState.CANCELLED
    assert told(handler)[-1] == "派单已撤销，不用再办"
    assert told(order.appeal.enterprise) == []
    assert [one.label for one in Story.of(appeal).happenings] == ["提交诉求"]
    with pytest.raises(DomainError, match="两分钟内"):
        undo(order, by=user)
    order = make.lead(appeal)
    offered(order, user)
    assert running(order) == {"single", "accept"}
    assert Appeal.objects.get().intake == Intake.ACCEPTED


def test_what_was_accepted_before_stays_accepted_when_the_dispatch_is_undone(order, user):
    accept_appeal(order.appeal, by=user)
    offered(order, user)
    undo(order, by=user)
    assert (Appeal.objects.get().intake, running(order)) == (Intake.ACCEPTED, {"single"})


def test_the_enterprise_hears_of_a_dispatch_when_it_cannot_be_undone_any_more(order, user):
    offered(order, user)
    box = order.appeal.enterprise.mailbox
    deliver()
    assert not Message.objects.filter(mailbox=box).exists()
    accept(order, by=None)
    deliver()
    assert Message.objects.filter(mailbox=box).count() == 2, "accepting lets the first one go too"


def test_what_the_enterprise_has_heard_of_is_told_to_be_undone(order, user):
    offered(order, user)
    OutboxEntry.objects.update(due_at=timezone.now())
    deliver()
    undo(order, by=user)
    assert told(order.appeal.enterprise)[-1] == "刚安排的承办单位已撤回，正在重新安排"


@pytest.mark.parametrize(("seconds", "undone"), [(120, True), (120.001, False)])
def test_undoing_is_possible_for_two_minutes(order, user, seconds, undone):
    offered(order, user)
    with make.moment(order.events.get().at + dt.timedelta(seconds=seconds)):
        assert (dispatching.undoable(order, by=user) is not None) == undone
        if undone:
            undo(order, by=user)
        else:
            with pytest.raises(DomainError, match="两分钟内"):
                undo(order, by=user)
    assert (WorkOrder.objects.get().state == OrderState.WAITING) == undone


def test_only_ones_own_last_step_is_undone(order, user):
    offered(order, user)
    for other in (make.dispatcher(), None):
        with pytest.raises(DomainError, match="自己刚做的"):
            undo(order, by=other)
    advance(order, "accept", actor=user)
    with pytest.raises(DomainError, match="自己刚做的"):
        undo(order, by=user)


def test_letters_of_what_is_undone_that_still_wait_are_not_sent(order, user, settings):
    night = timezone.localtime() - dt.timedelta(hours=1)
    settings.QUIET_HOURS = (night.time(), (night + dt.timedelta(hours=8)).time())
    handlers = [make.official(Role.HANDLER) for _ in range(2)]
    places = [each.postings.get().department for each in handlers]
    for each in handlers:
        channel(each)
    channel(department=places[0], kind="wecom", address="a" * 36)
    dispatch(order, Target(places[0]), by=user, co=[Target(places[1])])
    deliver()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"queued"}
    before = Delivery.objects.count()
    assert before >= 3
    undo(order, by=user)
    assert set(Delivery.objects.values_list("state", "error")) == {("given_up", "已撤销，不再发送。")}
    deliver()
    assert Delivery.objects.filter(state="queued").count() == before, "that it was undone is told"


def test_a_return_is_undone_whether_mediated_or_not(order, user):
    offered(order, user)
    due = order.clocks.get(target="accept").due_at
    return_order(order, "不归我们", DepartmentFactory(), by=user)
    undo(order, by=user)
    assert (order.state, order.returns, order.rightful) == (OrderState.OFFERED, 0, None)
    assert told(user)[-1] == "退单已撤销，不用再处理"
    assert order.clocks.get(target="accept", met_at=None).due_at == due
    for _ in range(2):
        return_order(order, "不归我们", DepartmentFactory(), by=user)
        if order.state == OrderState.RETURNED:
            offered(order, user)
    assert order.state == OrderState.MEDIATION
    undo(order, by=user)
    assert (order.state, order.returns) == (OrderState.OFFERED, 1)
    assert running(order) == {"single", "accept"}


def test_an_opening_is_undone(market, user):
    category, order = market
    able = make.ProviderMemberFactory(provider=make.ProviderFactory(categories=[category])).user
    open_grab(order, by=user)
    undo(order, by=user)
    assert told(able) == ["叮咚！抢单大厅来了一条新订单，先到先得", "刚放到抢单大厅的订单已撤回"]
    assert (order.state, order.mode) == (OrderState.WAITING, Mode.DISPATCH)


def test_a_dispatch_takes_a_bounded_number_of_queries(order, user, django_assert_max_num_queries):
    department = DepartmentFactory()
    for _ in range(5):
        make.official(Role.HANDLER, department)
    with django_assert_max_num_queries(41):
        dispatch(order, Target(department), by=user)
