"""One spelling for all text that is searched: simplified, half width, lower case, without brackets.

Pure and light: OpenCC's table is loaded on first use (5 MB).
"""

import re
import unicodedata
from functools import lru_cache

import opencc

_BRACKETS = re.compile(r"[〔〕\[\]【】()（）［］]")
_BREAK = re.compile(r"[^0-9a-z\u3400-\u9fff\U00020000-\U0003ffff]+")


@lru_cache(maxsize=1)
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def normalise(text: str) -> str:
    """Traditional to simplified, full width to half width, lower case."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return _to_simplified().convert(folded)


def runs(text: str) -> list[str]:
    """The unbroken stretches of letters, digits and characters in a text, normalised."""
    return [run for run in _BREAK.split(_BRACKETS.sub("", normalise(text))) if run]
