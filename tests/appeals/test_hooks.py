"""What other systems are told of appeals: every step by its name, nothing of what is secret."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from jsonschema import Draft202012Validator

from appeals.dispatching import Target, dispatch
from appeals.enums import Outcome, Satisfaction
from appeals.handling import accept, answer, finish
from appeals.hooks import EVENTS, tell
from appeals.surveying import supervise, survey
from portal.kernel.models import OutboxEntry
from portal.kernel.outbox import deliver
from portal.notifications.models import WebhookDelivery
from tests.accounts.factories import DepartmentFactory
from tests.appeals.factories import answered, file, officer_with_user
from tests.appeals.factories import handling as handled
from tests.notifications.factories import webhook

pytestmark = pytest.mark.django_db
SCHEMA = json.loads((Path(settings.BASE_DIR) / "docs" / "schema" / "webhook.schema.json").read_text())


def told():
    deliver()
    return [json.loads(row.body) for row in WebhookDelivery.objects.order_by("pk")]


@pytest.fixture
def hook():
    return webhook()


def test_the_way_of_an_appeal_is_told_in_the_words_of_the_schema(hook):
    order = answered()
    survey(order, Satisfaction.SATISFIED, True, "好", by=None)
    bodies = told()
    names = [body["type"] for body in bodies]
    assert names == [
        "appeal.filed",
        "appeal.accepted",
        "appeal.dispatched",
        "appeal.taken",
        "appeal.answered",
        "appeal.closed",
    ]
    for body in bodies:
        Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(body)
        assert body["data"]["enterprise"]["uscc"] == order.appeal.enterprise.uscc
    assert bodies[4]["data"]["answer"] == {"outcome": "solved", "text": "已修好。"}
    assert bodies[5]["data"]["survey"] == {"satisfaction": "satisfied", "solved": True}
    assert len({row.event for row in WebhookDelivery.objects.all()}) == 6
    OutboxEntry.objects.update(delivered_at=None)
    assert len(told()) == 6


def test_many_events_are_told_with_the_queries_of_one(hook):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            tell(OutboxEntry.objects.filter(topic="appeals.event"))
        return len(asked)

    survey(answered(), Satisfaction.SATISFIED, True, "好", by=None)
    few = queries()
    for _ in range(4):
        survey(answered(), Satisfaction.SATISFIED, True, "好", by=None)
    assert queries() == few
    assert WebhookDelivery.objects.count() == 30


def test_a_dissatisfied_answer_is_not_told_as_closed(hook):
    order = answered()
    officer_with_user(order.department, rank=4)
    survey(order, Satisfaction.DISSATISFIED, False, "没解决", by=None)
    names = [body["type"] for body in told()]
    assert "appeal.dissatisfied" in names
    assert "appeal.closed" not in names


def test_a_supervision_order_that_ends_closes_nothing_while_the_appeal_is_worked_on(hook):
    order = handled()
    supervision = supervise(order.appeal, "拖了两周", by=None)
    officer_with_user(order.department, rank=4)
    if supervision.state == "waiting":
        dispatch(supervision, Target(order.department), by=None)
    accept(supervision, by=None)
    answer(supervision, Outcome.EXPLAINED, "已催办", by=None)
    finish(supervision, by=None)
    names = [body["type"] for body in told()]
    assert "appeal.supervised" in names
    assert "appeal.closed" not in names


@pytest.mark.parametrize("secret", [{"secrecy": "confidential"}, {"about": True}])
def test_of_complaints_and_confidential_appeals_nothing_is_told(secret):
    webhook(with_contacts=True)
    if "about" in secret:
        secret = {"about": DepartmentFactory()}
    file(**secret)
    assert told() == []


def test_of_an_anonymous_appeal_neither_enterprise_nor_contact():
    webhook(with_contacts=True)
    appeal = file(anonymous=True, contact_name="张三丰", contact_phone="13911112222")
    (body,) = told()
    assert body["data"]["enterprise"] is None
    text = json.dumps(body, ensure_ascii=False)
    assert not any(
        word in text for word in ("张三丰", "13911112222", appeal.enterprise.name, appeal.enterprise.uscc)
    )


def test_contacts_go_where_they_are_configured_alone():
    webhook()
    full = webhook("b.example.com", with_contacts=True)
    file(contact_name="张三丰")
    told()
    assert [row.webhook for row in WebhookDelivery.objects.filter(body__contains="张三丰")] == [full]


def test_without_anybody_who_listens_nothing_is_written():
    file()
    webhook(topics=["appeal.closed"])
    file()
    assert not OutboxEntry.objects.filter(topic="appeals.event").exists()


def test_the_schema_knows_every_event():
    assert set(SCHEMA["properties"]["type"]["enum"]) == {"ping", *EVENTS}
