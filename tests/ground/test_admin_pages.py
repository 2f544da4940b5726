"""Every page of every registered admin opens for a superuser with a second factor, with rows and without."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.messages import get_messages
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from rest_framework.authtoken.models import Token

from enterprises.models import Credential, CredentialKind, Import
from enterprises.services import invite, record_registry, submit_claim
from matching.models import Run, RunPurpose
from policies.models import Push
from policies.push import work
from portal.accounts.models import User
from portal.kernel.models import AnnouncedYear, OutboxEntry, WorkdayOverride
from tests.accounts.factories import PostingFactory, StaffFactory, UserFactory
from tests.appeals import finished as appeals
from tests.appeals.factories import overridden
from tests.enterprises.factories import EnterpriseFactory, actor_of
from tests.enterprises.test_members import licence
from tests.matching.factories import RuleVersionFactory
from tests.notifications.factories import MessageFactory
from tests.policies import factories as policies

pytestmark = pytest.mark.django_db
MODELS = sorted(
    (model for model in admin.site._registry if not model.__module__.startswith("tests.")),
    key=lambda model: model._meta.label,
)


@pytest.fixture
def superuser(client: Client) -> User:
    user = StaffFactory(is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def rows(superuser: User) -> None:
    """At least one row of every model that has a page."""
    manager = actor_of()
    record_registry([manager.enterprise], as_of=timezone.localdate() - dt.timedelta(days=10))
    invite(manager, "13900000000", manager.role)
    submit_claim(UserFactory(), EnterpriseFactory().uscc, licence())
    kind = CredentialKind.objects.get(key="high_tech")
    Credential.objects.create(
        enterprise=manager.enterprise, kind=kind, department=kind.department, as_of=timezone.localdate()
    )
    Import.objects.create(kind="facts", file_name="facts.csv", created_by=superuser)
    policies.draft()
    policies.submitted()
    version = policies.published()
    work(Push.objects.get(version=version).pk)
    RuleVersionFactory()
    Run.objects.create(purpose=RunPurpose.SHOW, as_of=timezone.localdate(), known_at=timezone.now())
    PostingFactory()
    appeals.rating()
    overridden()
    MessageFactory()
    OutboxEntry.objects.create(topic="t", key="k", payload={})
    AnnouncedYear.objects.create(year=2027, notice="国办发明电")
    WorkdayOverride.objects.create(day="2027-01-01", is_workday=False, reason="元旦")
    EmailAddress.objects.create(user=superuser, email="a@example.com")
    Token.objects.create(user=superuser)
    daily = CrontabSchedule.objects.create(minute="0", hour="2")
    PeriodicTask.objects.create(name="nightly", task="policies.tasks.nightly", crontab=daily)
    ClockedSchedule.objects.create(clocked_time=timezone.now())
    IntervalSchedule.objects.create(every=1, period="days")
    SolarSchedule.objects.create(event="sunrise", latitude=30, longitude=107)


def page(model: type[Model], view: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


def opens(client: Client, address: str) -> None:
    """It answers 200 itself: a redirect with a message is what the admin does for an error too."""
    response = client.get(address)
    said = [str(message) for message in get_messages(response.wsgi_request)]
    assert (response.status_code, said) == (200, []), address


def test_every_page_with_rows_opens(
    client: Client, superuser: User, rows: None, subtests: pytest.Subtests
) -> None:
    request = client.get(reverse("admin:index")).wsgi_request
    for model in MODELS:
        with subtests.test(model=model._meta.label):
            desk = admin.site._registry[model]
            opens(client, page(model, "changelist"))
            if desk.search_fields:
                opens(client, page(model, "changelist") + "?q=1")
            if desk.has_add_permission(request):
                opens(client, page(model, "add"))
            row = desk.get_queryset(request).order_by("-pk").first()
            assert row is not None, f"the fixture makes no {model._meta.label}"
            opens(client, page(model, "change", row.pk))
            opens(client, page(model, "history", row.pk))
            if desk.has_delete_permission(request, row):
                opens(client, page(model, "delete", row.pk))


def test_every_list_without_rows_opens(client: Client, superuser: User, subtests: pytest.Subtests) -> None:
    for model in MODELS:
        with subtests.test(model=model._meta.label):
            opens(client, page(model, "changelist"))


def test_the_admin_without_a_second_factor_is_closed(client: Client) -> None:
    client.force_login(StaffFactory(is_superuser=True, second_factor=False))
    for model in MODELS:
        assert client.get(page(model, "changelist")).status_code == 302
