"""Who is counted above designated size: thresholds of the 四上 statistics, in 万元 of yearly revenue."""

from typing import Final

from enterprises.codes import section_of

THRESHOLDS: Final[dict[str, tuple[str, float]]] = {
    "51": ("wholesale_retail", 2000),
    "52": ("wholesale_retail", 500),
    "84": ("service", 2000),
    "85": ("service", 500),
    "701": ("real_estate", 0),
    "702": ("service", 1000),
}
BY_SECTION: Final[dict[str, tuple[str, float]]] = {
    **dict.fromkeys("BCD", ("industry", 2000.0)),
    "E": ("construction", 0),
    "H": ("catering", 200),
    **dict.fromkeys("GIN", ("service", 2000.0)),
    **dict.fromkeys("LMP", ("service", 1000.0)),
    **dict.fromkeys("OR", ("service", 500.0)),
}
"""Source: 国家统计局“四上”单位统计标准; construction enters by its qualification, developers
by being active."""


def threshold_of(industry: str) -> tuple[str, float] | None:
    """Statistical category and least revenue in 万元, or None for what the statistics leave out."""
    for length in (3, 2):
        if found := THRESHOLDS.get(industry[:length]):
            return found
    return BY_SECTION.get(section_of(industry) or "")
