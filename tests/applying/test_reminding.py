"""Reminders of applications: to whom, when, each once; nobody is told after hours, nothing is decided."""

import datetime as dt
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from policies.applying import deadlines
from policies.applying.pages.story import Story
from policies.enums import ApplicationState
from policies.models import Application, ApplicationClock, Opinion, ReviewDelegation, StepReminder
from policies.reviewing import deciding, intake, opinions
from policies.reviewing.notices import end_notices
from policies.reviewing.reminding import remind
from policies.tasks import sweep_applications
from portal.accounts.roles import Role
from portal.kernel import escalation
from portal.kernel.outbox import OutboxEntry, deliver
from portal.notifications.models import Message
from tests.accounts.factories import DepartmentFactory, PostingFactory
from tests.applying import factories as make
from tests.races import race

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(month, day, hour=10, minute=0):
    return dt.datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture
def people():
    """Reviewer, leader, supervisor."""
    return [make.reviewer(), make.leader(), PostingFactory(role=Role.SUPERVISOR).user]


def with_clock(application, target, **fields):
    """With one clock alone, of four days: due soon on 5 March, late on the 7th, a Saturday."""
    ApplicationClock.objects.filter(application=application).delete()
    clock = deadlines.begin(application, target, at=at(3, 2), **fields)
    ApplicationClock.objects.filter(pk=clock.pk).update(warn_at=at(3, 5, 0), due_at=at(3, 7, 0))
    return clock


def told(*mailboxes):
    """Titles of what each was told of deadlines, the first one first; of a user or an enterprise."""
    while deliver():
        pass
    found = Message.objects.filter(key__startswith="applicationclock:").order_by("pk")
    return [list(found.filter(mailbox=one.mailbox).values_list("title", flat=True)) for one in mailboxes]


def counts(*mailboxes):
    return [len(titles) for titles in told(*mailboxes)]


def steps(application):
    found = application.events.filter(name__in=("remind", "escalate")).order_by("pk")
    return list(found.values_list("name", flat=True))


def test_from_the_reviewer_upwards_level_by_level_and_nothing_is_decided(people):
    application = make.sent()
    with_clock(application, "accept")
    for moment, expected in [
        (at(3, 4, 17), [0, 0, 0]),
        (at(3, 5, 8, 59), [0, 0, 0]),  # due soon since midnight, but nobody works yet
        (at(3, 5, 9), [1, 0, 0]),
        (at(3, 6, 17), [1, 0, 0]),
        (at(3, 7), [1, 0, 0]),  # late, on a Saturday
        (at(3, 9, 9), [2, 0, 0]),
        (at(3, 9, 14, 59), [2, 0, 0]),
        (at(3, 9, 15), [2, 1, 0]),  # four working hours later
        (at(3, 10, 17), [2, 1, 0]),
        (at(3, 11, 9), [2, 1, 1]),
        (at(4, 10), [2, 1, 1]),
    ]:
        remind(moment)
        remind(moment)
        assert counts(*people) == expected, moment
    assert steps(application) == ["remind", "remind", "escalate", "escalate"]
    assert told(*people) == [
        ["即将到期：受理须在 3 月 6 日前完成", "已超期：受理应在 3 月 6 日前完成，请尽快办理"],
        ["超期未办，请督促：受理应在 3 月 6 日前完成"],
        ["超期未办，请督促：受理应在 3 月 6 日前完成"],
    ]
    words = application.events.filter(name="escalate").earliest("pk")
    assert (words.comment, words.public, words.actor) == ("受理已超期，提醒部门负责人", False, None)
    application.refresh_from_db()
    assert application.state == ApplicationState.SUBMITTED


def test_once_somebody_reviews_it_is_theirs_alone(people):
    colleague = make.reviewer()
    application = make.reviewing(by=people[0])
    with_clock(application, "review")
    remind(at(3, 5))
    assert counts(people[0], colleague) == [1, 0]
    people[0].postings.all().delete()
    remind(at(3, 9))
    assert counts(people[0], colleague) == [1, 1]


