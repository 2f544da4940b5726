"""Work on an order: accepting, notes, questions, answers, promises; and what each may not."""

import datetime as dt

import pytest
from django.utils import timezone

from appeals import dispatching, handling
from appeals.dispatching import Target
from appeals.enums import OrderState, Outcome, Status
from appeals.models import Appeal, OrderClock, Promise, WorkOrder
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.transitions import advance
from tests.accounts.factories import DepartmentFactory
from tests.appeals import factories as make
from tests.appeals.messages import told

pytestmark = pytest.mark.django_db


def status(order):
    return Appeal.objects.get(pk=order.appeal_id).status


def running(order):
    return set(order.clocks.filter(met_at=None).values_list("target", flat=True))


def in_days(days):
    return timezone.localdate() + dt.timedelta(days=days)


def test_accepting_meets_its_clock_names_the_officer_and_tells_the_enterprise():
    department = DepartmentFactory()
    officer = make.officer_with_user(department)
    order = make.dispatched(department)
    handling.accept(order, by=officer.user)
    assert (order.state, order.handler, status(order)) == (OrderState.HANDLING, officer, Status.HANDLING)
    assert running(order) == {"single"}
    assert told(order.appeal.enterprise.mailbox)[-1] == f"{department}已接单，正在办理"
    with pytest.raises(DomainError, match="不能接单"):
        handling.accept(order, by=officer.user)


def test_who_is_named_stays_the_handler():
    department = DepartmentFactory()
    named, other = make.officer_with_user(department), make.officer_with_user(department)
    order = make.lead(make.file())
    dispatching.dispatch(order, Target(department, handler=named), by=None)
    handling.accept(order, by=other.user)
    assert order.handler == named


def test_notes_are_internal_unless_said_to_be_public():
    order = make.handling()
    before = len(told(order.appeal.enterprise.mailbox))
    assert not handling.note(order, "已联系供电公司", by=None).public
    assert len(told(order.appeal.enterprise.mailbox)) == before
    assert handling.note(order, "明天上门", by=None, public=True).public
    assert told(order.appeal.enterprise.mailbox)[-1] == "您的诉求有新进展"
    assert WorkOrder.objects.get().state == OrderState.HANDLING
    with pytest.raises(DomainError, match="办理情况"):
        handling.note(order, "  ", by=None)
    advance(order, "cancel", actor=None)
    with pytest.raises(DomainError, match="已取消"):
        handling.note(order, "还有", by=None)


def test_the_clocks_stand_still_while_the_enterprise_is_asked():
    department = DepartmentFactory()
    handler = make.official(Role.HANDLER, department)
    order = make.handling(department)
    with pytest.raises(DomainError, match="补充什么"):
        handling.ask(order, "", by=None)
    handling.ask(order, "路灯编号是多少？", by=None)
    assert (order.state, status(order)) == (OrderState.ASKING, Status.ASKED)
    assert order.clocks.get(target="single").paused_at
    assert told(order.appeal.enterprise.mailbox)[-1] == "承办单位请您补充情况"
    with pytest.raises(DomainError, match="补充的内容"):
        handling.reply(order, " ", by=None)
    handling.reply(order, "D-17", by=None)
    assert (order.state, status(order)) == (OrderState.HANDLING, Status.HANDLING)
    assert order.clocks.get(target="single").paused_at is None
    assert told(handler)[-1] == "企业已补充情况，请继续办理"
    with pytest.raises(DomainError, match="不能补充情况"):
        handling.reply(order, "D-17", by=None)


def test_a_co_order_asks_through_the_lead():
    order = make.dispatched()
    co = dispatching.add_co(order, Target(DepartmentFactory()), by=None)
    handling.accept(co, by=None)
    with pytest.raises(DomainError, match="主办单位"):
        handling.ask(co, "在哪里？", by=None)


