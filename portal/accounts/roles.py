"""Roles of officials, and the rule of the three administrators."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What an official does in a department."""

    EDITOR = "editor", _("政策编辑")
    PUBLISHER = "publisher", _("政策发布")
    REVIEWER = "reviewer", _("申报审核")
    PAYMENT_PREPARER = "payment_preparer", _("拨付编制")
    PAYMENT_CONFIRMER = "payment_confirmer", _("拨付确认")
    PAYMENT_RELEASER = "payment_releaser", _("拨付下达")
    DISPATCHER = "dispatcher", _("诉求派单")
    MEDIATOR = "mediator", _("诉求协调")
    HANDLER = "handler", _("诉求承办")
    SUPERVISOR = "supervisor", _("督办")
    LEADER = "leader", _("领导")
    PAIRED = "paired", _("结对干部")
    SYSTEM_ADMIN = "system_admin", _("系统管理员")
    SECURITY_ADMIN = "security_admin", _("安全管理员")
    AUDIT_ADMIN = "audit_admin", _("审计管理员")


SEPARATED_DUTIES: dict[Role, int] = {
    Role.SYSTEM_ADMIN: 1,
    Role.SECURITY_ADMIN: 2,
    Role.AUDIT_ADMIN: 3,
    Role.PAYMENT_PREPARER: 4,
    Role.PAYMENT_CONFIRMER: 4,
    Role.PAYMENT_RELEASER: 4,
}
"""One person may hold roles of one number only: the three administrators exclude each other, and none
of them touches money (GB/T 22239-2019, third level: 三员分立)."""
