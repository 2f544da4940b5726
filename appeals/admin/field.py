"""Pairings, visits and talks: pairings change by their own steps; visits and talks are looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminTextInputWidget

from appeals.models import (
    Pairing,
    Talk,
    TalkEvent,
    TalkGuest,
    TalkTopic,
    Visit,
    VisitEvent,
    VisitPhoto,
)
from appeals.pairings import end, pair
from appeals.pairings.changing import GONE, check_serving
from portal.accounts.models import Officer
from portal.accounts.requests import signed_in
from portal.kernel.admin import EventInline, ReadOnlyAdmin, ReadOnlyInline
from portal.kernel.errors import DomainError
from portal.kernel.forms import WholeRowForm


class PairingForm(WholeRowForm):
    """A new pairing of an enterprise that has no official."""

    class Meta:
        model = Pairing
        fields = ("officer", "enterprise", "since")

    def clean(self) -> dict[str, Any]:
        """Neither gone nor to come."""
        given = super().clean() or {}
        if given.get("officer") is not None:
            try:
                check_serving(given["officer"])
            except DomainError as error:
                self.add_error("officer", str(error))
        enterprise, since = given.get("enterprise"), given.get("since")
        if enterprise is not None and enterprise.status in GONE:
            self.add_error("enterprise", _("企业已注销或吊销，不能结对。"))
        if since is not None and since > timezone.localdate():
            self.add_error("since", _("结对日期不能晚于今天。"))
        return given


class SuccessorForm(forms.Form):
    """Who takes over, from which day."""

    official = forms.CharField(
        label=_("新干部的姓名"),
        max_length=50,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("同名的请写“姓名 联系电话”。"),
    )
    day = forms.DateField(label=_("自"), widget=UnfoldAdminDateWidget())

    def clean_official(self) -> Officer:
        """The one serving official of that name (and number)."""
        name, _space, phone = self.cleaned_data["official"].strip().partition(" ")
        rows: Any = Officer.objects.serving(timezone.localdate())
        found = list(rows.filter(name=name, **({"phone": phone.strip()} if phone else {}))[:2])
        if len(found) != 1:
            raise forms.ValidationError(
                _("没有这位干部。") if not found else _("有同名的，请写“姓名 联系电话”。")
            )
        officer: Officer = found[0]
        return officer


class EndForm(forms.Form):
    """From which day nobody looks after the enterprise."""

    day = forms.DateField(label=_("自这一天起不再结对"), widget=UnfoldAdminDateWidget())


@admin.register(Pairing)
class PairingAdmin(ModelAdmin):
    """Who looks after whom. A change of official is a step, so that the old pairing stays as it was."""

    form = PairingForm
    list_display = ["enterprise", "officer", "department", "since", "until"]
    list_select_related = ["officer__department", "enterprise"]
    list_filter = [("until", admin.EmptyFieldListFilter), "officer__department"]
    search_fields = ["enterprise__name", "enterprise__uscc", "officer__name"]
    autocomplete_fields = ["officer", "enterprise"]
    actions_detail = ["change_official", "end_pairing"]

    @admin.display(description=_("部门"))
    def department(self, pairing: Pairing) -> str:
        """Of the official."""
        return pairing.officer.department.short_name

    def get_readonly_fields(self, request: HttpRequest, obj: Pairing | None = None) -> list[str]:
        """All of a pairing that is there already."""
        return ["officer", "enterprise", "since", "until"] if obj else []

    def get_fields(self, request: HttpRequest, obj: Pairing | None = None) -> list[str]:
        """The end is shown, never typed."""
        return ["officer", "enterprise", "since", *(["until"] if obj else [])]

    def has_delete_permission(self, request: HttpRequest, obj: Pairing | None = None) -> bool:
        return False

    @action(description=_("换干部"), url_path="successor", permissions=["change"])
    def change_official(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Another official from a day on."""

        def work(pairing: Pairing, given: dict[str, Any]) -> None:
            pair(pairing.enterprise, given["official"], since=given["day"])

        return self._step(request, object_id, SuccessorForm, work)

    @action(description=_("结束结对"), url_path="end", permissions=["change"])
    def end_pairing(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Nobody from a day on."""

        def work(pairing: Pairing, given: dict[str, Any]) -> None:
            end(pairing, on=given["day"], by=signed_in(request))

        return self._step(request, object_id, EndForm, work)

    def _step(
        self,
        request: HttpRequest,
        object_id: str,
        kind: type[forms.Form],
        work: Callable[[Pairing, dict[str, Any]], None],
    ) -> HttpResponse:
        pairing = self.get_object(request, object_id)
        if pairing is None:
            raise Http404
        form = kind(request.POST or None, initial={"day": timezone.localdate()})
        label = _("结束结对") if kind is EndForm else _("换干部")
        if request.method == "POST" and form.is_valid():
            try:
                work(pairing, form.cleaned_data)
            except DomainError as error:
                messages.error(request, str(error))
            else:
                messages.success(request, _("已处理。"))
            return redirect("admin:appeals_pairing_changelist")
        context = self.admin_site.each_context(request) | {
            "title": f"{label} · {pairing}",
            "form": form,
            "back": reverse("admin:appeals_pairing_change", args=[pairing.pk]),
            "label": label,
            "opts": self.model._meta,
        }
        return render(request, "admin/appeals/reason.html", context)


class PhotoInline(ReadOnlyInline):
    """Photographs by name; they are opened at the desk."""

    model = VisitPhoto
    fields = ["name", "added_at"]


class VisitEventInline(EventInline):
    model = VisitEvent
    words = {"plan": _("计划"), "move": _("改期")}


@admin.register(Visit)
class VisitAdmin(ReadOnlyAdmin):
    """Visits as they were written; they are planned and written at the desk."""

    list_display = ["pairing", "planned_on", "visited_at", "state"]
    list_select_related = ["pairing__officer", "pairing__enterprise"]
    list_filter = ["state", "pairing__officer__department"]
    date_hierarchy = "planned_on"
    search_fields = ["pairing__enterprise__name", "pairing__officer__name", "summary"]
    fields = ["pairing", "planned_on", "visited_at", "met", "summary", "form", "state", "recorded_by"]
    inlines = [PhotoInline, VisitEventInline]


class GuestInline(ReadOnlyInline):
    """Who is invited and who comes."""

    model = TalkGuest
    fields = ["enterprise", "state", "name", "phone", "invited_at", "answered_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[TalkGuest]:
        return super().get_queryset(request).select_related("enterprise")


class TalkEventInline(EventInline):
    model = TalkEvent
    words = {"create": _("创建"), "change": _("修改")}


@admin.register(Talk)
class TalkAdmin(ReadOnlyAdmin):
    """Talks; they are held at the desk."""

    list_display = ["title", "host", "held_at", "place", "state"]
    list_select_related = ["host"]
    list_filter = ["state", "host"]
    date_hierarchy = "held_at"
    search_fields = ["title", "theme"]
    inlines = [GuestInline, TalkEventInline]


@admin.register(TalkTopic)
class TalkTopicAdmin(ReadOnlyAdmin):
    """What enterprises wanted to talk about, and the appeal that came of it."""

    list_display = ["title", "talk", "enterprise", "appeal", "submitted_at"]
    list_select_related = ["talk", "enterprise", "appeal"]
    list_filter = [("appeal", admin.EmptyFieldListFilter)]
    search_fields = ["title", "enterprise__name", "talk__title"]


class PairingHistoryAdmin(ReadOnlyAdmin):
    """One row a change of a pairing."""

    list_display = ["enterprise", "officer", "since", "until", "pgh_label", "pgh_created_at", "pgh_context"]
    list_filter = ["pgh_label"]
    list_select_related = ["enterprise", "officer", "pgh_context"]
    search_fields = ["enterprise__name", "officer__name"]
    ordering = ["-pgh_id"]
    show_full_result_count = False


admin.site.register(apps.get_model("appeals", "PairingHistory"), PairingHistoryAdmin)
