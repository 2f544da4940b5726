"""The fixed vocabularies of a policy item."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class VersionState(models.TextChoices):
    """Where a version of an item stands; only `PUBLISHED` has effect."""

    DRAFT = "draft", _("草稿")
    IN_REVIEW = "in_review", _("待发布")
    PUBLISHED = "published", _("已发布")
    SUPERSEDED = "superseded", _("已被新版替代")
    WITHDRAWN = "withdrawn", _("已撤回")
    EXPIRED = "expired", _("已到期")


class DocumentState(models.TextChoices):
    """Where a policy document stands."""

    DRAFT = "draft", _("草稿")
    PUBLISHED = "published", _("已发布")
    REPEALED = "repealed", _("已废止")


class Level(models.TextChoices):
    """Which level of government gives the benefit; 直辖市 are provincial."""

    NATIONAL = "national", _("国家")
    PROVINCIAL = "provincial", _("省（直辖市）")
    MUNICIPAL = "municipal", _("市")
    COUNTY = "county", _("区县")


class Benefit(models.TextChoices):
    """What an enterprise gets; only `MONEY` has a payable amount."""

    MONEY = "money", _("资金奖补")
    TAX = "tax", _("税费减免")
    RIGHT = "right", _("权益服务")
    TITLE = "title", _("资质认定")


class Mode(models.TextChoices):
    """How the benefit reaches the enterprise."""

    ENJOY = "enjoy", _("免申即享")
    QUICK = "quick", _("快申快享")
    APPLY = "apply", _("网上申报")
    OFFLINE = "offline", _("线下办理")
    ELSEWHERE = "elsewhere", _("其他平台办理")


class Basis(models.TextChoices):
    """How sure it is that a source says so."""

    STATED = "stated", _("原文写明")
    ASSUMED = "assumed", _("编者推定")


class PushKind(models.TextChoices):
    """Why enterprises are told."""

    PUBLICATION = "publication", _("发布推送")
    NIGHTLY = "nightly", _("每日补推")
    WITHDRAWAL = "withdrawal", _("撤回通知")


class ApplicationState(models.TextChoices):
    """Where an application stands; see `Application.machine` for the way between."""

    DRAFT = "draft", _("填写中")
    SUBMITTED = "submitted", _("待受理")
    RETURNED = "returned", _("待补正")
    REVIEWING = "reviewing", _("审核中")
    JOINT = "joint", _("联审中")
    PROPOSED = "proposed", _("待审定")
    NOTICED = "noticed", _("公示中")
    APPROVED = "approved", _("已通过")
    REFUSED = "refused", _("不予支持")
    WITHDRAWN = "withdrawn", _("已撤回")

    @property
    def colour(self) -> str:
        """Of a badge that shows it."""
        return {"returned": "due", "approved": "done", "refused": "late"}.get(
            self.value, "plain" if self in (self.DRAFT, self.WITHDRAWN) else "info"
        )


EDITABLE = (ApplicationState.DRAFT, ApplicationState.RETURNED)
"""States in which the enterprise may change what it says."""
UNDER_REVIEW = (
    ApplicationState.SUBMITTED,
    ApplicationState.REVIEWING,
    ApplicationState.JOINT,
    ApplicationState.PROPOSED,
    ApplicationState.NOTICED,
)
"""States in which somebody in a department has something to do."""
DECIDED = (ApplicationState.APPROVED, ApplicationState.REFUSED)


class Outcome(models.TextChoices):
    """What is proposed and decided."""

    APPROVE = "approve", _("同意")
    REFUSE = "refuse", _("不予支持")


class Stance(models.TextChoices):
    """What a department says in a joint review; silence is none of them."""

    AGREE = "agree", _("同意")
    OBJECT = "object", _("不同意")
    ABSTAIN = "abstain", _("不涉及本部门")


class Wanted(models.TextChoices):
    """What a point of an amendment is about."""

    MATERIAL = "material", _("材料")
    ANSWER = "answer", _("填报内容")
    OTHER = "other", _("其他")


class Whom(models.TextChoices):
    """Who is reminded of a deadline of an application, from the one who is to do it upwards."""

    HANDLER = "handler", _("办理人")
    DEPARTMENT = "department", _("部门负责人")
    SUPERVISOR = "supervisor", _("督办")
