"""The words of appeals: where they come from, how they are handed out, how they stand."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Source(models.TextChoices):
    """By which way an appeal came."""

    PORTAL = "portal", _("门户提交")
    VISIT = "visit", _("走访")
    PHONE = "phone", _("电话")
    TALK = "talk", _("恳谈会")
    TOWN = "town", _("镇街代报")
    API = "api", _("系统对接")


class Complexity(models.TextChoices):
    """The “135” of Qiantang: 1, 3 or 5 working days; the spans themselves are data (`ClockTarget`)."""

    SIMPLE = "simple", _("简单件")
    SINGLE = "single", _("单部门件")
    JOINT = "joint", _("跨部门件")


class Secrecy(models.TextChoices):
    """Who may know of an appeal besides the desk."""

    OPEN = "open", _("一般")
    CONFIDENTIAL = "confidential", _("保密")


class Intake(models.TextChoices):
    """What the desk made of an appeal; `Status` says how it stands as a whole."""

    SUBMITTED = "submitted", _("待受理")
    ASKED = "asked", _("待补充")
    ACCEPTED = "accepted", _("已受理")
    REFUSED = "refused", _("不予受理")
    MERGED = "merged", _("已并案")
    WITHDRAWN = "withdrawn", _("已撤回")


class Status(models.TextChoices):
    """How an appeal stands: derived by the database from its intake and its orders, never set by hand.

    The precedence is that of the trigger `appeals_appeal_status` (migration `0002`).
    """

    MERGED = "merged", _("已并案")
    REFUSED = "refused", _("不予受理")
    WITHDRAWN = "withdrawn", _("已撤回")
    ASKED = "asked", _("待您补充")
    RECEIVED = "received", _("待受理")
    SUPERVISED = "supervised", _("督办中")
    ROUTING = "routing", _("派单中")
    OFFERED = "offered", _("待接单")
    HANDLING = "handling", _("办理中")
    ANSWERED = "answered", _("已答复，待评价")
    PROMISED = "promised", _("限时承诺办理中")
    CLOSED = "closed", _("已办结")


class Mode(models.TextChoices):
    """How an order finds who does it: 点单, 派单, 抢单."""

    PICK = "pick", _("点单")
    DISPATCH = "dispatch", _("派单")
    GRAB = "grab", _("抢单")


class OrderKind(models.TextChoices):
    """What an order is to its appeal."""

    LEAD = "lead", _("主办")
    CO = "co", _("协办")
    SUPERVISION = "supervision", _("督办")


class OrderState(models.TextChoices):
    """How an order stands."""

    WAITING = "waiting", _("待派单")
    OPEN = "open", _("抢单中")
    OFFERED = "offered", _("待接单")
    RETURNED = "returned", _("被退回")
    MEDIATION = "mediation", _("协调中")
    HANDLING = "handling", _("办理中")
    ASKING = "asking", _("待企业补充")
    ANSWERED = "answered", _("已答复")
    CLOSED = "closed", _("已办结")
    CANCELLED = "cancelled", _("已取消")


class Why(models.TextChoices):
    """Why an order was given to whom it was given."""

    SUGGESTED = "suggested", _("采纳建议")
    MANUAL = "manual", _("人工派单")
    PICKED = "picked", _("企业点单")
    GRABBED = "grabbed", _("抢单")
    TRANSFER = "transfer", _("转办")
    MEDIATED = "mediated", _("协调确定")
    SECOND = "second", _("二次办理")
    SUPERVISION = "supervision", _("督办")
    SUBSTITUTE = "substitute", _("代办")


class Outcome(models.TextChoices):
    """What an answer says. Closed is not solved: only `SOLVED` and a kept promise claim to be."""

    SOLVED = "solved", _("已解决")
    EXPLAINED = "explained", _("解释说明")
    PROMISED = "promised", _("承诺限时解决")
    UNABLE = "unable", _("暂无法解决")


class Satisfaction(models.TextChoices):
    """What the enterprise says of an answer. No answer is none of these."""

    SATISFIED = "satisfied", _("满意")
    NEUTRAL = "neutral", _("基本满意")
    DISSATISFIED = "dissatisfied", _("不满意")


class TeamKind(models.TextChoices):
    """The three kinds of teams (三大队伍)."""

    CIVIL = "civil", _("非市场化队伍")
    QUASI_MARKET = "quasi_market", _("准市场化队伍")
    MARKET = "market", _("纯市场化队伍")


class Side(models.TextChoices):
    """Who rates a provider; the weights 30/50/20 are Yuyao's."""

    DEPARTMENT = "department", _("行业主管部门")
    ENTERPRISE = "enterprise", _("企业")
    CENTRE = "centre", _("服务中心")


class Standing(models.TextChoices):
    """How a provider stands in the pool."""

    ACTIVE = "active", _("正常")
    WARNED = "warned", _("已预警")
    REMOVED = "removed", _("已下架")


class Whom(models.TextChoices):
    """Who is reminded of a deadline, from the one who has the order upwards."""

    HANDLER = "handler", _("承办人")
    SECTION = "section", _("科室负责人")
    DEPARTMENT = "department", _("部门负责人")
    SUPERVISOR = "supervisor", _("督办")


LIVE = (
    OrderState.WAITING,
    OrderState.OPEN,
    OrderState.OFFERED,
    OrderState.RETURNED,
    OrderState.MEDIATION,
    OrderState.HANDLING,
    OrderState.ASKING,
)
"""States in which something is still to be done."""
ASSIGNED = (
    OrderState.OFFERED,
    OrderState.HANDLING,
    OrderState.ASKING,
    OrderState.ANSWERED,
    OrderState.CLOSED,
)
"""States in which somebody holds the order."""
