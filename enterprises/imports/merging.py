"""The checks that need the whole file or the database, and the one merge, as sets in SQL."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from psycopg2 import sql

from enterprises.catalogue import Tier
from enterprises.models import Import, ImportKind
from enterprises.services.registry import REGISTRY_FACTS
from portal.kernel.errors import RowError

MERGE_LOCK = 7_231_001
"""Advisory lock: one merge at a time."""

UNIQUE_BY: dict[str, list[str]] = {
    ImportKind.ENTERPRISES: ["uscc"],
    ImportKind.FACTS: ["uscc", "fact_id", "period", "as_of"],
    ImportKind.CREDENTIALS: ["uscc", "kind_id", "certificate", "as_of"],
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Rows of the file by what they did."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    held: int = 0


def check(kind: str, limit: int) -> list[RowError]:
    """What is wrong with the file as a whole: repeated rows, enterprises that are not there."""
    errors = _repeated(kind, limit)
    if kind != ImportKind.ENTERPRISES:
        errors += _strangers(limit - len(errors))
    return sorted(errors, key=lambda error: error.row)


def _repeated(kind: str, limit: int) -> list[RowError]:
    keys = [sql.Identifier(column) for column in UNIQUE_BY[kind]]
    query = sql.SQL(
        "SELECT line, first"
        " FROM (SELECT line, min(line) OVER (PARTITION BY {keys}) AS first FROM import_staging WHERE sound) r"
        " WHERE line > first ORDER BY line LIMIT %s"
    ).format(keys=sql.SQL(", ").join(keys))
    again = _("与第 %(first)d 行重复，请只留一行。")
    return [RowError(line, "", again % {"first": first}) for line, first in _rows(query, [limit])]


def _strangers(limit: int) -> list[RowError]:
    rows = _rows(
        "SELECT s.line, s.uscc FROM import_staging s LEFT JOIN enterprises_enterprise e ON e.uscc = s.uscc"
        " WHERE e.id IS NULL AND s.uscc IS NOT NULL ORDER BY s.line LIMIT %s",
        [max(0, limit)],
    )
    return [RowError(line, "统一社会信用代码", _stranger(uscc)) for line, uscc in rows]


def _stranger(uscc: str) -> str:
    if uscc[2:8] != settings.COUNTY_CODE:
        return _("%(uscc)s 不在本县企业名册中（登记机关区划 %(region)s），请删去外地企业。") % {
            "uscc": uscc,
            "region": uscc[2:8],
        }
    return _("名册中没有 %(uscc)s，请先导入企业名册。") % {"uscc": uscc}


def merge(work: Import, given: Collection[str]) -> Outcome:
    """Take the staged rows in; ``given`` are the keys of the file's columns. Call inside a transaction."""
    _rows("SELECT pg_advisory_xact_lock(%s)", [MERGE_LOCK])
    total = _rows("SELECT count(*) FROM import_staging")[0][0]
    if work.kind == ImportKind.ENTERPRISES:
        return _merge_enterprises(work, total, given)
    insert = INSERT_FACTS if work.kind == ImportKind.FACTS else INSERT_CREDENTIALS
    added = _execute(insert, {"tier": Tier.OFFICIAL, "user": work.created_by_id})
    return Outcome(added=added, unchanged=total - added)


def _merge_enterprises(work: Import, total: int, given: Collection[str]) -> Outcome:
    held_on = {"facts": list(REGISTRY_FACTS), "tier": Tier.OFFICIAL, "as_of": work.as_of}
    changed = _execute(UPDATE_ENTERPRISES, {**held_on, "given": list(given)})
    added = _execute(INSERT_ENTERPRISES)
    held = _rows(
        "SELECT count(*) FROM import_staging s JOIN enterprises_enterprise e USING (uscc)"
        " WHERE NOT e.uscc_confirmed"
    )[0][0]
    told = [key for key in REGISTRY_FACTS if key in given]
    _execute(INSERT_REGISTRY_VALUES, {**held_on, "facts": told, "user": work.created_by_id})
    return Outcome(added, changed, total - added - changed, held)


