"""The points table in the back office: drafts are edited, compared and published; runs are watched."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display

from enterprises.models import Enterprise
from enterprises.services import load_catalogue
from finance.admin.forms import ReasonForm, SeenForm
from finance.admin.score_bins import BinInline
from finance.keepers import may
from finance.models import (
    ScoreCharacteristic,
    ScoreComparison,
    ScoreModel,
    ScoreRun,
    ScoreVersion,
    ScoreVersionEvent,
)
from finance.scoring import comparing, publishing
from finance.scoring.cards import card_of
from finance.scoring.checks import shortcomings
from finance.scoring.figures import shown, signed
from finance.scoring.monitoring import bands
from portal.accounts.requests import signed_in
from portal.accounts.roles import Role
from portal.kernel.admin import EventInline, ReadOnlyAdmin, ReadOnlyInline
from portal.kernel.steps import Step, named_row, step_page
from portal.kernel.versions import VersionState

COLOURS = {"draft": "info", "published": "success", "retired": "warning", "discarded": "default"}
_WEIGHTS = (("tax_weight", "trust_weight"), ("conduct_weight", "scene_weight"))


class VersionInline(ReadOnlyInline):
    """The versions of a model, newest first."""

    model = ScoreVersion
    fields = ["number", "state", "published_at", "retired_at"]
    show_change_link = True


@admin.register(ScoreModel)
class ScoreModelAdmin(ReadOnlyAdmin):
    """Points tables; a new draft begins here."""

    list_display = ["name", "code", "summary"]
    inlines = [VersionInline]
    actions_detail = ["start_draft"]

    def has_draft_permission(self, request: HttpRequest, object_id: str) -> bool:
        return may(signed_in(request), Role.EDITOR)

    @action(description=_("新建草稿"), permissions=["draft"], url_path="draft")
    def start_draft(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A draft that says what the version in use says."""
        model = named_row(self, request, object_id)

        def perform(cleaned: dict[str, Any]) -> str:
            return publishing.start_draft(model, by=signed_in(request)).get_absolute_url()

        warns = _("草稿从使用中的版本复制，修改后由另一位同事发布。")
        return step_page(
            self, request, model, Step(_("新建草稿"), Form, perform, _("已建立草稿。"), warns=warns)
        )


class CharacteristicInline(TabularInline):
    """What a version looks at; the bins stand on a page of their own."""

    model = ScoreCharacteristic
    hide_title = True
    extra = 0
    autocomplete_fields = ["fact"]
    fields = ["position", "key", "label", "dimension", "fact", "monotone", "years", "bins"]
    readonly_fields = ["bins"]

    @display(description=_("分档"))
    def bins(self, characteristic: ScoreCharacteristic) -> str:
        """Link to the bins; a new characteristic has to be saved first."""
        if characteristic.pk is None:
            return _now("保存后填写")
        address = reverse("admin:finance_scorecharacteristic_change", args=[characteristic.pk])
        look = "text-primary-600 dark:text-primary-500"
        return format_html('<a href="{}" class="{}">{}</a>', address, look, _now("查看分档"))

    def has_change_permission(self, request: HttpRequest, obj: ScoreVersion | None = None) -> bool:
        return obj is None or _edits(request, obj)

    has_add_permission = has_change_permission
    has_delete_permission = has_change_permission

    def has_view_permission(self, request: HttpRequest, obj: ScoreVersion | None = None) -> bool:
        return True


class VersionEventInline(EventInline):
    model = ScoreVersionEvent


