"""The sweep over 200,000 open clocks. Its peer: one bare UPDATE of the same rows, in the same run.

Both run in transactions that are rolled back, in turn, over a table that was vacuumed before; the best of
some rounds counts. Reminding is compared with the bare writing of as many marks, events and messages.
"""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from appeals.models import OrderClock, ReminderLevel
from appeals.reminding import remind
from portal.accounts.models import Department
from portal.accounts.roles import Role
from portal.kernel.database import as_owner
from portal.kernel.hours import next_working_moment
from portal.kernel.workdays import Calendar
from portal.shell.demo import DEMO_SEED, DEMO_TODAY
from portal.shell.demo.loading import write
from portal.shell.demo.population import draw
from tests.accounts.factories import DepartmentFactory
from tests.appeals.factories import official
from tests.benchmarks import harness
from tests.benchmarks.bench_desk import fill

CLOCKS = 200_000
FEW = 2_000
ROUNDS = 3
AT_MOST_ALL, AT_MOST_FEW, AT_MOST_REMIND = 3, 5, 15
MARK = "UPDATE appeals_orderclock SET warned_at = warn_at, breached_at = due_at WHERE "
REMIND = """
    WITH one AS (
        UPDATE appeals_orderclock SET level = 2 WHERE id = ANY(%(ids)s) RETURNING id, order_id
    ), two AS (
        INSERT INTO appeals_orderevent (subject_id, at, name, source, target, comment, public)
        SELECT order_id, now(), 'remind', 'handling', 'handling', '提醒', false FROM one
    )
    INSERT INTO kernel_outboxentry (topic, key, payload)
    SELECT 'message', 'bare:' || id, '{"mailbox": 1, "title": "提醒", "body": "提醒", "url": "/"}' FROM one
"""


@pytest.fixture(scope="module")
def later(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dt.datetime]:
    """A working moment at which all of 200,000 open clocks are late; rows committed."""
    with django_db_blocker.unblock():
        write(list(draw(500, DEMO_SEED, DEMO_TODAY)), timezone.now())
        DepartmentFactory()
        fill(CLOCKS // 2, live=1)
        official(Role.HANDLER, Department.objects.earliest("pk"))
        official(Role.DISPATCHER)
        yield next_working_moment(timezone.now() + dt.timedelta(days=5), Calendar.load())
        call_command("flush", interactive=False, verbosity=0)


def compared(*works: Callable[[], Any]) -> list[float]:
    """The least seconds of each, taken in turn; nothing is kept."""
    best = [float("inf")] * len(works)
    for _round in range(ROUNDS):
        for place, work in enumerate(works):
            vacuum()
            with transaction.atomic():
                start = time.perf_counter()
                work()
                best[place] = min(best[place], time.perf_counter() - start)
                transaction.set_rollback(True)
    return best


def vacuum() -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE appeals_orderclock")


def run(statement: str, **values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


def test_the_sweep(later: dt.datetime, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        assert OrderClock.objects.running().overdue(later).count() == CLOCKS
        sweep, bare = compared(lambda: OrderClock.objects.mark(later), lambda: run(MARK + "true"))
        name = f"deadlines: all of {CLOCKS:,} open clocks become late / one bare UPDATE of them"
        assert harness.within(name, sweep, bare, at_most=AT_MOST_ALL).ok
        assert OrderClock.objects.mark(later) == CLOCKS
        ids = list(OrderClock.objects.order_by("due_at", "pk").values_list("pk", flat=True)[:FEW])
        OrderClock.objects.filter(pk__in=ids).update(warned_at=None, breached_at=None)
        OrderClock.objects.exclude(pk__in=ids).update(level=5)  # all were told of long ago
        with CaptureQueriesContext(connection) as found:
            assert harness.below("deadlines: statements of a sweep", marks(later, found), "statements", 2).ok
        sweep, bare = compared(
            lambda: OrderClock.objects.mark(later), lambda: run(MARK + "id = ANY(%(ids)s)", ids=ids)
        )
        name = f"deadlines: {FEW:,} of {CLOCKS:,} become late / one bare UPDATE of them"
        assert harness.within(name, sweep, bare, at_most=AT_MOST_FEW).ok
        ReminderLevel.objects.exclude(level=2).delete()
        reminded, bare = compared(lambda: remind(later), lambda: run(REMIND, ids=ids))
        name = f"deadlines: {FEW:,} of {CLOCKS:,} are reminded of / bare rows"
        assert harness.within(name, reminded, bare, at_most=AT_MOST_REMIND).ok


def marks(now: dt.datetime, found: CaptureQueriesContext) -> int:
    """How many statements it takes to mark, but for those of the transaction."""
    with transaction.atomic():
        OrderClock.objects.mark(now)
        transaction.set_rollback(True)
    return sum(query["sql"].startswith("UPDATE") for query in found.captured_queries)
