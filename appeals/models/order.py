"""Work on an appeal by one department or provider: orders, what happened to them, who had them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from appeals.enums import ASSIGNED, LIVE, Mode, OrderKind, OrderState, Why
from appeals.models.appeal import DESK, Appeal
from portal.accounts.models import Department, Officer, Section
from portal.accounts.roles import Role
from portal.kernel.models import AppendOnly
from portal.kernel.transitions import EventModel, Machine, Transition

if TYPE_CHECKING:
    from portal.accounts.models import User

UNHELD = (OrderState.WAITING, OrderState.OPEN)
"""States in which nobody holds the order."""


class OrderQuerySet(models.QuerySet["WorkOrder"]):
    """The door to orders."""

    def visible_to(self, user: User) -> OrderQuerySet:
        """Orders of the appeals an official may see; a department's people only their own department's."""
        if not user.is_active:
            return self.none()
        rows = self.not_against(user)
        if user.is_superuser or any(user.has_role(role) for role in DESK):
            return rows
        places = {place for role in (Role.HANDLER, Role.LEADER) for place in user.departments_as(role)}
        return rows.filter(Q(department__in=places) | Q(provider__members__user=user))

    def not_against(self, user: User) -> OrderQuerySet:
        """Without those of complaints about a department of the user's."""
        own = {place for _role, place in user.roles}
        against = Appeal.objects.filter(about__in=own).values("pk")  # few; a join would visit every appeal
        return self.exclude(appeal__in=against) if own else self

    def live(self) -> OrderQuerySet:
        """Those with something still to be done."""
        return self.filter(state__in=LIVE)

    def for_lists(self) -> OrderQuerySet:
        """With what a row of a list shows, in one query."""
        return self.select_related(
            "appeal__enterprise", "appeal__category", "department", "section", "provider", "leader", "handler"
        )

    def for_inbox(self) -> OrderQuerySet:
        """With what a line of the inbox shows and no more, in one query."""
        appeal = ("title", "place", "urgent", "secrecy", "about", "anonymous", "problem", "enterprise__name")
        return self.select_related("appeal__enterprise").only(
            "kind", "mode", "state", *(f"appeal__{name}" for name in appeal)
        )


