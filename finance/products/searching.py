"""Finding products by what people type: words in either script, and first letters of pinyin.

Pure: a few hundred products are looked through in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from finance.products.book import Entry
from finance.products.wording import kind_words, purpose_words, security_words
from portal.kernel.language import in_language_of_record
from portal.kernel.pinyin import initials
from portal.kernel.searchtext import normalise, runs

LONGEST_QUERY: Final = 60
_NAMED, _LETTERED, _SAID = 4, 3, 1
"""How much a word counts in the name or the bank's, in their first letters, anywhere else."""


@dataclass(frozen=True, slots=True)
class Text:
    """Where words are looked for in a product."""

    name: str
    letters: str
    rest: str

    def rank(self, word: str) -> int:
        """How well a normalised word is found; 0: not at all."""
        if word in self.name:
            return _NAMED
        if word.isascii() and len(word) > 1 and word in self.letters:
            return _LETTERED
        return _SAID if word in self.rest else 0


@dataclass(frozen=True, slots=True)
class Hits:
    """Versions found with how well; `partly`: nothing holds all the words, these hold some of them."""

    ranks: dict[int, int]
    partly: bool = False


def find(entries: Iterable[Entry], query: str) -> Hits | None:
    """What holds every word of a query, else what holds part of it; None where nothing was asked."""
    words = runs(query[:LONGEST_QUERY])
    if not words:
        return None
    texts = {entry.version_id: text_of(entry) for entry in entries}
    whole = {pk: [text.rank(word) for word in words] for pk, text in texts.items()}
    found = {pk: sum(ranks) for pk, ranks in whole.items() if all(ranks)}
    if found:
        return Hits(found)
    parts = list(_parts(words))
    some = {pk: sum(text.rank(part) for part in parts) for pk, text in texts.items()}
    return Hits({pk: rank for pk, rank in some.items() if rank}, partly=True)


@in_language_of_record()  # whoever asks: what is kept is found in Chinese
def text_of(entry: Entry) -> Text:
    """The texts of an entry, normalised."""
    return _text(
        f"{entry.name} {entry.bank}",
        " ".join([entry.summary, *entry.targets, kind_words(entry.kind)])
        + f" {security_words(entry.securities)} {purpose_words(entry.purposes)} {entry.code}",
    )


@lru_cache(maxsize=2000)
def _text(name: str, rest: str) -> Text:
    plain = normalise(name)
    # 行 and 重 are read otherwise in names of banks than where GB 2312 has them
    letters = initials(plain.replace("重庆", "cq").replace("行", "h"))
    return Text("".join(runs(name)), letters, "".join(runs(rest)))


def _parts(words: Iterable[str]) -> Iterator[str]:
    """Words as they are, and pairs of neighbouring characters of those that are written in Chinese."""
    for word in words:
        yield word
        if not word.isascii() and len(word) > 2:
            yield from ("".join(pair) for pair in pairwise(word))
