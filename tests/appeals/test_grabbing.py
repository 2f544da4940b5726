"""Grabbing: who may, who may not, and that of all rivals exactly one has the order."""

import datetime as dt
import threading
from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone

from appeals import grabbing
from appeals.enums import Mode, OrderState, Standing, TeamKind, Why
from appeals.grabbing import grab
from appeals.models import OrderClock, WorkOrder
from appeals.standing import remove
from portal.kernel.errors import DomainError
from portal.kernel.outbox import OutboxEntry
from tests.accounts.factories import DepartmentFactory
from tests.appeals.factories import (
    AppealFactory,
    CategoryFactory,
    OrderFactory,
    ProviderFactory,
    ProviderMemberFactory,
    TeamFactory,
)
from tests.races import race

RIVALS = 40
ROUNDS = 3


@pytest.fixture
def category(db):
    return CategoryFactory(market=True)


def an_open_order(category, **changes):
    """A lead order in the hall for an hour."""
    now = timezone.now()
    order = OrderFactory(appeal=AppealFactory(category=category))
    window = {"window_from": now - dt.timedelta(minutes=1), "window_to": now + dt.timedelta(hours=1)}
    WorkOrder.objects.filter(pk=order.pk).update(state=OrderState.OPEN, **(window | changes))
    order.refresh_from_db()
    return order


def a_provider(category, **fields):
    """One that may take it, with somebody to act for it."""
    return ProviderMemberFactory(provider=ProviderFactory(categories=[category], **fields))


def refused(order, member):
    with pytest.raises(DomainError) as caught:
        grab(order.pk, member.provider, by=member.user)
    order.refresh_from_db()
    assert order.state == OrderState.OPEN
    assert order.provider is None
    assert not order.events.exists()
    return caught.value


class TestRefusals:
    """Nothing is written, and the words say why."""

    def test_after_the_window(self, category):
        now = timezone.now()
        ended = {"window_from": now - dt.timedelta(hours=2), "window_to": now - dt.timedelta(milliseconds=1)}
        assert refused(an_open_order(category, **ended), a_provider(category)).code == "window"

    def test_before_the_window(self, category):
        now = timezone.now()
        ahead = {"window_from": now + dt.timedelta(minutes=5), "window_to": now + dt.timedelta(hours=1)}
        assert refused(an_open_order(category, **ahead), a_provider(category)).code == "window"

    @pytest.mark.parametrize("state", [OrderState.OFFERED, OrderState.HANDLING])
    def test_over_the_cap(self, category, state):
        member = a_provider(category, cap=1)
        held = an_open_order(category)
        WorkOrder.objects.filter(pk=held.pk).update(state=state, provider=member.provider)
        assert "1/1" in str(refused(an_open_order(category), member))

    def test_what_is_answered_weighs_no_more(self, category):
        member = a_provider(category, cap=1)
        first, second = an_open_order(category), an_open_order(category)
        assert grab(first.pk, member.provider, by=member.user).won
        WorkOrder.objects.filter(pk=first.pk).update(state="answered", answered_at=timezone.now())
        assert grab(second.pk, member.provider, by=member.user).won

    def test_another_category(self, category):
        assert "类别" in str(refused(an_open_order(category), a_provider(CategoryFactory(market=True))))

    def test_an_appeal_without_a_category(self, category):
        assert refused(an_open_order(None), a_provider(category)).code == "unqualified"

    def test_a_firm_where_firms_are_not_wanted(self, category):
        officials_only = CategoryFactory(market=False)
        assert "市场机构" in str(refused(an_open_order(officials_only), a_provider(officials_only)))

    @pytest.mark.parametrize("kind", [TeamKind.CIVIL, TeamKind.QUASI_MARKET])
    def test_the_other_teams_may_take_what_firms_may_not(self, category, kind):
        theirs = CategoryFactory(market=False)
        member = a_provider(theirs, team=TeamFactory(kind=kind))
        assert grab(an_open_order(theirs).pk, member.provider, by=member.user).won

    def test_a_removed_provider_although_its_page_says_otherwise(self, category):
        member = a_provider(category)
        stale = member.provider
        remove(type(stale).objects.get(pk=stale.pk), "连续差评", by=None)
        assert stale.standing == Standing.ACTIVE
        assert "下架" in str(refused(an_open_order(category), member))

    @pytest.mark.parametrize("state", [OrderState.WAITING, OrderState.CANCELLED])
    def test_what_is_not_in_the_hall(self, category, state):
        order, member = an_open_order(category), a_provider(category)
        WorkOrder.objects.filter(pk=order.pk).update(state=state)
        with pytest.raises(DomainError, match="已经结束"):
            grab(order.pk, member.provider, by=member.user)

    def test_no_such_order(self, category):
        member = a_provider(category)
        with pytest.raises(DomainError) as caught:
            grab(0, member.provider, by=member.user)
        assert caught.value.code == "gone"


