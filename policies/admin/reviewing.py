"""What reviewing goes by: spans, reminders, templates of words, who stands in for whom."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from policies.models import OpinionTemplate, ReviewDelegation, StepReminder, StepTarget
from policies.reviewers import REVIEWING, departments_of, may_delegate
from portal.accounts.models import Department, Posting, User
from portal.accounts.requests import signed_in
from portal.accounts.roles import Role
from portal.kernel.admin import EscalationLevelAdmin, SpanTargetAdmin
from portal.kernel.forms import WholeRowForm

admin.site.register(StepTarget, SpanTargetAdmin)
admin.site.register(StepReminder, EscalationLevelAdmin)


class OwnDepartments(ModelAdmin):
    """Rows of departments, written by who reviews there."""

    def own(self, request: HttpRequest) -> set[int] | None:
        """Ids of the departments whose rows the user writes; None for all of them."""
        user = signed_in(request)
        return None if user.is_superuser else departments_of(user)

    def writes(self, request: HttpRequest, obj: Any) -> bool:
        """Whether the row is one of theirs."""
        own = self.own(request)
        return obj is None or own is None or obj.department_id in own

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self.writes(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self.writes(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """None for many at once: what may be deleted is asked row by row."""
        return {}

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Departments of theirs only."""
        own = self.own(request)
        if db_field.name == "department" and own is not None:
            kwargs["queryset"] = Department.objects.filter(pk__in=own)
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "department" and field is not None and own is not None:
            field.required = True
        return field


@admin.register(OpinionTemplate)
class OpinionTemplateAdmin(OwnDepartments):
    """Words that are written often: a department's own, and everybody's, which only are looked at."""

    list_display = ["title", "use", "department", "active"]
    list_filter = ["use", "active", "department"]
    list_select_related = ["department"]
    search_fields = ["title", "text"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[OpinionTemplate]:
        templates: QuerySet[OpinionTemplate] = super().get_queryset(request)
        own = self.own(request)
        return templates if own is None else templates.filter(Q(department=None) | Q(department__in=own))


class DelegationForm(WholeRowForm):
    """Everybody says who stands in for themselves, a leader for anybody of the department."""

    user: User

    def clean(self) -> dict[str, Any]:
        """Refuses what the user has no say in."""
        given = super().clean() or {}
        department, away = given.get("department"), given.get("away")
        if department and away and not may_delegate(self.user, department.pk, away.pk):
            raise ValidationError(
                {"away": _("您只能安排自己的代办人；同事的请由“%s”的负责人安排。") % department.name}
            )
        return given


@admin.register(ReviewDelegation)
class ReviewDelegationAdmin(OwnDepartments):
    """Who reviews in whose place, and when."""

    form = DelegationForm
    list_display = ["away", "substitute", "department", "first_day", "last_day", "reason"]
    list_filter = ["department"]
    list_select_related = ["away", "substitute", "department"]
    search_fields = ["away__name", "substitute__name", "reason"]
    date_hierarchy = "first_day"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReviewDelegation]:
        delegations: QuerySet[ReviewDelegation] = super().get_queryset(request)
        user = signed_in(request)
        if user.is_superuser or user.has_role(Role.SUPERVISOR) or user.has_role(Role.AUDIT_ADMIN):
            return delegations
        return delegations.filter(department__in=departments_of(user))

    def own(self, request: HttpRequest) -> set[int] | None:
        """Where the user holds a role themselves: a substitute names no further one."""
        user = signed_in(request)
        if user.is_superuser:
            return None
        return {place for role in REVIEWING for place in user.departments_as(role)}

    def writes(self, request: HttpRequest, obj: Any) -> bool:
        """Of those, what the user has a say in."""
        return obj is None or may_delegate(signed_in(request), obj.department_id, obj.away_id)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form of this user."""
        made = super().get_form(request, obj, change=change, **kwargs)
        return type(made.__name__, (made,), {"user": signed_in(request)})

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """People: officials only, and as away those who review somewhere."""
        if db_field.name in ("away", "substitute"):
            posted = Posting.objects.all()
            if db_field.name == "away":
                posted = posted.filter(role__in=REVIEWING)
                own = self.own(request)
                posted = posted if own is None else posted.filter(department__in=own)
            officials = User.objects.filter(is_active=True, pk__in=posted.values("user"))
            kwargs["queryset"] = officials.order_by("name", "pk")
        return cast(forms.Field, super().formfield_for_foreignkey(db_field, request, **kwargs))
