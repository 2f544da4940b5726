"""Systems of banks in the admin: made for one of the bank's people, given new secrets, revoked.

A secret is shown once, to whoever makes it; it is handed to the bank by a safe way.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from finance.api import clients
from finance.models import BankClient, BankOfficer, BankScope
from finance.models.client import WORKING_POSTS
from portal.kernel.errors import DomainError


class ClientForm(forms.ModelForm):
    """Scopes are chosen, not typed; who answers for it is at work at the bank today."""

    scopes = forms.MultipleChoiceField(
        label=_("权限"), choices=BankScope.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = BankClient
        fields = ["officer", "name", "scopes", "per_minute"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "officer" in self.fields:
            serving = BankOfficer.objects.serving(timezone.localdate()).filter(role__in=WORKING_POSTS)
            self.fields["officer"].queryset = serving.select_related("user", "bank")  # type: ignore[attr-defined]

    def clean_officer(self) -> BankOfficer:
        """Who may only look answers for nothing."""
        officer: BankOfficer = self.cleaned_data["officer"]
        try:
            clients.require_working_post(officer)
        except DomainError as error:
            raise ValidationError(str(error), code=error.code) from error
        return officer


@admin.register(BankClient)
class BankClientAdmin(ModelAdmin):
    """What may call the API for banks."""

    form = ClientForm
    list_display = ["name", "officer", "client_id", "shown_state", "per_minute", "made_at"]
    list_select_related = ["officer__user", "officer__bank"]
    list_filter = ["officer__bank"]
    search_fields = ["name", "client_id", "officer__bank__name"]
    readonly_fields = ["client_id", "made_by", "made_at", "renewed_at", "revoked_at"]
    fields = [*ClientForm.Meta.fields, *readonly_fields]
    actions = ["renew", "revoke"]

    @display(description=_("状态"), label={_("使用中"): "success", _("不能使用"): "danger"})
    def shown_state(self, client: BankClient) -> Any:
        """In a word."""
        return _("不能使用") if client.revoked_at else _("使用中")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What it came by is shown once it is there."""
        return self.fields if obj else ClientForm.Meta.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Whom it acts as stays, and so does its bank."""
        return ["officer", *self.readonly_fields] if obj else self.readonly_fields

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What it did is kept under its name: it is revoked."""
        return False

    def save_model(self, request: HttpRequest, obj: BankClient, form: forms.ModelForm, change: bool) -> None:
        """A new one gets its secret, shown this once."""
        if change:
            super().save_model(request, obj, form, change)
            return
        made, secret = clients.make_client(obj.officer, obj.name, obj.scopes, by=request.user)  # type: ignore[arg-type]
        BankClient.objects.filter(pk=made.pk).update(per_minute=obj.per_minute)
        obj.pk, obj.client_id = made.pk, made.client_id
        self._show(request, obj, secret)

    @action(description=_("换新密钥"), permissions=["change"])
    def renew(self, request: HttpRequest, queryset: QuerySet[BankClient]) -> None:
        """Another secret for each, shown this once; the old one and its tokens open nothing any more."""
        for client in queryset:
            try:
                self._show(request, client, clients.renew_secret(client, at=timezone.now()))
            except DomainError as error:
                messages.error(request, f"{client}: {error}")

    @action(description=_("作废"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[BankClient]) -> None:
        """At once, for ever."""
        for client in queryset:
            clients.revoke(client, at=timezone.now())
        messages.success(request, _("已作废：密钥和已签发的令牌都不能再用。"))

    def _show(self, request: HttpRequest, client: BankClient, secret: str) -> None:
        said = {"name": client.name, "id": client.client_id, "secret": secret}
        words = _("“%(name)s”的客户端编号 %(id)s，密钥（只显示这一次，请立即交给银行）：%(secret)s")
        messages.warning(request, words % said)
