"""Release of 20,000 payments, and the scan of the books over a million transfers.

The release's peer: one bare INSERT … SELECT each of the same payments, transfers and events, and the INSERT
of the instruction file, into tables of the same columns, checks and indexes, without foreign keys and
triggers. Both are rolled back, and the best of some rounds counts. The scan's peer: one count and sum of the
same transfers.
"""

import time
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Count, Sum
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from enterprises.models import Enterprise
from policies.models import AccountCheck, InstructionFile, PayeeAccount, PaymentBatch, Transfer
from policies.money import invariants, releasing
from portal.kernel.database import as_owner
from portal.shell.demo import DEMO_SEED, DEMO_TODAY
from portal.shell.demo.loading import write
from portal.shell.demo.population import draw
from tests.accounts.factories import UserFactory
from tests.benchmarks import harness
from tests.enjoying.taken import grant
from tests.money.factories import Desk, new_award

PAYMENTS, TRANSFERS = 20_000, 1_000_000
AT_MOST, SECONDS = 4, 10
SCAN_AT_MOST = 120
"""Times one count and sum of the transfers: each of the dozen figures as long as ten of these."""
ROUNDS = 12
BARE = {
    "policies_payment": """
        (batch_id, line_id, award_id, enterprise_id, account_id, amount_fen, state, sent_at, reason)
        SELECT batch_id, line_id, award_id, enterprise_id, account_id, amount_fen, 'sent', %(at)s, ''""",
    "policies_transfer": """(payment_id, line_id, kind, amount_fen, at)
        SELECT id, line_id, 'reserve', amount_fen, %(at)s""",
    "policies_paymentevent": """(subject_id, at, name, source, target, comment, public)
        SELECT id, %(at)s, 'send', 'prepared', 'sent', '', false""",
}
TABLES = tuple(BARE)
FILES = "policies_instructionfile"


@pytest.fixture(scope="module")
def desk(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Desk]:
    """A desk with a confirmed batch of 20,000 payments to as many enterprises; rows committed."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            write(list(draw(PAYMENTS, DEMO_SEED, DEMO_TODAY)), timezone.now())
        desk = Desk(appropriated_fen=10**15)
        give_accounts()
        wanted = [new_award(desk.version, one, amount_fen=1 + one.pk) for one in Enterprise.objects.all()]
        made = grant(*wanted, at=desk.at)
        desk.confirm(desk.prepare(desk.draft(*made)))
        yield desk
        call_command("flush", interactive=False, verbosity=0)


def give_accounts() -> None:
    giver, checker, now = UserFactory(), UserFactory(), timezone.now()
    given = PayeeAccount.objects.bulk_create(
        PayeeAccount(
            enterprise=one,
            holder=one.name,
            bank="垫江农商行",
            number=f"6222{one.pk:012d}",
            given_by=giver,
            given_at=now,
        )
        for one in Enterprise.objects.all()
    )
    AccountCheck.objects.bulk_create(
        AccountCheck(account=one, outcome="matched", checked_by=checker, checked_at=now) for one in given
    )


def test_releasing_twenty_thousand(desk: Desk) -> None:
    batch = PaymentBatch.objects.get()
    best, peer = float("inf"), float("inf")
    for _round in range(ROUNDS):
        with as_owner(), connection.cursor() as cursor:
            cursor.execute(f"VACUUM ANALYZE {', '.join(TABLES)}")
        at = desk.tick()
        code = desk.code(desk.releaser)
        with transaction.atomic():
            start = time.perf_counter()
            file = releasing.release(PaymentBatch.objects.get(), code, by=desk.releaser, at=at)
            check_now()
            best = min(best, time.perf_counter() - start)
            assert Transfer.objects.filter(payment__batch=batch).count() == PAYMENTS
            transaction.set_rollback(True)
        peer = min(peer, bare(file))
    assert harness.within("Release of 20,000 payments", best, peer, at_most=AT_MOST).ok


def check_now() -> None:
    """Let foreign keys that wait for the commit be checked: what is timed is rolled back."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def bare(file: InstructionFile) -> float:
    """Seconds of the bare INSERTs of the rows that a release wrote, into tables like theirs."""
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        for table in (*TABLES, FILES):
            cursor.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL)")
        start = time.perf_counter()
        for table, select in BARE.items():
            cursor.execute(
                f"INSERT INTO bare_{table} {select} FROM policies_payment p", {"at": file.written_at}
            )
        columns = [field for field in InstructionFile._meta.concrete_fields if not field.primary_key]
        names = ", ".join(field.column for field in columns)
        values = [field.get_db_prep_save(getattr(file, field.attname), connection) for field in columns]
        places = ", ".join(["%s"] * len(columns))
        cursor.execute(f"INSERT INTO bare_{FILES} ({names}) VALUES ({places})", values)
        seconds = time.perf_counter() - start
        transaction.set_rollback(True)
    return seconds