class WorkOrder(models.Model):
    """One order (工单). Of an appeal one lead at a time is live, co-orders beside it; one level only."""

    appeal = models.ForeignKey(
        Appeal, verbose_name=_("诉求"), on_delete=models.PROTECT, related_name="orders"
    )
    round = models.PositiveSmallIntegerField(_("第几次办理"), default=1)
    kind = models.CharField(_("性质"), max_length=12, choices=OrderKind, default=OrderKind.LEAD)
    mode = models.CharField(_("方式"), max_length=8, choices=Mode, default=Mode.DISPATCH)
    department = models.ForeignKey(
        Department,
        verbose_name=_("承办部门"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="orders",
    )
    section = models.ForeignKey(
        Section, verbose_name=_("科室"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    provider = models.ForeignKey(
        "appeals.Provider",
        verbose_name=_("服务机构"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="orders",
    )
    service = models.ForeignKey(
        "appeals.ServiceItem",
        verbose_name=_("服务产品"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="orders",
        help_text=_("企业点单时选的产品"),
    )
    leader = models.ForeignKey(
        Officer,
        verbose_name=_("责任领导"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="led",
    )
    handler = models.ForeignKey(
        Officer,
        verbose_name=_("承办人"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="handled",
    )
    window_from = models.DateTimeField(_("抢单开始"), null=True, blank=True)
    window_to = models.DateTimeField(_("抢单截止"), null=True, blank=True)
    rightful = models.ForeignKey(
        Department,
        verbose_name=_("应由谁办"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text=_("退单的部门指出的承办部门"),
    )
    returns = models.PositiveSmallIntegerField(_("退回次数"), default=0, editable=False)
    state = models.CharField(
        _("状态"), max_length=10, choices=OrderState, default=OrderState.WAITING, editable=False
    )
    created_at = models.DateTimeField(_("建立时间"), default=timezone.now, editable=False)
    held_at = models.DateTimeField(_("派出时间"), null=True, blank=True, editable=False)
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True, editable=False)

    objects = OrderQuerySet.as_manager()

    machine = Machine(
        "state",
        initial=OrderState.WAITING,
        transitions=(
            Transition(
                "dispatch",
                (OrderState.WAITING, OrderState.OPEN, OrderState.RETURNED),
                OrderState.OFFERED,
                _("派单"),
            ),
            Transition("pick", (OrderState.WAITING,), OrderState.OFFERED, _("点单")),
            Transition(
                "open_grab", (OrderState.WAITING, OrderState.RETURNED), OrderState.OPEN, _("开放抢单")
            ),
            Transition("fall_to_grab", (OrderState.OFFERED,), OrderState.OPEN, _("转抢单大厅")),
            Transition("close_grab", (OrderState.OPEN,), OrderState.WAITING, _("结束抢单")),
            Transition("grab", (OrderState.OPEN,), OrderState.HANDLING, _("抢单")),
            Transition("undo_dispatch", (OrderState.OFFERED,), OrderState.WAITING, _("撤销派单")),
            Transition("return_order", (OrderState.OFFERED,), OrderState.RETURNED, _("退单")),
            Transition(
                "undo_return",
                (OrderState.RETURNED, OrderState.MEDIATION),
                OrderState.OFFERED,
                _("撤销退单"),
            ),
            Transition("mediate", (OrderState.RETURNED,), OrderState.MEDIATION, _("提请协调")),
            Transition("decide", (OrderState.MEDIATION,), OrderState.OFFERED, _("协调确定")),
            Transition("accept", (OrderState.OFFERED,), OrderState.HANDLING, _("接单")),
            Transition("transfer", (OrderState.HANDLING,), OrderState.OFFERED, _("转办")),
            Transition("ask", (OrderState.HANDLING,), OrderState.ASKING, _("请企业补充")),
            Transition("reply", (OrderState.ASKING,), OrderState.HANDLING, _("补充情况")),
            Transition("answer", (OrderState.HANDLING,), OrderState.ANSWERED, _("答复")),
            Transition("close", (OrderState.ANSWERED,), OrderState.CLOSED, _("办结")),
            Transition("cancel", LIVE, OrderState.CANCELLED, _("取消")),
        ),
        deletable=(),
    )

    class Meta:
        verbose_name = _("工单")
        verbose_name_plural = _("工单")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["state", "-id"], name="appeals_order_state"),
            models.Index(fields=["department", "state", "-id"], name="appeals_order_department"),
            models.Index(fields=["provider", "state", "-id"], name="appeals_order_provider"),
            models.Index(fields=["handler", "state"], name="appeals_order_handler"),
            models.Index(fields=["window_to"], condition=Q(state="open"), name="appeals_order_hall"),
            models.Index(fields=["-id"], condition=Q(state__in=LIVE), name="appeals_order_live"),
            models.Index(
                fields=["kind", "round"],
                condition=Q(state__in=LIVE) & (~Q(kind=OrderKind.LEAD) | Q(round__gt=1)),
                name="appeals_order_again",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["appeal"],
                condition=Q(kind=OrderKind.LEAD, state__in=LIVE),
                name="appeals_order_one_live_lead",
                violation_error_message=_("这件诉求已有主办工单。"),
            ),
            models.UniqueConstraint(
                fields=["appeal", "round", "department"],
                condition=Q(kind=OrderKind.CO, state__in=LIVE),
                name="appeals_order_one_co_a_department",
                violation_error_message=_("该部门已在协办。"),
            ),
            models.UniqueConstraint(
                fields=["appeal"],
                condition=Q(kind=OrderKind.SUPERVISION, state__in=LIVE),
                name="appeals_order_one_supervision",
                violation_error_message=_("这件诉求已在督办。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=UNHELD, department=None, provider=None)
                | Q(state__in=ASSIGNED, department__isnull=False, provider=None)
                | Q(state__in=ASSIGNED, department=None, provider__isnull=False)
                | Q(state__in=(OrderState.RETURNED, OrderState.MEDIATION, OrderState.CANCELLED)),
                name="appeals_order_held_by_one",
                violation_error_message=_("派出的工单由一个部门或一家机构承办，未派出的没有承办方。"),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(OrderState.RETURNED, OrderState.MEDIATION))
                | Q(rightful__isnull=False) & (Q(department=None) | ~Q(rightful=models.F("department"))),
                name="appeals_order_return_names_another",
                violation_error_message=_("退单须指出应由哪个部门承办，不能是本部门。"),
            ),
            models.CheckConstraint(
                condition=~Q(state=OrderState.OPEN)
                | Q(window_from__isnull=False, window_to__gt=models.F("window_from")),
                name="appeals_order_window",
                violation_error_message=_("抢单须有起止时间。"),
            ),
            models.CheckConstraint(
                condition=Q(kind=OrderKind.LEAD) | ~Q(state=OrderState.OPEN),
                name="appeals_order_only_leads_are_grabbed",
                violation_error_message=_("只有主办工单可以抢。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=(OrderState.ANSWERED, OrderState.CLOSED), answered_at__isnull=False)
                | ~Q(state__in=(OrderState.ANSWERED, OrderState.CLOSED)),
                name="appeals_order_answered_at",
                violation_error_message=_("答复的工单须有答复时间。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.appeal.number}-{self.round} {self.get_kind_display()}"

    @property
    def holder(self) -> str:
        """Who has it, in words; empty while nobody has."""
        if self.provider_id:
            return str(self.provider)
        return str(self.section or self.department or "")


class OrderEvent(EventModel):
    """Everything that happened to an order; a note is an event that changes no state."""

    subject = models.ForeignKey(
        WorkOrder, verbose_name=_("工单"), on_delete=models.PROTECT, related_name="events"
    )

    class Meta(EventModel.Meta):
        verbose_name = _("工单经过")
        verbose_name_plural = _("工单经过")
        indexes = [models.Index(fields=["at"], condition=Q(name="close"), name="appeals_orderevent_closed")]


class Assignment(AppendOnly):
    """To whom an order was given, why and by whom. What the first suggestion was is kept to learn from."""

    order = models.ForeignKey(
        WorkOrder, verbose_name=_("工单"), on_delete=models.PROTECT, related_name="assignments"
    )
    department = models.ForeignKey(
        Department, verbose_name=_("部门"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    section = models.ForeignKey(
        Section, verbose_name=_("科室"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    provider = models.ForeignKey(
        "appeals.Provider", verbose_name=_("服务机构"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    leader = models.ForeignKey(
        Officer, verbose_name=_("责任领导"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    handler = models.ForeignKey(
        Officer, verbose_name=_("承办人"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    why = models.CharField(_("缘由"), max_length=12, choices=Why)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    suggested = models.ForeignKey(
        Department,
        verbose_name=_("首选建议"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text=_("派单时系统的第一建议；与承办部门不同即为改派"),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("派单人"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    at = models.DateTimeField(_("时间"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("派单记录")
        verbose_name_plural = _("派单记录")
        ordering = ["pk"]
        indexes = [models.Index(fields=["by", "at"], name="appeals_assignment_by")]
        constraints = [
            models.CheckConstraint(
                condition=Q(department__isnull=False, provider=None)
                | Q(department=None, provider__isnull=False),
                name="appeals_assignment_to_one",
                violation_error_message=_("派给一个部门或一家机构。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} → {self.department_id or self.provider_id}"


class Override(Assignment):
    """An assignment seen as a judgement of the suggestion before it: see `appeals.suggesting.overrides`."""

    class Meta:
        proxy = True
        verbose_name = _("改派记录")
        verbose_name_plural = _("改派记录")
