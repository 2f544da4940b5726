"""What the database itself holds of pools: states, room, what stands, the fuse, the books and a view of what must hold.

Everything raised here is a check violation with a constraint name, and fires under
`session_replication_role = replica` too. Locks are taken in one order: loan, admission or claim, pool.
"""

from django.db import migrations

from portal.kernel.transitions import StateTrigger

_TRIGGER = """
CREATE FUNCTION {name}() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    {first}
    IF ({refused}) THEN
        RAISE EXCEPTION '{words}'
            USING ERRCODE = 'check_violation', CONSTRAINT = '{name}', TABLE = TG_TABLE_NAME;
    END IF;
    {then}
    RETURN NEW;
END
$body$;
CREATE TRIGGER {name} {fires} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION {name}();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name};
"""

_POOL, _FUSE, _SOURCE = "finance_riskpool", "finance_poolfuse", "finance_poolsource"
_ADMISSION, _CLAIM = "finance_pooladmission", "finance_poolclaim"
_FILE, _RECOVERY = "finance_poolclaimfile", "finance_poolrecovery"
_OWNER = "(SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID)"
_PAST_THE_LINE = "{0}.bad_fen * 100 > {0}.fuse_rate * {0}.used_fen"
_ENDED = "'repaid', 'refused', 'withdrawn', 'expired'"
_BAD = "'overdue', 'written_off'"
_CHANGED = "WHEN (OLD.state <> NEW.state AND NEW.state {0})"
_LOSS = """NOT EXISTS (
        SELECT 1 FROM finance_pooladmission a JOIN finance_loanapplication l ON l.id = a.loan_id
        WHERE a.id = NEW.admission_id AND a.released_at IS NULL
            AND l.state IN ('overdue', 'written_off') AND NEW.loss_fen <= l.drawn_fen - l.repaid_fen)"""
_LOAN_STAYS = """PERFORM 1 FROM finance_loanapplication l JOIN finance_pooladmission a ON a.loan_id = l.id
        WHERE a.id = NEW.admission_id FOR SHARE OF l;"""

