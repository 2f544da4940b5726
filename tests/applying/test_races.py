"""Two at once on connections of their own: one application, one sending, one decision."""

from functools import partial

import pytest

from policies.applying import drafts, sending
from policies.models import Application, Evidence
from policies.reviewing import deciding, intake
from policies.reviewing.deciding import Proposal
from portal.kernel.errors import DomainError
from tests.applying import factories as make
from tests.applying.factories import now
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 5


def sorted_out(outcomes):
    """Those who won, and the codes of those who were told."""
    told = [each.code for each in outcomes if isinstance(each, DomainError)]
    failed = [each for each in outcomes if isinstance(each, Exception) and not isinstance(each, DomainError)]
    assert not failed, failed
    return len(outcomes) - len(told), told


def again(application):
    """The same row as another request reads it."""
    return Application.objects.get(pk=application.pk)


def test_colleagues_who_start_at_once_share_one_draft():
    version = make.version()
    for _ in range(ROUNDS):
        actor = make.applicant()
        start = partial(drafts.start, actor, version, at=now())
        assert len({each.pk for each in at_once(start, start, start)}) == 1


def test_of_two_savings_of_one_page_the_second_is_told():
    application = make.drafted()
    for _ in range(ROUNDS):
        revision = again(application).revision
        saves = [
            partial(drafts.save, application, drafts.Saving({"equipment_invest": text}), revision=revision)
            for text in ("200", "300")
        ]
        outcomes = at_once(*(partial(each, by=None, at=now()) for each in saves))
        assert sorted_out(outcomes) == (1, ["stale"])
        assert again(application).revision == revision + 1


def test_a_form_posted_twice_is_sent_once():
    version = make.version()
    for _ in range(ROUNDS):
        application = make.filled(version)
        actor = make.actor_for(application)
        send = [partial(sending.send, again(application), actor, at=now()) for _ in range(3)]
        assert sorted_out(at_once(*send)) == (1, ["sent", "sent"])
        assert Evidence.objects.filter(application=application).count() == 1


def test_accepting_against_taking_back():
    version, reviewer = make.version(), make.reviewer()
    for _ in range(ROUNDS):
        application = make.sent(version)
        actor = make.actor_for(application)
        at_once(
            partial(intake.accept, again(application), by=reviewer, at=now()),
            partial(sending.withdraw, again(application), "不报了", actor=actor, at=now()),
        )
        application = again(application)
        names = list(application.events.values_list("name", flat=True))
        assert application.state == "withdrawn"  # before it was accepted, or after
        assert names in (["submit", "accept", "withdraw"], ["submit", "withdraw"])
        assert not application.clocks.filter(met_at=None).exists()


def test_of_two_proposals_one_stands():
    version = make.version()
    for _ in range(ROUNDS):
        application = make.reviewing(version)
        colleague = make.reviewer()
        proposals = [
            partial(deciding.propose, again(application), Proposal("approve", 20_000_000), by=by, at=now())
            for by in (application.reviewer, colleague)
        ]
        assert sorted_out(at_once(*proposals)) == (1, ["transition_refused"])
        assert again(application).proposed_by_id in (application.reviewer_id, colleague.pk)


def test_of_two_deciders_one_decides():
    for _ in range(ROUNDS):
        application = make.proposed("refuse")
        deciders = [make.leader(), make.leader()]
        outcomes = at_once(
            partial(deciding.refuse, again(application), by=deciders[0], at=now()),
            partial(deciding.rework, again(application), "理由不足", by=deciders[1], at=now()),
        )
        won, told = sorted_out(outcomes)
        assert (won, len(told)) == (1, 1), outcomes
        assert again(application).state in ("refused", "reviewing")