class TestWinning:
    def test_everything_is_written_down_at_once(self, category):
        order, member = an_open_order(category), a_provider(category)
        won = grab(order.pk, member.provider, by=member.user)
        order.refresh_from_db()
        assert (order.state, order.mode, order.provider) == ("handling", Mode.GRAB, member.provider)
        assert (won.won, won.holder, won.at) == (True, member.provider.name, order.held_at)
        event = order.events.get()
        assert (event.name, event.source, event.target, event.actor) == (
            "grab",
            "open",
            "handling",
            member.user,
        )
        assert event.public
        given = order.assignments.get()
        assert (given.provider, given.why, given.by) == (member.provider, Why.GRABBED, member.user)
        assert OrderClock.objects.get(order=order).target == order.appeal.complexity
        order.appeal.refresh_from_db()
        assert order.appeal.status == "received"  # intake is the desk's word; see the status' precedence
        assert OutboxEntry.objects.filter(payload__mailbox=order.appeal.enterprise.mailbox_id).count() == 1

    def test_the_winner_again_has_won_and_nothing_is_written_twice(self, category):
        order, member = an_open_order(category), a_provider(category, cap=1)
        first = grab(order.pk, member.provider, by=member.user)
        again = grab(order.pk, member.provider, by=member.user)
        assert again.won
        assert again.at == first.at
        assert order.events.count() == order.assignments.count() == 1

    def test_the_other_is_told_who_and_when(self, category):
        order, winner, late = an_open_order(category), a_provider(category), a_provider(category)
        won = grab(order.pk, winner.provider, by=winner.user)
        lost = grab(order.pk, late.provider, by=late.user)
        assert (lost.won, lost.holder, lost.at) == (False, winner.provider.name, won.at)

    def test_it_takes_few_statements(self, category, django_assert_max_num_queries):
        order, winner, late = an_open_order(category), a_provider(category), a_provider(category)
        grab(order.pk, winner.provider, by=winner.user)
        with django_assert_max_num_queries(5):  # savepoint, lock, update, read, release
            grab(order.pk, late.provider, by=late.user)


def rivals_of(category, count, **fields):
    team = TeamFactory()
    return [a_provider(category, team=team, **fields) for _ in range(count)]


def tasks_of(order, rivals):
    return [partial(grab, order.pk, member.provider, by=member.user) for member in rivals]


def assert_one_winner(order, results):
    """One has it; all others were told who."""
    outcomes = [outcome for outcome, _seconds in results]
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    winners = [one for one in outcomes if one.won]
    order.refresh_from_db()
    assert len(winners) == 1
    assert {one.holder for one in outcomes} == {order.provider.name}
    assert order.events.filter(name="grab").count() == 1
    assert order.assignments.count() == 1


