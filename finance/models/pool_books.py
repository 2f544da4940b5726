"""What came back of compensated losses, the books of pools, and what must always hold of them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from finance.models.pool import PoolSource, RiskPool
from finance.models.pool_cover import PoolAdmission, PoolClaim, plain_voucher_of
from portal.kernel.models import AppendOnly, DatabaseWritten


class PoolRecovery(AppendOnly):
    """What came back of a loss that was compensated (追偿回款), and the pool's part of it."""

    claim = models.ForeignKey(
        PoolClaim, verbose_name=_("代偿申请"), on_delete=models.PROTECT, related_name="recoveries"
    )
    amount_fen = models.BigIntegerField(_("追回金额（分）"))
    pool_fen = models.BigIntegerField(_("归还资金池（分）"))
    serial = models.CharField(_("回款凭证号"), max_length=40, unique=True)
    on = models.DateField(_("回款日"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("登记人"), on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("登记时间"))

    class Meta:
        verbose_name = _("追偿回款")
        verbose_name_plural = _("追偿回款")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0, pool_fen__gte=0, pool_fen__lte=F("amount_fen")) & ~Q(serial=""),
                name="finance_poolrecovery_whole",
                violation_error_message=_("请填写追回金额和回款凭证号。"),
            ),
            models.CheckConstraint(
                condition=Q(serial=plain_voucher_of("serial")),
                name="finance_poolrecovery_serial_plain",
                violation_error_message=_("凭证号不能有空格、全角或小写字母。"),
            ),
        ]

    def __str__(self) -> str:
        return self.serial


class PoolTransferKind(models.TextChoices):
    """What moved in a pool."""

    FUND = "fund", _("资金变动")
    ADMIT = "admit", _("入池占用")
    RELEASE = "release", _("出池释放")
    COMPENSATE = "compensate", _("代偿支出")
    RECOVER = "recover", _("追偿归还")


class PoolTransfer(DatabaseWritten):
    """One booking of a pool: triggers write it and move the pool's figures with it, nobody else can."""

    pool = models.ForeignKey(
        RiskPool, verbose_name=_("资金池"), on_delete=models.PROTECT, related_name="transfers"
    )
    kind = models.CharField(_("类别"), max_length=10, choices=PoolTransferKind)
    amount_fen = models.BigIntegerField(_("金额（分）"))
    at = models.DateTimeField(_("时间"))
    source = models.OneToOneField(
        PoolSource, verbose_name=_("资金来源"), on_delete=models.PROTECT, null=True, related_name="transfer"
    )
    admission = models.ForeignKey(
        PoolAdmission,
        verbose_name=_("入池贷款"),
        on_delete=models.PROTECT,
        null=True,
        related_name="transfers",
        db_index=False,
    )
    claim = models.OneToOneField(
        PoolClaim, verbose_name=_("代偿申请"), on_delete=models.PROTECT, null=True, related_name="transfer"
    )
    recovery = models.OneToOneField(
        PoolRecovery, verbose_name=_("追偿回款"), on_delete=models.PROTECT, null=True, related_name="transfer"
    )

    class Meta:
        verbose_name = _("资金池记账")
        verbose_name_plural = _("资金池记账")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["admission", "kind"],
                name="finance_pooltransfer_once",
                violation_error_message=_("同一笔入池贷款的同类记账只有一次。"),
            ),
            models.CheckConstraint(
                condition=Q(kind="fund", source__isnull=False, admission=None, claim=None, recovery=None)
                | Q(
                    kind__in=["admit", "release"],
                    source=None,
                    admission__isnull=False,
                    claim=None,
                    recovery=None,
                )
                | Q(kind="compensate", source=None, admission=None, claim__isnull=False, recovery=None)
                | Q(kind="recover", source=None, admission=None, claim=None, recovery__isnull=False),
                name="finance_pooltransfer_of",
                violation_error_message=_("记账须出自一件事。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pool_id} · {self.get_kind_display()}"


class PoolInvariant(models.Model):
    """One figure that must hold of the pools: `broken` counts what breaks it, `detail` names a few."""

    name = models.CharField(_("项目"), max_length=40, primary_key=True)
    broken = models.BigIntegerField(_("不符"))
    detail = models.TextField(_("说明"))

    class Meta:
        managed = False
        db_table = "finance_pool_invariants"
        verbose_name = _("资金池核验")
        verbose_name_plural = _("资金池核验")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
