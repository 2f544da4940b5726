"""Pushes with their progress: a list, and a page that refreshes itself while work goes on."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from matching.models import RunResult
from policies import push as pushing
from policies.access import may
from policies.models import Push
from portal.accounts.requests import signed_in
from portal.accounts.roles import Role
from portal.kernel.admin import OwnPages, ReadOnlyAdmin
from portal.kernel.models import Progress
from portal.kernel.steps import Step, step_page


@admin.register(Push)
class PushAdmin(ReadOnlyAdmin):
    """Who is being told of what, and how far it has come."""

    list_display = ["version", "kind", "state", "bar", "told", "created_at"]
    list_filter = ["kind", "state"]
    list_select_related = ["version"]
    search_fields = ["version__title", "version__item__code"]

    @display(description=_("进度"))
    def bar(self, push: Push) -> str:
        """A bar with done / total."""
        return format_html(
            '<progress value="{}" max="100"></progress> {} / {}', push.percent, push.done, push.total
        )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[OwnPages]:
        """Rows lead to their progress."""
        return OwnPages

    def get_urls(self) -> list[Any]:
        progress = path(
            "<int:pk>/progress/",
            self.admin_site.admin_view(self.progress_view),
            name="policies_push_progress",
        )
        requeue = path(
            "<int:pk>/requeue/",
            self.admin_site.admin_view(self.requeue_view),
            name="policies_push_requeue",
        )
        return [progress, requeue, *super().get_urls()]

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Done, total, rate, time left, and what the match found."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        push = get_object_or_404(Push.objects.select_related("version__item__department", "run"), pk=pk)
        result = None
        if push.run_id:
            results = RunResult.objects.filter(run=push.run_id, version=push.version.rule_version_id)
            result = results.defer("payload").first()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": _("推送进度"),
            "push": push,
            "result": result,
            "may_requeue": _may_requeue(request, push),
        }
        return TemplateResponse(request, "admin/policies/progress.html", context)

    def requeue_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let a failed push go on: whoever may publish the item."""
        push = get_object_or_404(Push.objects.select_related("version__item__department", "run"), pk=pk)
        if not _may_requeue(request, push):
            raise PermissionDenied

        def perform(cleaned: dict[str, Any]) -> str:
            pushing.requeue(push)
            return push.get_absolute_url()

        warns = _("从停下的地方接着推送，已经通知过的企业不会再收到。请先确认失败的原因已经处理。")
        step = Step(_("继续推送"), Form, perform, _("已重新排队，马上继续。"), warns=warns)
        return step_page(self, request, push, step)


def _may_requeue(request: HttpRequest, push: Push) -> bool:
    publishes = may(signed_in(request), Role.PUBLISHER, push.version.item.department)
    return publishes and push.state == Progress.FAILED
