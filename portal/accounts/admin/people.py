"""People, departments and postings, under the three administrators' separation.

The system administrator keeps accounts, the security administrator gives roles, the audit administrator
looks. Only a superuser makes superusers or touches one; nobody gives roles to themselves.
"""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from portal.accounts.models import Department, Posting, User
from portal.accounts.requests import signed_in

POWERS = ("is_superuser", "groups", "user_permissions")


class PostingInline(TabularInline):
    """The roles of a user; seen and changed by whom may see and change postings."""

    model = Posting
    extra = 0
    autocomplete_fields = ["department"]
    fields = ["department", "role"]


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    """Accounts. Never deleted: switched off, so that what they did keeps their name."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "name", "shown_mobile", "is_staff", "is_active", "last_login"]
    list_filter = ["is_staff", "is_active", "postings__role"]
    search_fields = ["username", "name", "mobile", "email"]
    ordering = ["username"]
    filter_horizontal = ["groups", "user_permissions"]
    readonly_fields = ["last_login", "date_joined"]
    show_full_result_count = False
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("身份"), {"fields": ["name", "mobile", "email"]}),
        (_("权限"), {"fields": ["is_active", "is_staff", *POWERS]}),
        (_("时间"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "fields": [
                    "username",
                    "name",
                    "mobile",
                    "is_staff",
                    "usable_password",
                    "password1",
                    "password2",
                ]
            },
        ),
    ]

    @display(description=_("手机号"))
    def shown_mobile(self, user: User) -> str:
        """Masked in lists."""
        return user.masked_mobile

    def get_inlines(self, request: HttpRequest, obj: User | None = None) -> list[type]:
        return [PostingInline] if obj and obj != request.user else []

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Powers beyond a posting are a superuser's to give."""
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else [*fields, *POWERS]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody but a superuser changes a superuser: their password is all that is needed to be one."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False


@admin.register(Department)
class DepartmentAdmin(ModelAdmin):
    list_display = ["short_name", "name", "code", "parent", "phone"]
    list_select_related = ["parent"]
    search_fields = ["name", "short_name", "code"]
    autocomplete_fields = ["parent"]


class PostingForm(ModelForm):
    """Nobody gives roles to themselves."""

    class Meta:
        model = Posting
        fields = ["user", "department", "role"]

    editor: User

    def clean_user(self) -> User:
        user: User = self.cleaned_data["user"]
        if user == self.editor and not self.editor.is_superuser:
            raise ValidationError(_("不能给自己授予角色，请由另一位安全管理员办理。"))
        return user


@admin.register(Posting)
class PostingAdmin(ModelAdmin):
    form = PostingForm
    list_display = ["user", "department", "role"]
    list_filter = ["role", "department"]
    list_select_related = ["user", "department"]
    search_fields = ["user__name", "user__username", "department__name"]
    autocomplete_fields = ["user", "department"]

    def get_form(self, request: HttpRequest, obj: Posting | None = None, **kwargs: Any) -> Any:
        """The form knows who is editing."""
        form = super().get_form(request, obj, **kwargs)
        return type(form.__name__, (form,), {"editor": request.user})

    def has_change_permission(self, request: HttpRequest, obj: Posting | None = None) -> bool:
        return super().has_change_permission(request, obj) and not _is_own(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Posting | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not _is_own(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Posting]) -> None:
        """One's own postings stay."""
        me = signed_in(request)
        if not me.is_superuser and queryset.filter(user=me).exists():
            messages.warning(request, _("您自己的岗位未删除，请由另一位安全管理员办理。"))
            queryset = queryset.exclude(user=me)
        super().delete_queryset(request, queryset)


def _is_own(request: HttpRequest, posting: Posting | None) -> bool:
    return posting is not None and posting.user_id == request.user.pk and not request.user.is_superuser
