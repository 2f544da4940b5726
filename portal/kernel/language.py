"""Which language people read, and which one stands in the books.

A page speaks its reader's language. What is kept or goes to somebody else speaks the county's, Chinese,
whoever caused it: messages, entries of a history, letters. Names of facts, policies and conditions are
data and stay as officials wrote them.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils.translation import get_language, override


@contextmanager
def in_language_of_record() -> Iterator[None]:
    """Around what composes words for others or for good; decorates functions, too."""
    with override(settings.LANGUAGE_CODE):
        yield


def listed(values: Iterable[object]) -> str:
    """Several in a row, divided as the language of now does it."""
    return ("、" if reads_chinese() else ", ").join(map(str, values))


def clauses(values: Iterable[object]) -> str:
    """Several phrases in a row, likewise."""
    return ("；" if reads_chinese() else "; ").join(map(str, values))


def reads_chinese() -> bool:
    """Whether the words of now are Chinese: only then does its grammar hold (万, 未, 个)."""
    return (get_language() or settings.LANGUAGE_CODE).startswith("zh")
