"""State machines as data: one table beside the enum feeds the code, the screen and the database trigger.

    class Paper(models.Model):
        state = models.CharField(choices=State, default=State.DRAFT, editable=False)
        machine = Machine("state", initial=State.DRAFT, transitions=[
            Transition("submit", [State.DRAFT], State.REVIEW, _("提交审核"), guard=has_text),
        ])

    class PaperEvent(EventModel):
        subject = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="events")

The migration carries `StateTrigger("Paper", "state", …)` with the same edges as literals, so that the
database refuses what the table does not name, whoever writes. `manage.py state_triggers` prints them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connections, models, transaction
from django.db.models.sql import UpdateQuery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.kernel.errors import DomainError
from portal.kernel.machines import Guard, Machine, Transition, machines_of
from portal.kernel.models import AppendOnly
from portal.kernel.state_triggers import StateTrigger

__all__ = [
    "EventModel",
    "Guard",
    "Machine",
    "StateTrigger",
    "Transition",
    "adopt",
    "advance",
    "advance_all",
    "machines_of",
]


class EventModel(AppendOnly):
    """Who did what when, from which state to which: written by `advance`, never changed.

    The subclass adds `subject`: a foreign key (PROTECT) to its aggregate with `related_name="events"`.
    """

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=gettext_lazy("办理人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=gettext_lazy("空表示系统自动办理"),
    )
    at = models.DateTimeField(gettext_lazy("时间"), default=timezone.now, editable=False)
    name = models.CharField(gettext_lazy("动作"), max_length=40)
    source = models.CharField(gettext_lazy("原状态"), max_length=40, blank=True)
    target = models.CharField(gettext_lazy("新状态"), max_length=40)
    comment = models.TextField(gettext_lazy("意见"), blank=True)
    public = models.BooleanField(gettext_lazy("公开"), default=False)

    class Meta:
        abstract = True
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.name}: {self.source or '·'} → {self.target}"


def advance(
    obj: models.Model,
    name: str,
    *,
    actor: Any,
    comment: str = "",
    changes: Mapping[str, Any] | None = None,
    public: bool = False,
    at: datetime | None = None,
) -> Any:
    """Take the transition `name`: lock the row, check table and guard, change the state, write the event.

    `changes` are fields that change in the same statement (the time and the person that a CHECK ties to
    the state). All in one transaction. Returns the event row; raises DomainError when the state or the
    guard refuses, and then nothing was written. `actor` None is the system itself; `at` None is now.
    """
    model = type(obj)
    machine = _machine_with(name, model)
    transition = machine[name]
    with transaction.atomic():
        locked = model._base_manager.select_for_update(of=("self",)).filter(pk=obj.pk).first()
        if locked is None:
            raise DomainError(_("记录已不存在，请刷新页面。"), code="gone")
        source = getattr(locked, machine.field)
        if source not in transition.sources:
            raise DomainError(_refusal(locked, machine, transition), code="transition_refused")
        if transition.guard is not None:
            transition.guard(locked, actor)
        changed = {**(changes or {}), machine.field: transition.target}
        model._base_manager.filter(pk=obj.pk).update(**changed)
        event = locked.events.create(  # type: ignore[attr-defined]
            actor=actor,
            at=at or timezone.now(),
            name=name,
            source=source,
            target=transition.target,
            comment=comment,
            public=public,
        )
    for field, value in changed.items():
        setattr(obj, field, value)
    return event


def advance_all(
    rows: models.QuerySet[Any],
    name: str,
    *,
    actor: Any,
    at: datetime,
    changes: Mapping[str, Any] | None = None,
    comment: str | models.F = "",
) -> int:
    """Take the transition `name` with every row that is in a source of it; how many that were.

    One statement for each source, however many rows: the states, `changes` (values or expressions) and an
    event a row. Guards, which look at one row, are not asked. `comment` may be a column of the changed row.
    """
    machine = _machine_with(name, rows.model)
    transition = machine[name]
    moved = 0
    with transaction.atomic(using=rows.db):
        for source in transition.sources:
            changed = {**(changes or {}), machine.field: transition.target}
            here = rows.filter(**{machine.field: source}).order_by()
            query: Any = here.query.chain(UpdateQuery)
            query.add_update_values(changed)
            said = [actor and actor.pk, at, name, source, transition.target]
            moved += _move(query, said, comment, rows.db)
    return moved


def _move(query: Any, said: list[Any], comment: str | models.F, using: str) -> int:
    """Run an update and write an event for each row that it changed; how many that were."""
    connection = connections[using]
    quote = connection.ops.quote_name
    model: Any = query.model
    event: Any = model._meta.get_field("events").related_model
    columns = ("subject", "actor", "at", "name", "source", "target", "comment", "public")
    into = ", ".join(quote(event._meta.get_field(name).column) for name in columns)
    try:
        update, parameters = query.get_compiler(using).as_sql()
    except EmptyResultSet:  # a condition that nothing can meet
        return 0
    table, words = quote(model._meta.db_table), "%s::text"
    if isinstance(comment, models.F):
        column: Any = comment
        words = f"{table}.{quote(model._meta.get_field(column.name).column)}"
    else:
        parameters = (*parameters, comment)
    statement = (
        f"WITH moved (id, words) AS ({update} RETURNING {table}.{quote(model._meta.pk.column)}, {words})"  # noqa: S608
        f" INSERT INTO {quote(event._meta.db_table)} ({into})"
        " SELECT id, %s::bigint, %s::timestamptz, %s, %s, %s, words, false FROM moved ORDER BY id"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, (*parameters, *said))
        return int(cursor.rowcount)


def adopt(obj: models.Model, now: models.Model) -> None:
    """Let the caller's copy of a row show what has become of it; no query."""
    for field in obj._meta.concrete_fields:
        setattr(obj, field.attname, getattr(now, field.attname))


def _machine_with(name: str, model: type[models.Model]) -> Machine:
    machine = next((machine for machine in machines_of(model) if name in machine), None)
    if machine is None:
        raise KeyError(f"{model.__name__} has no transition {name!r}")
    return machine


def _refusal(obj: models.Model, machine: Machine, transition: Transition) -> str:
    display = getattr(obj, f"get_{machine.field}_display", lambda: getattr(obj, machine.field))
    return _("当前状态为“%(state)s”，不能%(action)s。请刷新页面查看最新状态。") % {
        "state": display(),
        "action": transition.label,
    }
