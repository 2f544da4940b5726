"""What the database itself holds of money: states, composite keys, three people, a content that was signed, books.

Everything raised here is a check violation with a constraint name, and fires under
`session_replication_role = replica` too. Nobody but the ledger's function books or moves a budget line.
"""

from django.db import migrations

from portal.kernel.transitions import StateTrigger

# --- whose it is: the sum is the award's, the account the enterprise's own, the line the batch's -----------

_KEYS = {
    "payment_award": (
        "payment (award_id, enterprise_id, amount_fen)",
        "award (id, enterprise_id, amount_fen)",
    ),
    "payment_account": ("payment (account_id, enterprise_id)", "payeeaccount (id, enterprise_id)"),
    "payment_batch": ("payment (batch_id, line_id)", "paymentbatch (id, line_id)"),
    "transfer_payment": ("transfer (payment_id, line_id, amount_fen)", "payment (id, line_id, amount_fen)"),
}


def _keys():
    for name, (source, target) in _KEYS.items():
        table, columns = source.split(" ", 1)
        yield (
            f"ALTER TABLE policies_{table} ADD CONSTRAINT policies_{name} FOREIGN KEY {columns}"
            f" REFERENCES policies_{target};\n",
            f"ALTER TABLE policies_{table} DROP CONSTRAINT policies_{name};\n",
        )


# --- what stands: table, which of its rows, and what may be changed of those all the same ------------------

_PAYMENT = """
    (OLD.id, OLD.batch_id, OLD.line_id, OLD.award_id, OLD.enterprise_id, OLD.account_id, OLD.amount_fen)
    IS DISTINCT FROM
    (NEW.id, NEW.batch_id, NEW.line_id, NEW.award_id, NEW.enterprise_id, NEW.account_id, NEW.amount_fen)
    OR OLD.state = NEW.state AND OLD.* IS DISTINCT FROM NEW.*
    OR OLD.sent_at IS NOT NULL AND OLD.sent_at IS DISTINCT FROM NEW.sent_at
"""
_SAME = "OLD.state = NEW.state"
_STANDS = (
    ("payment", "UPDATE", _PAYMENT, ()),
    ("paymentbatch", "UPDATE", f"{_SAME} AND OLD.state = 'draft'", ("title",)),
    ("paymentbatch", "UPDATE", f"{_SAME} AND OLD.state <> 'draft'", ()),
    (
        "paymentbatch",
        "UPDATE",
        "OLD.state <> NEW.state AND NEW.state = 'prepared'",
        ("state", "prepared_by_id", "prepared_at", "digest", "count", "total_fen"),
    ),
    (
        "paymentbatch",
        "UPDATE",
        "OLD.state <> NEW.state AND NEW.state = 'confirmed'",
        ("state", "confirmed_by_id", "confirmed_at"),
    ),
    (
        "paymentbatch",
        "UPDATE",
        "OLD.state <> NEW.state AND NEW.state = 'released'",
        ("state", "released_by_id", "released_at"),
    ),
    ("paymentbatch", "UPDATE", "OLD.state <> NEW.state AND NEW.state = 'settled'", ("state", "settled_at")),
    ("paymentbatch", "UPDATE", "OLD.state <> NEW.state AND NEW.state = 'cancelled'", ("state",)),
    ("freeze", "UPDATE OR DELETE", "OLD.thaw_asked_at IS NULL", ("thaw_asked_by_id", "thaw_asked_at")),
    (
        "freeze",
        "UPDATE OR DELETE",
        "OLD.thaw_asked_at IS NOT NULL AND OLD.thawed_at IS NULL",
        ("thawed_by_id", "thawed_at"),
    ),
    ("freeze", "UPDATE OR DELETE", "OLD.thawed_at IS NOT NULL", ()),
    ("instructionfile", "UPDATE OR DELETE", "OLD.delivered_at IS NULL", ("delivered_at",)),
    ("instructionfile", "UPDATE OR DELETE", "OLD.delivered_at IS NOT NULL", ()),
    (
        "returnfile",
        "UPDATE",
        "OLD.state = 'received'",
        ("state", "number", "instruction_id", "reasons"),
    ),
    ("returnfile", "UPDATE", "OLD.state <> 'received'", ("state",)),
    (
        "correction",
        "UPDATE",
        "OLD.state = 'proposed'",
        ("state", "decided_by_id", "decided_at", "reason"),
    ),
    ("correction", "UPDATE", "OLD.state <> 'proposed'", ("state", "recovered_at")),
)


