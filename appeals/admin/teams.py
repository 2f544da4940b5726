"""Teams, providers with their people and services, stars and what follows from them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelect2MultipleWidget, UnfoldAdminTextareaWidget

from appeals.models import (
    Provider,
    ProviderEvent,
    ProviderMember,
    ProviderRule,
    Rating,
    RatingWeight,
    ServiceItem,
    Team,
)
from appeals.ratings import score_of
from appeals.standing import lift, remove, warn
from portal.accounts.requests import signed_in
from portal.kernel.admin import EventInline, ReadOnlyAdmin
from portal.kernel.errors import DomainError


@admin.register(Team)
class TeamAdmin(ModelAdmin):
    """The three kinds of teams."""

    list_display = ["name", "kind", "description"]
    list_filter = ["kind"]
    search_fields = ["name"]


class MemberInline(TabularInline):
    """Who acts for the provider."""

    model = ProviderMember
    extra = 0
    autocomplete_fields = ["user"]


class ProviderEventInline(EventInline):
    """Warnings, removals, liftings."""

    model = ProviderEvent


class ReasonForm(forms.Form):
    """Why a provider is warned, removed or taken back."""

    reason = forms.CharField(
        label=_("理由"),
        max_length=300,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("机构会看到"),
    )


STEPS = {"warn": (warn, _("预警")), "remove": (remove, _("下架")), "lift": (lift, _("恢复"))}


@admin.register(Provider)
class ProviderAdmin(ModelAdmin):
    """Standing changes by rule or by the buttons, each with a reason; never in the form."""

    list_display = ["name", "team", "department", "cap", "standing", "stars"]
    list_select_related = ["team", "department"]
    list_filter = ["standing", "team", "categories"]
    search_fields = ["name", "description"]
    readonly_fields = ["standing", "standing_reason", "lifted_at", "stars"]
    inlines = [MemberInline, ProviderEventInline]
    actions_detail = ["warn_provider", "remove_provider", "lift_provider"]

    @display(description=_("综合星级"))
    def stars(self, provider: Provider) -> str:
        """Weighted stars and how many gave them."""
        score = score_of(provider.pk)
        words = _("%(stars)s 星（%(count)d 次评价）")
        return str(words % {"stars": score.stars, "count": score.count}) if score.stars else "—"

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Categories in one line, found by typing."""
        return db_field.formfield(widget=UnfoldAdminSelect2MultipleWidget, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Provider | None = None) -> bool:
        return False

    @action(description=_("预警"), url_path="warn", permissions=["change"])
    def warn_provider(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Warn, with a reason."""
        return self._step(request, object_id, "warn")

    @action(description=_("下架"), url_path="remove", permissions=["change"])
    def remove_provider(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Remove from the pool, with a reason."""
        return self._step(request, object_id, "remove")

    @action(description=_("恢复"), url_path="lift", permissions=["change"])
    def lift_provider(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take back, with a reason."""
        return self._step(request, object_id, "lift")

    def _step(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        provider = self.get_object(request, object_id)
        if provider is None:
            raise Http404
        work, label = STEPS[name]
        form = ReasonForm(request.POST or None)
        address = reverse("admin:appeals_provider_change", args=[provider.pk])
        if request.method == "POST" and form.is_valid():
            try:
                work(provider, form.cleaned_data["reason"], by=signed_in(request))
            except DomainError as error:
                messages.error(request, str(error))
            else:
                messages.success(request, _("已处理，机构会收到消息。"))
            return redirect(address)
        context = self.admin_site.each_context(request) | {
            "title": f"{label} · {provider}",
            "form": form,
            "back": address,
            "label": label,
            "opts": self.model._meta,
        }
        return render(request, "admin/appeals/reason.html", context)


@admin.register(ServiceItem)
class ServiceItemAdmin(ModelAdmin):
    """What is offered, for how much, how soon."""

    list_display = ["name", "provider", "category", "price_low_fen", "price_high_fen", "days", "active"]
    list_select_related = ["provider", "category"]
    list_filter = ["active", "category", "provider__team"]
    search_fields = ["name", "description", "provider__name"]
    autocomplete_fields = ["provider"]


@admin.register(Rating)
class RatingAdmin(ReadOnlyAdmin):
    """Stars that were given."""

    list_display = ["provider", "order", "side", "stars", "comment", "at"]
    list_select_related = ["provider", "order__appeal"]
    list_filter = ["side", "stars"]
    search_fields = ["provider__name", "order__appeal__number"]


@admin.register(RatingWeight)
class RatingWeightAdmin(ModelAdmin):
    """How much each side counts."""

    list_display = ["side", "percent"]

    def has_delete_permission(self, request: HttpRequest, obj: RatingWeight | None = None) -> bool:
        return False


@admin.register(ProviderRule)
class ProviderRuleAdmin(ModelAdmin):
    """When a provider is warned or removed."""

    list_display = ["standing", "below", "orders"]