# A column that the file does not have changes nothing, an empty cell empties; there is always a status.
UPDATE_ENTERPRISES = """
WITH told AS (
    SELECT e.id, s.name, s.region, s.industry, s.entity_type,
           CASE WHEN 'established_on' = ANY(%(given)s) THEN s.established_on
                ELSE e.established_on END AS established_on,
           CASE WHEN 'ownership' = ANY(%(given)s) THEN coalesce(s.ownership, '')
                ELSE e.ownership END AS ownership,
           CASE WHEN 'address' = ANY(%(given)s) THEN coalesce(s.address, '') ELSE e.address END AS address,
           CASE WHEN 'legal_person' = ANY(%(given)s) THEN coalesce(s.legal_person, '')
                ELSE e.legal_person END AS legal_person,
           coalesce(s.status, e.status) AS status
      FROM enterprises_enterprise e JOIN import_staging s USING (uscc)
)
UPDATE enterprises_enterprise e
   SET name = t.name, region_id = t.region, industry = t.industry, entity_type = t.entity_type,
       established_on = t.established_on, ownership = t.ownership, address = t.address,
       legal_person = t.legal_person, status = t.status, updated_at = now()
  FROM told t
 WHERE e.id = t.id
   AND NOT EXISTS (
       SELECT 1 FROM enterprises_factvalue v JOIN enterprises_fact f ON f.id = v.fact_id
        WHERE v.enterprise_id = e.id AND f.key = ANY(%(facts)s) AND v.tier = %(tier)s
          AND v.as_of > %(as_of)s)
   AND (e.name, e.region_id, e.industry, e.entity_type, e.established_on, e.ownership, e.address,
        e.legal_person, e.status)
       IS DISTINCT FROM
       (t.name, t.region, t.industry, t.entity_type, t.established_on, t.ownership, t.address,
        t.legal_person, t.status)
"""

# Numbers are drawn first, so that each new enterprise is paired with its own mailbox.
INSERT_ENTERPRISES = """
WITH fresh AS MATERIALIZED (
    SELECT s.*, nextval(pg_get_serial_sequence('notifications_mailbox', 'id')) AS mailbox
      FROM import_staging s
     WHERE NOT EXISTS (SELECT 1 FROM enterprises_enterprise e WHERE e.uscc = s.uscc)
     ORDER BY s.line
), boxes AS (
    INSERT INTO notifications_mailbox (id, kind) SELECT mailbox, 'enterprise' FROM fresh
)
INSERT INTO enterprises_enterprise
       (uscc, uscc_confirmed, name, region_id, industry, established_on, entity_type, ownership, address,
        legal_person, status, mailbox_id, created_at, updated_at)
SELECT uscc, checked, name, region, industry, established_on, entity_type, coalesce(ownership, ''),
       coalesce(address, ''), coalesce(legal_person, ''), coalesce(status, 'active'), mailbox, now(), now()
  FROM fresh ORDER BY line
"""

