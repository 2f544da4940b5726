"""What suggestions are made from, and how they fared: duties, rules, intake lists, models, suggestions."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from appeals.models import (
    Category,
    DutyPhrase,
    IntakeRule,
    Override,
    RoutingModel,
    RoutingRule,
    Suggestion,
)
from appeals.suggesting import overrides
from portal.kernel.admin import ReadOnlyAdmin


@admin.register(Category)
class CategoryAdmin(ModelAdmin):
    """Kinds of appeals. One that appeals bear is switched off, not deleted."""

    list_display = ["label", "key", "complexity", "market", "hint", "position", "active"]
    list_filter = ["complexity", "market", "active"]
    search_fields = ["label", "key"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(IntakeRule)
class IntakeRuleAdmin(ModelAdmin):
    """The positive and the negative list."""

    list_display = ["title", "handled", "shown_words", "active"]
    list_filter = ["handled", "active"]
    search_fields = ["title", "advice"]

    @display(description=_("关键词"))
    def shown_words(self, rule: IntakeRule) -> str:
        return "、".join(rule.words)


@admin.register(DutyPhrase)
class DutyPhraseAdmin(ModelAdmin):
    """What departments are there for, in enterprises' words; learnt by the next night."""

    list_display = ["text", "department", "section", "mode"]
    list_select_related = ["department", "section__department"]
    list_filter = ["mode", "department"]
    search_fields = ["text"]
    autocomplete_fields = ["department"]


@admin.register(RoutingRule)
class RoutingRuleAdmin(ModelAdmin):
    """Rules before the classifier. One that made a suggestion is switched off, not deleted."""

    list_display = ["title", "priority", "department", "mode", "any_of", "none_of", "active", "fared"]
    list_select_related = ["department"]
    list_filter = ["active", "mode", "department"]
    search_fields = ["title"]
    autocomplete_fields = ["department"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[RoutingRule]:
        self.counts = {count.name: count for count in overrides.by_rule()}
        return super().get_queryset(request)

    @display(description=_("任一词"))
    def any_of(self, rule: RoutingRule) -> str:
        return "、".join(rule.words)

    @display(description=_("不含的词"))
    def none_of(self, rule: RoutingRule) -> str:
        return "、".join(rule.unless) or "—"

    @display(description=_("改派／命中"))
    def fared(self, rule: RoutingRule) -> str:
        """How often another department got the order, of how often the rule was followed by a dispatch."""
        count = self.counts.get(rule.title)
        return f"{count.overridden}/{count.suggested}" if count else "—"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (
            obj and Suggestion.objects.filter(rule=obj).exists()
        )


@admin.register(RoutingModel)
class RoutingModelAdmin(ReadOnlyAdmin):
    """Models as they were trained; the newest is used."""

    list_display = ["pk", "trained_at", "samples", "duties", "cases", "held_out"]
    fields = ["trained_at", "samples", "duties", "cases", "held_out"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[RoutingModel]:
        return super().get_queryset(request).defer("weights", "vocabulary", "classes")

    @display(description=_("职责短语数"))
    def duties(self, model: RoutingModel) -> int:
        """Written duties learnt from."""
        return int(model.figures.get("duties", 0))

    @display(description=_("办结件数"))
    def cases(self, model: RoutingModel) -> int:
        """Closed orders learnt from."""
        return int(model.figures.get("cases", 0))

    @display(description=_("留出检验：首选／前三"))
    def held_out(self, model: RoutingModel) -> str:
        """On the samples left out in turn, not on appeals: single phrases are harder."""
        first, three = (model.figures.get(key) for key in ("first", "first_three"))
        return "—" if first is None or three is None else f"{first:.0%} / {three:.0%}"


@admin.register(Suggestion)
class SuggestionAdmin(ReadOnlyAdmin):
    """What was suggested; never about a complaint against the reader's own department."""

    list_display = ["appeal_number", "rank", "department", "section", "mode", "percent", "rule", "made_at"]
    list_select_related = ["appeal", "department", "section__department", "rule"]
    list_filter = ["rank", "mode", "department"]
    search_fields = ["appeal__number"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Suggestion]:
        return _but_own_complaints(super().get_queryset(request), request, "appeal__about")

    @display(description=_("诉求编号"))
    def appeal_number(self, row: Suggestion) -> str:
        """The number alone: titles are for the desk."""
        return row.appeal.number


@admin.register(Override)
class OverrideAdmin(ReadOnlyAdmin):
    """Dispatches that did not follow the first suggestion, and how often that is so by class."""

    list_display = ["appeal_number", "suggested", "department", "by_rule", "class_fared", "by", "at"]
    list_select_related = ["order__appeal", "suggested", "department", "by"]
    list_filter = ["suggested", "department"]
    search_fields = ["order__appeal__number"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Override]:
        self.counts = {count.name: count for count in overrides.by_department()}
        rows = overrides.overridden(super().get_queryset(request))
        return _but_own_complaints(rows, request, "order__appeal__about")

    @display(description=_("诉求编号"))
    def appeal_number(self, row: Override) -> str:
        """The number alone."""
        return row.order.appeal.number

    @display(description=_("命中规则"))
    def by_rule(self, row: Any) -> str:
        """The rule behind the suggestion, if one was."""
        return row.by_rule or "—"

    @display(description=_("该部门被改派／建议"))
    def class_fared(self, row: Override) -> str:
        """Of all dispatches for which this department was suggested first."""
        count = self.counts.get(str(row.suggested))
        return f"{count.overridden}/{count.suggested}" if count else "—"


def _but_own_complaints(rows: Any, request: HttpRequest, about: str) -> Any:
    """Without the complaints about a department of the reader's."""
    own = {place for _role, place in getattr(request.user, "roles", ())}
    return rows.exclude(**{f"{about}__in": own}) if own else rows