def test_scanning_a_million_transfers(desk: Desk) -> None:
    desk.settle(desk.release(PaymentBatch.objects.get()))
    multiply()
    assert Transfer.objects.count() >= TRANSFERS
    best, peer = float("inf"), float("inf")
    for _round in range(ROUNDS):
        with CaptureQueriesContext(connection) as captured:
            start = time.perf_counter()
            broken = invariants.broken()
            best = min(best, time.perf_counter() - start)
        assert len(captured) == 1
        assert broken == []
        start = time.perf_counter()
        Transfer.objects.aggregate(Count("pk"), Sum("amount_fen"))
        peer = min(peer, time.perf_counter() - start)
    name = "Scan of the books over a million transfers"
    assert harness.within(f"{name} / one count and sum of them", best, peer, at_most=SCAN_AT_MOST).ok
    assert harness.below(name, best, "s", SECONDS).ok


TURNS = TRANSFERS // PAYMENTS // 2
COPIED = {
    "award": {"period": "period - turn"},
    "paymentbatch": {"number": "number || '-' || turn"},
    "batchsignature": {"batch_id": "batch_id + far", "second_factor": "second_factor || turn"},
    "payment": {"batch_id": "batch_id + far", "award_id": "award_id + far"},
    "transfer": {"payment_id": "payment_id + far"},
    "instructionfile": {"batch_id": "batch_id + far", "number": "number || '-' || turn"},
    "returnfile": {
        "instruction_id": "instruction_id + far",
        "number": "number || '-' || turn",
        "content": "content || turn::text::bytea",
        "sha256": "encode(sha256(content || turn::text::bytea), 'hex')",
    },
    "returnline": {
        "file_id": "file_id + far",
        "payment_id": "payment_id + far",
        "serial": "serial || '-' || turn",
    },
}
"""Tables, and what differs in a copy of their rows beside the id."""


def multiply() -> None:
    """The settled batch again and again, in other years, by the owner of the tables with all guards away."""
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        for table, changed in COPIED.items():
            cursor.execute(f"ALTER TABLE policies_{table} DISABLE TRIGGER USER")
            described = connection.introspection.get_table_description(cursor, f"policies_{table}")
            given = {"id": "id + far"} | changed
            columns = [column.name for column in described]
            values = ", ".join(given.get(name, name) for name in columns)
            cursor.execute(
                f"INSERT INTO policies_{table} ({', '.join(columns)}) SELECT {values} FROM policies_{table},"
                " LATERAL (SELECT turn, turn * 10000000 AS far FROM generate_series(1, %s) AS turn) AS turns"
                " WHERE id < 10000000",
                [TURNS],
            )
        cursor.execute("UPDATE policies_budgetline SET paid_fen = paid_fen * %s", [TURNS + 1])
    with as_owner(), connection.cursor() as cursor:
        for table in COPIED:
            relation = [f"policies_{table}"]
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", relation
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f"ALTER TABLE policies_{table} ENABLE ALWAYS TRIGGER {name}")
        cursor.execute("ANALYZE")
