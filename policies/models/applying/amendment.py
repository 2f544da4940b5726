"""What an applicant is asked to amend (补正): one list, given once."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from policies.enums import Wanted
from policies.models.applying.application import Application

LONGEST_NAME: Final = 200
"""Of a material, as files name it."""


class Amendment(models.Model):
    """A list of what is to be amended. The first is the reviewer's; a further one wants a superior's word.

    What was not asked for at once cannot be asked for later by whoever forgot it (一次性告知:
    行政许可法 article 32, carried over to subsidies).
    """

    application = models.ForeignKey(
        Application, verbose_name=_("申报"), on_delete=models.PROTECT, related_name="amendments"
    )
    number = models.PositiveSmallIntegerField(_("第几次"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("提出人"), on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField(_("提出时间"), default=timezone.now)
    allowed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("同意再次补正的负责人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    answered_at = models.DateTimeField(_("补正时间"), null=True, editable=False)

    class Meta:
        verbose_name = _("补正清单")
        verbose_name_plural = _("补正清单")
        ordering = ["application_id", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "number"],
                name="policies_amendment_number_once",
                violation_error_message=_("这次补正已经告知。"),
            ),
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(answered_at=None),
                name="policies_amendment_one_open",
                violation_error_message=_("还有一份补正清单没有答复。"),
            ),
            models.CheckConstraint(
                condition=Q(number=1, allowed_by=None)
                | Q(number__gt=1, allowed_by__isnull=False) & ~Q(allowed_by=F("asked_by")),
                name="policies_amendment_once",
                violation_error_message=_("补正应一次性告知；再次要求补正须经另一位负责人同意。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} · {self.number}"


class AmendmentPoint(models.Model):
    """One thing that is wanted: what, and why. `target` is a material's name or a question's key."""

    amendment = models.ForeignKey(
        Amendment, verbose_name=_("补正清单"), on_delete=models.PROTECT, related_name="points"
    )
    wanted = models.CharField(_("类别"), max_length=8, choices=Wanted)
    target = models.CharField(_("对象"), max_length=200, blank=True)
    what = models.CharField(_("要补什么"), max_length=300)
    why = models.CharField(_("为什么"), max_length=300)
    reply = models.TextField(_("企业说明"), max_length=1000, blank=True)
    done = models.BooleanField(_("已补正"), default=False)

    class Meta:
        verbose_name = _("补正事项")
        verbose_name_plural = _("补正事项")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(what="") & ~Q(why=""),
                name="policies_amendmentpoint_says_why",
                violation_error_message=_("每项补正都要写明要补什么、为什么。"),
            ),
            models.CheckConstraint(
                condition=Q(wanted=Wanted.OTHER) | ~Q(target=""),
                name="policies_amendmentpoint_of_something",
                violation_error_message=_("请选择要补正的材料或填报项。"),
            ),
        ]

    def __str__(self) -> str:
        return self.what

    @property
    def material(self) -> str:
        """The material as which files for it are kept: the one that is wanted, else one in its own words."""
        return self.target if self.wanted == Wanted.MATERIAL else f"补正：{self.what}"[:LONGEST_NAME]
