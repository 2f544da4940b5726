"""The end of a consent is announced to both sides, once, some days before and when it comes."""

import datetime as dt

import pytest
from django.utils import timezone

from enterprises.consents import granting, hooks
from enterprises.consents.expiring import AHEAD, announce
from enterprises.models import ConsentNotice, GranteeKind
from enterprises.tasks import announce_ends_of_consents
from portal.kernel.tasks import relay_outbox
from portal.notifications.models import Mailbox, Message
from tests.accounts.factories import UserFactory
from tests.enterprises.consents.factories import consent_of
from tests.enterprises.factories import actor_of
from tests.races import at_once

pytestmark = pytest.mark.django_db
INSTANT = dt.timedelta(microseconds=1)


@pytest.fixture
def officer(db, monkeypatch):
    user = UserFactory()
    monkeypatch.setattr(hooks, "_recipients", {})
    hooks.recipients(GranteeKind.BANK)(lambda consent: [(Mailbox.for_user(user).pk, "/bank/1/")])
    return user


def said():
    relay_outbox()
    return sorted(key.rpartition(":")[2] for key in Message.objects.values_list("key", flat=True))


def kinds():
    return list(ConsentNotice.objects.order_by("pk").values_list("kind", flat=True))


def test_a_week_before_and_at_the_end_both_are_told_once(officer):
    consent = consent_of()
    assert announce(consent.until - AHEAD - INSTANT) == 0
    assert announce(consent.until - AHEAD) == 1
    assert announce(consent.until - AHEAD) == 0
    assert announce(consent.until - INSTANT) == 0
    assert announce(consent.until) == 1
    assert announce(consent.until + AHEAD) == 0
    assert kinds() == ["soon", "ended"]
    assert said() == ["ended", "ended", "given", "given", "soon", "soon"]
    assert consent.grantee.name in Message.objects.filter(mailbox=consent.enterprise.mailbox_id)[0].title


def test_what_was_given_for_a_week_is_announced_at_its_end_alone():
    at = timezone.now()
    consent = consent_of(at=at, until=at + AHEAD)
    assert announce(at) == 0
    assert announce(consent.until) == 1
    assert kinds() == ["ended"]


def test_what_was_revoked_is_not_announced():
    actor = actor_of()
    consent = consent_of(actor)
    granting.revoke(actor, consent, at=timezone.now())
    assert announce(consent.until - AHEAD) == announce(consent.until) == 0


def test_after_a_pause_only_the_end_is_told():
    consent = consent_of()
    assert announce(consent.until + 30 * AHEAD) == 1
    assert kinds() == ["ended"]


def test_the_task_takes_the_clock():
    now = timezone.now()
    consent_of(at=now - dt.timedelta(days=40), until=now - INSTANT)
    assert announce_ends_of_consents() == 1


@pytest.mark.django_db(transaction=True)
def test_two_sweepers_announce_once():
    until = consent_of().until
    consent_of(until=until)
    assert sum(at_once(*[lambda: announce(until)] * 4)) == 2
    assert kinds() == ["ended", "ended"]
