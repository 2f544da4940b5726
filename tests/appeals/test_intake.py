"""What the desk makes of an appeal, merging of duplicates, shared problems."""

import datetime as dt

import pytest
from django.utils import timezone

from appeals import dispatching, handling, intake
from appeals.dispatching import Target
from appeals.enums import Intake, OrderState, Outcome, Status
from appeals.models import Appeal, WorkOrder
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from tests.accounts.factories import DepartmentFactory
from tests.appeals import factories as make
from tests.appeals.messages import told
from tests.enterprises.factories import EnterpriseFactory

pytestmark = pytest.mark.django_db


def running(appeal):
    return set(make.lead(appeal).clocks.filter(met_at=None).values_list("target", flat=True))


def test_accepting_starts_the_clock_of_the_work():
    appeal = make.file()
    category = make.CategoryFactory(complexity="simple")
    intake.accept_appeal(appeal, by=None, category=category)
    assert (appeal.intake, appeal.status) == (Intake.ACCEPTED, Status.ROUTING)
    stored = Appeal.objects.get()
    assert (stored.category, stored.complexity) == (category, "simple")
    assert running(appeal) == {"simple"}
    assert told(appeal.enterprise.mailbox) == ["您的诉求已受理"]
    with pytest.raises(DomainError, match="不能受理"):
        intake.accept_appeal(appeal, by=None)


def test_the_desk_may_say_how_complex_it_is():
    appeal = make.file()
    intake.accept_appeal(appeal, by=None, category=make.CategoryFactory(), complexity="joint")
    assert running(appeal) == {"joint"}


def test_asking_back_stops_the_receive_clock():
    appeal = make.file()
    with pytest.raises(DomainError, match="补充什么"):
        intake.ask_back(appeal, "", by=None)
    intake.ask_back(appeal, "哪条路？", by=None)
    assert (appeal.status, told(appeal.enterprise.mailbox)) == (
        Status.ASKED, ["请补充您的诉求，补充后马上受理"],
    )  # fmt: skip
    assert make.lead(appeal).clocks.get().paused_at
    with pytest.raises(DomainError, match="不能请企业补充"):
        intake.ask_back(appeal, "再问", by=None)
    intake.accept_appeal(appeal, by=None)  # told by telephone meanwhile
    assert running(appeal) == {"single"}


def test_a_refusal_says_where_to_go():
    appeal = make.file()
    with pytest.raises(DomainError, match="去哪里"):
        intake.refuse(appeal, " ", by=None)
    intake.refuse(appeal, "劳动争议请向劳动仲裁委申请", by=None)
    assert appeal.status == Status.REFUSED
    assert make.lead(appeal).state == OrderState.CANCELLED
    assert running(appeal) == set()
    assert told(appeal.enterprise.mailbox) == ["您的诉求不在受理范围，请看办理建议"]
    assert appeal.events.last().comment == "劳动争议请向劳动仲裁委申请"
    with pytest.raises(DomainError, match="不能派单|不能受理"):
        dispatching.dispatch(make.lead(appeal), Target(DepartmentFactory()), by=None)
    with pytest.raises(DomainError, match="不能不予受理"):
        intake.refuse(make.handling().appeal, "x", by=None)


def test_a_duplicate_is_merged_told_and_points_to_the_other():
    enterprise, handler = EnterpriseFactory(), make.official(Role.HANDLER)
    kept, twin = make.file(enterprise), make.file(enterprise)
    order = make.lead(twin)
    dispatching.dispatch(order, Target(handler.postings.get().department), by=None)
    twin.refresh_from_db()
    intake.merge(twin, kept, by=None)
    assert (twin.status, twin.merged_into) == (Status.MERGED, kept)
    assert make.lead(twin).state == OrderState.CANCELLED
    words = f"已并入 {kept.number} 一并办理"
    assert told(enterprise.mailbox)[-1] == told(handler)[-1] == words
    event = twin.events.last()
    assert (event.name, event.comment, event.public) == ("merge", words, True)
    assert kept.events.last().comment == f"{twin.number} 并入本件"


def test_what_was_merged_into_a_merged_one_goes_with_it():
    enterprise = EnterpriseFactory()
    first, second, third = (make.file(enterprise) for _ in range(3))
    intake.merge(first, second, by=None)
    intake.merge(second, third, by=None)
    assert set(third.merged.all()) == {first, second}


def test_what_cannot_be_merged():
    enterprise = EnterpriseFactory()
    appeal, over = make.file(enterprise), make.file(enterprise)
    intake.refuse(over, "另找", by=None)
    for other, words in [(appeal, "自己"), (make.file(), "共性问题"), (over, "已结束")]:
        with pytest.raises(DomainError, match=words):
            intake.merge(appeal, other, by=None)
    answered = make.answered(enterprise=enterprise).appeal
    with pytest.raises(DomainError, match="已答复.*不能并案"):
        intake.merge(answered, appeal, by=None)


