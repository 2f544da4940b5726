"""Two at once, on connections of their own: one wins, the other is told; and a status that misses nothing."""

import threading
import time
from functools import partial

import pytest
from django.db import connection, transaction

from appeals import dispatching, placing
from appeals.dispatching import Target, dispatch, open_grab, undo
from appeals.enums import OrderState, Status
from appeals.filing import file_appeal
from appeals.models import Appeal, Assignment, WorkOrder
from appeals.surveying import survey
from portal.kernel.errors import DomainError
from portal.kernel.transitions import advance
from tests.accounts.factories import DepartmentFactory
from tests.appeals import factories as make
from tests.enterprises.factories import EnterpriseFactory
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 10
FIELDS = WorkOrder._meta.concrete_fields


def check_then_write(meeting):
    """The mistake on purpose: everybody looks, then everybody writes. `held_as_read` and `advance` so."""

    def held_as_read(order):
        now = WorkOrder.objects.select_related("appeal__enterprise").get(pk=order.pk)
        if now.state != order.state:
            raise DomainError("changed")
        meeting.wait(60)
        return now

    def write(order, name, *, actor, comment="", changes=None, public=False):
        if not isinstance(order, WorkOrder):
            return advance(order, name, actor=actor, comment=comment, changes=changes, public=public)
        source, target = order.state, type(order).machine[name].target
        type(order).objects.filter(pk=order.pk).update(state=target, **(changes or {}))
        return order.events.create(
            actor=actor, name=name, source=source, target=target, comment=comment, public=public
        )

    return held_as_read, write


def two_dispatchers():
    """Rounds in which two dispatchers hand out one order at once; how many of them won in each."""
    users, departments = [make.dispatcher(), make.dispatcher()], [DepartmentFactory(), DepartmentFactory()]
    winners = []
    for _ in range(ROUNDS):
        order = make.lead(make.file())
        dispatching.receive(order, by=None, at=order.created_at)

        def hand_out(place, order=order):
            mine = WorkOrder(**{field.attname: getattr(order, field.attname) for field in FIELDS})
            dispatch(mine, Target(departments[place]), by=users[place])

        outcomes = at_once(partial(hand_out, 0), partial(hand_out, 1))
        refused = [each for each in outcomes if isinstance(each, DomainError)]
        assert all(each is None or isinstance(each, DomainError) for each in outcomes), outcomes
        given = Assignment.objects.filter(order=order)
        winners.append(len(given))
        if len(refused) == 1:
            assert "抢先处理" in str(refused[0])
            assert given.get().department_id == WorkOrder.objects.get(pk=order.pk).department_id
    return winners


def test_of_two_dispatchers_one_wins():
    assert two_dispatchers() == [1] * ROUNDS


def test_check_then_write_would_let_both_win(monkeypatch):
    held_as_read, write = check_then_write(threading.Barrier(2))
    monkeypatch.setattr(dispatching, "held_as_read", held_as_read)
    monkeypatch.setattr(placing, "advance", write)
    monkeypatch.setattr(placing.deadlines, "begin", lambda *args, **kwargs: None)
    assert 2 in two_dispatchers()


GRAB = """UPDATE appeals_workorder SET state = 'handling', provider_id = %s
    WHERE id = %s AND state = 'open' AND now() BETWEEN window_from AND window_to"""


def dispatch_against_grab():
    """Rounds of a dispatch against the conditional update of a grab; how many took each order."""
    category, provider = make.CategoryFactory(market=True), make.ProviderFactory()
    user, department = make.dispatcher(), DepartmentFactory()
    takers = []

    def grab(pk):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(GRAB, [provider.pk, pk])
            return cursor.rowcount

    for _ in range(ROUNDS):
        order = make.lead(make.file(category=category))
        open_grab(order, by=user)
        outcomes = at_once(
            lambda order=order: dispatch(order, Target(department), by=user),
            lambda order=order: grab(order.pk),
        )
        assert not [
            each for each in outcomes if isinstance(each, Exception) and type(each) is not DomainError
        ]
        stored = WorkOrder.objects.get(pk=order.pk)
        takers.append((outcomes[0] is None) + (outcomes[1] == 1))
        assert (stored.provider_id is None) != (stored.department_id is None)
        assert stored.state == (OrderState.OFFERED if outcomes[0] is None else OrderState.HANDLING)
    return takers


def test_dispatch_against_grab_has_one_taker():
    assert dispatch_against_grab() == [1] * ROUNDS


def test_check_then_write_would_dispatch_what_was_grabbed(monkeypatch):
    held_as_read, write = check_then_write(threading.Barrier(1))

    def read_and_dawdle(order):
        now = held_as_read(order)
        while WorkOrder.objects.filter(pk=order.pk, state="open").exists():
            time.sleep(0.01)
        return now

    monkeypatch.setattr(dispatching, "held_as_read", read_and_dawdle)
    monkeypatch.setattr(placing, "advance", write)
    assert 2 in dispatch_against_grab()


def test_an_order_that_was_grabbed_meanwhile_is_not_dispatched():
    order = make.lead(make.file(category=make.CategoryFactory(market=True)))
    open_grab(order, by=None)
    with connection.cursor() as cursor:
        cursor.execute(GRAB, [make.ProviderFactory().pk, order.pk])
    with pytest.raises(DomainError, match="办理中"):
        dispatch(order, Target(DepartmentFactory()), by=None)


def test_undo_against_accept_has_one_winner():
    user = make.dispatcher()
    for _ in range(ROUNDS):
        order = make.lead(make.file())
        dispatch(order, Target(DepartmentFactory()), by=user)
        other = WorkOrder.objects.get(pk=order.pk)
        outcomes = at_once(
            lambda order=order: undo(order, by=user),
            lambda other=other: advance(other, "accept", actor=None),
        )
        assert sum(isinstance(each, DomainError) for each in outcomes) == 1, outcomes


def test_two_orders_that_change_at_once_are_both_seen_by_the_status():
    for _ in range(ROUNDS):
        order = make.lead(make.file())
        dispatch(order, Target(DepartmentFactory()), by=None)
        other = WorkOrder.objects.create(appeal=order.appeal, kind="supervision")
        assert Appeal.objects.get(pk=order.appeal_id).status == Status.SUPERVISED
        outcomes = at_once(
            lambda order=order: advance(order, "accept", actor=None),
            lambda other=other: advance(other, "cancel", actor=None),
        )
        assert not [each for each in outcomes if isinstance(each, Exception)], outcomes
        assert Appeal.objects.get(pk=order.appeal_id).status == Status.HANDLING


def test_the_same_key_sent_twice_at_once_files_one_appeal():
    for turn in range(ROUNDS):
        enterprise = EnterpriseFactory()
        send = partial(file_appeal, enterprise, make.filing(), by=None, key=f"k{turn}")
        first, second = at_once(send, send)
        assert first == second, (first, second)
        assert Appeal.objects.filter(enterprise=enterprise).count() == 1


def test_of_two_ratings_at_once_one_counts():
    for _ in range(ROUNDS):
        order = make.answered()
        rate = partial(survey, comment="", satisfaction="dissatisfied", solved=False, by=None)
        outcomes = at_once(*(partial(rate, WorkOrder.objects.get(pk=order.pk)) for _ in range(2)))
        assert sum(isinstance(each, DomainError) for each in outcomes) == 1, outcomes
        assert Appeal.objects.get(pk=order.appeal_id).round == 2
