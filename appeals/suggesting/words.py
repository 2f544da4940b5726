"""From a text to the features of the classifier. For workers only: jieba's dictionary takes 70 MB.

Features are words (of two characters or more) and, marked with `GRAM`, single characters and pairs of
neighbours within a run of telling words: pairs find the parts of long terms, and terms that jieba cuts
differently here and there. Words that say nothing of who is in charge (`stopwords.txt`) are left out.
"""

import logging
import re
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "reference"
GRAM = "·"
"""Marks a feature that is a piece of text rather than a word to be shown."""
RUN = re.compile(r"[一-鿿]+|[a-z0-9]+")
TITLE_WEIGHT = 2


@cache
def _tokenizer() -> Any:
    """A tokenizer of our own: the words of `words.txt` do not change what policies' search cuts."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    for word in (FOLDER / "words.txt").read_text(encoding="utf-8").split():
        tokenizer.add_word(word)
    return tokenizer


@cache
def _silent() -> frozenset[str]:
    return frozenset((FOLDER / "stopwords.txt").read_text(encoding="utf-8").split())


def features(text: str) -> list[str]:
    """The features of a text, as often as they occur."""
    found: list[str] = []
    for run in RUN.findall(text.lower()):
        if run.isascii():
            found += [run] if not run.isdigit() else []
            continue
        telling = ""
        for word in _tokenizer().cut(run):
            if word in _silent():
                found += _grams(telling)
                telling = ""
                continue
            telling += word
            if len(word) > 1:
                found.append(word)
        found += _grams(telling)
    return found


def appeal_features(title: str, text: str) -> list[str]:
    """The features of an appeal: what its title says counts more."""
    return features(title) * TITLE_WEIGHT + features(text)


def _grams(telling: str) -> list[str]:
    pairs = [telling[at : at + 2] for at in range(len(telling) - 1)]
    return [GRAM + piece for piece in (*telling, *pairs)]
