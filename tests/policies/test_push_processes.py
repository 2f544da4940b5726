"""The push with real workers: killed, rung twice, its bell wiped; always the same end."""

import pytest
import redis
from django.conf import settings
from django.utils import timezone

from enterprises.models import Enterprise
from enterprises.services import record_registry
from policies import push as pushing
from policies import services
from policies.enums import PushKind
from policies.models import Push
from portal.kernel.models import Progress
from portal.kernel.outbox import OutboxEntry, deliver
from portal.notifications.models import Mailbox, Message
from tests.enterprises.factories import uscc_of
from tests.policies import factories as make
from tests.workers import Obstacle, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes, pytest.mark.slow]
MANY = pushing.CHUNK + 500


@pytest.fixture
def county(transactional_db):
    """More enterprises than one chunk, all of which fit."""
    mailboxes = Mailbox.objects.bulk_create(Mailbox(kind="enterprise") for _number in range(MANY))
    made = Enterprise.objects.bulk_create(
        Enterprise(
            uscc=uscc_of(500_000 + number),
            name=f"垫江第{number}制造有限公司",
            region_id="500231101",
            industry="36",
            entity_type="company",
            mailbox=mailbox,
        )
        for number, mailbox in enumerate(mailboxes)
    )
    record_registry(made, as_of=timezone.localdate())
    return sorted(made, key=lambda enterprise: enterprise.pk)


def state_of(push):
    return Push.objects.values("state", "total", "done", "told").get(pk=push.pk)


def told(version):
    return Message.objects.filter(key=pushing.push_key(version)).count()


END = {"state": Progress.DONE, "total": MANY, "done": MANY, "told": MANY}


def assert_all_were_told_once(push, version):
    wait_for(lambda: state_of(push)["state"] == Progress.DONE, "the push to end")
    while deliver():
        pass
    wait_for(lambda: told(version) == MANY, "the messages")
    assert state_of(push) == END
    assert Message.objects.count() == MANY
    assert OutboxEntry.objects.count() == MANY
    assert Message.objects.values("mailbox").distinct().count() == MANY


def test_a_worker_killed_half_way_loses_and_repeats_nothing(county, celery_worker_process):
    version = make.submitted()
    version.rule_version.refresh_from_db()
    in_second_chunk = county[pushing.CHUNK + 100]
    obstacle = Obstacle(f"message:{in_second_chunk.mailbox_id}:{pushing.push_key(version)}")
    services.publish(version, by=make.publisher())
    push = Push.objects.get(version=version)
    wait_for(lambda: state_of(push)["done"] == pushing.CHUNK, "the first chunk")
    celery_worker_process.kill()
    obstacle.clear()
    assert state_of(push) == {**END, "state": Progress.RUNNING, "done": pushing.CHUNK, "told": pushing.CHUNK}
    celery_worker_process.start()
    assert pushing.ring_stuck(timezone.now() + 2 * pushing.STUCK_AFTER) == 1
    assert_all_were_told_once(push, version)


def test_a_push_rung_many_times_at_once_tells_once(county, celery_worker_process):
    version = make.published()
    push = Push.objects.get(version=version)
    for _time in range(6):
        pushing.ring(push.pk)
    assert_all_were_told_once(push, version)


def test_a_wiped_bell_is_rung_again(county, celery_worker_process):
    celery_worker_process.kill()
    version = make.published()
    push = Push.objects.get(version=version)
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    celery_worker_process.start()
    assert state_of(push)["state"] == Progress.QUEUED
    assert pushing.ring_stuck(timezone.now() + 2 * pushing.STUCK_AFTER) == 1
    assert_all_were_told_once(push, version)


def test_a_withdrawal_reaches_exactly_the_told(county, celery_worker_process):
    version = make.published()
    assert_all_were_told_once(Push.objects.get(version=version), version)
    services.withdraw(version, by=make.publisher(), reason="金额有误")
    push = Push.objects.get(version=version, kind=PushKind.WITHDRAWAL)
    pushing.ring(push.pk)
    wait_for(lambda: state_of(push)["state"] == Progress.DONE, "the withdrawal to end")
    while deliver():
        pass
    withdrawn = Message.objects.filter(key=pushing.withdrawal_key(version))
    wait_for(lambda: withdrawn.count() == MANY, "the messages")
    assert state_of(push)["told"] == MANY
    assert Message.objects.count() == 2 * MANY