# Name, table, when it fires (and on what), what is done first, condition of refusal, words, what is done then.
_GUARDS = (
    (
        "finance_riskpool_ledger",
        _POOL,
        ("BEFORE INSERT OR UPDATE", ""),
        "",
        f"""ARRAY[NEW.capital_fen, NEW.balance_fen, NEW.used_fen, NEW.bad_fen] <> ARRAY[
            coalesce(OLD.capital_fen, 0), coalesce(OLD.balance_fen, 0),
            coalesce(OLD.used_fen, 0), coalesce(OLD.bad_fen, 0)] AND current_user <> {_OWNER}""",
        "the ledger alone moves the figures of a pool",
        f"""NEW.capacity_fen := floor(NEW.capital_fen * NEW.leverage);
    IF NEW.state = 'open' AND coalesce(OLD.state, 'open') = 'open' AND {_PAST_THE_LINE.format("NEW")} THEN
        NEW.state := 'fused';
    END IF;""",
    ),
    (
        "finance_riskpool_reopened",
        _POOL,
        ("BEFORE UPDATE", "WHEN (OLD.state = 'fused' AND NEW.state = 'open')"),
        "",
        f"""{_PAST_THE_LINE.format("NEW")}
            OR EXISTS (SELECT 1 FROM finance_poolfuse f WHERE f.pool_id = NEW.id AND f.reopened_at IS NULL)""",
        "a pool is open again once two people have ended its fuse, and below its line",
        "",
    ),
    (
        "finance_pooladmission_now",
        _ADMISSION,
        ("BEFORE INSERT", ""),
        # the loan does not go back on what it says before this is through
        "PERFORM 1 FROM finance_loanapplication WHERE id = NEW.loan_id FOR SHARE;",
        """NEW.bad OR NEW.released_at IS NOT NULL OR NOT EXISTS (
            SELECT 1 FROM finance_loanapplication l
            WHERE l.id = NEW.loan_id AND l.state IN ('approved', 'signed') AND l.bank_id = NEW.bank_id
                AND l.approved_fen = NEW.amount_fen)""",
        "a pool takes on what a bank approved, before money goes out",
        "",
    ),
    (
        "finance_pooladmission_bank",
        _ADMISSION,
        ("BEFORE INSERT", ""),
        "",
        """NOT EXISTS (SELECT 1 FROM finance_riskpool_banks b
            WHERE b.riskpool_id = NEW.pool_id AND b.bank_id = NEW.bank_id)""",
        "a pool takes on loans of the banks that take part in it",
        "",
    ),
    (
        "finance_poolclaim_loss",
        _CLAIM,
        ("BEFORE INSERT", ""),
        _LOAN_STAYS,
        _LOSS + """ OR NEW.guarantee_share <> (
            SELECT p.guarantee_share FROM finance_riskpool p
            JOIN finance_pooladmission a ON a.pool_id = p.id WHERE a.id = NEW.admission_id)""",
        "a claim is for what is still owed on a bad loan of the pool, shared as the pool shares",
        "",
    ),
    (
        "finance_poolclaim_still_lost",
        _CLAIM,
        ("BEFORE UPDATE", _CHANGED.format("= 'paid'")),
        _LOAN_STAYS,
        _LOSS,
        "what was paid back since is no loss any more",
        "",
    ),
    (
        "finance_poolclaim_documented",
        _CLAIM,
        ("BEFORE UPDATE", _CHANGED.format("= 'reviewed'")),
        "",
        "NOT EXISTS (SELECT 1 FROM finance_poolclaimfile f WHERE f.claim_id = NEW.id)",
        "a claim is reviewed with its documents",
        "",
    ),
    (
        "finance_poolclaim_ledger_only",
        _CLAIM,
        ("BEFORE INSERT OR UPDATE", ""),
        "",
        f"""ARRAY[NEW.recovered_fen, NEW.returned_fen]
            <> ARRAY[coalesce(OLD.recovered_fen, 0), coalesce(OLD.returned_fen, 0)]
            AND current_user <> {_OWNER}""",
        "the ledger alone counts what came back",
        "",
    ),
    (
        "finance_poolclaimfile_in_time",
        _FILE,
        ("BEFORE INSERT", ""),
        "PERFORM 1 FROM finance_poolclaim WHERE id = NEW.claim_id FOR SHARE;",
        "(SELECT state FROM finance_poolclaim WHERE id = NEW.claim_id) <> 'filed'",
        "documents are added before a claim is reviewed",
        "",
    ),
    (
        "finance_poolrecovery_paid",
        _RECOVERY,
        ("BEFORE INSERT", ""),
        "",
        "(SELECT state FROM finance_poolclaim WHERE id = NEW.claim_id) <> 'paid'",
        "only what was paid comes back",
        "",
    ),
    (
        "finance_pooladmission_ended",
        _ADMISSION,
        ("BEFORE UPDATE", "WHEN (OLD.released_at IS NULL AND NEW.released_at IS NOT NULL)"),
        "",
        f"""CASE NEW.release_reason
            WHEN 'ended' THEN NOT EXISTS (
                SELECT 1 FROM finance_poolclaim c WHERE c.admission_id = NEW.id AND c.state = 'paid')
            ELSE NEW.release_reason IS DISTINCT FROM (
                SELECT state FROM finance_loanapplication WHERE id = NEW.loan_id) END
            OR NEW.release_reason <> 'ended' AND current_user <> {_OWNER}""",
        "a pool lets go of a loan when that is over, or after compensation",
        "",
    ),
    (
        "finance_pooladmission_bad",
        _ADMISSION,
        ("BEFORE UPDATE", "WHEN (OLD.bad <> NEW.bad)"),
        "",
        f"current_user <> {_OWNER}",
        "a loan of the pool is bad when the loan says so",
        "",
    ),
)


def _guards():
    for name, table, (fires, when), first, refused, words, then in _GUARDS:
        made = _TRIGGER.format(
            name=name, table=table, fires=fires, when=when, first=first, refused=refused, words=words, then=then
        )
        yield made, f"DROP TRIGGER {name} ON {table};\nDROP FUNCTION {name}();\n"


# --- what stands: table, which of its rows, and what may be changed of those all the same ------------------