def test_a_shared_problem_is_handled_by_one_order_and_all_are_told():
    handler = make.official(Role.HANDLER)
    department = handler.postings.get().department
    appeals = [make.file() for _ in range(3)]
    problem = intake.share(appeals, "园区路灯", by=None)
    assert problem.lead == appeals[0]
    assert set(problem.appeals.all()) == set(appeals)
    for appeal in appeals:
        assert told(appeal.enterprise.mailbox) == ["您反映的问题已列为共性问题，统一办理"]
    order = make.lead(appeals[0])

    def stand():
        return {(each.state, each.department) for each in WorkOrder.objects.all()}

    dispatching.dispatch(order, Target(department), by=None)
    assert stand() == {(OrderState.OFFERED, department)}
    assert told(handler) == ["叮咚！您有一条新订单到！"]
    handling.accept(order, by=None)
    assert stand() == {(OrderState.HANDLING, department)}
    day = timezone.localdate() + dt.timedelta(days=9)
    handling.answer(order, Outcome.PROMISED, "统一更换", by=None, promise=("换灯", day))
    assert stand() == {(OrderState.ANSWERED, department)}
    assert {appeal.status for appeal in Appeal.objects.all()} == {Status.PROMISED}
    handling.keep_promise(order.promises.get(), "已换好", by=None)
    assert {appeal.status for appeal in Appeal.objects.all()} == {Status.ANSWERED}
    for appeal in appeals:
        assert told(appeal.enterprise.mailbox)[-1].startswith("对您的承诺已兑现")


def test_a_shared_problem_takes_in_what_waits_and_leaves_what_others_handle():
    department = DepartmentFactory()
    leading = make.handling(department).appeal
    elsewhere = make.handling()
    waiting = make.file()
    intake.share([leading, elsewhere.appeal, waiting], "园区路灯", by=None)
    assert (make.lead(waiting).state, make.lead(waiting).department) == (OrderState.HANDLING, department)
    elsewhere.refresh_from_db()
    assert (elsewhere.state, elsewhere.department != department) == (OrderState.HANDLING, True)


def test_undoing_the_leading_dispatch_takes_the_others_back():
    user, appeals = make.dispatcher(), [make.file(), make.file()]
    intake.share(appeals, "园区路灯", by=user)
    order = make.lead(appeals[0])
    dispatching.dispatch(order, Target(DepartmentFactory()), by=user)
    dispatching.undo(order, by=user)
    assert {each.state for each in WorkOrder.objects.all()} == {OrderState.WAITING}


def test_returns_transfers_and_mediation_of_the_lead_take_the_others_along():
    user, wrong, right = make.dispatcher(), DepartmentFactory(), DepartmentFactory()
    appeals = [make.file(), make.file()]
    intake.share(appeals, "园区路灯", by=user)
    order = make.lead(appeals[0])

    def stand():
        return {(each.state, each.department) for each in WorkOrder.objects.all()}

    dispatching.dispatch(order, Target(wrong), by=user)
    dispatching.return_order(order, "不归我们", right, by=user)
    assert stand() == {(OrderState.RETURNED, wrong)}
    dispatching.undo(order, by=user)
    assert stand() == {(OrderState.OFFERED, wrong)}
    dispatching.return_order(order, "不归我们", right, by=user)
    dispatching.dispatch(order, Target(wrong), by=user)
    dispatching.return_order(order, "真不归我们", right, by=user)
    dispatching.decide(order, Target(right), "由其承办", by=user)
    assert stand() == {(OrderState.OFFERED, right)}
    handling.accept(order, by=user)
    dispatching.transfer(order, Target(wrong), "职责调整", by=user)
    assert stand() == {(OrderState.OFFERED, wrong)}


def test_what_cannot_be_shared():
    appeal = make.file()
    over = make.file()
    intake.refuse(over, "另找", by=None)
    complaint = make.file(about=DepartmentFactory())
    for others, words in [([], "两件"), ([appeal], "两件"), ([over], "已结束"), ([complaint], "是投诉")]:
        with pytest.raises(DomainError, match=words):
            intake.share([appeal, *others], "同样的", by=None)
    with pytest.raises(DomainError, match="标题"):
        intake.share([appeal, make.file()], "", by=None)
    intake.share([appeal, make.file()], "同样的", by=None)
    with pytest.raises(DomainError, match="另一个共性问题"):
        intake.share([appeal, make.file()], "又一个", by=None)
