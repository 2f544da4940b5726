"""Two connections, one right behind the other: the second waits, and then sees what the first one did."""

import datetime as dt
from functools import partial

import pytest

from policies.enjoying import accepting, confirming, listing, offering
from policies.enjoying.confirming import Seen
from policies.models import Award, EnjoyRun
from tests.enjoying import factories as make
from tests.races import behind

pytestmark = pytest.mark.django_db(transaction=True)


def accepting_by(one):
    account = make.account_of(one.enterprise).pk
    return partial(accepting.accept, one, make.actor_for(one.enterprise), account=account, at=make.now())


def offered():
    make.firm()
    return make.candidate(make.offered())


def test_a_second_click_finds_the_award_of_the_first():
    accept = accepting_by(offered())
    assert behind(accept, accept) == Award.objects.get()


def test_of_two_items_of_a_group_the_second_is_told():
    enterprise = make.firm()
    thirty = {"fixed": "30", "unit": "万元"}
    items = make.version(exclusivity_group="g"), make.version(exclusivity_group="g", rule_amount=thirty)
    low, high = (make.candidate(make.offered(item), enterprise) for item in items)
    error = behind(accepting_by(low), accepting_by(high))
    assert error.code == "changed"
    assert Award.objects.count() == 1


def test_a_list_is_not_sent_up_while_somebody_takes_off_it():
    first, _second = make.firm(), make.firm()
    run = make.listed()
    error = behind(
        partial(confirming.exclude, make.candidate(run, first), "停产", by=make.reviewer(), at=make.now()),
        partial(confirming.propose, run, by=make.reviewer(), at=make.now(), seen=Seen.of(run)),
    )
    assert error.code == "stale"


def test_closing_waits_for_who_accepts():
    one = offered()
    late = one.run.offer_until + dt.timedelta(seconds=1)
    assert behind(accepting_by(one), partial(offering.close, one.run, by=None, at=late)) is None
    one.refresh_from_db()
    assert (one.state, EnjoyRun.objects.get().state) == ("accepted", "closed")


def test_a_list_is_written_once(monkeypatch):
    """By two workers who have both judged everybody, and have said so."""
    monkeypatch.setattr(listing.Report, "_say", lambda *_args, **_figures: None)
    make.firm()
    run = make.begun()
    work = partial(listing.list_candidates, run, make.now())
    assert behind(work, work) is None
    assert (run.candidates.count(), run.events.count()) == (1, 1)