def _stands():
    for number, (table, events, when, free) in enumerate(_STANDS):
        name, arguments = f"policies_{table}_stands_{number}", ", ".join(f"'{column}'" for column in free)
        yield (
            f"""
CREATE TRIGGER {name} BEFORE {events} ON policies_{table} FOR EACH ROW
    WHEN ({when}) EXECUTE FUNCTION policies_stands({arguments});
ALTER TABLE policies_{table} ENABLE ALWAYS TRIGGER {name};
""",
            f"DROP TRIGGER {name} ON policies_{table};\n",
        )


# --- guards: name (of trigger, function and constraint), when it fires, what it refuses --------------------

_DIGEST = """
CREATE FUNCTION policies_batch_digest(batch bigint) RETURNS text
    LANGUAGE sql STABLE SET search_path = public, pg_temp AS $body$
    SELECT encode(sha256(convert_to(
        (SELECT number || '|' || line_id || E'\\n' FROM policies_paymentbatch WHERE id = batch)
        || coalesce(string_agg(
            id || '|' || award_id || '|' || enterprise_id || '|' || account_id || '|' || amount_fen || E'\\n',
            '' ORDER BY id
        ), ''), 'UTF8')), 'hex')
    FROM policies_payment WHERE batch_id = batch AND state <> 'void'
$body$;
"""

_ROW = "BEFORE UPDATE ON policies_paymentbatch FOR EACH ROW WHEN (OLD.state <> NEW.state AND {when})"
_ADDED = "AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT"
_MOVED = "AFTER UPDATE ON policies_payment REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT"

