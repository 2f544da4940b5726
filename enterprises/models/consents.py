"""What an enterprise lets whom know of it, for what, until when; and who read what under that.

A consent is given once and stands as given: only its end may be written into it, and, where it was given to
whichever bank takes the application, that bank. Triggers see to both, and that nothing is read under a
consent that is not live (migration ``0014_consents_stand``).
"""

import datetime as dt
from typing import Any, Final

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enterprises.models.credentials import CredentialKind
from enterprises.models.enterprise import Enterprise
from enterprises.models.facts import Fact
from enterprises.models.stamps import TransactionIdField
from enterprises.uscc import PATTERN as USCC_PATTERN
from portal.kernel.models import AppendOnly

MOST_SPAN: Final = dt.timedelta(days=1096)
"""Three years, a leap day among them: no consent is given for longer."""


class GranteeKind(models.TextChoices):
    """Whom an enterprise may let know."""

    BANK = "bank", _("金融机构")
    PROVIDER = "provider", _("服务机构")


class Grantee(models.Model):
    """An organisation that may be given a consent; what it is besides, the app of its kind knows."""

    kind = models.CharField(_("类别"), max_length=8, choices=GranteeKind)
    name = models.CharField(_("名称"), max_length=200)
    uscc = models.CharField(_("统一社会信用代码"), max_length=18, unique=True)

    class Meta:
        verbose_name = _("被授权机构")
        verbose_name_plural = _("被授权机构")
        ordering = ["kind", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=GranteeKind.values),
                name="enterprises_grantee_kind",
                violation_error_message=_("请选择类别。"),
            ),
            models.CheckConstraint(
                condition=~Q(name=""),
                name="enterprises_grantee_named",
                violation_error_message=_("请填写机构名称。"),
            ),
            models.CheckConstraint(
                condition=Q(uscc__regex=USCC_PATTERN),
                name="enterprises_grantee_uscc",
                violation_error_message=_("统一社会信用代码应为 18 位规范写法。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Consents by whose they are and whether they still hold."""

    def visible_to(self, actor: Any) -> "ConsentQuerySet":
        """Those of the enterprise that the actor acts for."""
        return self.filter(enterprise=actor.enterprise)

    def given_to(self, grantee: Grantee) -> "ConsentQuerySet":
        """Those that let this organisation know something, ended ones included."""
        return self.filter(grantee=grantee)

    def live(self, at: dt.datetime) -> "ConsentQuerySet":
        """Those under which something may be read at a time."""
        return self.filter(revoked_at=None, until__gt=at, given_at__lte=at)

    def ended(self, at: dt.datetime) -> "ConsentQuerySet":
        """Those that were revoked or are over at a time."""
        return self.filter(Q(revoked_at__isnull=False) | Q(until__lte=at))


class Consent(models.Model):
    """One enterprise lets one grantee know some facts and credentials, for a purpose, until a time.

    `grantee` may stay empty until somebody takes what the consent is for: then `open_to` says of what kind
    whoever that will be must be, and `assigned_at` when it was. `content` is the letter as it was given.
    One that ended because what it was for is over was revoked by whoever did that, by nobody if time did.
    """

    number = models.CharField(_("授权编号"), max_length=20, unique=True)
    enterprise = models.ForeignKey(
        Enterprise, verbose_name=_("企业"), on_delete=models.PROTECT, related_name="consents"
    )
    grantee = models.ForeignKey(
        Grantee,
        verbose_name=_("授权给"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="consents",
    )
    open_to = models.CharField(_("待定的授权对象"), max_length=8, choices=GranteeKind, blank=True)
    assigned_at = models.DateTimeField(_("对象确定时间"), null=True, blank=True, editable=False)
    purpose = models.CharField(_("用途"), max_length=200)
    reference = models.CharField(_("所办事项编号"), max_length=40, blank=True)
    facts: "models.ManyToManyField[Fact, Any]" = models.ManyToManyField(
        Fact, through="ConsentFact", verbose_name=_("指标"), related_name="+"
    )
    credentials: "models.ManyToManyField[CredentialKind, Any]" = models.ManyToManyField(
        CredentialKind, through="ConsentCredential", verbose_name=_("资质"), related_name="+"
    )
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("授权人"), on_delete=models.PROTECT, related_name="+"
    )
    given_at = models.DateTimeField(_("授权时间"), default=timezone.now)
    until = models.DateTimeField(_("有效至"), help_text=_("到这一时刻为止，不含"))
    revoked_at = models.DateTimeField(_("撤回时间"), null=True, blank=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("撤回人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    revoke_reason = models.CharField(_("撤回原因"), max_length=200, blank=True, editable=False)
    content = models.JSONField(_("授权书内容"), editable=False)
    digest = models.CharField(_("SHA-256"), max_length=64, editable=False)
    granted_in = TransactionIdField(_("事务"), db_default=Func(function="pg_current_xact_id"), editable=False)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("授权")
        verbose_name_plural = _("授权")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["enterprise", "-id"], name="enterprises_consent_of"),
            models.Index(fields=["until"], condition=Q(revoked_at=None), name="enterprises_consent_until"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(purpose=""),
                name="enterprises_consent_purpose",
                violation_error_message=_("请写明授权的用途。"),
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("given_at")),
                name="enterprises_consent_ahead",
                violation_error_message=_("授权截止时间须晚于授权时间。"),
            ),
            models.CheckConstraint(
                condition=Q(until__lte=F("given_at") + MOST_SPAN),
                name="enterprises_consent_span",
                violation_error_message=_("授权最长三年。"),
            ),
            models.CheckConstraint(
                condition=Q(open_to="", grantee__isnull=False, assigned_at=None)
                | Q(open_to__in=GranteeKind.values, grantee=None, assigned_at=None)
                | Q(
                    open_to__in=GranteeKind.values,
                    grantee__isnull=False,
                    assigned_at__isnull=False,
                    assigned_at__gte=F("given_at"),
                ),
                name="enterprises_consent_grantee",
                violation_error_message=_("须写明授权给谁；待定的，确定时记下时间。"),
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None, revoke_reason="")
                | Q(
                    revoked_at__isnull=False,
                    revoked_at__gte=F("given_at"),
                    revoked_at__lt=F("until"),
                )
                & (Q(revoked_by__isnull=False) | ~Q(revoke_reason="")),
                name="enterprises_consent_revoked",
                violation_error_message=_("撤回须有撤回人或原因，并在有效期内。"),
            ),
            models.CheckConstraint(
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"),
                name="enterprises_consent_digest",
                violation_error_message=_("授权书须有 SHA-256 摘要。"),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def ended_at(self) -> dt.datetime:
        """When it stopped, or will."""
        return self.revoked_at or self.until

    def is_live(self, at: dt.datetime) -> bool:
        """Whether something may be read under it at a time; from `until` on nothing."""
        return self.revoked_at is None and self.given_at <= at < self.until


class ConsentFact(AppendOnly):
    """A fact that a consent lets its grantee know; written in the transaction that gives the consent."""

    consent = models.ForeignKey(
        Consent, on_delete=models.PROTECT, related_name="fact_rows", verbose_name=_("授权"), db_index=False
    )
    fact = models.ForeignKey(Fact, on_delete=models.PROTECT, related_name="+", verbose_name=_("指标"))

    class Meta:
        verbose_name = _("授权的指标")
        verbose_name_plural = _("授权的指标")
        constraints = [
            models.UniqueConstraint(
                fields=["consent", "fact"],
                name="enterprises_consentfact_once",
                violation_error_message=_("这项指标已在授权中。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consent_id}: {self.fact_id}"


class ConsentCredential(AppendOnly):
    """A kind of credential that a consent lets its grantee know, whether held or not."""

    consent = models.ForeignKey(
        Consent,
        on_delete=models.PROTECT,
        related_name="credential_rows",
        verbose_name=_("授权"),
        db_index=False,
    )
    kind = models.ForeignKey(
        CredentialKind, on_delete=models.PROTECT, related_name="+", verbose_name=_("资质")
    )

    class Meta:
        verbose_name = _("授权的资质")
        verbose_name_plural = _("授权的资质")
        constraints = [
            models.UniqueConstraint(
                fields=["consent", "kind"],
                name="enterprises_consentcredential_once",
                violation_error_message=_("这种资质已在授权中。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consent_id}: {self.kind_id}"


class ConsentReading(AppendOnly):
    """Somebody of the grantee read: a user, or a system by the name of its API client.

    `keys`: {"facts": [key], "credentials": [kind]} of what was handed out, known or not.
    """

    consent = models.ForeignKey(
        Consent, verbose_name=_("授权"), on_delete=models.PROTECT, related_name="readings"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("查阅人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    client = models.CharField(_("查阅系统"), max_length=80, blank=True)
    at = models.DateTimeField(_("查阅时间"))
    keys = models.JSONField(_("查阅内容"))
    purpose = models.CharField(_("查阅缘由"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("查阅记录")
        verbose_name_plural = _("查阅记录")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, client="") | Q(user=None) & ~Q(client=""),
                name="enterprises_consentreading_reader",
                violation_error_message=_("须写明查阅的人或系统，二者居一。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consent_id}: {self.reader} {self.at:%Y-%m-%d %H:%M}"

    @property
    def reader(self) -> str:
        """Who it was, in words."""
        return self.user.get_full_name() if self.user else self.client

    @property
    def count(self) -> int:
        """How many facts and kinds of credential were handed out."""
        return sum(len(each) for each in self.keys.values())


class NoticeKind(models.TextChoices):
    """What is announced of the end of a consent."""

    SOON = "soon", _("即将到期")
    ENDED = "ended", _("已到期")


class ConsentNotice(AppendOnly):
    """An end was announced to both sides, once."""

    consent = models.ForeignKey(
        Consent, verbose_name=_("授权"), on_delete=models.PROTECT, related_name="notices", db_index=False
    )
    kind = models.CharField(_("种类"), max_length=5, choices=NoticeKind)
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("到期提醒")
        verbose_name_plural = _("到期提醒")
        constraints = [
            models.UniqueConstraint(
                fields=["consent", "kind"],
                name="enterprises_consentnotice_once",
                violation_error_message=_("这次到期已经提醒过。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consent_id}: {self.get_kind_display()}"
