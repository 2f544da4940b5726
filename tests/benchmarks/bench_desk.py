"""The inbox over 200,000 orders: how many queries it takes, and its time beside the help page's."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.kernel.database import as_owner
from portal.shell.demo import DEMO_SEED, DEMO_TODAY
from portal.shell.demo.loading import write
from portal.shell.demo.population import draw
from tests.accounts.factories import DepartmentFactory
from tests.appeals.factories import official
from tests.benchmarks import harness
from tests.benchmarks.bench_pages import own_queries

ORDERS = 200_000
FIRMS = 2_000
LIVE_EVERY = 4
"""Of so many orders one is still live: fifty thousand, far more than a county has."""
MOST_QUERIES = 12
AT_MOST = 4

APPEALS = """
INSERT INTO appeals_appeal (number, enterprise_id, title, text, contact_name, contact_phone, place, region,
    source, complexity, urgent, secrecy, anonymous, round, intake, status, submitted_at, idempotency_key)
SELECT 'SQ-2001-01-' || n, (%(firms)s)[1 + n %% cardinality(%(firms)s)], '厂门口路灯坏了 ' || n,
    '厂门口的路灯坏了三天，夜班工人进出不安全。', '张三', '13800000000', '澄溪镇', '', 'portal', 'single',
    false, 'open', false, 1, CASE WHEN n %% 8 = 0 THEN 'submitted' ELSE 'accepted' END, 'received',
    %(now)s - n * interval '3 minutes', ''
FROM generate_series(1, %(count)s) AS n
"""
ORDERS_OF = """
INSERT INTO appeals_workorder (appeal_id, round, kind, mode, department_id, state, returns, created_at,
    held_at, answered_at, rightful_id)
SELECT id, 1, 'lead', 'dispatch', CASE WHEN state = 'waiting' THEN NULL ELSE %(department)s END, state, 0,
    submitted_at, submitted_at, CASE WHEN state = 'closed' THEN submitted_at END,
    CASE WHEN state = 'returned' THEN %(other)s END
FROM (SELECT id, submitted_at, CASE WHEN id %% %(live)s <> 0 THEN 'closed'
    ELSE (ARRAY['waiting', 'offered', 'handling', 'asking', 'returned'])[1 + id / %(live)s %% 5] END AS state
    FROM appeals_appeal) AS one
"""
CLOCKS_OF = """
INSERT INTO appeals_orderclock (order_id, target, number, unit, warning, started_at, warn_at, due_at,
    provisional, paused_at, met_at)
SELECT id, target, 3, 'workdays', 1, created_at, created_at + interval '2 days',
    created_at + interval '3 days', false, NULL,
    CASE WHEN state = 'closed' THEN created_at + interval '1 day' END
FROM appeals_workorder CROSS JOIN (VALUES ('accept'), ('single')) AS targets (target)
"""
TABLES = ("appeals_appeal", "appeals_workorder", "appeals_orderclock", "appeals_orderevent")


TRIGGERS = (
    ("appeals_appeal", "appeals_appeal_intake_transitions"),
    ("appeals_appeal", "appeals_appeal_status"),
    ("appeals_workorder", "appeals_workorder_state_transitions"),
    ("appeals_workorder", "appeals_order_tells_appeal"),
)
"""What watches each row; the rows written here are as it would have let them become."""


@pytest.fixture(scope="module")
def dispatcher(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[User]:
    """A county's dispatcher, with 200,000 orders of two thousand enterprises, committed."""
    with django_db_blocker.unblock():
        write(list(draw(FIRMS, DEMO_SEED, DEMO_TODAY)), timezone.now())
        user = official(Role.DISPATCHER)
        DepartmentFactory()
        fill()
        yield user
        call_command("flush", interactive=False, verbosity=0)


def fill(count: int = ORDERS, live: int = LIVE_EVERY) -> None:
    """By set-based SQL, as the tables' owner; of `live` orders one is live, with two clocks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id), max(id) FROM accounts_department")
        department, other = cursor.fetchone()
        cursor.execute("SELECT array_agg(id) FROM enterprises_enterprise")
        (firms,) = cursor.fetchone()
    values = {
        "count": count,
        "department": department,
        "firms": firms,
        "live": live,
        "now": timezone.now(),
        "other": other,
    }
    with as_owner(), connection.cursor() as cursor:
        for table, trigger in TRIGGERS:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        for statement in (APPEALS, ORDERS_OF, CLOCKS_OF):
            cursor.execute(statement, values)
        for table, trigger in TRIGGERS:
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")
        for table in TABLES:
            cursor.execute(f"VACUUM ANALYZE {table}")


@pytest.mark.parametrize("basket", ["new", "due", "overdue", "open", "closed", "mine"])
def test_the_inbox(dispatcher: User, basket: str) -> None:
    client = Client()
    client.force_login(dispatcher)
    url = reverse("desk_inbox", args=[dispatcher.postings.get().department_id])
    name = f"inbox over {ORDERS:,} orders, {basket}"
    client.get(url, {"basket": basket})
    queries = own_queries(client, url, {"basket": basket})
    help_url = reverse("help")
    peer = harness.median(lambda: client.get(help_url))
    seconds = harness.median(lambda: client.get(url, {"basket": basket}))
    assert harness.below(f"{name}: queries", queries, "queries", MOST_QUERIES + 1).ok
    assert harness.within(f"{name} / help page", seconds, peer, at_most=AT_MOST).ok