# Name, trigger, what is done first, condition of refusal, words.
_GUARDS = (
    (
        "policies_accountcheck_outsider",
        "BEFORE INSERT ON policies_accountcheck FOR EACH ROW",
        "",
        """EXISTS (
            SELECT 1 FROM policies_payeeaccount a WHERE a.id = NEW.account_id AND (
                a.given_by_id = NEW.checked_by_id OR EXISTS (
                    SELECT 1 FROM enterprises_membership m
                    WHERE m.enterprise_id = a.enterprise_id AND m.user_id = NEW.checked_by_id)))""",
        "an account is checked by an official who has nothing to do with the enterprise",
    ),
    (
        "policies_accountcheck_name",
        "BEFORE INSERT ON policies_accountcheck FOR EACH ROW",
        "",
        """NEW.outcome = 'matched' AND NOT EXISTS (
            SELECT 1 FROM policies_payeeaccount a JOIN enterprises_enterprise e ON e.id = a.enterprise_id
            WHERE a.id = NEW.account_id AND a.holder = e.name)""",
        "only an account in the name of the enterprise matches",
    ),
    (
        "policies_award_of_application",
        _ADDED.format(table="policies_award"),
        "",
        """EXISTS (
            SELECT 1 FROM new_rows a LEFT JOIN policies_application p ON p.id = a.application_id
            WHERE a.source = 'application' AND
                (p.state, p.item_id, p.enterprise_id, p.period, p.version_id, p.amount_fen) IS DISTINCT FROM
                ('approved', a.item_id, a.enterprise_id, a.period, a.version_id, a.amount_fen))""",
        "an application is awarded what was approved",
    ),
    (
        "policies_award_of_correction",
        _ADDED.format(table="policies_award"),
        "",
        """EXISTS (
            SELECT 1 FROM new_rows a
            LEFT JOIN policies_correction c ON c.id = a.correction_id
            LEFT JOIN policies_award o ON o.id = c.award_id
            WHERE a.source = 'correction' AND
                (c.state, c.kind, c.amount_fen, o.item_id, o.enterprise_id, o.period) IS DISTINCT FROM
                ('accepted', 'topup', a.amount_fen, a.item_id, a.enterprise_id, a.period))""",
        "a correction is awarded what was decided",
    ),
    (
        "policies_budgetline_ledger",
        "BEFORE INSERT OR UPDATE ON policies_budgetline FOR EACH ROW",
        "was := ARRAY[coalesce(OLD.reserved_fen, 0), coalesce(OLD.paid_fen, 0)];",
        """ARRAY[NEW.reserved_fen, NEW.paid_fen] <> was AND current_user <> (
            SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID)""",
        "the ledger alone moves a budget line",
    ),
    (
        "policies_paymentbatch_round",
        "BEFORE UPDATE ON policies_paymentbatch FOR EACH ROW"
        " WHEN (OLD.state <> NEW.state AND NEW.state = 'draft')",
        "",
        """NEW.round <> OLD.round + 1 OR
            (NEW.id, NEW.number, NEW.line_id, NEW.title, NEW.drafted_at) IS DISTINCT FROM
            (OLD.id, OLD.number, OLD.line_id, OLD.title, OLD.drafted_at)""",
        "a batch that is sent back begins a new round",
    ),
    (
        "policies_paymentbatch_digest",
        _ROW.format(when="NEW.state IN ('prepared', 'confirmed', 'released')"),
        """was := (SELECT ARRAY[count(*), sum(amount_fen)] FROM policies_payment
                WHERE batch_id = NEW.id AND state <> 'void');""",
        "NEW.digest <> policies_batch_digest(NEW.id) OR ARRAY[NEW.count, NEW.total_fen] IS DISTINCT FROM was",
        "the content of the batch is not what was signed",
    ),
    (
        "policies_paymentbatch_signed",
        _ROW.format(when="NEW.state IN ('confirmed', 'released')"),
        "",
        """NOT EXISTS (
            SELECT 1 FROM policies_batchsignature
            WHERE batch_id = NEW.id AND round = NEW.round AND digest = NEW.digest
                AND (step, by_id) = (CASE NEW.state WHEN 'confirmed' THEN 'confirm' ELSE 'release' END,
                    CASE NEW.state WHEN 'confirmed' THEN NEW.confirmed_by_id ELSE NEW.released_by_id END))""",
        "nobody has signed this content for this step",
    ),
    (
        "policies_paymentbatch_over",
        _ROW.format(when="NEW.state IN ('settled', 'cancelled')"),
        "",
        """EXISTS (
            SELECT 1 FROM policies_payment
            WHERE batch_id = NEW.id AND state IN ('prepared', 'sent', 'unknown'))""",
        "a payment of the batch is still open",
    ),
    (
        "policies_payment_into_draft",
        _ADDED.format(table="policies_payment"),
        # whoever prepares the batch waits for this, and this for them
        """PERFORM 1 FROM policies_paymentbatch
            WHERE id IN (SELECT batch_id FROM new_rows) ORDER BY id FOR SHARE;""",
        """EXISTS (
            SELECT 1 FROM new_rows p JOIN policies_paymentbatch b ON b.id = p.batch_id
            WHERE b.state <> 'draft')""",
        "payments are added to drafts only",
    ),
    (
        "policies_payment_out_of_draft",
        _MOVED,
        """PERFORM 1 FROM policies_paymentbatch
            WHERE id IN (SELECT batch_id FROM new_rows WHERE state = 'void') ORDER BY id FOR SHARE;""",
        """EXISTS (
            SELECT 1 FROM new_rows p JOIN policies_paymentbatch b ON b.id = p.batch_id
            WHERE p.state = 'void' AND b.state NOT IN ('draft', 'cancelled'))""",
        "payments are taken out of drafts only",
    ),
    (
        "policies_payment_released",
        _MOVED,
        "",
        """EXISTS (
            SELECT 1 FROM new_rows p JOIN policies_paymentbatch b ON b.id = p.batch_id
            WHERE p.state = 'sent' AND b.state <> 'released')""",
        "payments are sent by releasing their batch",
    ),
    (
        "policies_payment_frozen",
        _MOVED,
        # a freeze waits for the releases that are on, and stops all that come after it
        """IF EXISTS (SELECT 1 FROM new_rows WHERE state = 'sent') THEN
        PERFORM policies_let_freezes_wait();
    END IF;""",
        """EXISTS (
            SELECT 1 FROM policies_freeze f
            WHERE f.thawed_at IS NULL AND EXISTS (
                SELECT 1 FROM new_rows p
                WHERE p.state = 'sent' AND coalesce(f.line_id, p.line_id) = p.line_id
                    AND coalesce(f.batch_id, p.batch_id) = p.batch_id))""",
        "what is frozen is not sent",
    ),
    (
        "policies_payment_checked",
        _MOVED,
        "",
        """EXISTS (
            SELECT 1 FROM new_rows p
            WHERE p.state = 'sent' AND (
                NOT EXISTS (SELECT 1 FROM policies_accountcheck c
                            WHERE c.account_id = p.account_id AND c.outcome = 'matched')
                OR EXISTS (SELECT 1 FROM policies_payeeaccount a
                           WHERE a.enterprise_id = p.enterprise_id AND a.id > p.account_id)))""",
        "money goes to the newest account of the enterprise, once that is checked",
    ),
    (
        "policies_payment_answered",
        _MOVED,
        "",
        """EXISTS (
            SELECT 1 FROM new_rows p
            WHERE p.state IN ('paid', 'returned') AND NOT EXISTS (
                SELECT 1 FROM policies_returnline r
                WHERE r.payment_id = p.id AND r.outcome = p.state AND r.amount_fen = p.amount_fen))""",
        "the treasury has not said so",
    ),
)


