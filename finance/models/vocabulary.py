"""Words of finance that rows are made of: kinds of products, ways to secure and to repay, posts at a bank."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Post(models.TextChoices):
    """What somebody does at a bank."""

    MANAGER = "manager", _("负责人")
    OFFICER = "officer", _("客户经理")
    VIEWER = "viewer", _("查询人员")


class Kind(models.TextChoices):
    """What sort of credit a product is."""

    WORKING = "working", _("流动资金贷款")
    FIXED = "fixed", _("固定资产贷款")
    DATA = "data", _("数据信用贷")
    TECH = "tech", _("科技贷")
    ORDER = "order", _("订单与应收融资")
    AGRI = "agri", _("涉农贷款")
    STARTUP = "startup", _("创业担保贷")
    POOL = "pool", _("风险补偿贷")
    BRIDGE = "bridge", _("转贷过桥")


class Security(models.TextChoices):
    """What stands behind a credit (担保方式)."""

    CREDIT = "credit", _("信用（无抵押）")
    GUARANTEE = "guarantee", _("保证或担保公司")
    MORTGAGE = "mortgage", _("不动产抵押")
    PLEDGE = "pledge", _("动产或权利质押")
    IP = "ip", _("知识产权质押")
    RECEIVABLE = "receivable", _("合同或应收账款")


class Repayment(models.TextChoices):
    """How a loan is paid back; what each costs by month: `finance.cost`."""

    ANNUITY = "annuity", _("等额本息")
    EQUAL_PRINCIPAL = "equal_principal", _("等额本金")
    INTEREST_ONLY = "interest_only", _("按月付息、到期还本")
    LUMP = "lump", _("到期一次还本付息")


class LoanPurpose(models.TextChoices):
    """What the money may be used for."""

    TURNOVER = "turnover", _("日常周转")
    PURCHASE = "purchase", _("订单采购")
    EQUIPMENT = "equipment", _("设备更新")
    PROJECT = "project", _("厂房与项目建设")
    RESEARCH = "research", _("科技研发")
    FARMING = "farming", _("种养与农产品")
    STARTUP = "startup", _("创业与用工")
    RENEWAL = "renewal", _("到期续贷")
    EMERGENCY = "emergency", _("应急纾困")


class ProductState(models.TextChoices):
    """Where a version of a product stands."""

    DRAFT = "draft", _("草稿")
    IN_REVIEW = "in_review", _("待发布")
    PUBLISHED = "published", _("已发布")
    SUPERSEDED = "superseded", _("已被新版替代")
    WITHDRAWN = "withdrawn", _("已下架")
