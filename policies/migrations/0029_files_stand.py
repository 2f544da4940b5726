"""Files are held as payments are: told is what was sent, booked what was applied, and each delivery is noted.

An instruction file is of a released batch and says what was sent of it, whoever inserts it: what lies in that table
goes to the treasury. A line of a return file is added while its file is being judged. A payment comes out of a
line that is for its item. What was not applied may be judged again.
"""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

from portal.kernel.transitions import StateTrigger

_BEFORE = import_module("policies.migrations.0018_money_invariants")
_ADDED = "AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT"

# Name, table, condition of refusal, words.
_GUARDS = (
    (
        "policies_instructionfile_sent",
        "policies_instructionfile",
        """EXISTS (
            SELECT 1 FROM new_rows f
            LEFT JOIN policies_paymentbatch b ON b.id = f.batch_id
            LEFT JOIN LATERAL (
                SELECT count(*) AS count, sum(amount_fen) AS total_fen,
                       coalesce(bool_and(p.state = 'sent'), false) AS sent
                FROM policies_payment p WHERE p.batch_id = f.batch_id AND p.state <> 'void') s ON true
            WHERE (b.state, s.sent, s.count, s.total_fen)
                IS DISTINCT FROM ('released', true, f.count, f.total_fen))""",
        "the treasury is told what was released and sent, and nothing else",
    ),
    (
        "policies_returnline_judged",
        "policies_returnline",
        """EXISTS (
            SELECT 1 FROM new_rows r JOIN policies_returnfile f ON f.id = r.file_id
            WHERE f.state <> 'received')""",
        "lines are added while their file is judged",
    ),
    (
        "policies_payment_of_line",
        "policies_payment",
        """EXISTS (
            SELECT 1 FROM new_rows p JOIN policies_award a ON a.id = p.award_id
            WHERE NOT EXISTS (
                SELECT 1 FROM policies_budgetline_items i
                WHERE i.budgetline_id = p.line_id AND i.policyitem_id = a.item_id))""",
        "a payment comes out of a line that is for its item",
    ),
)


def _guards():
    for name, table, refused, words in _GUARDS:
        yield (
            f"""
CREATE FUNCTION {name}() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF {refused} THEN
        RAISE EXCEPTION '{words}'
            USING ERRCODE = 'check_violation', CONSTRAINT = '{name}', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$body$;
CREATE TRIGGER {name} {_ADDED.format(table=table)} EXECUTE FUNCTION {name}();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name};
""",
            f"DROP TRIGGER {name} ON {table};\nDROP FUNCTION {name}();\n",
        )


_STOOD = """
DROP TRIGGER IF EXISTS policies_returnfile_stands_14 ON policies_returnfile;
CREATE TRIGGER policies_returnfile_stands_14 BEFORE UPDATE ON policies_returnfile FOR EACH ROW
    WHEN (OLD.state <> 'received') EXECUTE FUNCTION policies_stands('state');
ALTER TABLE policies_returnfile ENABLE ALWAYS TRIGGER policies_returnfile_stands_14;
"""
# a file that is judged again has no reasons against it until it is
_STANDS = """
DROP TRIGGER policies_returnfile_stands_14 ON policies_returnfile;
CREATE TRIGGER policies_returnfile_stands_14 BEFORE UPDATE ON policies_returnfile FOR EACH ROW
    WHEN (OLD.state <> 'received' AND NEW.state <> 'received') EXECUTE FUNCTION policies_stands('state');
ALTER TABLE policies_returnfile ENABLE ALWAYS TRIGGER policies_returnfile_stands_14;
CREATE TRIGGER policies_returnfile_stands_again BEFORE UPDATE ON policies_returnfile FOR EACH ROW
    WHEN (OLD.state <> 'received' AND NEW.state = 'received')
    EXECUTE FUNCTION policies_stands('state', 'reasons');
ALTER TABLE policies_returnfile ENABLE ALWAYS TRIGGER policies_returnfile_stands_again;
"""
_STANDS_UNDO = f"DROP TRIGGER policies_returnfile_stands_again ON policies_returnfile;\n{_STOOD}"

_FILES = """
SELECT 'files'::text AS name, count(*) AS broken,
       coalesce(array_to_string((array_agg(which ORDER BY which))[1:5], ', '), '') AS detail
FROM (
    SELECT r.serial FROM policies_returnline r
    JOIN policies_returnfile f ON f.id = r.file_id
    LEFT JOIN policies_instructionfile i ON i.id = f.instruction_id
    LEFT JOIN policies_payment p ON p.id = r.payment_id
    WHERE f.state <> 'applied' OR i.batch_id IS DISTINCT FROM p.batch_id
) AS found (which)
"""
_VIEW = f"""
DROP VIEW policies_money_invariants;
{_BEFORE._VIEW}
UNION ALL {_FILES};
"""
_VIEW_UNDO = f"DROP VIEW policies_money_invariants;\n{_BEFORE._VIEW};\n"

_MADE, _UNDONE = zip(*_guards(), (_STANDS, _STANDS_UNDO), (_VIEW, _VIEW_UNDO), strict=True)


class Migration(migrations.Migration):
    dependencies = [("policies", "0028_enjoyed_from_a_list")]
    operations = [
        migrations.CreateModel(
            name="InstructionDelivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("at", models.DateTimeField(verbose_name="送出时间")),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="policies.instructionfile",
                        verbose_name="拨付指令文件",
                    ),
                ),
            ],
            options={"verbose_name": "指令送出", "verbose_name_plural": "指令送出", "ordering": ["-pk"]},
        ),
        migrations.RunSQL(
            "INSERT INTO policies_instructiondelivery (file_id, at)"
            " SELECT id, delivered_at FROM policies_instructionfile WHERE delivered_at IS NOT NULL ORDER BY id",
            migrations.RunSQL.noop,
        ),
        StateTrigger(
            "ReturnFile",
            "state",
            initial="received",
            edges=[
                ("dismissed", "received"),
                ("quarantined", "dismissed"),
                ("quarantined", "received"),
                ("received", "applied"),
                ("received", "quarantined"),
            ],
            deletable=[],
        ),
        migrations.RunSQL("".join(_MADE), "".join(reversed(_UNDONE))),
    ]
