"""Each constraint of the models is provoked by its name, with raw SQL, as the application role."""

import datetime as dt

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from appeals import models
from appeals.enums import Whom
from tests.accounts.factories import DepartmentFactory
from tests.appeals import factories as make
from tests.appeals.standing import put_order
from tests.enterprises.factories import EnterpriseFactory
from tests.rows import change, copy

pytestmark = pytest.mark.django_db
NOW = "2026-03-02T08:00Z"
LATER = "2026-03-03T08:00Z"


def appeal(**values):
    row = make.AppealFactory()
    return lambda: copy(row, **({"number": "SQ-1"} | values))


def merged_into_itself():
    row = make.AppealFactory()
    change(row, intake="merged", merged_into_id=row.pk)


def filed_twice():
    row = make.AppealFactory(idempotency_key="k")
    copy(row, number="SQ-1")


def attached_twice():
    copy(models.Attachment.objects.create(appeal=make.AppealFactory(), name="a", digest="d", file="a"))


def second_lead():
    copy(make.OrderFactory())


def second_supervision():
    copy(make.OrderFactory(kind="supervision"))


def second_co():
    first = put_order(make.OrderFactory(kind="co"), "offered")
    second = make.OrderFactory(appeal=first.appeal, kind="co")
    change(second, state="offered", department_id=first.department_id)


def order(state, kind="lead", **values):
    row = make.OrderFactory(kind=kind)
    return lambda: change(row, state=state, **values)


def window(**values):
    return {"window_from": LATER, "window_to": LATER} | values


def returned(**values):
    row = put_order(make.OrderFactory(), "offered")
    rightful = row.department_id if values.pop("own", False) else None
    return lambda: change(row, state="returned", rightful_id=rightful)


def answered_without_time():
    change(put_order(make.OrderFactory(), "handling"), state="answered")


def assigned(**holders):
    row = models.Assignment.objects.create(
        order=make.OrderFactory(), department=DepartmentFactory(), why="manual"
    )
    return lambda: copy(row, **holders)


def promise():
    return models.Promise.objects.create(order=make.OrderFactory(), text="修灯", due_on=dt.date(2030, 1, 1))


def clock(**values):
    row = models.OrderClock.objects.create(
        order=make.OrderFactory(), target="t", number=1, unit="hours", warning=0,
        started_at=NOW, warn_at=NOW, due_at=LATER,
    )  # fmt: skip
    return lambda: change(row, **values)


def clock_twice():
    clock()
    copy(models.OrderClock.objects.get())


def rating():
    return models.Rating.objects.create(
        order=make.OrderFactory(), provider=make.ProviderFactory(), side="centre", stars=3
    )


def suggestion(**values):
    row = models.Suggestion.objects.create(
        appeal=make.AppealFactory(), rank=1, department=DepartmentFactory(), percent=50
    )
    return lambda: copy(row, **values)


def talk():
    return models.Talk.objects.create(
        title="恳谈", theme="用工", host=DepartmentFactory(), opens_on="2026-03-01", closes_on="2026-03-02",
        held_at=LATER, place="会议室",
    )  # fmt: skip


def pairing():
    return models.Pairing.objects.create(
        officer=make.OfficerFactory(), enterprise=EnterpriseFactory(), since="2026-01-01"
    )


def shift_twice():
    officer, department = make.OfficerFactory(), DepartmentFactory()
    copy(models.Shift.objects.create(day="2026-03-02", officer=officer, department=department))


def negative():
    return models.IntakeRule.objects.create(handled=False, title="t", advice="去仲裁委")


def target():
    return models.ClockTarget.objects.create(key="x", label="x", number=1, unit="hours")


def reminder():
    return models.ReminderLevel.objects.create(level=90, light="red", whom=Whom.SUPERVISOR, after=40)


def visit():
    return models.Visit.objects.create(pairing=pairing(), planned_on="2026-03-02")


def photo():
    return models.VisitPhoto.objects.create(visit=visit(), file="appeals/x.jpg", name="x.jpg", digest="0")


def opened(row):
    change(row, state="open")
    return row


def guest():
    return models.TalkGuest.objects.create(talk=talk(), enterprise=EnterpriseFactory(), invited_at=NOW)


def topic():
    return models.TalkTopic.objects.create(talk=talk(), enterprise=EnterpriseFactory(), title="t", text="t")


def rule(**values):
    row = models.RoutingRule.objects.create(title="r", words=["灯"], department=DepartmentFactory())
    return lambda: change(row, **values)


