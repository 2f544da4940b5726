"""What changed, for caches: written by database triggers in the transaction of whoever writes."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from enterprises.models.enterprise import Enterprise


class TransactionIdField(models.BigIntegerField):
    """PostgreSQL's ``xid8``: the transaction that wrote a row. Only the database fills and compares it."""

    def db_type(self, connection: object) -> str:
        return "xid8"


class DirtyEnterprise(models.Model):
    """One transaction that changed an enterprise, its values or its credentials.

    Numbers from a sequence or a clock would miss a transaction that began early and commits late;
    ``enterprises.dirty`` compares transaction ids with a reader's snapshot instead. Each transaction writes
    marks of its own, so that writers never wait for one another, and takes away those it finds: whoever
    has not seen the older mark has not seen the newer one either.
    """

    pk = models.CompositePrimaryKey("enterprise_id", "changed_in")
    enterprise = models.ForeignKey(
        Enterprise, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    changed_in = TransactionIdField(_("事务"), db_index=True)

    class Meta:
        verbose_name = _("待刷新企业")
        verbose_name_plural = _("待刷新企业")

    def __str__(self) -> str:
        return str(self.enterprise_id)


class CatalogueStamp(models.Model):
    """One row: a number that is new after every change of facts, credential kinds, code lists and codes."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    stamp = models.BigIntegerField(_("版本"), default=0)

    class Meta:
        verbose_name = _("目录版本")
        verbose_name_plural = _("目录版本")
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="enterprises_cataloguestamp_single"),
        ]

    def __str__(self) -> str:
        return str(self.stamp)
