"""Officials' pages of rules, their versions, and runs with their progress."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from enterprises.catalogue import Catalogue
from enterprises.services import load_catalogue
from matching.explaining.amount_sentences import describe_amount
from matching.explaining.sentences import Sentence, describe
from matching.explaining.written import written
from matching.models import Rule, RuleVersion, Run, RunResult
from matching.tree import RuleTree
from matching.trees import rule_tree
from portal.kernel.admin import OwnPages, ReadOnlyAdmin, ReadOnlyInline
from portal.kernel.errors import DomainError


class VersionInline(ReadOnlyInline):
    """The versions of a rule, newest first."""

    model = RuleVersion
    fields = ["number", "valid", "published_at", "retracted_at"]
    show_change_link = True


@admin.register(Rule)
class RuleAdmin(ReadOnlyAdmin):
    """What holds conditions and an amount over time."""

    list_display = ["label", "versions_count", "created_at"]
    search_fields = ["label"]
    inlines = [VersionInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rule]:
        return super().get_queryset(request).annotate(versions_count=Count("versions"))

    @display(description=_("版本数"), ordering="versions_count")
    def versions_count(self, rule: Any) -> int:
        """How many versions there are."""
        return rule.versions_count


@admin.register(RuleVersion)
class RuleVersionAdmin(ReadOnlyAdmin):
    """Rules in sentences and as JSON. They are written at their item, where four eyes are kept."""

    list_display = ["rule", "number", "standing", "valid", "published_at"]
    list_filter = [
        ("published_at", admin.EmptyFieldListFilter),
        ("retracted_at", admin.EmptyFieldListFilter),
    ]
    list_select_related = ["rule"]
    search_fields = ["rule__label"]
    readonly_fields = ["sentences", "amount_sentences", "shown_conditions", "shown_amount", "shown_examples"]
    fieldsets = [
        (
            None,
            {"fields": [("rule", "number"), "valid", ("reference_year", "event_fact", "governing_date")]},
        ),
        (_("读作"), {"fields": ["sentences", "amount_sentences"]}),
        (_("规则"), {"fields": ["shown_conditions", "shown_amount", "shown_examples"]}),
        (_("状态"), {"fields": [("recorded_at", "published_at"), ("closed_at", "retracted_at")]}),
    ]

    @display(description=_("状态"), label={"draft": "info", "published": "success", "retracted": "danger"})
    def standing(self, version: RuleVersion) -> tuple[str, Any]:
        """Draft, published or retracted, as a coloured label."""
        if version.is_draft:
            return "draft", _("草稿")
        return ("retracted", _("已撤回")) if version.retracted_at else ("published", _("已发布"))

    @display(description=_("条件（中文）"))
    def sentences(self, version: RuleVersion) -> str:
        """The conditions as nested Chinese sentences."""
        return self._read(version, describe)

    @display(description=_("奖补标准（中文）"))
    def amount_sentences(self, version: RuleVersion) -> str:
        """The amount as nested Chinese sentences."""
        return self._read(version, describe_amount)

    @display(description=_("申报条件"))
    def shown_conditions(self, version: RuleVersion) -> str:
        """As it would be typed."""
        return _typed(version.conditions)

    @display(description=_("奖补标准"))
    def shown_amount(self, version: RuleVersion) -> str:
        """As it would be typed."""
        return _typed(version.amount)

    @display(description=_("样例"))
    def shown_examples(self, version: RuleVersion) -> str:
        """As they would be typed."""
        return _typed(version.examples)

    def _read(
        self, version: RuleVersion, describing: Callable[[RuleTree, Catalogue], Sentence | None]
    ) -> str:
        try:
            sentence = describing(rule_tree(version), load_catalogue())
        except DomainError as error:
            return format_html('<p class="text-red-700">{}</p>', error.message)
        return render_to_string("admin/matching/sentences.html", {"sentence": sentence}) if sentence else "—"


def _typed(data: Any) -> str:
    return format_html('<pre class="whitespace-pre-wrap">{}</pre>', written(data)) if data else "—"


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """Runs, newest first; each has a page that refreshes itself while work goes on."""

    list_display = ["__str__", "purpose", "as_of", "state", "bar", "created_at"]
    list_filter = ["state", "purpose"]
    search_fields = ["label"]
    show_full_result_count = False

    @display(description=_("进度"))
    def bar(self, run: Run) -> str:
        """A bar with done / total."""
        return format_html(
            '<progress value="{}" max="100"></progress> {} / {}', run.percent, run.done, run.total
        )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[OwnPages]:
        """Rows lead to their progress."""
        return OwnPages

    def get_urls(self) -> list[Any]:
        progress = path(
            "<int:pk>/progress/", self.admin_site.admin_view(self.progress_view), name="matching_run_progress"
        )
        return [progress, *super().get_urls()]

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Done, total, rate, time left, and the newest results."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = get_object_or_404(Run, pk=pk)
        results = run.results.defer("payload").select_related("version__rule").order_by("-pk")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": _("匹配进度"),
            "run": run,
            "results": results[:200],
        }
        return TemplateResponse(request, "admin/matching/progress.html", context)


@admin.register(RunResult)
class RunResultAdmin(ReadOnlyAdmin):
    """Counts and totals, one row a run and version."""

    list_display = ["run", "version", "eligible", "opened", "needs_info", "ineligible", "total_low"]
    list_select_related = ["run", "version__rule"]
    search_fields = ["version__rule__label"]
    exclude = ["payload"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[RunResult]:
        return super().get_queryset(request).defer("payload")
