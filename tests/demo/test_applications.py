"""The demo's applications: in every state, decided by two people, over the items that it publishes."""

import datetime as dt
import random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from enterprises.models import Enterprise
from policies.enums import ApplicationState
from policies.models import (
    Amendment,
    Application,
    ApplicationClock,
    ApplicationEvent,
    ApplicationFile,
    ApplicationRating,
    Opinion,
    ReviewDelegation,
)
from portal.accounts.models import User
from portal.kernel.models import OutboxEntry
from portal.kernel.workdays import Calendar
from portal.shell.demo import DEMO_SEED, DEMO_TODAY
from portal.shell.demo.appeals.hours import Hours
from portal.shell.demo.applications.claimants import claimable
from portal.shell.demo.applications.history import Planner, tell_applications
from portal.shell.demo.applications.routes import Timeline
from portal.shell.demo.applications.walk import TOLD
from portal.shell.demo.loading import write
from portal.shell.demo.officials import appoint_officials
from portal.shell.demo.population import draw
from portal.shell.demo.publication import publish_policies
from portal.shell.demo.registering import register_accounts
from portal.shell.demo.showcase import HUBS, LESSONS, online_lessons, wheel_hubs

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOON = dt.time(15, 20, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def people(db: None) -> dict[str, User]:
    today = timezone.localdate()
    with transaction.atomic():
        write([wheel_hubs(today), online_lessons(today), *draw(400, 1, today)], timezone.now())
    with connection.cursor() as cursor:  # the tables of this transaction are never analysed
        cursor.execute("SET LOCAL enable_seqscan = off")
    people = register_accounts()
    appoint_officials(people, DEMO_TODAY, DEMO_SEED)
    publish_policies(editor=people["editor"], publisher=people["publisher"], today=today)
    return people


def plans(now: dt.datetime, seed: int) -> list[Any]:
    dice = random.Random(seed)
    planner = Planner(claimable(timezone.localdate(now)), Timeline(Hours(Calendar.load()), now, dice))
    return [(one.enterprise, one.claims.version.pk, one.target, one.steps) for one in planner.plans(60)]


def test_they_are_in_every_state_and_as_people_would_have_them(people: dict[str, User]) -> None:
    now = dt.datetime.combine(timezone.localdate(), NOON)
    assert plans(now, 5) == plans(now, 5)
    assert plans(now, 5) != plans(now, 6)
    before = OutboxEntry.objects.count()
    told = tell_applications(people, now, seed=DEMO_SEED, count=60)
    every = Application.objects.all()
    assert every.count() == told >= 60
    assert set(every.values_list("state", flat=True)) == set(ApplicationState.values)
    assert not every.exclude(decided_by=None).filter(decided_by=F("proposed_by")).exists()
    approved = every.filter(state="approved")
    money = approved.filter(version__benefit="money")
    assert money.exists()
    assert not money.filter(Q(amount_fen=None) | Q(amount_fen=0)).exists()
    assert not approved.exclude(version__benefit="money").exclude(amount_fen=None).exists()
    today = timezone.localdate(now)
    assert ReviewDelegation.objects.filter(first_day__lte=today, last_day__gte=today).exists()
    everything_happened_by(now)
    who_waits(people, now)
    assert 0 < OutboxEntry.objects.count() - before < 200, "of what is old nobody is told anew"


def everything_happened_by(now: dt.datetime) -> None:
    assert not ApplicationEvent.objects.filter(at__gt=now).exists()
    assert not ApplicationClock.objects.filter(met_at__gt=now).exists()
    for application in Application.objects.prefetch_related("events"):
        moments = [event.at for event in application.events.order_by("pk")]
        assert moments == sorted(moments)
    for model in (Amendment, ApplicationFile, ApplicationRating, Opinion):
        assert model._base_manager.exists(), model
    sent = ApplicationFile.objects.exclude(application__submitted_at=None)
    assert not sent.filter(added_at__gt=now).exists()
    assert not Application.objects.filter(started_at__lt=now - dt.timedelta(days=200)).exists()
    assert ApplicationEvent.objects.filter(at__lt=now - TOLD).exists()


def who_waits(people: dict[str, User], now: dt.datetime) -> None:
    hub, lessons = (Enterprise.objects.get(uscc=uscc).applications for uscc in (HUBS, LESSONS))
    states = set(hub.values_list("state", flat=True))
    assert states == {"returned", "noticed", "approved", "draft"}
    returned = hub.get(state="returned")
    assert returned.amendments.get(answered_at=None).points.exists()
    assert hub.get(state="draft").files.exists()
    assert set(lessons.values_list("state", flat=True)) == {"reviewing", "submitted", "refused"}
    economy = Application.objects.filter(item__department__code="economy")
    reviewer, leader = people["reviewer"], people["leader"]
    assert reviewer.has_role("reviewer", economy[0].item.department)
    assert economy.filter(state="submitted").exists()
    assert economy.filter(state="proposed").exclude(proposed_by=leader).exists()
    ripe = economy.filter(state="noticed", clocks__target="confirm", clocks__met_at=None)
    assert ripe.filter(public_notices__objections=None).exclude(proposed_by=leader).exists(), "to be approved"
    asked = Opinion.objects.awaited().filter(application__state="joint")
    places = people["reviewer2"].departments_as("reviewer")
    assert asked.filter(department__in=places).exists(), "for the reviewer of another department to hear"
    overdue = ApplicationClock.objects.running().filter(due_at__lt=now)
    assert overdue.filter(breached_at__isnull=False).exists()
