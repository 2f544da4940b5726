"""Reminders: to whom, when, each once; nobody is told after hours, nobody of what he must not know."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from appeals import deadlines, recipients
from appeals.dispatching import Target, dispatch, open_grab, return_order
from appeals.enums import Secrecy
from appeals.grabbing import grab
from appeals.handling import ask, reply
from appeals.models import OrderClock, OrderEvent, ReminderLevel
from appeals.reminding import remind
from appeals.tasks import sweep_clocks
from portal.accounts.models import Absence
from portal.accounts.roles import Role
from portal.kernel.outbox import deliver
from portal.notifications.models import Message
from tests.accounts.factories import DepartmentFactory, PostingFactory
from tests.appeals import factories as make
from tests.appeals.reminded import at, clock_of, in_hand, staff

pytestmark = pytest.mark.django_db
EVENTS = ("remind", "escalate")


@pytest.fixture
def people():
    return staff()


@pytest.fixture
def order(people):
    return in_hand(people)


def told(user):
    """Titles of what the user was told of deadlines, the first one first."""
    while deliver():
        pass
    found = Message.objects.filter(mailbox__user=user, key__startswith="orderclock:")
    return list(found.order_by("pk").values_list("title", flat=True))


def counts(*users):
    return [len(told(user)) for user in users]


def steps(order):
    return list(
        OrderEvent.objects.filter(subject=order, name__in=EVENTS)
        .order_by("pk")
        .values_list("name", flat=True)
    )


def test_from_the_handler_upwards_level_by_level(people, order):
    for moment, expected in [
        (at(3, 3, 17), [0, 0, 0, 0]),
        (at(3, 4, 8, 59), [0, 0, 0, 0]),  # due soon since midnight, but nobody works yet
        (at(3, 4, 9), [1, 0, 0, 0]),
        (at(3, 5, 17), [1, 0, 0, 0]),
        (at(3, 6, 0), [1, 0, 0, 0]),  # late, in the night
        (at(3, 6, 9), [2, 0, 0, 0]),
        (at(3, 6, 10, 59), [2, 0, 0, 0]),
        (at(3, 6, 11), [2, 1, 0, 0]),  # two working hours later
        (at(3, 6, 17, 59), [2, 1, 0, 0]),
        (at(3, 6, 18), [2, 1, 0, 0]),  # a working day later, but it is closing time
        (at(3, 7), [2, 1, 0, 0]),  # a Saturday
        (at(3, 9, 9), [2, 1, 1, 0]),
        (at(3, 9, 18), [2, 1, 1, 0]),
        (at(3, 10, 9), [2, 1, 1, 1]),
        (at(4, 10), [2, 1, 1, 1]),
    ]:
        remind(moment)
        remind(moment)
        assert counts(*people.users) == expected, moment
    assert steps(order) == ["remind", "remind", "escalate", "escalate", "escalate"]
    assert clock_of(order).level == 5


def test_what_they_are_told(people, order):
    remind(at(3, 4))
    remind(at(3, 10))
    assert told(people.handler.user) == [
        "即将到期：单部门件办理须在 3 月 5 日前完成",
        "已超期：单部门件办理应在 3 月 5 日前完成，请尽快办理",
    ]
    assert told(people.supervisor) == ["超期未办，请督促：单部门件办理应在 3 月 5 日前完成"]
    urls = set(Message.objects.filter(mailbox__user=people.handler.user).values_list("url", flat=True))
    assert urls == {f"/desk/{people.department.pk}/orders/{order.pk}/"}
    words = OrderEvent.objects.filter(subject=order, name="escalate").earliest("pk")
    assert (words.comment, words.public, words.actor, words.source) == (
        "单部门件办理已超期，提醒科室负责人",
        False,
        None,
        "handling",
    )


def test_one_that_is_late_at_first_sight_is_not_said_to_be_due_soon(people, order):
    """As after a night without a worker; everybody it was due to is told in one sweep."""
    remind(at(3, 6, 17))
    assert [title[:3] for title in told(people.handler.user)] == ["已超期"]
    assert counts(*people.users) == [1, 1, 0, 0]
    assert steps(order) == ["remind", "escalate"]


def test_who_opens_the_address_that_he_is_told(people, order, client):
    remind(at(3, 10))
    while deliver():
        pass
    for user in people.users:
        client.force_login(user)
        url = Message.objects.filter(mailbox__user=user, key__startswith="orderclock:").latest("pk").url
        assert client.get(url).status_code == 200


def test_nobody_is_told_of_a_clock_that_stands_still_is_met_or_runs_on_the_enterprise(people, order):
    ask(order, "请补充照片", by=None)
    OrderClock.objects.update(paused_at=at(3, 3), level=0)
    assert remind(at(3, 10)) == 0
    OrderClock.objects.update(paused_at=None, met_at=at(3, 9))
    assert remind(at(3, 10)) == 0
    deadlines.begin(order, "survey", at=at(2, 2))
    assert remind(at(3, 10)) == 0


def test_after_a_pause_it_is_not_said_to_be_due_soon_again(people, order):
    remind(at(3, 4))
    ask(order, "请补充照片", by=None)
    reply(order, "已补充", by=None)
    OrderClock.objects.update(warn_at=at(3, 11, 0), due_at=at(3, 13, 0), paused_at=None)
    remind(at(3, 5))
    remind(at(3, 11))
    assert counts(people.handler.user) == [1]
    remind(at(3, 13))
    assert counts(people.handler.user) == [2]


def test_those_off_duty_are_stood_in_for(people, order):
    for officer, days in ((people.handler, (4, 5)), (people.head, (9, 10))):
        substitute = make.officer_with_user(people.department)
        span = (at(3, days[0]).date(), at(3, days[1]).date())
        Absence.objects.create(officer=officer, days=span, substitute=substitute)
        officer.substitute = substitute
    remind(at(3, 4))
    assert counts(people.handler.user, people.handler.substitute.user) == [0, 1]
    remind(at(3, 9))
    assert counts(people.handler.user, people.handler.substitute.user) == [1, 1]
    assert counts(people.head.user, people.head.substitute.user) == [0, 1]


def test_where_nobody_of_a_level_signs_in_the_next_one_is_told(people, order):
    people.section_head.user.is_active = False
    people.section_head.user.save()
    remind(at(3, 6, 17))
    assert counts(people.section_head.user, people.head.user) == [0, 1]
    Absence.objects.create(officer=people.head, days=(at(3, 9).date(), at(3, 10).date()))
    leader = PostingFactory(department=people.department, role=Role.LEADER).user
    remind(at(3, 9))
    assert counts(people.head.user, leader) == [1, 1]


def test_what_nobody_has_is_the_desks_and_in_mediation_the_mediators(people):
    desk, mediator = make.dispatcher(), make.official(Role.MEDIATOR)
    with make.moment(at(3, 2)):
        order = make.lead(make.file())
    remind(at(3, 5))
    assert counts(desk, mediator, people.supervisor) == [1, 0, 1]  # two levels have nobody of their own
    with make.moment(at(3, 5)):
        for _time in range(2):
            dispatch(order, Target(people.department), by=None)
            return_order(order, "不归我们管", DepartmentFactory(), by=None)
    OrderClock.objects.exclude(target="mediation").delete()
    remind(at(3, 5, 15))
    assert counts(desk, mediator) == [1, 1]


def test_a_providers_people_are_told_then_the_supervisor(people):
    category = make.CategoryFactory(market=True)
    member = make.ProviderMemberFactory(provider=make.ProviderFactory(categories=[category]))
    order = make.lead(make.file(category=category))
    open_grab(order, by=None)
    grab(order.pk, member.provider, by=member.user)
    OrderClock.objects.all().delete()
    deadlines.begin(order, "single", at=at(3, 2))
    remind(at(3, 10))
    assert counts(member.user, people.supervisor) == [1, 1]
    assert (
        Message.objects.filter(mailbox__user=member.user).latest("pk").url
        == f"/p/{member.provider_id}/orders/{order.pk}/"
    )


def test_those_complained_of_are_not_told_and_secrets_not(people):
    about = DepartmentFactory()
    PostingFactory(user=people.supervisor, department=about, role=Role.HANDLER)
    other = make.official(Role.SUPERVISOR)
    order = in_hand(people, about=about, secrecy=Secrecy.CONFIDENTIAL, title="某局拖着不办")
    remind(at(3, 10))
    assert counts(people.handler.user, people.supervisor, other) == [1, 0, 1]
    texts = "".join(f"{one.title}{one.body}" for one in Message.objects.filter(key__startswith="orderclock:"))
    assert order.appeal.enterprise.name not in texts
    assert "拖着不办" not in texts


def test_levels_are_data(people, order):
    ReminderLevel.objects.exclude(level=5).delete()
    ReminderLevel.objects.update(after=0)
    remind(at(3, 6))
    assert counts(*people.users) == [0, 0, 0, 1]
    ReminderLevel.objects.all().delete()
    assert remind(at(3, 10)) == 0


def test_a_sweep_takes_the_same_number_of_statements_for_any_number_of_orders(people, monkeypatch):
    def statements(orders):
        for _order in range(orders):
            in_hand(people)
        ReminderLevel.objects.filter(level__gt=2).delete()
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert remind(at(3, 10)) == orders
        return len(found)

    few = statements(1)
    assert statements(6) == few


def test_a_sweep_marks_and_reminds(people, order):
    with make.moment(at(3, 7)):  # a Saturday
        assert sweep_clocks() == 0
    assert clock_of(order).breached_at == at(3, 6, 0)
    assert counts(*people.users) == [0, 0, 0, 0]
    with make.moment(at(3, 9)):
        assert sweep_clocks() == 3
        assert sweep_clocks() == 0
    assert counts(*people.users) == [1, 1, 1, 0]


def test_recipients_are_read_at_once(people):
    orders = [in_hand(people) for _ in range(5)]
    with CaptureQueriesContext(connection) as found:
        read = recipients.Recipients(orders, at(3, 4).date())
        for order in orders:
            assert read.of(order, "handler")
    assert len(found) <= 9


def test_a_message_that_cannot_be_sent_leaves_no_level_taken(people, order, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("no outbox")

    with monkeypatch.context() as patch:
        patch.setattr("appeals.reminding.send_messages", broken)
        with pytest.raises(RuntimeError):
            remind(at(3, 4))
    assert (clock_of(order).level, steps(order)) == (0, [])
    assert remind(at(3, 4) + dt.timedelta(minutes=1)) == 1


@pytest.mark.parametrize(
    ("level", "light", "valid"),
    [(6, "yellow", False), (1, "red", True), (6, "red", True), (0, "red", False), (100, "red", False)],
)
def test_levels_only_climb(level, light, valid):
    ReminderLevel.objects.filter(level=1).delete()
    row = ReminderLevel(level=level, light=light, whom="handler")
    if valid:
        row.full_clean()
    else:
        with pytest.raises(ValidationError):
            row.full_clean()


def test_red_does_not_come_before_yellow():
    row = ReminderLevel.objects.get(level=2)
    row.level = 1
    ReminderLevel.objects.filter(level=1).update(level=7)
    with pytest.raises(ValidationError, match="之前"):
        row.full_clean()