def _guards():
    for name, trigger, first, refused, words in _GUARDS:
        table = trigger.split(" ON ")[1].split()[0]
        leave = "NEW" if "EACH ROW" in trigger else "NULL"
        declared = "DECLARE was bigint[];" if first.startswith("was") else ""
        yield (
            f"""
CREATE FUNCTION {name}() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
{declared}
BEGIN
    {first}
    IF {refused} THEN
        RAISE EXCEPTION '{words}'
            USING ERRCODE = 'check_violation', CONSTRAINT = '{name}', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN {leave};
END
$body$;
CREATE TRIGGER {name} {trigger} EXECUTE FUNCTION {name}();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name};
""",
            f"DROP TRIGGER {name} ON {table};\nDROP FUNCTION {name}();\n",
        )


# --- a freeze waits for what is being released, and what is released after it for the freeze ----------------

_FREEZES = """
CREATE FUNCTION policies_let_freezes_wait() RETURNS void
    LANGUAGE sql SET search_path = public, pg_temp
    AS $body$ SELECT pg_advisory_xact_lock_shared(hashtext('policies_freeze')) $body$;

CREATE FUNCTION policies_freeze_waits() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('policies_freeze'));
    RETURN NULL;
END
$body$;
CREATE TRIGGER policies_freeze_waits BEFORE INSERT ON policies_freeze
    FOR EACH STATEMENT EXECUTE FUNCTION policies_freeze_waits();
ALTER TABLE policies_freeze ENABLE ALWAYS TRIGGER policies_freeze_waits;
"""
_FREEZES_UNDO = """
DROP TRIGGER policies_freeze_waits ON policies_freeze;
DROP FUNCTION policies_freeze_waits();
DROP FUNCTION policies_let_freezes_wait();
"""

# --- the books ----------------------------------------------------------------------------------------------

