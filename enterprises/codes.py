"""Hierarchical codes: regions (GB/T 2260 and the statistical town codes) and industries (GB/T 4754-2017).

A code is kept in its canonical form: a region without the zeros that only fill up its level
(``500000`` → ``50``, ``500200`` → ``5002``, a town ``500231101``), an industry as a section letter
or as the digits of a division, group or class (``C``, ``36``, ``367``, ``3670``).
In both, a code contains every code of which it is a prefix; sections contain ranges of divisions.
"""

import enum

from portal.kernel.numbers import plain_characters

REGION_LEVELS = (2, 4, 6, 9, 12)
"""Lengths of a canonical region code: province, prefecture, county, town, village."""

SECTIONS: dict[str, range] = {
    "A": range(1, 6),
    "B": range(6, 13),
    "C": range(13, 44),
    "D": range(44, 47),
    "E": range(47, 51),
    "F": range(51, 53),
    "G": range(53, 61),
    "H": range(61, 63),
    "I": range(63, 66),
    "J": range(66, 70),
    "K": range(70, 71),
    "L": range(71, 73),
    "M": range(73, 76),
    "N": range(76, 80),
    "O": range(80, 83),
    "P": range(83, 84),
    "Q": range(84, 86),
    "R": range(86, 91),
    "S": range(91, 97),
    "T": range(97, 98),
}
"""Section letter → its divisions, GB/T 4754-2017."""


MAX_LENGTH = 18
"""Longest code that is stored."""


class Hierarchy(enum.StrEnum):
    """Which code system a fact of kind ``code`` uses."""

    REGION = "region"
    INDUSTRY = "industry"
    PREFIX = "prefix"
    """Any other code in which a prefix contains its continuations."""


def section_of(industry: str) -> str | None:
    """Section letter of an industry code, ``None`` when the code is of no section."""
    if industry[:1] in SECTIONS:
        return industry[0]
    if not industry[:2].isascii() or not industry[:2].isdigit() or len(industry) < 2:
        return None
    division = int(industry[:2])
    return next((letter for letter, divisions in SECTIONS.items() if division in divisions), None)


def canonical(hierarchy: Hierarchy, text: str) -> str:
    """Canonical form of a code as people write it; raises ``ValueError`` when it is none."""
    code = plain_characters(text).upper()
    if not code.isascii() or not code.isalnum() or len(code) > MAX_LENGTH:
        raise ValueError(f"{text!r} is no code")
    if hierarchy is Hierarchy.REGION:
        return _canonical_region(code)
    if hierarchy is Hierarchy.INDUSTRY:
        return _canonical_industry(code)
    return code


def contains(hierarchy: Hierarchy, ancestor: str, code: str) -> bool:
    """Whether ``ancestor`` equals or contains ``code``; both in canonical form."""
    if hierarchy is Hierarchy.INDUSTRY and ancestor in SECTIONS:
        return section_of(code) == ancestor
    return code.startswith(ancestor)


def _canonical_region(code: str) -> str:
    if not code.isdigit() or len(code) not in REGION_LEVELS:
        raise ValueError(f"{code!r} is no code")
    for level in reversed(REGION_LEVELS[:-1]):
        if len(code) > level and not code[level:].strip("0"):
            code = code[:level]
    if not code.strip("0"):
        raise ValueError(f"{code!r} is no code")
    return code


def _canonical_industry(code: str) -> str:
    if code in SECTIONS:
        return code
    letter = code[0] if code[0].isalpha() else ""
    digits = code[len(letter) :]
    section = section_of(digits) if digits.isdigit() and 2 <= len(digits) <= 4 else None
    if section is None or letter not in ("", section):
        raise ValueError(f"{code!r} is no code")
    return digits
