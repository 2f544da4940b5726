"""Firms into the database by COPY: a county in seconds."""

import datetime as dt
import io
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection, models

from enterprises.catalogue import NOT_APPLICABLE, Catalogue, Plain
from enterprises.models import Credential, CredentialKind, Enterprise, Fact, FactValue
from enterprises.services import load_catalogue
from portal.kernel.database import as_owner
from portal.notifications.models import Mailbox
from portal.shell.demo.firm import Firm, Given

NULL = r"\N"
BATCH = 100_000

VALUE_COLUMNS = (
    "enterprise_id",
    "fact_id",
    "period",
    "scaled",
    "text",
    "items",
    "not_applicable",
    "source_department_id",
    "tier",
    "as_of",
)


def write(firms: list[Firm], created_at: dt.datetime) -> list[int]:
    """Write enterprises with mailboxes, values and credentials; returns their ids. Needs a transaction."""
    mailboxes, enterprises = _ids(Mailbox, len(firms)), _ids(Enterprise, len(firms))
    _copy(Mailbox, ("id", "kind"), ((pk, "enterprise") for pk in mailboxes))
    rows = (
        _registry(firm, pk, box, created_at)
        for firm, pk, box in zip(firms, enterprises, mailboxes, strict=True)
    )
    _copy(Enterprise, REGISTRY_COLUMNS, rows)
    numbered = list(zip(enterprises, firms, strict=True))
    _copy(FactValue, VALUE_COLUMNS, _values(numbered, load_catalogue()))
    _copy(Credential, CREDENTIAL_COLUMNS, _credentials(numbered))
    return enterprises


def analyze() -> None:
    """Tell the planner what was loaded, as the owner of the tables. Not inside a transaction."""
    with as_owner(), connection.cursor() as cursor:
        for model in (Mailbox, Enterprise, FactValue, Credential):
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


REGISTRY_COLUMNS = (
    "id",
    "uscc",
    "uscc_confirmed",
    "name",
    "region_id",
    "industry",
    "established_on",
    "entity_type",
    "ownership",
    "address",
    "legal_person",
    "status",
    "mailbox_id",
    "created_at",
    "updated_at",
)

CREDENTIAL_COLUMNS = (
    "enterprise_id",
    "kind_id",
    "level",
    "first_obtained",
    "valid_from",
    "valid_to",
    "certificate",
    "revoked",
    "tier",
    "department_id",
    "as_of",
)


def _registry(firm: Firm, pk: int, mailbox: int, at: dt.datetime) -> tuple[Any, ...]:
    return (
        pk,
        firm.uscc,
        True,
        firm.name,
        firm.region,
        firm.industry,
        firm.established_on,
        firm.entity_type,
        firm.ownership,
        firm.address,
        firm.legal_person,
        "active",
        mailbox,
        at,
        at,
    )


def _values(numbered: Iterable[tuple[int, Firm]], catalogue: Catalogue) -> Iterator[tuple[Any, ...]]:
    keepers = dict(Fact.objects.values_list("key", "department_id"))
    for pk, firm in numbered:
        for given in firm.values:
            spec = catalogue[given.fact]
            keeper = keepers[given.fact] if given.by_department else None
            none = given.value is NOT_APPLICABLE
            yield (
                pk,
                spec.id,
                given.period,
                *_columns(given, catalogue),
                none,
                keeper,
                given.tier.value,
                given.as_of,
            )


def _columns(given: Given, catalogue: Catalogue) -> tuple[int | None, str | None, str | None]:
    """scaled, text and items of a value, one of them set or none of them."""
    value = given.value
    if value is NOT_APPLICABLE:
        return None, None, None
    plain: Plain = value
    if isinstance(plain, frozenset):
        return None, None, "{" + ",".join(sorted(plain)) + "}"
    if isinstance(plain, str):
        return None, plain, None
    return catalogue[given.fact].to_scaled(plain), None, None


def _credentials(numbered: Iterable[tuple[int, Firm]]) -> Iterator[tuple[Any, ...]]:
    kinds = {
        key: (pk, keeper) for key, pk, keeper in CredentialKind.objects.values_list("key", "pk", "department")
    }
    for pk, firm in numbered:
        for held in firm.certificates:
            kind, keeper = kinds[held.kind]
            validity = (held.first_obtained, held.valid_from, held.valid_to)
            yield (pk, kind, "", *validity, held.certificate, False, 3, keeper, held.as_of)


def _ids(model: type[models.Model], count: int) -> list[int]:
    """New ids from the model's own sequence."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [pk for (pk,) in cursor.fetchall()]


def _copy(model: type[models.Model], columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    quote = connection.ops.quote_name
    target = f"COPY {quote(model._meta.db_table)} ({', '.join(map(quote, columns))}) FROM STDIN"
    with connection.cursor() as cursor:
        buffer = io.StringIO()
        for number, row in enumerate(rows, 1):
            buffer.write("\t".join(map(_text, row)) + "\n")
            if number % BATCH == 0:
                buffer.seek(0)
                cursor.copy_expert(target, buffer)
                buffer = io.StringIO()
        buffer.seek(0)
        cursor.copy_expert(target, buffer)


def _text(value: Any) -> str:
    """COPY's text format; the demo's words hold neither tabs nor backslashes."""
    if value is None:
        return NULL
    return {True: "t", False: "f"}[value] if isinstance(value, bool) else str(value)