_STAND = """
CREATE FUNCTION finance_pool_stands() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    free text[] := coalesce(TG_ARGV, '{}');
BEGIN
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - free <> to_jsonb(OLD) - free THEN
        RAISE EXCEPTION 'row % of % stands as it is', OLD.id, TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
"""
_MOVES = "OLD.state <> NEW.state AND NEW.state = '{0}'"
_STANDS = (
    (_ADMISSION, "UPDATE", "OLD.released_at IS NULL", "bad released_at released_by_id release_reason"),
    (_ADMISSION, "UPDATE", "OLD.released_at IS NOT NULL", ""),
    (_ADMISSION, "DELETE", "", ""),
    (_CLAIM, "UPDATE", "OLD.state = NEW.state", "recovered_fen returned_fen"),
    (_CLAIM, "UPDATE", _MOVES.format("reviewed"), "state reviewed_by_id reviewed_at"),
    (_CLAIM, "UPDATE", _MOVES.format("approved"), "state approved_by_id approved_at"),
    (_CLAIM, "UPDATE", _MOVES.format("paid"), "state paid_by_id paid_at serial"),
    (_CLAIM, "UPDATE", _MOVES.format("refused"), "state refusal"),
    (_FILE, "UPDATE OR DELETE", "", ""),
    (_FUSE, "UPDATE", "OLD.asked_at IS NULL", "told_at asked_by_id asked_at reason"),
    (
        _FUSE,
        "UPDATE",
        "OLD.asked_at IS NOT NULL AND OLD.reopened_at IS NULL",
        "told_at reopened_by_id reopened_at",
    ),
    (_FUSE, "UPDATE", "OLD.reopened_at IS NOT NULL", "told_at"),
    (_FUSE, "DELETE", "", ""),
)


def _stands():
    yield _STAND, "DROP FUNCTION finance_pool_stands();\n"
    for number, (table, events, when, free) in enumerate(_STANDS):
        name = f"{table}_stands_{number}"
        asked = f"WHEN ({when}) " if when else ""
        arguments = ", ".join(f"'{column}'" for column in free.split())
        yield (
            f"""
CREATE TRIGGER {name} BEFORE {events} ON {table} FOR EACH ROW {asked}
    EXECUTE FUNCTION finance_pool_stands({arguments});
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name};
""",
            f"DROP TRIGGER {name} ON {table};\n",
        )


# --- the books: with the rights of the owner; each asks whose trigger it is -------------------------------

