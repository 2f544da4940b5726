"""One enterprise on one list: how it was judged, frozen, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Case, Count, F, Q, Value, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise
from policies.models.enjoying.run import EnjoyRun
from policies.models.enjoying.vocabulary import ANSWERED, CandidateState, Place, Way
from policies.models.money import Award, PayeeAccount
from portal.kernel.transitions import EventModel, Machine, Transition

if TYPE_CHECKING:
    from enterprises.actors import Actor

S = CandidateState
TOLD = (S.OFFERED, S.LAPSED, *ANSWERED)


class EnjoyCandidateQuerySet(models.QuerySet["EnjoyCandidate"]):
    """The door to candidates."""

    def of(self, actor: Actor) -> EnjoyCandidateQuerySet:
        """Those of the enterprise acted for that it was told of; who was screened out reads no list."""
        return self.filter(enterprise=actor.enterprise, told_at__isnull=False)

    def standing(self) -> EnjoyCandidateQuerySet:
        """Those in whom nobody has excluded."""
        return self.filter(place=Place.IN).exclude(state=S.EXCLUDED)

    def on(self, place: str) -> EnjoyCandidateQuerySet:
        """Those that stand on a list today: who was excluded stands among those that were screened out."""
        if place == Place.IN:
            return self.standing()
        if place == Place.OUT:
            return self.filter(Q(place=Place.OUT) | Q(state=S.EXCLUDED))
        return self.filter(place=place)

    def tallied(self) -> dict[str, int]:
        """How many stand on each list today; one query."""
        stands = Case(When(state=S.EXCLUDED, then=Value(Place.OUT.value)), default=F("place"))
        return dict(self.order_by().values_list(stands).annotate(count=Count("pk")))

    def for_pages(self) -> EnjoyCandidateQuerySet:
        """With what a page names of them."""
        return self.select_related("enterprise", "run__version__item__department", "run__item__department")


class EnjoyCandidate(models.Model):
    """An enterprise found by a run. What was judged stands; only what people say of it is added.

    `reasons` are `{"code", "words"}`: why it is almost in or was screened out, what is to be seen to if it
    is in. `evidence` holds conditions, values, sources and amount as `policies.enjoying.judging` writes it;
    `digest` is the SHA-256 of its canonical JSON. `rank` is the place in the order in which budget and quota
    were given out.
    """

    run = models.ForeignKey(
        EnjoyRun, verbose_name=_("名单"), on_delete=models.PROTECT, related_name="candidates"
    )
    enterprise = models.ForeignKey(
        Enterprise, verbose_name=_("企业"), on_delete=models.PROTECT, related_name="enjoy_candidates"
    )
    place = models.CharField(_("名单"), max_length=8, choices=Place)
    way = models.CharField(_("出路"), max_length=8, choices=Way, blank=True)
    rank = models.PositiveIntegerField(_("次序"), null=True)
    amount_fen = models.BigIntegerField(_("金额（分）"), null=True)
    reasons = models.JSONField(_("理由"), default=list, blank=True)
    evidence = models.JSONField(_("证据"), encoder=DjangoJSONEncoder)
    digest = models.CharField(_("SHA-256"), max_length=64)
    state = models.CharField(_("状态"), max_length=8, choices=S, default=S.LISTED, editable=False)
    excluded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("排除人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    excluded_at = models.DateTimeField(_("排除时间"), null=True, editable=False)
    exclusion = models.TextField(_("排除理由"), blank=True, editable=False)
    told_at = models.DateTimeField(_("通知时间"), null=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("企业答复人"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    answered_at = models.DateTimeField(_("企业答复时间"), null=True, editable=False)
    answer = models.TextField(_("放弃或异议的理由"), blank=True, editable=False)
    account = models.ForeignKey(
        PayeeAccount,
        verbose_name=_("确认的收款账户"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    award = models.OneToOneField(
        Award,
        verbose_name=_("应付资金"),
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="enjoy_candidate",
    )

    objects = EnjoyCandidateQuerySet.as_manager()

    machine = Machine(
        "state",
        initial=S.LISTED,
        transitions=(
            Transition("exclude", (S.LISTED, S.OFFERED, S.OBJECTED), S.EXCLUDED, _("排除")),
            Transition("restore", (S.EXCLUDED,), S.LISTED, _("恢复")),
            Transition("offer", (S.LISTED,), S.OFFERED, _("通知企业确认")),
            Transition("accept", (S.OFFERED,), S.ACCEPTED, _("企业确认")),
            Transition("decline", (S.OFFERED,), S.DECLINED, _("企业放弃")),
            Transition("object", (S.OFFERED,), S.OBJECTED, _("企业提出异议")),
            Transition("settle", (S.OBJECTED,), S.OFFERED, _("答复企业异议")),
            Transition("lapse", (S.OFFERED, S.OBJECTED), S.LAPSED, _("逾期未确认")),
        ),
        deletable=(),
    )

    class Meta:
        verbose_name = _("免申即享企业")
        verbose_name_plural = _("免申即享企业")
        ordering = ["run", "place", "rank", "pk"]
        indexes = [
            models.Index(fields=["run", "place", "rank", "id"], name="policies_enjoycandidate_list"),
            models.Index(fields=["enterprise", "-id"], name="policies_enjoycandidate_own"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "enterprise"],
                name="policies_enjoycandidate_once",
                violation_error_message=_("一份名单上同一企业只出现一次。"),
            ),
            models.CheckConstraint(
                condition=Q(
                    place=Place.IN, way="", amount_fen__isnull=False, amount_fen__gt=0, rank__isnull=False
                )
                | Q(place=Place.ALMOST, way__in=Way.values, rank=None) & ~Q(reasons=[])
                | Q(place=Place.OUT, way="", rank=None) & ~Q(reasons=[]),
                name="policies_enjoycandidate_placed",
                violation_error_message=_("入围须有金额和次序；没有入围的须写明理由。"),
            ),
            models.CheckConstraint(
                condition=Q(place=Place.IN) | Q(state=S.LISTED),
                name="policies_enjoycandidate_only_in",
                violation_error_message=_("只有入围的企业才能确认或排除。"),
            ),
            models.CheckConstraint(
                condition=Q(state=S.EXCLUDED, excluded_by__isnull=False, excluded_at__isnull=False)
                & ~Q(exclusion="")
                | ~Q(state=S.EXCLUDED) & Q(excluded_by=None, excluded_at=None, exclusion=""),
                name="policies_enjoycandidate_excluded",
                violation_error_message=_("排除须写明理由、由谁、何时。"),
            ),
            models.CheckConstraint(
                condition=Q(told_at__isnull=False) | ~Q(state__in=TOLD),
                name="policies_enjoycandidate_told",
                violation_error_message=_("通知过的企业须有通知时间。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=ANSWERED, answered_by__isnull=False, answered_at__isnull=False)
                | Q(state__in=(S.LISTED, S.OFFERED), answered_by=None, answered_at=None, answer="")
                | Q(state__in=(S.EXCLUDED, S.LAPSED)),
                name="policies_enjoycandidate_answered",
                violation_error_message=_("企业答复须有答复人和时间。"),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(S.DECLINED, S.OBJECTED)) | ~Q(answer=""),
                name="policies_enjoycandidate_with_reason",
                violation_error_message=_("放弃或有异议须写明理由。"),
            ),
            models.CheckConstraint(
                condition=Q(state=S.ACCEPTED, account__isnull=False)
                | ~Q(state=S.ACCEPTED) & Q(account=None, award=None),
                name="policies_enjoycandidate_accepted",
                violation_error_message=_("确认领取须有收款账户，没有确认的没有应付资金。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} · {self.enterprise_id}"

    def get_absolute_url(self) -> str:
        """The enterprise's own page of it."""
        return reverse("enterprise_enjoy", args=[self.enterprise_id, self.pk])

    @property
    def colour(self) -> str:
        """Of a badge that shows its state."""
        return S(self.state).colour

    @property
    def stands(self) -> Place:
        """The list on which it stands today, as `EnjoyCandidateQuerySet.on` says."""
        return Place.OUT if self.state == S.EXCLUDED else Place(self.place)

    @property
    def words(self) -> str:
        """Its reasons in one line."""
        return "；".join(str(reason["words"]) for reason in self.reasons)

    @property
    def conditions(self) -> list[dict[str, Any]]:
        """The leaves of the evidence."""
        found: list[dict[str, Any]] = self.evidence.get("conditions", [])
        return found


class EnjoyCandidateEvent(EventModel):
    """What was done about an enterprise on a list, by whom, and why."""

    subject = models.ForeignKey(
        EnjoyCandidate, verbose_name=_("企业"), on_delete=models.PROTECT, related_name="events"
    )

    class Meta(EventModel.Meta):
        verbose_name = _("名单企业经过")
        verbose_name_plural = _("名单企业经过")
