"""Who works where in a department, who leads, and who stands in for whom."""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.accounts.models.people import Department, User


class Section(models.Model):
    """A section (科室) of a department: where work arrives."""

    department = models.ForeignKey(
        Department, verbose_name=_("部门"), on_delete=models.PROTECT, related_name="sections"
    )
    name = models.CharField(_("名称"), max_length=60)
    phone = models.CharField(_("联系电话"), max_length=30, blank=True)

    class Meta:
        verbose_name = _("科室")
        verbose_name_plural = _("科室")
        ordering = ["department__code", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["department", "name"],
                name="accounts_section_once",
                violation_error_message=_("该部门已有同名科室。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department} · {self.name}"


class Rank(models.IntegerChoices):
    """How high an officer stands in the department; a second handling goes to a higher one."""

    STAFF = 1, _("工作人员")
    SECTION_HEAD = 2, _("科室负责人")
    DEPUTY = 3, _("分管领导")
    HEAD = 4, _("主要负责人")
    COUNTY = 5, _("县领导")


class OfficerQuerySet(models.QuerySet["Officer"]):
    """Officers by whether they can be given work."""

    def serving(self, day: dt.date) -> OfficerQuerySet:
        """Those who have not left."""
        return self.filter(Q(left_on=None) | Q(left_on__gt=day))

    def present(self, day: dt.date) -> OfficerQuerySet:
        """Those serving who are not away on the day."""
        return self.serving(day).exclude(absences__days__contains=day)


class Officer(models.Model):
    """An official by name and post. Not every one signs in: ``user`` is who they are when they do."""

    name = models.CharField(_("姓名"), max_length=50)
    department = models.ForeignKey(
        Department, verbose_name=_("部门"), on_delete=models.PROTECT, related_name="officers"
    )
    section = models.ForeignKey(
        Section,
        verbose_name=_("科室"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="officers",
    )
    title = models.CharField(_("职务"), max_length=60, blank=True)
    rank = models.PositiveSmallIntegerField(_("层级"), choices=Rank, default=Rank.STAFF)
    phone = models.CharField(_("联系电话"), max_length=30, blank=True)
    user = models.OneToOneField(
        User, verbose_name=_("账号"), on_delete=models.PROTECT, null=True, blank=True, related_name="officer"
    )
    left_on = models.DateField(_("离任日期"), null=True, blank=True, help_text=_("自这一天起不再承办。"))

    objects = OfficerQuerySet.as_manager()

    class Meta:
        verbose_name = _("干部")
        verbose_name_plural = _("干部")
        ordering = ["department__code", "-rank", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rank__in=Rank.values),
                name="accounts_officer_rank",
                violation_error_message=_("请选择层级。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.title}）" if self.title else self.name

    def stand_in(self, day: dt.date) -> Officer | None:
        """Who does this officer's work on a day: the officer, else the substitute, else theirs; or nobody."""
        officer: Officer | None = self
        asked: set[int] = set()
        while officer is not None and officer.pk not in asked:
            asked.add(officer.pk)
            away = officer.absences.filter(days__contains=day).select_related("substitute").first()
            if away is None:
                return officer if officer.left_on is None or officer.left_on > day else None
            officer = away.substitute
        return None


class Absence(models.Model):
    """An officer is away for some days; a colleague may stand in."""

    officer = models.ForeignKey(
        Officer, verbose_name=_("干部"), on_delete=models.CASCADE, related_name="absences"
    )
    days = DateRangeField(_("日期"), help_text=_("起止日期；止日不含在内"))
    substitute = models.ForeignKey(
        Officer,
        verbose_name=_("代办人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="standing_in",
    )
    reason = models.CharField(_("事由"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("外出与代办")
        verbose_name_plural = _("外出与代办")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(substitute=F("officer")),
                name="accounts_absence_not_own_substitute",
                violation_error_message=_("代办人不能是本人。"),
            ),
            models.CheckConstraint(
                condition=Q(days__isempty=False, days__lower_inf=False, days__upper_inf=False),
                name="accounts_absence_days",
                violation_error_message=_("请填写起止日期。"),
            ),
            ExclusionConstraint(
                name="accounts_absence_no_overlap",
                expressions=[("officer", RangeOperators.EQUAL), ("days", RangeOperators.OVERLAPS)],
                violation_error_message=_("这些日期已登记外出。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.officer} {self.days}"
