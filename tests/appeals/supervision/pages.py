"""The supervisor's page, and what makes its figures."""

import datetime as dt

from django.urls import reverse
from django.utils import timezone

from appeals import handling, surveying
from appeals.enums import Outcome, Satisfaction
from appeals.models import OrderClock, WorkOrder
from appeals.supervision.measures import MEASURES, listed
from tests.appeals import factories as make


def page(client, centre, **query):
    return client.get(reverse("desk_supervision", args=[centre.pk]), query)


def shown(client, centre, measure, **query):
    """Ids of the orders of a list's first page."""
    answer = client.get(reverse("desk_supervision_list", args=[centre.pk, measure]), query)
    assert answer.status_code == 200
    return [row.order.pk for row in answer.context["rows"]]


def counted(measure, place=None):
    return set(
        listed(MEASURES[measure], WorkOrder.objects.all(), timezone.now(), place).values_list("pk", flat=True)
    )


def rate(order, satisfaction=Satisfaction.DISSATISFIED):
    surveying.survey(order, satisfaction, False, "", by=None)


def again(order):
    """The next round, answered."""
    second = make.lead(order.appeal)
    handling.accept(second, by=None)
    handling.answer(second, Outcome.EXPLAINED, "还是没办法", by=None)
    return second


def ended(order, *, due):
    """The clocks of the work ended there; those that were met, at now."""
    OrderClock.objects.filter(order=order, target="single").update(
        started_at=due - dt.timedelta(days=3), warn_at=due, due_at=due
    )
