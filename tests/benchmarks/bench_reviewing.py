"""The review desk's queue over 10,000 applications: its queries, and its time beside the help page's."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from policies.models import Application, ItemVersion
from portal.accounts.models import User
from portal.accounts.second_factor import enable_totp
from portal.kernel.database import as_owner
from portal.shell.demo import DEMO_SEED, DEMO_TODAY
from portal.shell.demo.loading import write
from portal.shell.demo.population import draw
from tests.applying import factories as make
from tests.benchmarks import harness
from tests.benchmarks.bench_pages import own_queries

APPLICATIONS = 10_000
FIRMS = 2_000
ITEMS = 20
MOST_QUERIES = 12
AT_MOST = 4

APPLICATIONS_OF = """
INSERT INTO policies_application (number, enterprise_id, item_id, version_id, period, answers, notes,
    contact_name, contact_phone, revision, state, started_at, saved_at, submitted_at, reviewer_id, outcome,
    amount_fen, clause, reason, proposed_by_id, decided_by_id, decided_at, idempotency_key)
SELECT 'SB-2001-01-' || n, (%(firms)s)[1 + n %% cardinality(%(firms)s)],
    (%(items)s)[1 + n %% cardinality(%(items)s)], (%(versions)s)[1 + n %% cardinality(%(items)s)],
    2000 + n / 1000, '{}', '{}', '张三', '13800000000', 1, state, at, at, at, %(reviewer)s,
    CASE WHEN proposed THEN 'approve' ELSE '' END, CASE WHEN proposed THEN 10000000 END, '', '',
    CASE WHEN proposed THEN %(reviewer)s END, CASE WHEN state = 'approved' THEN %(leader)s END,
    CASE WHEN state = 'approved' THEN at END, ''
FROM (SELECT *, state IN ('proposed', 'noticed', 'approved') AS proposed FROM (
    SELECT n, %(now)s - n * interval '1 hour' AS at,
        CASE WHEN n %% 2 = 0 THEN 'approved' ELSE
            (ARRAY['submitted', 'reviewing', 'returned', 'joint', 'proposed', 'noticed'])[1 + n / 2 %% 6]
        END AS state
    FROM generate_series(1, %(count)s) AS n) AS one) AS two
"""
CLOCKS_OF = """
INSERT INTO policies_applicationclock (application_id, target, number, unit, warning, started_at, warn_at,
    due_at, provisional, paused_at, met_at, level)
SELECT id, target, 5, 'workdays', 2, submitted_at, submitted_at + interval '3 days',
    submitted_at + interval '5 days', false, NULL, CASE WHEN state = 'approved' THEN submitted_at END, 0
FROM policies_application CROSS JOIN (VALUES ('accept'), ('review')) AS targets (target)
"""
EVIDENCE_OF = """
INSERT INTO policies_evidence (application_id, number, rule_version_id, as_of, known_at, verdict, amount_low,
    amount_high, content, digest, at)
SELECT a.id, 1, v.rule_version_id, a.submitted_at::date, a.submitted_at, 'eligible', 10000000, 10000000, '{}',
    '', a.submitted_at
FROM policies_application a JOIN policies_itemversion v ON v.id = a.version_id
"""
TRIGGER = "policies_application_state_transitions"
TABLES = ("policies_application", "policies_applicationclock", "policies_evidence")


@pytest.fixture(scope="module")
def reviewer(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[User]:
    """A reviewer of a department with ten thousand applications for twenty items, committed."""
    with django_db_blocker.unblock():
        write(list(draw(FIRMS, DEMO_SEED, DEMO_TODAY)), timezone.now())
        user = make.reviewer()
        enable_totp(user)
        fill(user, [make.version() for _number in range(ITEMS)])
        yield user
        call_command("flush", interactive=False, verbosity=0)


def fill(reviewer: User, versions: list[ItemVersion], count: int = APPLICATIONS) -> None:
    """By set-based SQL, as the tables' owner: half of them decided, the others in every state."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(id) FROM enterprises_enterprise")
        (firms,) = cursor.fetchone()
    values = {
        "count": count,
        "firms": firms,
        "items": [version.item_id for version in versions],
        "versions": [version.pk for version in versions],
        "reviewer": reviewer.pk,
        "leader": make.leader().pk,
        "now": timezone.now(),
    }
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE policies_application DISABLE TRIGGER {TRIGGER}")
        for statement in (APPLICATIONS_OF, CLOCKS_OF, EVIDENCE_OF):
            cursor.execute(statement, values)
        cursor.execute(f"ALTER TABLE policies_application ENABLE ALWAYS TRIGGER {TRIGGER}")
        for table in TABLES:
            cursor.execute(f"VACUUM ANALYZE {table}")


@pytest.mark.parametrize("basket", ["new", "mine", "overdue", "ended", "the middle of ended"])
def test_the_queue(reviewer: User, basket: str) -> None:
    client = Client()
    client.force_login(reviewer)
    department = reviewer.postings.get().department_id
    url = reverse("desk_applications", args=[department])
    query = {"basket": basket.split()[-1]}
    if "middle" in basket:
        query["after"] = str(Application.objects.order_by("pk")[APPLICATIONS // 2].pk)
    name = f"review queue over {APPLICATIONS:,} applications, {basket}"
    client.get(url, query)
    queries = own_queries(client, url, query)
    help_url = reverse("help")
    seconds, peer = harness.side_by_side(lambda: client.get(url, query), lambda: client.get(help_url))
    assert harness.below(f"{name}: queries", queries, "queries", MOST_QUERIES + 1).ok
    assert harness.within(f"{name} / help page", seconds, peer, at_most=AT_MOST).ok
