"""Admin bases, and the pages of the kernel's own tables."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteMixin
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.views import ChangeList

from portal.kernel.escalation import EscalationLevel
from portal.kernel.machines import machines_of
from portal.kernel.models import AnnouncedYear, OutboxEntry, WorkdayOverride, WorkingPeriod
from portal.kernel.reckoning import left_to_reckon, ring


class ReadOnly:
    """Nobody adds, changes or deletes here."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(ReadOnly, ModelAdmin):
    """Rows to be looked at: append-only tables, queues, histories."""


class ReadOnlyInline(ReadOnly, TabularInline):
    """Rows of another table to be looked at beside their parent; `fields` may name methods too."""

    extra = 0

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """All that is shown."""
        return self.fields or super().get_readonly_fields(request, obj)


class EventInline(ReadOnlyInline):
    """What happened to a row, by whom: each step in the words of its machine, and the state it led to.

    `words` name events that are no transitions; `model` is an `EventModel`.
    """

    hide_title = True
    verbose_name_plural = gettext_lazy("动态")
    fields = ["at", "actor", "step", "comment"]
    words: Mapping[str, str | Promise] = {}

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).select_related("actor")

    @display(description=gettext_lazy("动作"))
    def step(self, event: Any) -> str:
        """The transition in words, and the state that it led to."""
        machine = next((one for one in machines_of(self.parent_model) if event.name in one), None)
        if machine is None:
            return str(self.words.get(event.name, event.name))
        states = dict(self.parent_model._meta.get_field(machine.field).flatchoices)
        return f"{machine[event.name].label} → {states.get(event.target, event.target)}"


class SpanTargetAdmin(ModelAdmin):
    """Spans. A change holds for clocks begun afterwards; the services know the keys, so none is added."""

    list_display = ["label", "key", "number", "unit", "warning"]
    list_filter = ["unit"]
    search_fields = ["label", "key"]
    readonly_fields = ["key"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EscalationLevelAdmin(ModelAdmin):
    """Who is told at which light, and how long after it began to show."""

    list_display = ["level", "light", "whom", "how_long_after"]

    @display(description=gettext_lazy("亮灯之后"), ordering="after")
    def how_long_after(self, row: EscalationLevel) -> str:
        """In working hours."""
        return _("%(count)d 个工作小时") % {"count": row.after} if row.after else _("马上")


_optgroups = AutocompleteMixin.optgroups


def _optgroups_of_keys(widget: Any, name: str, value: list[Any], attr: Any = None) -> Any:
    """Django looks up what was posted before anybody has checked it; what cannot be a key is left out."""
    remote = widget.field.remote_field
    key = remote.model._meta.get_field(getattr(remote, "field_name", None) or remote.model._meta.pk.name)
    return _optgroups(widget, name, [one for one in value if _can_be(key, one)], attr)


def _can_be(key: Any, value: Any) -> bool:
    try:
        key.to_python(value)
    except ValidationError:
        return False
    return "\0" not in str(value)


AutocompleteMixin.optgroups = _optgroups_of_keys  # type: ignore[assignment, method-assign]


class OwnPages(ChangeList):
    """A list whose rows lead to the pages that they name themselves, not to a form."""

    def url_for_result(self, result: Any) -> str:
        """The row's `get_absolute_url`."""
        return result.get_absolute_url()


@admin.register(OutboxEntry)
class OutboxEntryAdmin(ReadOnlyAdmin):
    """What waits, what left, what stumbles; what an entry says may be confidential and is not shown."""

    list_display = fields = ["key", "topic", "created_at", "delivered_at", "attempts", "error"]
    list_filter = ["topic", ("delivered_at", admin.EmptyFieldListFilter)]
    search_fields = ["key"]
    show_full_result_count = False


@admin.register(WorkdayOverride)
class WorkdayOverrideAdmin(ModelAdmin):
    """Days that differ from the package's calendar."""

    list_display = ["day", "is_workday", "reason"]
    list_filter = ["is_workday"]
    date_hierarchy = "day"
    search_fields = ["reason"]


@admin.register(AnnouncedYear)
class AnnouncedYearAdmin(ModelAdmin):
    """Years that are known in whole; deadlines that waited for one are reckoned at once."""

    list_display = ["year", "notice", "left"]
    actions = ["reckon"]

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """The years of the page know how many of their deadlines a worker has still to reckon."""
        found = super().get_changelist_instance(request)
        left = left_to_reckon()
        for year in found.result_list:
            year.left_to_reckon = left[year.year]
        return found

    @admin.display(description=gettext_lazy("待重算的暂定时限"))
    def left(self, year: Any) -> int:
        """Goes to 0 while the worker is at it."""
        return int(year.left_to_reckon)

    def save_model(self, request: HttpRequest, obj: AnnouncedYear, form: Any, change: bool) -> None:
        """Save, and ring for the deadlines that waited for the year."""
        super().save_model(request, obj, form, change)
        transaction.on_commit(ring, robust=True)

    @admin.action(description=gettext_lazy("重新计算暂定时限"), permissions=["add"])
    def reckon(self, request: HttpRequest, years: models.QuerySet[AnnouncedYear]) -> None:
        """Have a worker reckon those of all announced years; the list shows how many are left."""
        transaction.on_commit(ring, robust=True)
        count = {"count": left_to_reckon().total()}
        messages.success(request, _("正在后台重新计算 %(count)d 个暂定时限，刷新本页可看还剩多少。") % count)


@admin.register(WorkingPeriod)
class WorkingPeriodAdmin(ModelAdmin):
    """When offices are open; running deadlines stay as they were reckoned."""

    list_display = ["starts", "ends"]
