"""Size class by the statistical rule of 2017.

Source: 国家统计局《统计上大中小微型企业划分办法（2017）》国统字〔2017〕213号, the table in its annex
(same figures as 工信部联企业〔2011〕300号). Employees in persons, revenue and assets in 万元.
Large, medium and small each ask for *every* indicator of the row at or above its lower bound; what
misses one falls to the next class, and what misses a small bound is micro.
Rows without a class here: railways (53), finance (J, has its own rule), education (P), health (Q84),
public administration (S), international organisations (T).
"""

from dataclasses import dataclass

from enterprises.catalogue import Plain
from enterprises.codes import section_of

LARGE, MEDIUM, SMALL, MICRO = "large", "medium", "small", "micro"
SIZES = (MICRO, SMALL, MEDIUM, LARGE)
"""The classes in rising order."""

FEN_PER_WAN = 1_000_000

Bounds = tuple[int, int, int]
"""Lower bounds of large, medium and small."""


@dataclass(frozen=True, slots=True)
class SizeRule:
    """One row of the table: lower bounds by indicator, ``None`` where the row does not ask for it."""

    name: str
    employees: Bounds | None = None
    revenue: Bounds | None = None
    assets: Bounds | None = None

    @property
    def inputs(self) -> tuple[str, ...]:
        """Keys of the facts this row needs."""
        pairs = (("employees", self.employees), ("revenue", self.revenue), ("total_assets", self.assets))
        return tuple(key for key, bounds in pairs if bounds is not None)


AGRICULTURE = SizeRule("农、林、牧、渔业", revenue=(20000, 500, 50))
INDUSTRY = SizeRule("工业", employees=(1000, 300, 20), revenue=(40000, 2000, 300))
CONSTRUCTION = SizeRule("建筑业", revenue=(80000, 6000, 300), assets=(80000, 5000, 300))
WHOLESALE = SizeRule("批发业", employees=(200, 20, 5), revenue=(40000, 5000, 1000))
RETAIL = SizeRule("零售业", employees=(300, 50, 10), revenue=(20000, 500, 100))
TRANSPORT = SizeRule("交通运输业", employees=(1000, 300, 20), revenue=(30000, 3000, 200))
STORAGE = SizeRule("仓储业", employees=(200, 100, 20), revenue=(30000, 1000, 100))
POST = SizeRule("邮政业", employees=(1000, 300, 20), revenue=(30000, 2000, 100))
LODGING = SizeRule("住宿业", employees=(300, 100, 10), revenue=(10000, 2000, 100))
CATERING = SizeRule("餐饮业", employees=(300, 100, 10), revenue=(10000, 2000, 100))
TELECOM = SizeRule("信息传输业", employees=(2000, 100, 10), revenue=(100000, 1000, 100))
SOFTWARE = SizeRule("软件和信息技术服务业", employees=(300, 100, 10), revenue=(10000, 1000, 50))
REAL_ESTATE = SizeRule("房地产开发经营", revenue=(200000, 1000, 100), assets=(10000, 5000, 2000))
PROPERTY = SizeRule("物业管理", employees=(1000, 300, 100), revenue=(5000, 1000, 500))
LEASING = SizeRule("租赁和商务服务业", employees=(300, 100, 10), assets=(120000, 8000, 100))
OTHER = SizeRule("其他未列明行业", employees=(300, 100, 10))

BY_SECTION: dict[str, SizeRule] = {
    "A": AGRICULTURE,
    "B": INDUSTRY,
    "C": INDUSTRY,
    "D": INDUSTRY,
    "E": CONSTRUCTION,
    "L": LEASING,
    "M": OTHER,
    "N": OTHER,
    "O": OTHER,
    "R": OTHER,
}
BY_PREFIX: dict[str, SizeRule] = {
    "51": WHOLESALE,
    "52": RETAIL,
    "54": TRANSPORT,
    "55": TRANSPORT,
    "56": TRANSPORT,
    "57": TRANSPORT,
    "58": TRANSPORT,
    "591": TRANSPORT,
    **{f"59{group}": STORAGE for group in range(2, 10)},
    "60": POST,
    "61": LODGING,
    "62": CATERING,
    "63": TELECOM,
    "64": TELECOM,
    "65": SOFTWARE,
    "7010": REAL_ESTATE,
    "701": REAL_ESTATE,
    "7020": PROPERTY,
    "702": PROPERTY,
    "703": OTHER,
    "704": OTHER,
    "709": OTHER,
    "85": OTHER,
}
"""Rows that hold for part of a section: the longest prefix of the code wins."""


def size_rule(industry: str) -> SizeRule | None:
    """The row for an industry code; ``None`` when the rule has none or the code is too coarse to tell."""
    for length in (4, 3, 2):
        if len(industry) >= length and (rule := BY_PREFIX.get(industry[:length])):
            return rule
    return BY_SECTION.get(section_of(industry) or "")


def size_inputs(industry: Plain) -> tuple[str, ...] | None:
    """Keys of the facts the class of an industry is made from; ``None`` when it has no class."""
    rule = size_rule(str(industry))
    return rule.inputs if rule else None


def size_class(industry: str, employees: object, revenue_fen: object, assets_fen: object) -> str | None:
    """Size class; ``None`` when the industry has no row. Indicators the row does not ask for are ignored."""
    rule = size_rule(industry)
    if rule is None:
        return None
    tests = [
        (rule.employees, employees, 1),
        (rule.revenue, revenue_fen, FEN_PER_WAN),
        (rule.assets, assets_fen, FEN_PER_WAN),
    ]
    asked = [(bounds, value, factor) for bounds, value, factor in tests if bounds is not None]
    for position, size in enumerate((LARGE, MEDIUM, SMALL)):
        if all(value >= bounds[position] * factor for bounds, value, factor in asked):  # type: ignore[operator]
            return size
    return MICRO