@pytest.mark.parametrize("outcome", [Outcome.SOLVED, Outcome.EXPLAINED, Outcome.UNABLE])
def test_an_answer_ends_the_clocks_and_starts_the_survey(outcome):
    order = make.handling()
    handling.answer(order, outcome, " 已修好。 ", by=None)
    row = order.answers.get()
    assert (row.outcome, row.text) == (outcome, "已修好。")
    assert (order.state, status(order), running(order)) == (
        OrderState.ANSWERED, Status.ANSWERED, {"survey"},
    )  # fmt: skip
    assert order.answered_at
    assert told(order.appeal.enterprise.mailbox)[-1] == "您的诉求已答复，请看看是否满意"
    with pytest.raises(DomainError, match="不能答复"):
        handling.answer(order, outcome, "再答", by=None)


@pytest.mark.parametrize(
    ("outcome", "text", "promise", "words"),
    [
        (Outcome.SOLVED, " ", None, "答复内容"),
        ("done", "好了", None, "办理结果"),
        (Outcome.PROMISED, "好的", None, "须写明承诺"),
        (Outcome.SOLVED, "好了", ("修灯", 3), "须写明承诺"),
        (Outcome.PROMISED, "好的", ("  ", 3), "承诺内容"),
        (Outcome.PROMISED, "好的", ("修灯", 0), "今天之后"),
        (Outcome.PROMISED, "好的", ("修灯", 731), "两年之内"),
    ],
)
def test_an_answer_that_says_too_little_is_refused(outcome, text, promise, words):
    order = make.handling()
    promise = promise and (promise[0], in_days(promise[1]))
    with pytest.raises(DomainError, match=words):
        handling.answer(order, outcome, text, by=None, promise=promise)
    assert WorkOrder.objects.get().state == OrderState.HANDLING


def test_what_is_not_accepted_is_not_answered():
    with pytest.raises(DomainError, match="不能答复"):
        handling.answer(make.dispatched(), Outcome.SOLVED, "好了", by=None)


def test_a_promise_is_watched_by_a_clock_and_the_survey_waits_for_it():
    order = make.handling()
    handling.answer(order, Outcome.PROMISED, "等配件", by=None, promise=("换新灯", in_days(10)))
    assert (status(order), running(order)) == (Status.PROMISED, {"promise"})
    clock = OrderClock.objects.get(order=order, target="promise")
    assert timezone.localdate(clock.due_at) > in_days(10)
    promise = order.promises.get()
    with pytest.raises(DomainError, match="怎么兑现"):
        handling.keep_promise(promise, "", by=None)
    handling.keep_promise(promise, "灯已换好", by=None)
    assert (status(order), running(order)) == (Status.ANSWERED, {"survey"})
    assert told(order.appeal.enterprise.mailbox)[-1].startswith("对您的承诺已兑现")
    with pytest.raises(DomainError, match="已经兑现"):
        handling.keep_promise(Promise.objects.get(), "又一次", by=None)


def test_a_co_order_answers_the_lead_and_ends_with_it():
    lead_department = DepartmentFactory()
    handler, late = make.official(Role.HANDLER, lead_department), make.official(Role.HANDLER)
    order = make.handling(lead_department)
    done = dispatching.add_co(order, Target(DepartmentFactory()), by=None)
    undone = dispatching.add_co(order, Target(late.postings.get().department), by=None)
    messages = told(order.appeal.enterprise.mailbox)
    handling.accept(done, by=None)
    handling.answer(done, Outcome.EXPLAINED, "我们这边没问题", by=None)
    assert told(handler)[-1] == "协办单位已答复，请查看"
    assert told(order.appeal.enterprise.mailbox) == messages
    assert not done.events.filter(public=True).exists()
    assert status(order) == Status.HANDLING
    handling.answer(order, Outcome.SOLVED, "修好了", by=None)
    states = {each.pk: each.state for each in WorkOrder.objects.all()}
    assert (states[done.pk], states[undone.pk]) == (OrderState.CLOSED, OrderState.CANCELLED)
    assert told(late)[-1] == "主办单位已答复，协办不用再办"
    assert not OrderClock.objects.filter(order__kind="co", met_at=None).exists()


def test_only_supervision_is_finished_by_the_supervisor():
    with pytest.raises(DomainError, match="由企业评价后办结"):
        handling.finish(make.answered(), by=None)


def test_an_answer_takes_a_bounded_number_of_queries(django_assert_max_num_queries):
    order = make.handling()
    with django_assert_max_num_queries(32):
        handling.answer(order, Outcome.SOLVED, "好了", by=None)
