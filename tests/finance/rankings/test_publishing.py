"""Weights: one writes, another publishes, they make 100, and then they stand."""

import pytest
from django.utils import timezone

from finance.models import RankingModel, RankingVersion
from finance.rankings import publishing
from finance.rankings.seeding import seed_ranking
from portal.accounts.roles import Role
from tests.finance.pools.factories import official
from tests.finance.rankings.factories import drafted, used
from tests.money.refusing import refused, told
from tests.rows import change, copy, delete

pytestmark = pytest.mark.django_db


def publish(draft, by):
    publishing.publish(draft, by=by, seen=publishing.digest(draft.indicators.all()))


def test_seeding_twice_changes_nothing():
    seed_ranking(None)
    assert (RankingModel.objects.count(), RankingVersion.objects.count()) == (1, 1)


def test_only_the_offices_editor_begins_a_draft_and_one_at_a_time():
    told("no_role", lambda: publishing.start_draft(by=official(Role.PUBLISHER)))
    drafted()
    told("in_preparation", lambda: publishing.start_draft(by=official(Role.EDITOR)))


def test_a_draft_is_its_authors():
    draft, author = drafted()
    told("not_yours", lambda: publishing.reweigh(draft, {"lent": 1}, by=official(Role.EDITOR)))
    told("no_role", lambda: publishing.reweigh(draft, {"lent": 1}, by=official(Role.PUBLISHER)))
    publishing.reweigh(draft, {"lent": 1}, by=author)
    assert draft.indicators.get(key="lent").weight == 1
    refused("finance_indicator_weight", lambda: change(draft.indicators.first(), weight=101))


def test_a_draft_whose_author_left_is_let_go_by_another_editor():
    draft, author = drafted()
    other = official(Role.EDITOR)
    told("no_role", lambda: publishing.discard(draft, by=official(Role.PUBLISHER), reason="编写人调离"))
    told("no_reason", lambda: publishing.discard(draft, by=other, reason=" "))
    publishing.discard(draft, by=other, reason="编写人调离")
    event = draft.events.get()
    assert (event.name, event.actor, event.comment) == ("discard", other, "编写人调离")
    told("transition_refused", lambda: publishing.discard(draft, by=other, reason="再来一次"))
    told("not_a_draft", lambda: publishing.reweigh(draft, {"lent": 1}, by=author))
    refused("finance_indicators_stand", lambda: change(draft.indicators.first(), weight=1))
    second, _author = drafted()
    assert second.number == draft.number + 1
    assert used().number == 1


def test_weights_that_do_not_make_100_are_not_published():
    draft, _author = drafted(lent=5)
    boss = official(Role.PUBLISHER)
    assert "99" in told("weights", lambda: publish(draft, boss)).message
    change(used(), state="retired", retired_at=timezone.now())
    refused(
        "finance_ranking_weights",
        lambda: change(draft, state="published", published_by_id=boss.pk, published_at=timezone.now()),
    )


def test_what_changed_since_it_was_looked_at_is_not_published():
    draft, author = drafted()
    seen = publishing.digest(draft.indicators.all())
    publishing.reweigh(draft, {"lent": 5, "first": 7}, by=author)
    told("changed", lambda: publishing.publish(draft, by=official(Role.PUBLISHER), seen=seen))


def test_who_wrote_does_not_publish():
    both = official(Role.EDITOR, Role.PUBLISHER)
    draft = publishing.start_draft(by=both)
    told("four_eyes", lambda: publish(draft, both))
    told("no_role", lambda: publish(draft, official(Role.EDITOR)))
    change(used(), state="retired", retired_at=timezone.now())
    now = timezone.now()
    refused(
        "finance_rankingversion_four_eyes",
        lambda: change(draft, state="published", published_by_id=both.pk, published_at=now),
    )
    refused("finance_rankingversion_signed", lambda: change(draft, state="published", published_at=now))
    refused("finance_rankingversion_stands", lambda: change(draft, edited_by_id=official(Role.EDITOR).pk))


def test_what_is_published_stands_and_retires_the_other():
    before, (draft, author) = used(), drafted(lent=5, first=7)
    publish(draft, official(Role.PUBLISHER))
    before.refresh_from_db()
    assert (before.state, used()) == ("retired", draft)
    told("not_a_draft", lambda: publishing.reweigh(draft, {"lent": 1}, by=author))
    refused("finance_indicators_stand", lambda: change(draft.indicators.first(), weight=1))
    refused("finance_indicators_stand", lambda: delete(draft.indicators.first()))
    refused("finance_rankingversion_stands", lambda: change(draft, published_at=timezone.now()))
    second, _author = drafted()
    signed = {"published_by_id": official(Role.PUBLISHER).pk, "published_at": timezone.now()}
    refused("finance_rankingversion_one_in_use", lambda: change(second, state="published", **signed))


def test_a_version_is_born_a_draft():
    refused(
        "finance_rankingversion_state_transitions", lambda: copy(used(), number=7, model_id=used().model_id)
    )
