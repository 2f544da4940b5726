"""Each step of a list is of a post in the item's department, wants its words, and a policy that stands."""

import pytest

from policies.enjoying import accepting, confirming, noticing, offering, runs
from policies.enjoying.holding import hold_candidate, hold_run
from policies.models import EnjoyCandidate, EnjoyPlan, EnjoyRun
from policies.notices.objecting import Words
from policies.services import withdraw
from tests.accounts.factories import DepartmentFactory
from tests.enjoying import factories as make
from tests.enterprises.factories import MembershipFactory
from tests.money.refusing import told
from tests.policies import factories as policies

pytestmark = pytest.mark.django_db


def of_firm(lead):
    make.firm()
    return lead()


def objected():
    one = of_firm(lambda: make.candidate(make.offered()))
    accepting.object_to(one, make.actor_for(one.enterprise), "算错了", at=make.now())
    return one


def excluded():
    firm = make.firm()
    one = make.candidate(make.listed(), firm)
    confirming.exclude(one, "停产", by=make.reviewer(), at=make.now())
    return one


def disputed():
    notice = of_firm(make.noticed).notice
    return noticing.object_to(notice, None, Words("李四", "023-74510000", "不公"), at=make.now())


def ready():
    """Confirmed, of an item that wants no notice."""
    version = make.version()
    EnjoyPlan.objects.create(item=version.item, notice_days=0)
    return of_firm(lambda: make.confirmed(version))


def over():
    one = of_firm(lambda: make.candidate(make.offered()))
    accepting.decline(one, make.actor_for(one.enterprise), "不要", at=make.now())
    return one.run


def given_up():
    run = make.begun()
    EnjoyRun.objects.filter(pk=run.pk).update(error="x")
    return run


STEPS = {
    "settle": (objected, lambda row, **by: accepting.settle(row, "没有算错", **by)),
    "restore": (excluded, lambda row, **by: confirming.restore(row, "看错", **by)),
    "propose": (lambda: of_firm(make.listed), confirming.propose),
    "rework": (lambda: of_firm(make.proposed), lambda row, **by: confirming.rework(row, "再核", **by)),
    "cancel": (lambda: of_firm(make.listed), lambda row, **by: confirming.cancel(row, "资金调整", **by)),
    "notice": (lambda: of_firm(make.confirmed), noticing.post_notice),
    "answer": (disputed, lambda row, **by: noticing.answer(row, "查过", upheld=False, **by)),
    "offer": (ready, offering.offer),
    "close": (over, offering.close),
    "retry": (given_up, lambda row, by, at: runs.retry(row, by=by)),
}


@pytest.mark.parametrize(("provide", "step"), STEPS.values(), ids=STEPS)
def test_is_of_the_post_in_that_department(provide, step):
    row = provide()
    told("no_role", lambda: step(row, by=make.reviewer(DepartmentFactory()), at=make.now()))
    step(row, by=make.reviewer(), at=make.now())


@pytest.mark.parametrize("name", ["settle", "rework"])
def test_wants_words(name):
    provide, _step = STEPS[name]
    row, by = provide(), {"by": make.reviewer(), "at": make.now()}
    if name == "settle":
        told("says_nothing", lambda: accepting.settle(row, " ", **by))
    else:
        told("no_reason", lambda: confirming.rework(row, " ", **by))


@pytest.mark.parametrize("name", ["confirm", "notice", "offer"])
def test_nothing_of_a_policy_that_was_withdrawn(name):
    provide, step = STEPS.get(name, (lambda: of_firm(make.proposed), confirming.confirm))
    run = provide()
    withdraw(run.version, by=policies.publisher(), reason="政策已废止")
    told("withdrawn", lambda: step(run, by=make.leader(), at=make.now()))


def test_nothing_is_confirmed_of_whom_something_changed():
    run = of_firm(make.proposed)
    enterprise = make.candidate(run).enterprise
    enterprise.status = "cancelled"
    enterprise.save()
    told("changed", lambda: confirming.confirm(run, by=make.leader(), at=make.now()))


def test_whose_own_firm_objected_does_not_answer_it():
    one, reviewer = objected(), make.reviewer()
    MembershipFactory(user=reviewer, enterprise=one.enterprise)
    told("own_firm", lambda: accepting.settle(one, "没有算错", by=reviewer, at=make.now()))


def test_who_has_answered_does_not_answer_again():
    one = objected()
    actor = make.actor_for(one.enterprise)
    told("not_offered", lambda: accepting.decline(one, actor, "不要了", at=make.now()))


def test_nobody_is_put_back_on_a_list_that_was_sent_up():
    make.firm()
    one = excluded()
    confirming.propose(one.run, by=make.reviewer(), at=make.now())
    told("not_now", lambda: confirming.restore(one, "看错", by=make.reviewer(), at=make.now()))


def test_only_what_was_given_up_begins_anew():
    run = make.begun()
    told("not_failed", lambda: runs.retry(run, by=make.reviewer()))


def test_what_is_gone_is_told_of():
    told("gone", lambda: hold_run(EnjoyRun(pk=0)))
    told("gone", lambda: hold_candidate(EnjoyCandidate(pk=0)))