@admin.register(ScoreVersion)
class ScoreVersionAdmin(ModelAdmin):
    """One version at a time."""

    list_display = ["__str__", "shown_state", "edited_by", "published_by", "published_at", "retired_at"]
    list_filter = ["state", "model"]
    list_select_related = ["model", "edited_by", "published_by"]
    inlines = [CharacteristicInline, VersionEventInline]
    readonly_fields = ["model", "number", "state", "edited_by", "published_by", "published_at", "retired_at"]
    actions_detail = ["compare", "publish", "retire", "discard"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("model", "number", "state"),
                    ("edited_by", "published_by"),
                    ("published_at", "retired_at"),
                ]
            },
        ),
        (_("起评分和权重"), {"fields": ["base", *_WEIGHTS, "note"]}),
        (_("检查"), {"fields": ["checks", "compared"]}),
    ]

    @display(description=_("状态"), label=COLOURS)
    def shown_state(self, version: ScoreVersion) -> tuple[str, str]:
        """The state as a coloured label."""
        return version.state, version.get_state_display()

    @display(description=_("发布前检查"))
    def checks(self, version: ScoreVersion) -> str:
        """What stands in the way of publication."""
        wrong = shortcomings(card_of(version), load_catalogue())
        return format_html_join(mark_safe("<br>"), "✗ {}", ((one,) for one in wrong)) or _now("✓ 没有问题")

    @display(description=_("与使用中版本的比较"))
    def compared(self, version: ScoreVersion) -> str:
        """Links to the comparisons of this draft."""
        digest = card_of(version).digest
        rows = [
            (
                one.get_absolute_url(),
                one,
                one.get_state_display(),
                "" if one.digest == digest else _now("（之后又改过）"),
            )
            for one in version.comparisons.order_by("-pk")[:5]
        ]
        return format_html_join(mark_safe("<br>"), '<a href="{}">{}</a> {}{}', rows) or "—"

    def get_readonly_fields(self, request: HttpRequest, obj: ScoreVersion | None = None) -> Any:
        return [*self.readonly_fields, "checks", "compared"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ScoreVersion | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ScoreVersion | None = None) -> bool:
        """A draft, by the office's editors."""
        return super().has_change_permission(request, obj) and (obj is None or _edits(request, obj))

    def save_model(self, request: HttpRequest, obj: ScoreVersion, form: Any, change: bool) -> None:
        """Whoever changes a draft is written down as one of its editors."""
        publishing.note_editor(obj, by=signed_in(request))
        super().save_model(request, obj, form, change)

    def has_compare_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self._standing(request, object_id, VersionState.DRAFT, Role.EDITOR, Role.PUBLISHER)

    def has_publish_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self._standing(request, object_id, VersionState.DRAFT, Role.PUBLISHER)

    def has_discard_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self._standing(request, object_id, VersionState.DRAFT, Role.EDITOR)

    def has_retire_permission(self, request: HttpRequest, object_id: str) -> bool:
        return self._standing(request, object_id, VersionState.PUBLISHED, Role.PUBLISHER)

    def _standing(self, request: HttpRequest, object_id: str, state: VersionState, *roles: Role) -> bool:
        version = self.get_object(request, object_id)
        return (
            version is not None
            and version.state == state
            and any(may(signed_in(request), one) for one in roles)
        )

    @action(description=_("与使用中的版本比较"), permissions=["compare"], url_path="compare")
    def compare(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Score all enterprises by both, in a worker."""
        version = named_row(self, request, object_id)

        def perform(cleaned: dict[str, Any]) -> str:
            return comparing.ask(version, by=signed_in(request)).get_absolute_url()

        title = _("与使用中的版本比较")
        warns = _("按草稿和使用中的版本给全县企业各评一次，完成后看得分怎样变化。")
        return step_page(self, request, version, Step(title, Form, perform, _("已开始比较。"), warns=warns))

    @action(description=_("发布"), permissions=["publish"], url_path="publish")
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let enterprises be scored by the draft; the version in use is retired."""
        version = named_row(self, request, object_id)

        def perform(cleaned: dict[str, Any]) -> str:
            seen, reason = cleaned["seen"], cleaned["reason"]
            publishing.publish(version, by=signed_in(request), seen=seen, comment=reason)
            return version.get_absolute_url()

        form = partial(SeenForm, initial={"seen": card_of(version).digest})
        warns = _("发布后全县企业按新版评分，使用中的版本停用，不能恢复。")
        return step_page(
            self,
            request,
            version,
            Step(_("发布"), form, perform, _("已发布，今后按这一版评分。"), warns=warns),
        )

    @action(description=_("停用"), permissions=["retire"], url_path="retire")
    def retire(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let nobody be scored until another version is published."""
        warns = _("停用后直到发布新版之前不能评分。请写明原因。")
        return self._end(request, object_id, publishing.retire, (_("停用"), _("已停用。"), warns))

    @action(description=_("放弃草稿"), permissions=["discard"], url_path="discard")
    def discard(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let the draft go, so that another one may be begun."""
        warns = _("放弃后不能再修改或发布，可以另起草稿；使用中的版本不受影响。")
        return self._end(request, object_id, publishing.discard, (_("放弃草稿"), _("已放弃草稿。"), warns))

    def _end(
        self, request: HttpRequest, object_id: str, service: Callable[..., None], words: tuple[Any, Any, Any]
    ) -> HttpResponse:
        version = named_row(self, request, object_id)
        title, done, warns = words

        def perform(cleaned: dict[str, Any]) -> str:
            service(version, by=signed_in(request), reason=cleaned["reason"])
            return version.get_absolute_url()

        return step_page(self, request, version, Step(title, ReasonForm, perform, done, warns=warns))


@admin.register(ScoreCharacteristic)
class ScoreCharacteristicAdmin(ModelAdmin):
    """One characteristic with its bins; reached from its version."""

    list_display = ["label", "version", "dimension", "fact", "monotone"]
    list_filter = ["dimension", "version"]
    list_select_related = ["version__model", "fact"]
    search_fields = ["label", "key"]
    autocomplete_fields = ["fact"]
    fields = [("version", "position"), ("key", "label"), ("dimension", "fact"), ("monotone", "years")]
    readonly_fields = ["version"]
    inlines = [BinInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScoreCharacteristic]:
        return super().get_queryset(request).select_related("version__model", "fact")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ScoreCharacteristic | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ScoreCharacteristic | None = None) -> bool:
        """Of a draft, by the office's editors."""
        return super().has_change_permission(request, obj) and (obj is None or _edits(request, obj.version))

    def save_model(self, request: HttpRequest, obj: ScoreCharacteristic, form: Any, change: bool) -> None:
        """Whoever changes bins has edited the version."""
        publishing.note_editor(obj.version, by=signed_in(request))
        super().save_model(request, obj, form, change)


@admin.register(ScoreComparison)
class ScoreComparisonAdmin(ReadOnlyAdmin):
    """What would change if a draft were published."""

    list_display = ["__str__", "draft", "against", "state", "created_by", "created_at"]
    list_select_related = ["draft__model", "against__model", "created_by"]
    fields = [("draft", "against"), ("as_of", "state"), ("done", "total"), "error", "told"]
    readonly_fields = ["told"]

    @display(description=_("结果"))
    def told(self, comparison: ScoreComparison) -> str:
        """Both distributions, how many move, and who moves most."""
        result = comparison.result
        if not result:
            return "—"
        named = [pk for pk, _old, _new in [*result.get("losing", ()), *result.get("gaining", ())]]
        names = dict(Enterprise.objects.filter(pk__in=named).values_list("pk", "name"))
        movers = [
            (names.get(pk, pk), shown(old), shown(new), signed(new - old))
            for pk, old, new in [*result.get("losing", ()), *result.get("gaining", ())]
        ]
        rows = list(zip(bands(result.get("before") or [0] * 10), bands(result["after"]), strict=True))
        context = {"result": result, "rows": rows, "movers": movers, "compared": "before" in result}
        return render_to_string("admin/finance/comparison.html", context)


@admin.register(ScoreRun)
class ScoreRunAdmin(ReadOnlyAdmin):
    """Runs over all enterprises; distributions are looked at on the office's own page."""

    list_display = ["__str__", "version", "as_of", "state", "bar", "created_by", "created_at"]
    list_filter = ["state"]
    list_select_related = ["version__model", "created_by"]
    fields = [("version", "as_of", "known_at"), ("state", "bar"), ("started_at", "finished_at"), "error"]
    readonly_fields = ["bar"]
    show_full_result_count = False

    @display(description=_("进度"))
    def bar(self, run: ScoreRun) -> str:
        """A bar with done / total."""
        return format_html(
            '<progress value="{}" max="100"></progress> {} / {}', run.percent, run.done, run.total
        )


def _edits(request: HttpRequest, version: ScoreVersion) -> bool:
    return version.is_draft and may(signed_in(request), Role.EDITOR)
