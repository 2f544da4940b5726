"""就高不重复: what was awarded of the same group, paid or not, is known to who proposes and who approves."""

import datetime as dt

import pytest

from policies.models import Award
from policies.reviewing import deciding
from policies.reviewing.deciding import Proposal
from tests.applying import factories as make
from tests.enjoying.taken import grant
from tests.money.factories import new_award
from tests.money.refusing import told
from tests.policies import factories as policies

pytestmark = pytest.mark.django_db
FEN = 20_000_000


@pytest.fixture
def application():
    return make.reviewing(make.version(exclusivity_group="数字化"))


def award(application, *, group="数字化", **changes):
    """Another item of the group, owed to the same enterprise and not paid yet."""
    other = policies.published(exclusivity_group=group)
    new = new_award(other, application.enterprise, **{"period": application.period} | changes)
    return grant(new, at=make.now())[0]


def propose(application, reason=""):
    proposal = Proposal("approve", FEN, reason=reason)
    deciding.propose(application, proposal, by=application.reviewer, at=make.now())


def approve(application):
    notice = deciding.post_notice(application, by=make.leader(), at=make.now())
    deciding.approve(application, by=make.leader(), at=notice.closes_at)


def test_who_proposes_is_told_and_says_why(application):
    award(application)
    refusal = told("exclusive", lambda: propose(application))
    assert "本年度已核定 10 万元" in str(refusal)
    propose(application, "同组已核定 10 万元，按就高差额核定")
    approve(application)
    assert Award.objects.filter(application=application, amount_fen=FEN).exists()


@pytest.mark.parametrize(
    "changes", [{"group": "绿色化"}, {"period": 2019}], ids=["another group", "another year"]
)
def test_what_is_of_no_concern(application, changes):
    award(application, **changes)
    propose(application)
    approve(application)
    assert Award.objects.filter(application=application).exists()


def test_what_was_awarded_since_the_proposal_goes_back_to_it(application):
    propose(application)
    notice = deciding.post_notice(application, by=make.leader(), at=make.now())
    award(application)
    told("exclusive", lambda: deciding.approve(application, by=make.leader(), at=notice.closes_at))
    application.refresh_from_db()
    assert application.state == "noticed"
    assert not Award.objects.filter(application=application).exists()
    deciding.rework(application, "同组又核定了", by=make.leader(), at=notice.closes_at)
    propose(application, "同组已核定 10 万元，按就高差额核定")
    later = deciding.post_notice(application, by=make.leader(), at=notice.closes_at + dt.timedelta(days=1))
    deciding.approve(application, by=make.leader(), at=later.closes_at)
    assert Award.objects.filter(application=application).exists()