def test_whoever_is_away_is_stood_in_for(people):
    application = make.reviewing(by=people[0])
    with_clock(application, "review")
    substitute = PostingFactory(department=DepartmentFactory()).user
    days = {"first_day": at(3, 5).date(), "last_day": at(3, 5).date()}
    place = application.item.department
    ReviewDelegation.objects.create(department=place, away=people[0], substitute=substitute, **days)
    remind(at(3, 5))
    assert counts(people[0], substitute) == [0, 1]
    remind(at(3, 9))
    assert counts(people[0], substitute) == [1, 1]


def test_an_opinion_is_the_asked_departments_in_time_and_late(people):
    other = DepartmentFactory()
    asked, head = make.reviewer(other), make.leader(other)
    application = make.reviewing(by=people[0])
    opinions.consult(application, {other: "查税"}, by=people[0], at=make.now())
    with_clock(application, "opinion", opinion=Opinion.objects.get())
    remind(at(3, 9, 15))
    assert counts(asked, head, *people) == [1, 1, 0, 0, 0]
    url = Message.objects.filter(mailbox__user=head).latest("pk").url
    assert url == f"/desk/{other.pk}/applications/{application.number}/"
    remind(at(3, 11))
    assert counts(people[2]) == [1]
    assert not Opinion.objects.exclude(stance="").exists(), "silence says nothing"


@pytest.mark.parametrize("target", ["decide", "review", "confirm"])
def test_what_was_proposed_is_the_leaders_but_never_the_proposers(target):
    application, leader = make.proposed(), make.leader()
    place = application.item.department
    PostingFactory(user=application.proposed_by, department=place, role=Role.LEADER)
    with_clock(application, target)
    remind(at(3, 5))
    assert counts(leader, application.proposed_by) == [1, 0]


def test_where_nobody_of_a_level_can_be_told_the_next_one_is(people):
    application = make.sent()
    people[0].is_active = False
    people[0].save()
    with_clock(application, "accept")
    remind(at(3, 5))
    assert counts(*people) == [0, 1, 0]


def test_an_enterprise_is_told_twice_and_nobody_above_it(people):
    application = make.returned(by=people[0])
    with_clock(application, "amend")
    for moment in (at(3, 5), at(3, 6), at(3, 9), at(3, 20)):
        remind(moment)
    assert told(application.enterprise) == [
        ["请在 3 月 6 日前补正申报", "补正期限 3 月 6 日已过，请尽快补正；不再申报的请撤回"]
    ]
    assert counts(*people) == [0, 0, 0]
    application.refresh_from_db()
    assert (application.state, steps(application)) == ("returned", ["remind", "remind"])


def test_nobody_is_told_of_a_clock_that_stands_still_or_is_met(people):
    clock = with_clock(make.reviewing(by=people[0]), "review")
    ApplicationClock.objects.filter(pk=clock.pk).update(paused_at=at(3, 3))
    assert remind(at(3, 9)) == 0
    ApplicationClock.objects.filter(pk=clock.pk).update(paused_at=None, met_at=at(3, 4))
    assert remind(at(3, 9)) == 0


def test_the_days_of_a_notice_end_and_then_somebody_is_to_decide():
    application, notice = make.noticed()
    leader = make.leader()
    before = notice.closes_at - dt.timedelta(seconds=1)
    assert (remind(before), end_notices(before)) == (0, 0)
    assert (end_notices(notice.closes_at), end_notices(notice.closes_at)) == (1, 0)
    ended, begun = (application.clocks.get(target=target) for target in ("notice", "confirm"))
    assert (ended.met_at, ended.breached_at, begun.started_at) == (notice.closes_at, None, notice.closes_at)
    story = Story.of(application)
    assert story.clocks[0][1] == "审定"
    assert story.happenings[0].label == "公示期满，等待审定"
    while deliver():
        pass
    assert Message.objects.filter(mailbox=leader.mailbox, title="公示期满，请审定").count() == 1
    deciding.approve(application, by=leader, at=notice.closes_at)
    assert not application.clocks.filter(met_at=None).exists()
    assert not application.clocks.filter(target__in=("notice", "confirm"), breached_at__isnull=False).exists()