@pytest.mark.django_db(transaction=True)
class TestRaces:
    """Real connections, started at a barrier."""

    def test_one_of_many_rivals_wins(self, category):
        rivals = rivals_of(category, RIVALS)
        for _round in range(ROUNDS):
            order = an_open_order(category)
            assert_one_winner(order, race(tasks_of(order, rivals)))

    def test_check_then_write_turns_it_red(self, category, monkeypatch):
        """The race sees what it is there to see."""

        def check_then_write(order_id, caller):
            if WorkOrder.objects.get(pk=order_id).state != OrderState.OPEN:
                return None
            WorkOrder.objects.filter(pk=order_id).update(
                state=OrderState.HANDLING, provider=caller, held_at=timezone.now()
            )
            return timezone.now()

        monkeypatch.setattr(grabbing, "_take", check_then_write)
        rivals = rivals_of(category, RIVALS)

        def many_rounds():
            for _round in range(20):
                order = an_open_order(category)
                assert_one_winner(order, race(tasks_of(order, rivals)))

        with pytest.raises(AssertionError):
            many_rounds()

    def test_colleagues_of_one_provider_both_have_it_once(self, category):
        order, member = an_open_order(category), a_provider(category)
        colleague = ProviderMemberFactory(provider=member.provider)
        results = race(tasks_of(order, [member, colleague]))
        assert all(outcome.won for outcome, _seconds in results)
        assert order.events.count() == 1

    def test_one_provider_at_its_cap_does_not_take_two_at_once(self, category):
        for _round in range(ROUNDS):
            member = a_provider(category, cap=1)
            orders = [an_open_order(category) for _ in range(8)]
            tasks = [partial(grab, order.pk, member.provider, by=member.user) for order in orders]
            outcomes = [outcome for outcome, _seconds in race(tasks)]
            assert sum(not isinstance(outcome, Exception) for outcome in outcomes) == 1
            assert WorkOrder.objects.filter(provider=member.provider).count() == 1

    def test_the_first_ones_rollback_lets_the_next_win(self, category, monkeypatch):
        order, first, second = an_open_order(category), a_provider(category), a_provider(category)
        took, waiting = threading.Event(), threading.Event()
        written = grabbing._write_down

        def fails_late(order, at, by):
            if by == first.user:
                took.set()
                waiting.wait(10)
                raise RuntimeError("the power fails before the commit")
            written(order, at, by)

        monkeypatch.setattr(grabbing, "_write_down", fails_late)

        def later():
            took.wait(10)
            threading.Timer(0.5, waiting.set).start()  # the second one is waiting for the row by then
            return grab(order.pk, second.provider, by=second.user)

        tasks = [partial(grab, order.pk, first.provider, by=first.user), later]
        (failed, _), (won, _) = race(tasks)
        assert isinstance(failed, RuntimeError)
        assert won.won
        order.refresh_from_db()
        assert order.provider == second.provider
        assert order.events.count() == 1

    def test_dispatching_and_grabbing_one_order(self, category):
        """The desk takes it back at the same moment: either has it, never both."""
        for _round in range(ROUNDS):
            order, member = an_open_order(category), a_provider(category)
            department = DepartmentFactory()

            def dispatch(order=order, department=department):
                with transaction.atomic():
                    rows = WorkOrder.objects.filter(pk=order.pk, state=OrderState.OPEN)
                    return rows.update(state=OrderState.OFFERED, department=department)

            (dispatched, _), (grabbed, _) = race([dispatch, *tasks_of(order, [member])])
            assert bool(dispatched) != grabbed.won
            order.refresh_from_db()
            assert (order.department is None) == grabbed.won

    def test_lost_when_the_winner_is_a_department(self, category):
        order, member = an_open_order(category), a_provider(category)
        department = DepartmentFactory(short_name="县税务局")
        WorkOrder.objects.filter(pk=order.pk).update(state=OrderState.OFFERED, department=department)
        lost = grab(order.pk, member.provider, by=member.user)
        assert (lost.won, lost.holder) == (False, "县税务局")
