"""From eligible to paid: how many days, by item or department; and what has waited longest.

A firm is eligible from when the system found it (免申即享: its list was begun), it applied (the first
sending), or a correction was decided. It is paid when the treasury's word came in, and not taken back.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.db import connection

from portal.accounts.models import Department

_GROUPS: Final = {"item": ("a.item_id", "v.title"), "department": ("i.department_id", "d.short_name")}
_SPANS = """
WITH spans AS (
    SELECT {key} AS key, {name_source} AS name,
           extract(epoch FROM p.settled_at - e.since) / 86400 AS days,
           CASE WHEN p.id IS NULL THEN extract(epoch FROM %(now)s - e.since) / 86400 END AS open_days,
           CASE WHEN p.id IS NULL THEN a.amount_fen END AS open_fen
      FROM policies_award a
      JOIN policies_policyitem i ON i.id = a.item_id
      JOIN accounts_department d ON d.id = i.department_id
      JOIN policies_itemversion v ON v.id = a.version_id
      LEFT JOIN policies_payment p ON p.award_id = a.id AND p.state = 'paid'
      LEFT JOIN policies_application s ON s.id = a.application_id
      LEFT JOIN policies_enjoycandidate c ON c.award_id = a.id
      LEFT JOIN policies_enjoyrun r ON r.id = c.run_id
     CROSS JOIN LATERAL (SELECT coalesce(s.submitted_at, r.started_at, a.made_at) AS since) e
     WHERE (p.id IS NULL OR p.settled_at >= %(first)s)
       AND (%(department)s::bigint IS NULL OR i.department_id = %(department)s)
)
SELECT key, max(name), count(days), count(open_days), coalesce(sum(open_fen), 0),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY days),
       percentile_cont(0.9) WITHIN GROUP (ORDER BY days),
       max(open_days)
  FROM spans
 GROUP BY GROUPING SETS ((key), ())
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One item, one department, or all of them (`key` None). Days are natural ones."""

    key: int | None
    name: str
    paid: int
    open: int
    open_fen: int
    median_days: float | None
    ninety_days: float | None
    oldest_days: float | None


def by(group: str, now: dt.datetime, department: Department | None, *, days: int) -> list[Row]:
    """A row for each, what has waited longest first, and all of them at the end; empty without any."""
    key, name = _GROUPS[group]
    values = {
        "now": now,
        "first": now - dt.timedelta(days=days),
        "department": department.pk if department else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SPANS.format(key=key, name_source=name), values)
        rows = [
            Row(*row[:2], *map(int, row[2:5]), *(None if one is None else float(one) for one in row[5:]))
            for row in cursor.fetchall()
        ]
    found = [row for row in rows if row.key is not None]
    found.sort(key=lambda row: (-(row.oldest_days or 0), -(row.median_days or 0), row.name))
    return [*found, *(row for row in rows if row.key is None)] if found else []
