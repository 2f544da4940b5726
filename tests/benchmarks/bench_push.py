"""Telling the demo's county of a published item, beside one bulk INSERT of the messages that come of it."""

import itertools
import json
import re
import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from policies.models import Push
from policies.push import push_key
from policies.tasks import work_push
from portal.kernel.models import Progress
from portal.kernel.tasks import relay_outbox
from portal.notifications.models import Message
from tests.accounts.factories import StaffFactory
from tests.benchmarks import harness
from tests.policies import factories as make

pytestmark = pytest.mark.usefixtures("demo")

INSERT = """
INSERT INTO notifications_message (mailbox_id, key, kind, title, body, url, created_at, payload)
SELECT mailbox, %s, kind, title, body, url, now(), payload::jsonb
  FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
       AS message (mailbox, kind, title, body, url, payload)
"""


def publish() -> Push:
    """Publish an item for every enterprise of the county; its push is queued, nobody works it off."""
    return Push.objects.get(version=make.published())


def tell(push: Push) -> None:
    """What workers do after a publication: match, write messages, deliver them."""
    work_push(push.pk)
    relay_outbox()


def bulk_insert_of(push: Push) -> Callable[[], None]:
    """Writes the messages of a push once more, each time under a new key, in one statement."""
    told = Message.objects.filter(key=push_key(push.version))
    rows = told.values_list("mailbox_id", "kind", "title", "body", "url", "payload")
    *columns, payloads = map(list, zip(*rows, strict=True))
    columns.append([json.dumps(payload, ensure_ascii=False) for payload in payloads])
    numbers = itertools.count(1)

    def insert() -> None:
        with connection.cursor() as cursor:
            cursor.execute(INSERT, [f"peer:{next(numbers)}", *columns])

    return insert


def test_a_published_item_is_told_to_the_county() -> None:
    """Matching, the outbox and the relay included."""
    pushes = iter([publish() for _number in range(harness.TIMES + 1)])
    done: list[Push] = []

    def tell_next() -> None:
        done.append(next(pushes))
        tell(done[-1])

    seconds = harness.median(tell_next)
    messages = Message.objects.filter(key=push_key(done[-1].version)).count()
    assert messages > 9_000
    peer = harness.median(bulk_insert_of(done[-1]))
    name = f"push of an item to {messages:,} of the demo's enterprises / one bulk INSERT of the messages"
    assert harness.within(name, seconds, peer, at_most=20).ok


def test_its_page_shows_how_far_it_has_come() -> None:
    """An official looks at the page again and again, over a connection of its own."""
    push = publish()
    seen: list[tuple[int, int]] = []

    def look() -> None:
        client = Client()
        client.force_login(StaffFactory(is_superuser=True))
        while not seen or seen[-1][0] < seen[-1][1]:
            page = client.get(push.get_absolute_url()).content.decode()
            done, total = re.search(r'id="done">(\d+) / (\d+)<', page).groups()
            if int(total):
                seen.append((int(done), int(total)))
        connection.close()

    watcher = threading.Thread(target=look)
    watcher.start()
    tell(push)
    watcher.join()
    push.refresh_from_db()
    assert push.state == Progress.DONE
    on_the_way = {done for done, total in seen if done < total}
    name = "different values that the page of a push shows on the way"
    assert harness.record(
        harness.Result(name, len(on_the_way), "", None, None, "≥ 3", len(on_the_way) >= 3)
    ).ok