# Nothing after a value withdraws it, nothing after nothing is not worth a row.
# A date is stored as its proleptic Gregorian ordinal, 0001-01-01 being 1.
INSERT_REGISTRY_VALUES = """
INSERT INTO enterprises_factvalue
       (enterprise_id, fact_id, text, scaled, not_applicable, withdrawn, source_department_id, tier, as_of,
        recorded_by_id)
SELECT e.id, f.id, v.text, v.scaled, false, v.text IS NULL AND v.scaled IS NULL, f.department_id,
       %(tier)s, %(as_of)s, %(user)s
  FROM import_staging s
  JOIN enterprises_enterprise e USING (uscc)
  JOIN enterprises_fact f ON f.key = ANY(%(facts)s) AND f.department_id IS NOT NULL
 CROSS JOIN LATERAL (
       SELECT nullif(CASE f.key WHEN 'region' THEN e.region_id WHEN 'industry' THEN e.industry
                     WHEN 'entity_type' THEN e.entity_type WHEN 'ownership' THEN e.ownership END, '') AS text,
              CASE f.key WHEN 'established_on' THEN e.established_on - DATE '0001-01-01' + 1 END AS scaled
       ) v
  LEFT JOIN LATERAL (
       SELECT o.text, o.scaled FROM enterprises_factvalue o
        WHERE o.enterprise_id = e.id AND o.fact_id = f.id AND o.tier = %(tier)s AND o.as_of <= %(as_of)s
        ORDER BY o.as_of DESC, o.recorded_at DESC, o.id DESC LIMIT 1
       ) o ON true
 WHERE NOT EXISTS (
       SELECT 1 FROM enterprises_factvalue l
        WHERE l.enterprise_id = e.id AND l.fact_id = f.id AND l.tier = %(tier)s AND l.as_of > %(as_of)s)
   AND (v.text, v.scaled) IS DISTINCT FROM (o.text, o.scaled)
 ORDER BY e.id, f.id
"""

# The same row again says nothing new: a file imported twice leaves the same state.
INSERT_FACTS = """
INSERT INTO enterprises_factvalue
       (enterprise_id, fact_id, period, scaled, text, items, not_applicable, source_department_id, tier,
        as_of, recorded_by_id)
SELECT e.id, s.fact_id, s.period, s.scaled, s.text, s.items, s.not_applicable, s.department_id, %(tier)s,
       s.as_of, %(user)s
  FROM import_staging s
  JOIN enterprises_enterprise e USING (uscc)
  LEFT JOIN LATERAL (
       SELECT o.id, o.scaled, o.text, o.items, o.not_applicable FROM enterprises_factvalue o
        WHERE o.enterprise_id = e.id AND o.fact_id = s.fact_id AND o.period IS NOT DISTINCT FROM s.period
          AND o.tier = %(tier)s AND o.as_of = s.as_of AND o.source_department_id = s.department_id
        ORDER BY o.recorded_at DESC, o.id DESC LIMIT 1
       ) o ON true
 WHERE o.id IS NULL
    OR (o.scaled, o.text, o.items::text[], o.not_applicable)
       IS DISTINCT FROM (s.scaled, s.text, s.items, s.not_applicable)
 ORDER BY s.line
"""

INSERT_CREDENTIALS = """
INSERT INTO enterprises_credential
       (enterprise_id, kind_id, level, certificate, first_obtained, valid_from, valid_to, revoked, tier,
        department_id, as_of, recorded_by_id)
SELECT e.id, s.kind_id, s.level, s.certificate, s.first_obtained, s.valid_from, s.valid_to, s.revoked,
       %(tier)s, s.department_id, s.as_of, %(user)s
  FROM import_staging s
  JOIN enterprises_enterprise e USING (uscc)
  LEFT JOIN LATERAL (
       SELECT o.* FROM enterprises_credential o
        WHERE o.enterprise_id = e.id AND o.kind_id = s.kind_id AND o.certificate = s.certificate
          AND o.tier = %(tier)s AND o.as_of = s.as_of
        ORDER BY o.recorded_at DESC, o.id DESC LIMIT 1
       ) o ON true
 WHERE o.id IS NULL
    OR (o.level, o.first_obtained, o.valid_from, o.valid_to, o.revoked, o.tier, o.department_id, o.as_of)
       IS DISTINCT FROM
       (s.level, s.first_obtained, s.valid_from, s.valid_to, s.revoked, %(tier)s::smallint, s.department_id,
        s.as_of)
 ORDER BY s.line
"""


def _rows(query: str | sql.Composed, arguments: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, arguments)
        return cursor.fetchall()


def _execute(query: str, arguments: Any = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, arguments)
        return cursor.rowcount
