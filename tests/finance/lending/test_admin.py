"""Spans and reminders of loans are rows that the county changes."""

import pytest
from django.urls import reverse

from finance.models import LoanReminder, LoanTarget
from tests.accounts.factories import StaffFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", [LoanTarget, LoanReminder])
def test_lists_and_rows_open(client, model):
    client.force_login(StaffFactory(is_superuser=True, second_factor=True))
    name = model._meta.model_name
    assert client.get(reverse(f"admin:finance_{name}_changelist")).status_code == 200
    row = model.objects.first()
    assert client.get(reverse(f"admin:finance_{name}_change", args=[row.pk])).status_code == 200
