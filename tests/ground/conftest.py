"""Somebody who may see everything, and something of everything to see."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from rest_framework.authtoken.models import Token

from appeals.models import SharedProblem, Shift, TalkTopic
from appeals.talks import holding, signing
from enterprises.consents.reading import read
from enterprises.keys import make_key
from enterprises.models import CodeScan, Credential, CredentialKind, Import, Scope
from enterprises.services import invite, record_registry, submit_claim
from finance.api.clients import make_client
from finance.models import ScoreModel
from finance.pools import claiming
from finance.scoring import comparing, publishing, runs
from finance.scoring.cards import MODEL
from matching.models import Run, RunPurpose
from policies.models import Correction, EnjoyPlan, OpinionTemplate, Push, ReviewDelegation
from policies.money import freezes
from policies.push import work
from policies.reviewing.opinions import consult
from portal.accounts.models import Section, User
from portal.kernel.models import AnnouncedYear, OutboxEntry, WorkdayOverride
from portal.notifications.webhooks import ping
from tests.accounts.factories import DepartmentFactory, PostingFactory, StaffFactory, UserFactory
from tests.appeals import finished as appeals
from tests.appeals.factories import OfficerFactory, answered, away, overridden
from tests.applying import factories as applying
from tests.enjoying import factories as enjoying
from tests.enterprises.consents.factories import consent_of, reader_of
from tests.enterprises.factories import EnterpriseFactory, actor_of
from tests.enterprises.test_members import licence
from tests.field.factories import PairingFactory, TalkFactory, VisitFactory
from tests.finance import factories as finance
from tests.finance.pools import factories as pools
from tests.matching.factories import RuleVersionFactory
from tests.money import factories as money
from tests.notifications.factories import notified, webhook
from tests.policies import factories as policies


@pytest.fixture
def superuser(client: Client) -> User:
    user = StaffFactory(is_superuser=True)
    client.force_login(user)
    return user


def orders_and_duty() -> None:
    """A shared problem with its lead, somebody on duty, somebody away."""
    lead = answered().appeal
    SharedProblem.objects.create(title="园区用电容量不够", lead=lead)
    officer = OfficerFactory(section=Section.objects.create(department=DepartmentFactory(), name="企业科"))
    away(officer)
    Shift.objects.create(day=timezone.localdate(), department=officer.department, officer=officer)


def visits_and_talks(by: User) -> None:
    """An official's enterprise with a visit; a talk with a topic."""
    VisitFactory()
    talk, firm = TalkFactory(), actor_of()
    holding.publish(talk, by=by)
    signing.answer(firm, talk, coming=True, name="陈明远", phone="13800000000")
    signing.hand_in(firm, talk, "升规奖励何时兑现", "去年入统，奖励还没到。")


def applied() -> None:
    """Applications: one amended, one that another department is asked about, one on public notice."""
    applying.returned()
    application, reviewer = applying.reviewing(), applying.reviewer()
    consult(application, {DepartmentFactory(): "查税"}, by=reviewer, at=timezone.now())
    department = application.item.department
    OpinionTemplate.objects.create(use="return", title="补章", text="请补盖章的原件")
    ReviewDelegation.objects.create(
        department=department,
        away=reviewer,
        substitute=applying.leader(),
        first_day=timezone.localdate(),
        last_day=timezone.localdate(),
    )
    applying.noticed()


def paid() -> None:
    """Money from an award to the treasury's answer, what stops it, and what was paid too much."""
    desk = money.Desk()
    batch = desk.settled()
    freezes.freeze(batch, "核查", by=desk.preparer, at=desk.tick())
    Correction.objects.create(
        award=money.payment_of(batch).award,
        kind="clawback",
        amount_fen=100,
        evidence={},
        proposed_at=timezone.now(),
    )


def listed() -> None:
    """A list of those who need not apply, on the public notice."""
    enjoying.firm()
    run = enjoying.noticed()
    EnjoyPlan.objects.update_or_create(item=run.item, defaults={"notice_days": 5})


def consented() -> None:
    """A consent under which somebody read; a code that somebody scanned."""
    consent = consent_of()
    read(consent.pk, reader_of(consent), at=timezone.now())
    CodeScan.objects.create(enterprise=consent.enterprise, user=consent.given_by, role="other")


def lent() -> None:
    """A bank with somebody in a branch of it, and a product on offer."""
    branch = finance.BranchFactory()
    officer = finance.BankOfficerFactory(bank=branch.bank, branch=branch)
    make_client(officer, "信贷系统", ["loans:read"], by=officer.user)
    finance.published(branch.bank)


def pooled() -> None:
    """A pool that is fused for a loan gone bad, paid for it, and had some of it back."""
    lost = pools.admitted(pools.pool(pools.bank()), state="overdue")
    returned = claiming.Returned(1_000_00, "HK-1", timezone.localdate())
    claiming.recover(pools.claim(lost, state="paid"), returned, by=pools.payer(), at=timezone.now())


def scored(by: User) -> None:
    """All enterprises scored, and a draft of the points table compared with the one in use."""
    runs.new_run(as_of=timezone.localdate(), by=by)
    comparing.ask(publishing.start_draft(ScoreModel.objects.get(code=MODEL), by=by), by=by)


@pytest.fixture
def rows(superuser: User) -> None:
    """At least one row of every model that has a page."""
    manager = actor_of()
    record_registry([manager.enterprise], as_of=timezone.localdate() - dt.timedelta(days=10))
    make_key(manager, "ERP", Scope.values)
    invite(manager, "13900000000", manager.role)
    submit_claim(UserFactory(), EnterpriseFactory().uscc, licence())
    kind = CredentialKind.objects.get(key="high_tech")
    Credential.objects.create(
        enterprise=manager.enterprise, kind=kind, department=kind.department, as_of=timezone.localdate()
    )
    consented()
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
    PairingFactory()
    VisitFactory()
    TalkTopic.objects.create(talk=TalkFactory(), enterprise=manager.enterprise, title="用电", text="电价")
    applied()
    paid()
    listed()
    lent()
    pooled()
    orders_and_duty()
    visits_and_talks(superuser)
    scored(superuser)
    notified()
    ping(webhook())
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
