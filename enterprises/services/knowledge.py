"""Reads what is known of enterprises: the value in force of each fact, on a day, as known at a time."""

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any

from django.db import connection

from enterprises.catalogue import NOT_APPLICABLE, FactSpec, Purpose, Tier, Value
from enterprises.derived import sources_of
from enterprises.knowledge import CredentialRecord, Knowledge, Known
from enterprises.models import Enterprise
from enterprises.services.catalogue import load_catalogue

_VALUES = """
SELECT DISTINCT ON (v.enterprise_id, v.fact_id, v.period)
       v.enterprise_id, f.key, v.period, v.scaled, v.text, v.items, v.not_applicable,
       v.withdrawn, v.tier, coalesce(d.short_name, 'self'), v.as_of
  FROM enterprises_factvalue v
  JOIN enterprises_fact f ON f.id = v.fact_id
  LEFT JOIN accounts_department d ON d.id = v.source_department_id
 WHERE v.enterprise_id = ANY(%(ids)s)
   AND v.recorded_at <= coalesce(%(known_at)s, 'infinity'::timestamptz)
   AND v.as_of <= %(as_of)s
   AND v.tier >= %(least_tier)s
   AND (%(keys)s::text[] IS NULL OR f.key = ANY(%(keys)s))
   AND (f.fresh_days IS NULL OR v.as_of + f.fresh_days >= %(as_of)s)
 ORDER BY v.enterprise_id, v.fact_id, v.period, v.tier DESC, v.as_of DESC, v.recorded_at DESC, v.id DESC
"""

_CREDENTIALS = """
SELECT s.stamp, c.*
  FROM (SELECT coalesce((SELECT stamp FROM enterprises_cataloguestamp), 0) AS stamp) s
  LEFT JOIN LATERAL (
       SELECT DISTINCT ON (r.enterprise_id, r.kind_id, r.certificate)
              r.enterprise_id, k.key, r.level, r.first_obtained, r.valid_from, r.valid_to, r.certificate,
              r.revoked, r.tier, coalesce(d.short_name, 'self'), r.as_of
         FROM enterprises_credential r
         JOIN enterprises_credentialkind k ON k.id = r.kind_id
         LEFT JOIN accounts_department d ON d.id = r.department_id
        WHERE r.enterprise_id = ANY(%(ids)s)
          AND r.recorded_at <= coalesce(%(known_at)s, 'infinity'::timestamptz)
          AND r.as_of <= %(as_of)s
          AND r.tier >= %(least_tier)s
        ORDER BY r.enterprise_id, r.kind_id, r.certificate, r.tier DESC, r.as_of DESC,
                 r.recorded_at DESC, r.id DESC
       ) c ON true
"""


def knowledge_of(
    enterprise: Enterprise | int,
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    purpose: Purpose = Purpose.SHOW,
) -> Knowledge:
    """What is known of one enterprise on ``as_of``, of what was recorded by ``known_at``: two queries."""
    pk = enterprise if isinstance(enterprise, int) else enterprise.pk
    return knowledge_of_many([pk], as_of=as_of, known_at=known_at, purpose=purpose)[pk]


def knowledge_of_many(
    ids: Iterable[int],
    *,
    as_of: dt.date,
    known_at: dt.datetime | None = None,
    purpose: Purpose = Purpose.SHOW,
    keys: Collection[str] | None = None,
) -> dict[int, Knowledge]:
    """The same for many enterprises at once, by id: two queries whatever their number.

    With `keys` nothing else is known of them than these facts, those they are made from, and credentials.
    """
    wanted = list(ids)
    arguments: dict[str, Any] = {
        "ids": wanted,
        "as_of": as_of,
        "known_at": known_at,
        "least_tier": purpose.least_tier,
        "keys": None if keys is None else sorted(sources_of(keys)),
    }
    facts: dict[int, dict[str, dict[int | None, Known]]] = {pk: {} for pk in wanted}
    records: dict[int, list[CredentialRecord]] = {pk: [] for pk in wanted}
    with connection.cursor() as cursor:
        cursor.execute(_CREDENTIALS, arguments)
        rows = cursor.fetchall()
        catalogue = load_catalogue(rows[0][0], known_at)
        for _stamp, pk, *record in rows:
            if pk is not None:
                records[pk].append(_record(record))
        cursor.execute(_VALUES, arguments)
        for pk, key, *row, withdrawn, tier, source, day in cursor:
            if key in catalogue and not withdrawn:
                known = _known(catalogue[key], row, (Tier(tier), source, day))
                facts[pk].setdefault(key, {})[known.period] = known
    return {
        pk: Knowledge(catalogue, as_of, purpose, known_at, pk, facts[pk], tuple(records[pk])) for pk in wanted
    }


def _known(spec: FactSpec, row: list[Any], origin: tuple[Tier, str, dt.date]) -> Known:
    period, scaled, text, items, not_applicable = row
    value: Value
    if not_applicable:
        value = NOT_APPLICABLE
    elif items is not None:
        value = frozenset(items)
    else:
        value = text if scaled is None else spec.from_scaled(scaled)
    return Known(value, period, *origin)


def _record(row: list[Any]) -> CredentialRecord:
    kind, level, first_obtained, valid_from, valid_to, certificate, revoked, tier, source, as_of = row
    return CredentialRecord(
        kind, level, first_obtained, valid_from, valid_to, certificate, revoked, Tier(tier), source, as_of
    )