_LEDGER = """
CREATE FUNCTION {name}() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $body$
BEGIN
    IF TG_RELID <> 'public.{table}'::regclass THEN
        RAISE EXCEPTION 'the ledger books the rows of {table} only'
            USING ERRCODE = 'check_violation', CONSTRAINT = '{name}', TABLE = TG_TABLE_NAME;
    END IF;
    {body}
    RETURN NULL;
END
$body$;
REVOKE EXECUTE ON FUNCTION {name}() FROM PUBLIC;
CREATE TRIGGER {name} {fires} ON {table} FOR EACH ROW {when} EXECUTE FUNCTION {name}();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name};
"""
_BOOKS = (
    (
        "finance_poolsource_ledger",
        _SOURCE,
        ("AFTER INSERT", ""),
        """INSERT INTO finance_pooltransfer (pool_id, kind, amount_fen, at, source_id)
        VALUES (NEW.pool_id, 'fund', NEW.amount_fen, NEW.at, NEW.id);
    UPDATE finance_riskpool SET capital_fen = capital_fen + NEW.amount_fen,
        balance_fen = balance_fen + NEW.amount_fen WHERE id = NEW.pool_id;""",
    ),
    (
        # its UPDATE waits for whoever is at the pool, and reads what they left: nobody overruns it
        "finance_pooladmission_ledger",
        _ADMISSION,
        ("AFTER INSERT", ""),
        """INSERT INTO finance_pooltransfer (pool_id, kind, amount_fen, at, admission_id)
        VALUES (NEW.pool_id, 'admit', NEW.amount_fen, NEW.at, NEW.id);
    UPDATE finance_riskpool SET used_fen = used_fen + NEW.amount_fen
        WHERE id = NEW.pool_id AND state = 'open'
            AND used_fen + NEW.amount_fen <= least(capacity_fen, balance_fen * leverage);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the pool takes on nothing more, or not so much'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_pooladmission_room', TABLE = TG_TABLE_NAME;
    END IF;""",
    ),
    (
        "finance_pooladmission_moves",
        _ADMISSION,
        ("AFTER UPDATE", "WHEN (OLD.released_at IS DISTINCT FROM NEW.released_at OR OLD.bad <> NEW.bad)"),
        """IF NEW.released_at IS NOT NULL THEN
        INSERT INTO finance_pooltransfer (pool_id, kind, amount_fen, at, admission_id)
            VALUES (NEW.pool_id, 'release', NEW.amount_fen, NEW.released_at, NEW.id);
        UPDATE finance_riskpool SET used_fen = used_fen - NEW.amount_fen,
            bad_fen = bad_fen - CASE WHEN OLD.bad THEN NEW.amount_fen ELSE 0 END WHERE id = NEW.pool_id;
    ELSE
        UPDATE finance_riskpool
            SET bad_fen = bad_fen + CASE WHEN NEW.bad THEN NEW.amount_fen ELSE -NEW.amount_fen END
            WHERE id = NEW.pool_id;
    END IF;""",
    ),
    (
        "finance_poolclaim_ledger",
        _CLAIM,
        ("AFTER UPDATE", _CHANGED.format("= 'paid'")),
        """INSERT INTO finance_pooltransfer (pool_id, kind, amount_fen, at, claim_id)
        SELECT pool_id, 'compensate', NEW.guarantee_fen, NEW.paid_at, NEW.id
        FROM finance_pooladmission WHERE id = NEW.admission_id;
    UPDATE finance_riskpool SET balance_fen = balance_fen - NEW.guarantee_fen
        WHERE id = (SELECT pool_id FROM finance_pooladmission WHERE id = NEW.admission_id);""",
    ),
    (
        "finance_poolrecovery_ledger",
        _RECOVERY,
        ("AFTER INSERT", ""),
        """UPDATE finance_poolclaim SET recovered_fen = recovered_fen + NEW.amount_fen,
        returned_fen = returned_fen + NEW.pool_fen WHERE id = NEW.claim_id;
    INSERT INTO finance_pooltransfer (pool_id, kind, amount_fen, at, recovery_id)
        SELECT a.pool_id, 'recover', NEW.pool_fen, NEW.at, NEW.id
        FROM finance_pooladmission a JOIN finance_poolclaim c ON c.admission_id = a.id WHERE c.id = NEW.claim_id;
    UPDATE finance_riskpool SET balance_fen = balance_fen + NEW.pool_fen
        WHERE id = (SELECT a.pool_id FROM finance_pooladmission a
            JOIN finance_poolclaim c ON c.admission_id = a.id WHERE c.id = NEW.claim_id);""",
    ),
    (
        "finance_loan_pooled",
        "finance_loanapplication",
        ("AFTER UPDATE", "WHEN (OLD.state <> NEW.state)"),
        f"""UPDATE finance_pooladmission SET
        bad = NEW.state IN ({_BAD}),
        released_at = CASE WHEN NEW.state IN ({_ENDED}) THEN now() END,
        release_reason = CASE WHEN NEW.state IN ({_ENDED}) THEN NEW.state ELSE '' END
        WHERE loan_id = NEW.id AND released_at IS NULL
            AND (bad <> (NEW.state IN ({_BAD})) OR NEW.state IN ({_ENDED}));""",
    ),
)


def _books():
    for name, table, (fires, when), body in _BOOKS:
        made = _LEDGER.format(name=name, table=table, fires=fires, when=when, body=body)
        yield made, f"DROP TRIGGER {name} ON {table};\nDROP FUNCTION {name}();\n"