# With the rights of the owner: it asks whose trigger it is, lest a temporary table have it book what never was.
# EXECUTE plans anew each time: a plan made for one row would compare twenty thousand with twenty thousand.
_LEDGER = """
CREATE FUNCTION policies_payment_ledger() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $body$
BEGIN
    IF TG_RELID <> 'public.policies_payment'::regclass THEN
        RAISE EXCEPTION 'the ledger books the payments of policies_payment only'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_payment_ledger', TABLE = TG_TABLE_NAME;
    END IF;
    EXECUTE $sql$
        WITH moved AS (
            SELECT n.id, n.line_id, n.amount_fen,
                   CASE n.state WHEN 'sent' THEN n.sent_at ELSE n.settled_at END AS at,
                   CASE n.state
                       WHEN 'sent' THEN 'reserve'
                       WHEN 'paid' THEN 'post'
                       WHEN 'returned' THEN CASE o.state WHEN 'paid' THEN 'reverse' ELSE 'release' END
                   END AS kind
            FROM new_rows n JOIN old_rows o USING (id)
            WHERE n.state <> o.state AND n.state IN ('sent', 'paid', 'returned')
        ), booked AS (
            INSERT INTO policies_transfer (payment_id, line_id, kind, amount_fen, at)
            SELECT id, line_id, kind, amount_fen, at FROM moved ORDER BY id
            RETURNING line_id, kind, amount_fen
        ), sums AS (
            SELECT line_id,
                   sum(CASE kind WHEN 'reserve' THEN 1 WHEN 'reverse' THEN 0 ELSE -1 END * amount_fen) AS reserved,
                   sum(CASE kind WHEN 'post' THEN 1 WHEN 'reverse' THEN -1 ELSE 0 END * amount_fen) AS paid
            FROM booked GROUP BY line_id
        )
        UPDATE policies_budgetline l
        SET reserved_fen = l.reserved_fen + s.reserved, paid_fen = l.paid_fen + s.paid
        FROM sums s WHERE l.id = s.line_id
    $sql$;
    RETURN NULL;
END
$body$;
REVOKE EXECUTE ON FUNCTION policies_payment_ledger() FROM PUBLIC;
CREATE TRIGGER policies_payment_ledger AFTER UPDATE ON policies_payment
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION policies_payment_ledger();
ALTER TABLE policies_payment ENABLE ALWAYS TRIGGER policies_payment_ledger;
"""
_LEDGER_UNDO = """
DROP TRIGGER policies_payment_ledger ON policies_payment;
DROP FUNCTION policies_payment_ledger();
"""

_MADE = [*_keys(), *_stands(), (_DIGEST, "DROP FUNCTION policies_batch_digest(bigint);\n")]
_MADE += [(_FREEZES, _FREEZES_UNDO), *_guards(), (_LEDGER, _LEDGER_UNDO)]


class Migration(migrations.Migration):
    dependencies = [("policies", "0016_money"), ("enterprises", "0011_scopes_of_applications")]
    operations = [
        StateTrigger(
            "PaymentBatch",
            "state",
            initial="draft",
            edges=[
                ("confirmed", "draft"),
                ("confirmed", "released"),
                ("draft", "cancelled"),
                ("draft", "prepared"),
                ("prepared", "confirmed"),
                ("prepared", "draft"),
                ("released", "settled"),
            ],
            deletable=[],
        ),
        StateTrigger(
            "Payment",
            "state",
            initial="prepared",
            edges=[
                ("paid", "returned"),
                ("prepared", "sent"),
                ("prepared", "void"),
                ("sent", "paid"),
                ("sent", "returned"),
                ("sent", "unknown"),
                ("unknown", "paid"),
                ("unknown", "returned"),
            ],
            deletable=[],
        ),
        StateTrigger(
            "ReturnFile",
            "state",
            initial="received",
            edges=[
                ("quarantined", "dismissed"),
                ("received", "applied"),
                ("received", "quarantined"),
            ],
            deletable=[],
        ),
        StateTrigger(
            "Correction",
            "state",
            initial="proposed",
            edges=[("accepted", "recovered"), ("proposed", "accepted"), ("proposed", "dismissed")],
            deletable=[],
        ),
        migrations.RunSQL(
            "".join(made for made, _undone in _MADE),
            "".join(undone for _made, undone in reversed(_MADE)),
        ),
    ]