def test_a_notice_after_rework_has_its_days_again():
    application, notice = make.noticed()
    leader = make.leader()
    later = notice.closes_at + dt.timedelta(days=1)
    deciding.rework(application, "异议成立", by=leader, at=later)
    proposal = deciding.Proposal("approve", 20_000_000)
    deciding.propose(application, proposal, by=application.reviewer, at=later)
    assert deciding.post_notice(application, by=leader, at=later).closes_at > later


def test_a_sweep_marks_and_reminds(people, monkeypatch):
    clock = with_clock(make.sent(), "accept")
    moments = iter([at(3, 7), at(3, 9), at(3, 9)])
    monkeypatch.setattr("django.utils.timezone.now", lambda: next(moments))
    assert sweep_applications() == 0
    clock.refresh_from_db()
    assert clock.breached_at == at(3, 7, 0)
    assert (sweep_applications(), sweep_applications()) == (1, 0)


def test_the_beat_rings_it(settings):
    assert "policies.tasks.sweep_applications" in {
        entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()
    }


def test_a_sweep_takes_the_same_number_of_statements_for_any_number(people):
    item = make.version()
    StepReminder.objects.filter(level__gt=2).delete()

    def statements(number):
        for _one in range(number):
            with_clock(make.sent(item), "accept")
        with CaptureQueriesContext(connection) as found:
            assert remind(at(3, 9)) == number
        return len(found)

    few = statements(1)
    assert statements(4) == few


def test_a_message_that_cannot_be_sent_leaves_no_level_taken(people, monkeypatch):
    application = make.sent()
    clock = with_clock(application, "accept")
    with monkeypatch.context() as patch:
        patch.setattr("policies.reviewing.reminding.send_messages", lambda drafts: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            remind(at(3, 5))
    clock.refresh_from_db()
    assert (clock.level, steps(application)) == (0, [])
    assert remind(at(3, 5)) == 1


def test_levels_are_data_and_only_climb(people):
    with_clock(make.sent(), "accept")
    StepReminder.objects.exclude(whom="supervisor").delete()
    StepReminder.objects.update(after=0)
    remind(at(3, 9))
    assert counts(*people) == [0, 0, 1]
    with pytest.raises(ValidationError, match="之前"):
        StepReminder(level=9, light="yellow", whom="handler").full_clean()


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """Two sweeps that have both looked before either writes."""

    def sweep_twice(self, monkeypatch, *changes):
        statement = escalation.CLIMB
        for old, new in (
            ("FROM {subject} o WHERE", "FROM {subject} o, pg_sleep(0.5) WHERE"),
            ("FOR NO KEY UPDATE SKIP LOCKED", "FOR NO KEY UPDATE OF o"),
            *changes,
        ):
            assert old in statement
            statement = statement.replace(old, new)
        monkeypatch.setattr(escalation, "CLIMB", statement)
        make.reviewer()
        application = make.sent()
        with_clock(application, "accept")
        outcomes = [outcome for outcome, _seconds in race([partial(remind, at(3, 5))] * 2)]
        assert not [each for each in outcomes if isinstance(each, Exception)], outcomes
        return len(steps(application))

    def test_two_sweeps_tell_once(self, monkeypatch):
        assert self.sweep_twice(monkeypatch) == 1
        assert OutboxEntry.objects.filter(payload__key__startswith="applicationclock:").count() == 1

    def test_check_then_write_would_tell_twice(self, monkeypatch):
        assert self.sweep_twice(monkeypatch, ("AND c.level = due.was", "")) == 2

    def test_what_somebody_is_at_is_left_to_the_next_sweep(self):
        application, reviewer = make.sent(), make.reviewer()
        with_clock(application, "accept")
        with transaction.atomic():
            Application.objects.select_for_update().get(pk=application.pk)
            ((found, _seconds),) = race([partial(remind, at(3, 5))])
            assert found == 0
        assert remind(at(3, 5)) == 1
        intake.accept(application, by=reviewer, at=timezone.now())
