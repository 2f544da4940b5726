"""Steps and pages of the desk, and who sends them."""

from django.urls import reverse

from appeals.models import WorkOrder


def take(client, department, order, step, **given):
    return client.post(reverse("desk_step", args=[department.pk, order.pk, step]), given)


def page(client, department, order):
    return client.get(reverse("desk_order", args=[department.pk, order.pk]))


def now(order):
    return WorkOrder.objects.get(pk=order.pk)
