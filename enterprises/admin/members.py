"""Members, invitations and claims."""

from pathlib import Path
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import FileResponse, Http404, HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextareaWidget

from enterprises.models import Claim, ClaimEvent, ClaimState, Invitation, MemberRole, Membership
from enterprises.services.members import approve_claim, reject_claim
from portal.accounts.requests import signed_in
from portal.kernel.admin import EventInline, ReadOnlyAdmin
from portal.kernel.errors import DomainError


class MembershipForm(forms.ModelForm):
    """Role and last day; asks for the one head itself, for a form without the enterprise would not."""

    class Meta:
        model = Membership
        fields = ["enterprise", "user", "role", "until"]

    def clean_role(self) -> str:
        """An enterprise has one legal representative."""
        role: str = self.cleaned_data["role"]
        heads = Membership.objects.filter(enterprise=self.instance.enterprise_id, role=role)
        if role == MemberRole.LEGAL_REPRESENTATIVE and heads.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("企业已有法定代表人账号。"))
        return role


@admin.register(Membership)
class MembershipAdmin(ModelAdmin):
    form = MembershipForm
    list_display = ["enterprise", "user", "role", "until"]
    list_select_related = ["enterprise", "user"]
    list_filter = ["role"]
    search_fields = ["enterprise__name", "enterprise__uscc", "user__username", "user__name"]
    autocomplete_fields = ["enterprise", "user"]

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> list[str]:
        """Of a membership only the role and its last day change."""
        return ["enterprise", "user"] if obj else []


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Links that were sent; their tokens are not kept."""

    list_display = [
        "enterprise",
        "invitee",
        "role",
        "state",
        "invited_by",
        "created_at",
        "expires_at",
    ]
    list_filter = ["state"]
    list_select_related = ["enterprise", "invited_by"]
    search_fields = ["enterprise__name", "enterprise__uscc"]
    exclude = ["token_hash"]


class ClaimForm(forms.ModelForm):
    """Nothing of a claim is edited: the official only writes an opinion."""

    comment = forms.CharField(
        label=_("审核意见"),
        required=False,
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("退回时必填，申请人会看到"),
    )

    class Meta:
        model = Claim
        fields: list[str] = []


class ClaimEventInline(EventInline):
    model = ClaimEvent


@admin.register(Claim)
class ClaimAdmin(ModelAdmin):
    """An official compares the licence with the registry, then approves or sends back."""

    form = ClaimForm
    list_display = ["enterprise", "user", "role", "state", "created_at"]
    list_select_related = ["enterprise", "user"]
    list_filter = ["state", "role"]
    search_fields = ["enterprise__name", "enterprise__uscc", "user__username", "user__mobile"]
    readonly_fields = [
        "enterprise",
        "credit_code",
        "legal_person",
        "user",
        "role",
        "photo",
        "state",
        "created_at",
    ]
    fields = [*readonly_fields, "comment"]
    inlines = [ClaimEventInline]
    actions_submit_line = ["approve", "reject"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Claim | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is decided stays. unfold asks with the key of the object as well."""
        decided = isinstance(obj, Claim) and obj.state != ClaimState.SUBMITTED
        return not decided and super().has_change_permission(request, obj)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        """The opinion goes along to the transition."""
        claim = super().save_form(request, form, change)
        claim.comment = form.cleaned_data["comment"]
        return claim

    @action(description=_("通过"), permissions=["change"])
    def approve(self, request: HttpRequest, claim: Claim) -> None:
        self._decide(request, claim, approve_claim)

    @action(description=_("退回"), permissions=["change"])
    def reject(self, request: HttpRequest, claim: Claim) -> None:
        self._decide(request, claim, reject_claim)

    def _decide(self, request: HttpRequest, claim: Any, decide: Any) -> None:
        try:
            decide(claim, by=signed_in(request), comment=claim.comment)
        except DomainError as error:
            messages.error(request, error.message)

    @display(description=_("统一社会信用代码"))
    def credit_code(self, claim: Claim) -> str:
        return claim.enterprise.uscc

    @display(description=_("法定代表人"))
    def legal_person(self, claim: Claim) -> str:
        return claim.enterprise.legal_person

    @display(description=_("营业执照照片"))
    def photo(self, claim: Claim) -> str:
        url = reverse("admin:enterprises_claim_licence", args=[claim.pk])
        return format_html('<a href="{}" target="_blank" rel="noopener">{}</a>', url, _("打开"))

    def get_urls(self) -> list[URLPattern]:
        name = "enterprises_claim_licence"
        own = path("<int:pk>/licence/", self.admin_site.admin_view(self.licence), name=name)
        return [own, *super().get_urls()]

    def licence(self, request: HttpRequest, pk: int) -> FileResponse:
        """The photo itself, for those who may see claims."""
        claim = Claim.objects.filter(pk=pk).first()
        if claim is None or not self.has_view_or_change_permission(request, claim):
            raise Http404
        try:
            photo = claim.licence.open("rb")
        except FileNotFoundError:
            raise Http404 from None
        return FileResponse(photo, filename=f"licence-{pk}{Path(claim.licence.name or '').suffix}")