_FUSES = """
CREATE FUNCTION finance_riskpool_fuses() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    INSERT INTO finance_poolfuse (pool_id, at, bad_fen, used_fen, fuse_rate, reason)
        VALUES (NEW.id, now(), NEW.bad_fen, NEW.used_fen, NEW.fuse_rate, '');
    INSERT INTO finance_riskpoolevent (subject_id, at, name, source, target, comment, public)
        VALUES (NEW.id, now(), 'fuse', 'open', 'fused', '', false);
    RETURN NULL;
END
$body$;
CREATE TRIGGER finance_riskpool_fuses AFTER UPDATE ON finance_riskpool FOR EACH ROW
    WHEN (OLD.state = 'open' AND NEW.state = 'fused') EXECUTE FUNCTION finance_riskpool_fuses();
ALTER TABLE finance_riskpool ENABLE ALWAYS TRIGGER finance_riskpool_fuses;
"""
_FUSES_UNDO = "DROP TRIGGER finance_riskpool_fuses ON finance_riskpool;\nDROP FUNCTION finance_riskpool_fuses();\n"

_KEYS = """
ALTER TABLE finance_pooladmission ADD CONSTRAINT finance_pooladmission_of_loan
    FOREIGN KEY (loan_id, bank_id) REFERENCES finance_loanapplication (id, bank_id);
"""
_KEYS_UNDO = "ALTER TABLE finance_pooladmission DROP CONSTRAINT finance_pooladmission_of_loan;\n"

# --- what must always hold: name, query of what breaks it: one column, which names a broken one ------------

