"""Every figure of money that must hold, as one view: each a name, how many rows break it, the first few of them."""

from django.db import migrations

# Name, query of what breaks it: one column, which names a broken one.
_FIGURES = (
    (
        "budget_lines",  # reserved and paid are the sums of their transfers
        """SELECT l.code FROM policies_budgetline l
           LEFT JOIN (SELECT line_id, sum(held) AS held, sum(spent) AS spent FROM booked GROUP BY line_id) b
               ON b.line_id = l.id
           WHERE (l.reserved_fen, l.paid_fen) IS DISTINCT FROM (coalesce(b.held, 0), coalesce(b.spent, 0))""",
    ),
    (
        "within_budget",  # nobody has more on the way and paid than was appropriated
        """SELECT code FROM policies_budgetline
           WHERE reserved_fen + paid_fen > appropriated_fen OR reserved_fen < 0 OR paid_fen < 0""",
    ),
    (
        "transfers",  # each payment is booked as it stands, with its own sum on its own line
        """SELECT p.id::text FROM policies_payment p FULL JOIN booked b ON b.payment_id = p.id
           WHERE p.id IS NULL
               OR coalesce(b.kinds, 0) <> ALL (CASE p.state
                   WHEN 'sent' THEN ARRAY[1] WHEN 'unknown' THEN ARRAY[1] WHEN 'paid' THEN ARRAY[3]
                   WHEN 'returned' THEN ARRAY[5, 11] ELSE ARRAY[0] END)
               OR (b.least, b.most, b.line_id) <> (p.amount_fen, p.amount_fen, p.line_id)""",
    ),
    (
        "paid_once",  # an award has one payment that lives
        """SELECT award_id::text FROM policies_payment WHERE state IN ('prepared', 'sent', 'unknown', 'paid')
           GROUP BY award_id HAVING count(*) > 1""",
    ),
    (
        "period_once",  # no enterprise is paid twice for an item and period, but what corrects it
        """SELECT string_agg(p.id::text, '+') FROM policies_payment p JOIN policies_award a ON a.id = p.award_id
           WHERE p.state IN ('sent', 'unknown', 'paid') AND a.source <> 'correction'
           GROUP BY a.item_id, a.enterprise_id, a.period HAVING count(*) > 1""",
    ),
    (
        "as_awarded",  # sum and enterprise are the award's, the account is the enterprise's
        """SELECT p.id::text FROM policies_payment p
           LEFT JOIN policies_award a ON a.id = p.award_id
           LEFT JOIN policies_payeeaccount c ON c.id = p.account_id
           WHERE (p.amount_fen, p.enterprise_id, p.enterprise_id) IS DISTINCT FROM
                 (a.amount_fen, a.enterprise_id, c.enterprise_id)""",
    ),
    (
        "awards",  # in fen: what is owed is paid, on its way, in preparation or waiting
        """SELECT (a.owed - p.living - w.waiting)::text
           FROM (SELECT coalesce(sum(amount_fen), 0) AS owed FROM policies_award) a,
                (SELECT coalesce(sum(amount_fen), 0) AS living FROM policies_payment
                 WHERE state IN ('prepared', 'sent', 'unknown', 'paid')) p,
                (SELECT coalesce(sum(amount_fen), 0) AS waiting FROM policies_award w WHERE NOT EXISTS (
                    SELECT 1 FROM policies_payment l
                    WHERE l.award_id = w.id AND l.state IN ('prepared', 'sent', 'unknown', 'paid'))) w
           WHERE a.owed <> p.living + w.waiting""",
    ),
    (
        "batches",  # what was signed is what the batch holds
        """SELECT b.number FROM policies_paymentbatch b
           LEFT JOIN (SELECT batch_id, count(*) AS count, sum(amount_fen) AS total_fen FROM policies_payment
                      WHERE state <> 'void' GROUP BY batch_id) p ON p.batch_id = b.id
           WHERE b.state NOT IN ('draft', 'cancelled')
               AND (b.count, b.total_fen) IS DISTINCT FROM (p.count, p.total_fen)
               OR b.state = 'cancelled' AND p.count > 0""",
    ),
    (
        "signatures",  # three people, two of whom signed this content in this round
        """SELECT b.number FROM policies_paymentbatch b
           WHERE b.state IN ('confirmed', 'released', 'settled') AND (
               b.prepared_by_id IN (b.confirmed_by_id, b.released_by_id) OR b.confirmed_by_id = b.released_by_id
               OR (SELECT count(*) FROM policies_batchsignature s
                   WHERE (s.batch_id, s.round, s.digest) = (b.id, b.round, b.digest)
                       AND (s.step, s.by_id) IN (('confirm', b.confirmed_by_id), ('release', b.released_by_id)))
                  <> CASE b.state WHEN 'confirmed' THEN 1 ELSE 2 END)""",
    ),
    (
        "instructions",  # what was released has its file, which says the same count and sum
        """SELECT b.number FROM policies_paymentbatch b
           FULL JOIN policies_instructionfile f ON f.batch_id = b.id
           WHERE b.state IN ('released', 'settled')
               AND (f.count, f.total_fen) IS DISTINCT FROM (b.count, b.total_fen)
               OR f.id IS NOT NULL AND b.state NOT IN ('released', 'settled')""",
    ),
    (
        "released",  # a payment is out if its batch is, and none is open in a batch that is settled
        """SELECT p.id::text FROM policies_payment p JOIN policies_paymentbatch b ON b.id = p.batch_id
           WHERE (p.state IN ('sent', 'unknown', 'paid', 'returned')) <> (b.state IN ('released', 'settled'))
                   AND p.state <> 'void'
               OR b.state = 'settled' AND p.state IN ('sent', 'unknown')""",
    ),
    (
        "answers",  # what is paid or returned the treasury has said, to the fen
        """SELECT p.id::text FROM policies_payment p
           LEFT JOIN (SELECT payment_id, min(amount_fen) AS least, max(amount_fen) AS most,
                             bool_or(outcome = 'paid') AS paid, bool_or(outcome = 'returned') AS returned
                      FROM policies_returnline GROUP BY payment_id) r ON r.payment_id = p.id
           WHERE CASE p.state
                   WHEN 'paid' THEN r.paid IS NOT TRUE OR r.returned
                   WHEN 'returned' THEN r.returned IS NOT TRUE
                   ELSE r.payment_id IS NOT NULL END
               OR (r.least, r.most) <> (p.amount_fen, p.amount_fen)""",
    ),
)

