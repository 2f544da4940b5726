"""Who is on duty at the desk."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import Department, Officer


class Shift(models.Model):
    """An officer on duty (值班) for a desk on a day; who is away is stood in for: `Officer.stand_in`."""

    day = models.DateField(_("日期"))
    department = models.ForeignKey(
        Department, verbose_name=_("值班单位"), on_delete=models.PROTECT, related_name="shifts"
    )
    officer = models.ForeignKey(
        Officer, verbose_name=_("值班人"), on_delete=models.PROTECT, related_name="shifts"
    )

    class Meta:
        verbose_name = _("值班")
        verbose_name_plural = _("值班表")
        ordering = ["-day", "department__code"]
        constraints = [
            models.UniqueConstraint(
                fields=["day", "department"],
                name="appeals_shift_one_a_day",
                violation_error_message=_("这一天已排班。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.officer}"
