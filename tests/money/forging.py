"""Steps of a batch as somebody takes them who has the application role and needs nobody's code."""

from django.db import connection, transaction

from policies.models import BatchSignature
from policies.money.batches import digest
from portal.kernel.database import as_owner
from tests.rows import change

NOW = "2026-03-02T08:00Z"


def sign(batch, step, by, **values):
    given = {"round": batch.round, "digest": digest(batch), "second_factor": f"totp:{by.pk}:{step}"}
    return BatchSignature.objects.create(batch=batch, step=step, by=by, at=NOW, **given | values)


def confirm(batch, by, **values):
    sign(batch, "confirm", by)
    change(batch, state="confirmed", confirmed_by_id=by.pk, **{"confirmed_at": NOW} | values)


def release(batch, by, **values):
    sign(batch, "release", by)
    change(batch, state="released", released_by_id=by.pk, **{"released_at": NOW} | values)


def confirmed(by):
    """Of an upload: that somebody else stands for it."""
    return {"confirmed_by_id": by.pk, "confirmed_at": NOW}


def send(payment):
    change(payment, state="sent", sent_at=NOW)


def behind_all_guards(statement, *parameters):
    """The tables' owner switches the triggers of payments off for one statement, not in a transaction."""
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'policies_payment'::regclass AND NOT tgisinternal"
        )
        triggers = [name for (name,) in cursor.fetchall()]
        for name in triggers:
            cursor.execute(f"ALTER TABLE policies_payment DISABLE TRIGGER {name}")
        cursor.execute(statement, parameters)
        for name in triggers:
            cursor.execute(f"ALTER TABLE policies_payment ENABLE ALWAYS TRIGGER {name}")
