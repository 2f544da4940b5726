"""A book into the database: rows are inserted in their first state and led along their changes in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.db import connection, models, transaction

from appeals.filing import SERIES
from appeals.models import (
    Answer,
    Appeal,
    AppealEvent,
    Assignment,
    OrderClock,
    OrderEvent,
    Promise,
    Rating,
    SharedProblem,
    Survey,
    WorkOrder,
)
from enterprises.models import Membership
from portal.accounts.models import Officer, Posting, User
from portal.kernel.database import as_owner
from portal.kernel.models import NumberSeries
from portal.notifications.models import Mailbox
from portal.shell.demo.appeals.book import Book, Changing, Sheet

AT_ONCE: Final = 400
"""Changes that go to the database in one round trip."""
TABLES: Final = (
    *(Appeal, WorkOrder, AppealEvent, OrderEvent, OrderClock, Assignment),
    *(User, Posting, Officer, Mailbox, Membership),
)


def write(book: Book) -> int:
    """Write everything; returns how many appeals. The tables hold no appeal of these months yet."""
    with transaction.atomic():
        Appeal.objects.bulk_create([paper.row for paper in book.papers], batch_size=1_000)
        SharedProblem.objects.bulk_create(book.problems)
        _lead_on(Appeal, book.papers)
        _write_orders(list(book.sheets))
        events = sorted((event for paper in book.papers for event in paper.events), key=_moment)
        AppealEvent.objects.bulk_create(events, batch_size=2_000)
        steps = sorted((event for sheet in book.sheets for event in sheet.events), key=_moment)
        OrderEvent.objects.bulk_create(steps, batch_size=2_000)
        clocks = sorted((clock for sheet in book.sheets for clock in sheet.clocks), key=_started)
        OrderClock.objects.bulk_create(clocks, batch_size=1_000)
        given: dict[type[models.Model], list[Any]] = {
            Assignment: book.assignments,
            Answer: book.answers,
            Promise: book.promises,
            Survey: book.surveys,
            Rating: book.ratings,
        }
        for model, rows in given.items():
            rows.sort(key=_moment)
            model._base_manager.bulk_create(rows, batch_size=1_000)
        NumberSeries.objects.bulk_create(
            NumberSeries(prefix=SERIES, month=month, last=last)
            for month, last in sorted(book.numbers.items())
        )
    return len(book.papers)


def analyze() -> None:
    """Tell the planner what was loaded, as the owner of the tables. Not inside a transaction."""
    with as_owner(), connection.cursor() as cursor:
        for model in TABLES:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def _write_orders(sheets: list[Sheet]) -> None:
    """Round by round: an appeal's next lead order begins when the one before it has ended."""
    for round_ in sorted({sheet.row.round for sheet in sheets}):
        mine = [sheet for sheet in sheets if sheet.row.round == round_]
        WorkOrder.objects.bulk_create([sheet.row for sheet in mine], batch_size=1_000)
        _lead_on(WorkOrder, mine)


def _lead_on(model: type[models.Model], rows: Iterable[Changing]) -> None:
    """Every change of every row, in its order; the triggers look at each."""
    pending: list[tuple[str, list[Any]]] = []
    for statement in _statements(model, rows):
        pending.append(statement)
        if len(pending) == AT_ONCE:
            _run(pending)
            pending = []
    _run(pending)


def _statements(model: type[models.Model], rows: Iterable[Changing]) -> Iterator[tuple[str, list[Any]]]:
    quote = connection.ops.quote_name
    fields = [field for field in model._meta.concrete_fields if field.column]
    columns = {field.name: quote(field.column or "") for field in fields}
    for changing in rows:
        for change in changing.changes:
            names = ", ".join(f"{columns[name]} = %s" for name in change)
            values = [getattr(value, "pk", value) for value in change.values()]
            sql = f"UPDATE {quote(model._meta.db_table)} SET {names} WHERE id = %s"  # noqa: S608
            yield sql, [*values, changing.row.pk]


def _run(statements: list[tuple[str, list[Any]]]) -> None:
    if statements:
        with connection.cursor() as cursor:
            sql = "; ".join(text for text, _values in statements)
            cursor.execute(sql, [value for _text, values in statements for value in values])


def _moment(row: Any) -> Any:
    return row.made_at if isinstance(row, Promise) else row.at


def _started(clock: OrderClock) -> Any:
    return clock.started_at
