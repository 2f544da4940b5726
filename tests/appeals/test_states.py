"""Every transition and every refusal, by the code and by the database; the status that follows from them."""

import datetime as dt

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from appeals.enums import Intake, OrderState, Status
from appeals.models import Appeal, Promise, WorkOrder
from portal.kernel.errors import DomainError
from portal.kernel.transitions import advance
from tests.appeals import factories as make
from tests.appeals.standing import change, columns, put_appeal, put_order

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", OrderState.values)
def test_an_order_takes_the_steps_of_the_table_and_no_other(state):
    for name, step in WorkOrder.machine.transitions.items():
        order = put_order(make.OrderFactory(), state)
        if state in step.sources:
            advance(order, name, actor=None, changes=columns(step.target))
            stored = WorkOrder.objects.get(pk=order.pk)
            assert stored.state == step.target
            assert (stored.events.get().source, stored.events.get().target) == (state, step.target)
        else:
            with pytest.raises(DomainError, match=f"不能{step.label}"):
                advance(order, name, actor=None, changes=columns(step.target))
            assert WorkOrder.objects.get(pk=order.pk).state == state


@pytest.mark.parametrize("intake", Intake.values)
def test_an_appeal_takes_the_steps_of_the_table_and_no_other(intake):
    into = make.AppealFactory()
    for name, step in Appeal.machine.transitions.items():
        appeal = put_appeal(make.AppealFactory(), intake, into)
        changes = {"merged_into": into if step.target == Intake.MERGED else None}
        if intake in step.sources:
            advance(appeal, name, actor=None, changes=changes)
            assert Appeal.objects.get(pk=appeal.pk).intake == step.target
        else:
            with pytest.raises(DomainError, match=f"不能{step.label}"):
                advance(appeal, name, actor=None, changes=changes)


def refused(constraint, row, **values):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        change(row, **values)
    assert refusal.value.__cause__.diag.constraint_name == constraint


@pytest.mark.parametrize("state", OrderState.values)
def test_raw_sql_moves_no_order_beside_the_table(state):
    order = put_order(make.OrderFactory(), state)
    beside = {to for to in OrderState.values if to != state and (state, to) not in WorkOrder.machine.edges}
    for to in beside:
        refused("appeals_workorder_state_transitions", order, state=to, **columns(to))
    with pytest.raises(IntegrityError, match="cannot be deleted"), transaction.atomic():
        WorkOrder.objects.filter(pk=order.pk).delete()


@pytest.mark.parametrize("intake", Intake.values)
def test_raw_sql_moves_no_appeal_beside_the_table(intake):
    into = make.AppealFactory()
    appeal = put_appeal(make.AppealFactory(), intake, into)
    for to in Intake.values:
        if to != intake and (intake, to) not in Appeal.machine.edges:
            merged = into.pk if to == Intake.MERGED else None
            refused("appeals_appeal_intake_transitions", appeal, intake=to, merged_into_id=merged)


LEAD = {
    "waiting": Status.ROUTING,
    "open": Status.OFFERED,
    "offered": Status.OFFERED,
    "returned": Status.ROUTING,
    "mediation": Status.ROUTING,
    "handling": Status.HANDLING,
    "asking": Status.ASKED,
    "answered": Status.ANSWERED,
    "closed": Status.CLOSED,
    "cancelled": Status.ROUTING,
}


def status(appeal):
    return Appeal.objects.get(pk=appeal.pk).status


@pytest.mark.parametrize(("state", "expected"), LEAD.items())
def test_the_status_of_an_accepted_appeal_follows_its_lead_order(state, expected):
    appeal = put_appeal(make.AppealFactory(), "accepted")
    put_order(make.OrderFactory(appeal=appeal), state)
    assert status(appeal) == expected


INTAKE = {
    "submitted": Status.RECEIVED,
    "asked": Status.ASKED,
    "refused": Status.REFUSED,
    "merged": Status.MERGED,
    "withdrawn": Status.WITHDRAWN,
}


@pytest.mark.parametrize(("intake", "expected"), INTAKE.items())
def test_what_is_not_accepted_shows_its_intake_whatever_its_orders(intake, expected):
    appeal = put_appeal(make.AppealFactory(), intake, make.AppealFactory())
    put_order(make.OrderFactory(appeal=appeal), "handling")
    make.OrderFactory(appeal=appeal, kind="supervision")
    assert status(appeal) == expected


@pytest.mark.parametrize("state", OrderState.values)
def test_supervision_comes_before_the_lead_while_it_lives(state):
    appeal = put_appeal(make.AppealFactory(), "accepted")
    put_order(make.OrderFactory(appeal=appeal), "handling")
    supervision = make.OrderFactory(appeal=appeal, kind="supervision")
    assert status(appeal) == Status.SUPERVISED
    if state not in ("waiting", "open"):  # only lead orders are opened
        put_order(supervision, state)
        over = state in ("answered", "closed", "cancelled")
        assert status(appeal) == (Status.HANDLING if over else Status.SUPERVISED)


def promise(order):
    day = timezone.localdate() + dt.timedelta(days=3)
    return Promise.objects.create(order=order, text="修灯", due_on=day)


@pytest.mark.parametrize(
    ("state", "expected"),
    [("answered", "promised"), ("closed", "promised"), ("handling", "handling"), ("waiting", "routing")],
)
def test_an_open_promise_shows_once_the_lead_is_answered(state, expected):
    appeal = put_appeal(make.AppealFactory(), "accepted")
    order = put_order(make.OrderFactory(appeal=appeal), state)
    row = promise(order)
    assert status(appeal) == expected
    Promise.objects.filter(pk=row.pk).update(kept_at=timezone.now(), kept_note="修好了")
    assert status(appeal) == LEAD[state]


def test_the_newest_lead_that_is_not_cancelled_decides_and_co_orders_do_not():
    appeal = put_appeal(make.AppealFactory(), "accepted")
    put_order(make.OrderFactory(appeal=appeal), "closed")
    second = put_order(make.OrderFactory(appeal=appeal, round=2), "handling")
    put_order(make.OrderFactory(appeal=appeal, kind="co"), "asking")
    assert status(appeal) == Status.HANDLING
    change(second, state="cancelled")
    assert status(appeal) == Status.CLOSED


@pytest.mark.parametrize("value", Status.values)
def test_the_status_is_not_set_by_hand(value):
    appeal = put_appeal(make.AppealFactory(status=value), "accepted")
    assert appeal.status == Status.ROUTING
    change(appeal, status=value)
    Appeal.objects.filter(pk=appeal.pk).update(status=value)
    appeal.status = value
    appeal.save()
    assert status(appeal) == Status.ROUTING


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE appeals_appeal DISABLE TRIGGER appeals_appeal_status",
        "SET LOCAL session_replication_role = replica",
        "DROP FUNCTION appeals_status_of(bigint, text) CASCADE",
        "UPDATE appeals_orderevent SET comment = 'x'",
        "DELETE FROM appeals_assignment",
        "UPDATE appeals_answer SET text = 'x'",
        "DELETE FROM appeals_survey",
    ],
)
def test_the_application_may_neither_silence_the_trigger_nor_rewrite_what_happened(statement):
    refusal = pytest.raises(ProgrammingError, match="permission denied|must be owner")
    with refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