_ONE = """
SELECT '{name}'::text AS name, count(*) AS broken,
       coalesce(array_to_string((array_agg(which ORDER BY which))[1:5], ', '), '') AS detail
FROM ({query}) AS found (which)
"""

# reserve 1, post 2, release 4, reverse 8: a payment is booked as 1, 1+2, 1+4 or 1+2+8
_VIEW = """
CREATE VIEW policies_money_invariants AS
WITH booked AS (
    SELECT payment_id, line_id, min(amount_fen) AS least, max(amount_fen) AS most,
           sum(CASE kind WHEN 'reserve' THEN 1 WHEN 'post' THEN 2 WHEN 'release' THEN 4 ELSE 8 END) AS kinds,
           sum(CASE kind WHEN 'reserve' THEN 1 WHEN 'reverse' THEN 0 ELSE -1 END * amount_fen) AS held,
           sum(CASE kind WHEN 'post' THEN 1 WHEN 'reverse' THEN -1 ELSE 0 END * amount_fen) AS spent
    FROM policies_transfer GROUP BY payment_id, line_id
)
""" + "UNION ALL".join(_ONE.format(name=name, query=query) for name, query in _FIGURES)


class Migration(migrations.Migration):
    dependencies = [("policies", "0017_money_stands")]
    operations = [migrations.RunSQL(_VIEW, "DROP VIEW policies_money_invariants;")]
