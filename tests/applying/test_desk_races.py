"""Two at once at the review desk, on connections of their own: one wins, the other is told who was faster."""

from functools import partial

import pytest

from policies.applying import sending
from policies.models import Application, ApplicationEvent
from policies.reviewing import deciding
from policies.reviewing.deciding import Proposal
from policies.reviewing.desk.case import Case
from policies.reviewing.desk.steps import STEPS, take
from portal.accounts.desks import Desk
from portal.kernel.errors import DomainError
from tests.applying import factories as make
from tests.applying.factories import now
from tests.policies.factories import economy
from tests.races import race

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4
WAN = 1_000_000


def at_once(*actions):
    """What each returned or raised, all let go at one moment."""
    return [outcome for outcome, _seconds in race(actions)]


def prepared(application, user, step, **given):
    """A step as somebody is about to take it, on a page of this moment."""
    case = Case.of(Desk(user, economy()), application.number)
    form = STEPS[step].blank(step, case, {"seen": case.last_event} | given)
    return partial(take, step, case, form), form


def test_of_two_reviewers_one_proposes_and_the_other_hears_who():
    first, second = make.reviewer(), make.reviewer()
    for _round in range(ROUNDS):
        application = make.reviewing(by=first)
        approve, one = prepared(application, first, "propose", outcome="approve", amount="200,000")
        refuse, other = prepared(
            application, second, "propose", outcome="refuse", clause="第三条", reason="不在目录"
        )
        outcomes = at_once(approve, refuse)
        assert sorted(outcomes) == [False, True], (outcomes, one.errors, other.errors)
        told = (other if outcomes[0] else one).errors["__all__"][0]
        assert "已抢先办理“拟定意见”" in told
        stored = Application.objects.get(pk=application.pk)
        assert stored.outcome == ("approve" if outcomes[0] else "refuse")
        assert ApplicationEvent.objects.filter(subject=application, name="propose").count() == 1


def test_of_two_leaders_one_decides():
    first, second = make.leader(), make.leader()
    for _round in range(ROUNDS):
        application = make.proposed()
        post, _one = prepared(application, first, "notice")
        back, _other = prepared(application, second, "rework", text="金额再核")
        outcomes = at_once(post, back)
        assert sorted(outcomes) == [False, True], outcomes
        stored = Application.objects.get(pk=application.pk)
        assert stored.state == ("noticed" if outcomes[0] else "reviewing")


def test_an_application_is_withdrawn_while_it_is_proposed():
    user = make.reviewer()
    for _round in range(ROUNDS):
        application = make.reviewing(by=user)
        actor = make.actor_for(application)
        mine, theirs = (Application.objects.get(pk=application.pk) for _copy in range(2))
        outcomes = at_once(
            lambda mine=mine: deciding.propose(mine, Proposal("approve", 20 * WAN), by=user, at=now()),
            lambda theirs=theirs, actor=actor: sending.withdraw(theirs, "改明年", actor=actor, at=now()),
        )
        assert sum(isinstance(each, DomainError) for each in outcomes) == 1, outcomes
        state = Application.objects.get(pk=application.pk).state
        assert state == ("proposed" if outcomes[0] is None else "withdrawn")
