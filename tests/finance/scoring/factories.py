"""Versions of the points table, small ones too."""

from typing import Any

from finance.models import ScoreModel, ScoreVersion
from finance.scoring import publishing
from finance.scoring.card import Card
from finance.scoring.cards import MODEL, card_of
from finance.scoring.seeding import write_characteristics
from portal.accounts.models import Department, Posting, User
from portal.accounts.roles import Role
from portal.kernel.versions import VersionState
from tests.accounts.factories import UserFactory

GRADE = {
    "key": "grade",
    "label": "纳税缴费信用级别",
    "dimension": "tax",
    "fact": "tax_credit_grade",
    "bins": [
        {"values": ["A", "B"], "label": "A、B 级", "points": 2000, "reason": "好", "tip": "按时缴税"},
        {"values": ["M", "C", "D"], "label": "其他", "points": -1000, "reason": "不好"},
    ],
}
DISHONEST = {
    "key": "dishonest",
    "label": "失信",
    "dimension": "trust",
    "fact": "serious_dishonest",
    "bins": [
        {"values": ["false"], "label": "否", "points": 0},
        {"values": ["true"], "label": "是", "points": -3000, "reason": "失信"},
    ],
}
DEBT = {
    "key": "debt",
    "label": "资产负债率",
    "dimension": "conduct",
    "fact": "debt_ratio",
    "monotone": "falling",
    "bins": [
        {"label": "低", "points": 1000, "reason": "低", "tip": "降低负债"},
        {"from": 50, "label": "中", "points": 0},
        {"from": 70, "label": "高", "points": -1500, "reason": "高"},
    ],
}
CERTIFIED = {
    "key": "certified",
    "label": "资质",
    "dimension": "scene",
    "bins": [
        {"values": ["high_tech"], "label": "高企", "points": 1500, "reason": "高企", "tip": "申报高企"},
        {"values": [], "label": "无", "points": 0},
    ],
}
TABLE: list[dict[str, Any]] = [GRADE, DISHONEST, DEBT, CERTIFIED]
FIGURES = {"base": 5500, "tax_weight": 30, "trust_weight": 30, "conduct_weight": 25, "scene_weight": 15}


def official(role: Role) -> User:
    """Somebody of the county's financial services."""
    user = UserFactory()
    Posting.objects.create(user=user, department=Department.objects.get(code="financial_services"), role=role)
    return User.objects.get(pk=user.pk)


def small_draft(code: str = "small", table: list[dict[str, Any]] = TABLE, **figures: Any) -> ScoreVersion:
    """A sound draft of four characteristics, of a model of its own."""
    model = ScoreModel.objects.create(code=code, name="小模型")
    version = ScoreVersion.objects.create(model=model, number=1, **FIGURES | figures)
    write_characteristics(version, table)
    return version


def general() -> ScoreModel:
    """The model that the project brings, whose first version is in use."""
    return ScoreModel.objects.get(code=MODEL)


def drafted(editor: User | None = None) -> ScoreVersion:
    """A draft of the general model, by an editor."""
    return publishing.start_draft(general(), by=editor or official(Role.EDITOR))


def in_use() -> tuple[ScoreVersion, Card]:
    version = ScoreVersion.objects.get(model=general(), state=VersionState.PUBLISHED)
    return version, card_of(version)
