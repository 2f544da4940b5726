"""What somebody may have meant who wrote a name that is not there."""

from collections.abc import Mapping
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

LEAST = 0.55
"""How alike, from 0 to 1, a name must be to be offered."""


def nearest(written: object, names: Mapping[str, str], count: int = 3) -> list[str]:
    """The keys most like what was written: by spelling, by their words in any order, or by their label."""
    text = str(written).strip().lower()
    likeness = {key: _likeness(text, key, label) for key, label in names.items()}
    near = sorted((key for key in names if likeness[key] >= LEAST), key=lambda key: (-likeness[key], key))
    return near[:count]


def hint(written: object, names: Mapping[str, str]) -> str:
    """The end of a message about an unknown name: what is near, each with its label, and where all stand."""
    near = "、".join(f"{key}（{names[key]}）" for key in nearest(written, names))
    whole = _("全部可用的名称见 manage.py catalogue。")
    return _("相近的有：%(near)s；%(whole)s") % {"near": near, "whole": whole} if near else whole


def _likeness(text: str, key: str, label: str) -> float:
    words = {_in_order(text): _in_order(key), text: key}
    alike = max(SequenceMatcher(None, mine, theirs).ratio() for mine, theirs in words.items())
    if text and (text in label or label in text):
        return max(alike, 0.9)
    return max(alike, SequenceMatcher(None, text, label).ratio())


def _in_order(key: str) -> str:
    return "_".join(sorted(key.split("_")))