_LIVE = "LEFT JOIN finance_pooladmission a ON a.pool_id = p.id AND a.released_at IS NULL"
_FIGURES = (
    (
        "capital",  # the sum of the sources, and what was booked of them
        """SELECT p.code FROM finance_riskpool p LEFT JOIN (
               SELECT pool_id, sum(amount_fen) AS sum FROM finance_poolsource GROUP BY pool_id) s
               ON s.pool_id = p.id LEFT JOIN booked b ON b.pool_id = p.id
           WHERE (p.capital_fen, p.capital_fen) IS DISTINCT FROM (coalesce(s.sum, 0), coalesce(b.funded, 0))""",
    ),
    (
        "balance",  # capital less compensation plus what came back
        """SELECT p.code FROM finance_riskpool p LEFT JOIN booked b ON b.pool_id = p.id
           WHERE p.balance_fen <> coalesce(b.funded - b.compensated + b.recovered, 0)""",
    ),
    (
        "capacity",  # capital by leverage, and nobody is beyond it
        """SELECT code FROM finance_riskpool
           WHERE capacity_fen <> floor(capital_fen * leverage) OR used_fen > capacity_fen OR balance_fen < 0""",
    ),
    (
        "used",  # what is booked in and not out, and the loans it stands for
        f"""SELECT p.code FROM finance_riskpool p LEFT JOIN booked b ON b.pool_id = p.id {_LIVE}
           GROUP BY p.id, p.code, p.used_fen, p.bad_fen, b.admitted, b.released
           HAVING (p.used_fen, p.used_fen, p.bad_fen) IS DISTINCT FROM (
               coalesce(b.admitted - b.released, 0), coalesce(sum(a.amount_fen), 0),
               coalesce(sum(a.amount_fen) FILTER (WHERE a.bad), 0))""",
    ),
    (
        "admissions",  # each is booked in once and, when let go, out once, with its own amount
        """SELECT a.id::text FROM finance_pooladmission a LEFT JOIN (
               SELECT admission_id, count(*) FILTER (WHERE kind = 'admit') AS admits,
                   count(*) FILTER (WHERE kind = 'release') AS releases,
                   min(amount_fen) AS least, max(amount_fen) AS most, min(pool_id) AS pool_id
               FROM finance_pooltransfer WHERE admission_id IS NOT NULL GROUP BY admission_id) t
               ON t.admission_id = a.id
           WHERE (t.admits, t.releases, t.least, t.most, t.pool_id) IS DISTINCT FROM
               (1, (a.released_at IS NOT NULL)::int, a.amount_fen, a.amount_fen, a.pool_id)""",
    ),
    (
        "loans",  # the pool stands for what the loans say
        f"""SELECT l.number FROM finance_pooladmission a JOIN finance_loanapplication l ON l.id = a.loan_id
           WHERE a.released_at IS NULL AND (l.state IN ({_ENDED}) OR a.bad <> (l.state IN ({_BAD})))
               OR l.approved_fen IS DISTINCT FROM a.amount_fen OR l.bank_id IS DISTINCT FROM a.bank_id""",
    ),
    (
        "claims",  # shared to the fen, and booked once if and only if paid
        """SELECT c.id::text FROM finance_poolclaim c LEFT JOIN finance_pooltransfer t ON t.claim_id = c.id
           WHERE c.guarantee_fen + c.bank_fen <> c.loss_fen
               OR c.guarantee_fen <> floor(c.loss_fen * c.guarantee_share / 100)
               OR (c.state = 'paid') <> (t.id IS NOT NULL) OR t.amount_fen <> c.guarantee_fen""",
    ),
    (
        "people",  # three who differ
        """SELECT id::text FROM finance_poolclaim
           WHERE reviewed_by_id = filed_by_id OR approved_by_id IN (filed_by_id, reviewed_by_id)
               OR paid_by_id IN (filed_by_id, approved_by_id)""",
    ),
    (
        "recoveries",  # what came back is counted, and the pool has its part of it
        """SELECT c.id::text FROM finance_poolclaim c LEFT JOIN (
               SELECT r.claim_id, sum(r.amount_fen) AS amount, sum(r.pool_fen) AS pool, sum(t.amount_fen) AS booked
               FROM finance_poolrecovery r LEFT JOIN finance_pooltransfer t ON t.recovery_id = r.id
               GROUP BY r.claim_id) r ON r.claim_id = c.id
           WHERE (c.recovered_fen, c.returned_fen, c.returned_fen) IS DISTINCT FROM
                   (coalesce(r.amount, 0), coalesce(r.pool, 0), coalesce(r.booked, 0))
               OR c.returned_fen <> floor(c.recovered_fen * c.guarantee_share / 100)
               OR c.recovered_fen > c.loss_fen""",
    ),
    (
        "fuses",  # no pool is open past its line, and what is fused has somebody to end it
        f"""SELECT p.code FROM finance_riskpool p LEFT JOIN finance_poolfuse f
               ON f.pool_id = p.id AND f.reopened_at IS NULL
           WHERE p.state = 'open' AND ({_PAST_THE_LINE.format("p")} OR f.id IS NOT NULL)
               OR p.state = 'fused' AND f.id IS NULL""",
    ),
)
_ONE = """
SELECT '{name}'::text AS name, count(*) AS broken,
       coalesce(array_to_string((array_agg(which ORDER BY which))[1:5], ', '), '') AS detail
FROM ({query}) AS found (which)
"""
_SUMS = ",\n           ".join(
    f"coalesce(sum(amount_fen) FILTER (WHERE kind = '{kind}'), 0) AS {name}"
    for kind, name in (
        ("fund", "funded"),
        ("admit", "admitted"),
        ("release", "released"),
        ("compensate", "compensated"),
        ("recover", "recovered"),
    )
)
_VIEW = f"""
CREATE VIEW finance_pool_invariants AS
WITH booked AS (
    SELECT pool_id, {_SUMS}
    FROM finance_pooltransfer GROUP BY pool_id
)
""" + "UNION ALL".join(_ONE.format(name=name, query=query) for name, query in _FIGURES)

_MADE = [(_KEYS, _KEYS_UNDO), *_guards(), *_stands(), *_books(), (_FUSES, _FUSES_UNDO)]
_MADE += [(f"{_VIEW};\n", "DROP VIEW finance_pool_invariants;\n")]


class Migration(migrations.Migration):
    dependencies = [("finance", "0005_pools"), ("finance", "0004_loans_stand")]
    operations = [
        StateTrigger(
            "RiskPool",
            "state",
            initial="open",
            edges=[("fused", "closed"), ("fused", "open"), ("open", "closed"), ("open", "fused")],
            deletable=[],
        ),
        StateTrigger(
            "PoolClaim",
            "state",
            initial="filed",
            edges=[
                ("approved", "paid"),
                ("filed", "refused"),
                ("filed", "reviewed"),
                ("reviewed", "approved"),
                ("reviewed", "refused"),
            ],
            deletable=[],
        ),
        migrations.RunSQL(
            "".join(made for made, _undone in _MADE),
            "".join(undone for _made, undone in reversed(_MADE)),
        ),
    ]