CASES = [
    ("appeals_intakerule_advice", lambda: copy(negative(), title="u", advice="")),
    ("appeals_appeal_merged_into", lambda: change(make.AppealFactory(), intake="merged")),
    (
        "appeals_appeal_merged_into",
        lambda: change(make.AppealFactory(), merged_into_id=make.AppealFactory().pk),
    ),
    ("appeals_appeal_not_into_itself", merged_into_itself),
    ("appeals_appeal_says_something", lambda: appeal(title="")()),
    ("appeals_appeal_says_something", lambda: appeal(text="")()),
    ("appeals_appeal_round", lambda: appeal(round=0)()),
    ("appeals_appeal_filed_once", filed_twice),
    ("appeals_attachment_once", attached_twice),
    ("appeals_order_one_live_lead", second_lead),
    ("appeals_order_one_co_a_department", second_co),
    ("appeals_order_one_supervision", second_supervision),
    ("appeals_order_held_by_one", lambda: order("offered")()),
    (
        "appeals_order_held_by_one",
        lambda: order(
            "offered", department_id=DepartmentFactory().pk, provider_id=make.ProviderFactory().pk
        )(),
    ),
    ("appeals_order_held_by_one", lambda: order("waiting", department_id=DepartmentFactory().pk)()),
    (
        "appeals_order_held_by_one",
        lambda: order("open", provider_id=make.ProviderFactory().pk, **window(window_from=NOW))(),
    ),
    ("appeals_order_return_names_another", lambda: returned()()),
    ("appeals_order_return_names_another", lambda: returned(own=True)()),
    ("appeals_order_window", lambda: order("open")()),
    ("appeals_order_window", lambda: order("open", **window())()),
    ("appeals_order_only_leads_are_grabbed", lambda: order("open", "co", **window(window_from=NOW))()),
    ("appeals_order_answered_at", answered_without_time),
    ("appeals_assignment_to_one", lambda: assigned(department_id=None)()),
    ("appeals_assignment_to_one", lambda: assigned(provider_id=make.ProviderFactory().pk)()),
    (
        "appeals_answer_says_something",
        lambda: copy(
            models.Answer.objects.create(order=make.OrderFactory(), outcome="solved", text="好"), text=""
        ),
    ),
    ("appeals_promise_one_open", lambda: copy(promise())),
    ("appeals_promise_kept_note", lambda: change(promise(), kept_at=NOW)),
    ("appeals_promise_kept_note", lambda: change(promise(), kept_note="好了")),
    ("appeals_clocktarget_span", lambda: change(target(), number=0)),
    ("appeals_reminderlevel_range", lambda: change(reminder(), level=0)),
    ("appeals_reminderlevel_light", lambda: change(reminder(), light="green")),
    ("appeals_reminderlevel_whom", lambda: change(reminder(), whom="mayor")),
    ("appeals_clocktarget_span", lambda: change(target(), warning=2)),
    ("appeals_orderclock_in_order", lambda: clock(due_at=NOW)()),
    ("appeals_orderclock_in_order", lambda: clock(warn_at="2026-03-04T08:00Z")()),
    ("appeals_orderclock_met_not_paused", lambda: clock(met_at=NOW, paused_at=NOW)()),
    ("appeals_orderclock_one_running", clock_twice),
    ("appeals_provider_reason", lambda: change(make.ProviderFactory(), standing="warned")),
    ("appeals_providermember_once", lambda: copy(make.ProviderMemberFactory())),
    ("appeals_serviceitem_once", lambda: copy(make.ServiceItemFactory())),
    ("appeals_serviceitem_price", lambda: change(make.ServiceItemFactory(), price_low_fen=-1)),
    (
        "appeals_serviceitem_price",
        lambda: change(make.ServiceItemFactory(), price_low_fen=2, price_high_fen=1),
    ),
    ("appeals_rating_once", lambda: copy(rating())),
    ("appeals_rating_stars", lambda: copy(rating(), side="enterprise", stars=0)),
    ("appeals_rating_stars", lambda: copy(rating(), side="enterprise", stars=6)),
    (
        "appeals_ratingweight_percent",
        lambda: change(
            models.RatingWeight.objects.get_or_create(side="centre", defaults={"percent": 20})[0], percent=101
        ),
    ),
    (
        "appeals_providerrule_bound",
        lambda: change(
            models.ProviderRule.objects.get_or_create(standing="warned", defaults={"below": 3})[0], below=6
        ),
    ),
    ("appeals_shift_one_a_day", shift_twice),
    (
        "appeals_dutyphrase_once",
        lambda: copy(models.DutyPhrase.objects.create(department=DepartmentFactory(), text="修灯")),
    ),
    ("appeals_routingrule_asks_something", lambda: rule(words=[])()),
    ("appeals_suggestion_rank", lambda: suggestion(rank=4)()),
    ("appeals_suggestion_rank", lambda: suggestion(rank=0)()),
    ("appeals_suggestion_rank", lambda: suggestion(percent=101)()),
    ("appeals_talk_collecting", lambda: change(talk(), closes_on="2026-02-28")),
    ("appeals_talktopic_once", lambda: copy(topic())),
    ("appeals_pairing_one_an_enterprise", lambda: copy(pairing())),
    ("appeals_pairing_in_order", lambda: change(pairing(), until="2025-12-31")),
    ("appeals_pairing_one_an_officer", lambda: copy(pairing(), enterprise_id=EnterpriseFactory().pk)),
    ("appeals_visit_recorded", lambda: change(visit(), state="done", visited_at=NOW)),
    ("appeals_visit_once_a_day", lambda: copy(visit())),
    ("appeals_visitphoto_once", lambda: copy(photo())),
    ("appeals_talk_minutes", lambda: change(opened(talk()), state="held")),
    ("appeals_talk_seats", lambda: change(talk(), seats=0)),
    ("appeals_talkguest_once", lambda: copy(guest())),
    ("appeals_talkguest_who_comes", lambda: change(guest(), state="coming")),
    ("appeals_talkguest_invited_at", lambda: change(guest(), invited_at=None)),
    ("appeals_talktopic_says_something", lambda: change(topic(), text="")),
]


@pytest.mark.parametrize(("constraint", "provoke"), CASES)
def test_the_database_refuses(constraint, provoke):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        provoke()
    assert refusal.value.__cause__.diag.constraint_name == constraint


def test_no_constraint_is_left_out():
    named = {
        constraint.name: constraint
        for model in apps.get_app_config("appeals").get_models()
        for constraint in model._meta.constraints
    }
    assert set(named) - {name for name, _ in CASES} == set()
    assert all(constraint.violation_error_message for constraint in named.values())
