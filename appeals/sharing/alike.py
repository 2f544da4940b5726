"""Which texts say the same: by pairs of characters, rare ones weigh more. Values in, values out.

No dictionary is needed, so that this may run in a web process. Words that say nothing of the matter
(`reference/stopwords.txt`) are cut out first.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log, sqrt
from pathlib import Path
from typing import Final

STOPWORDS: Final = Path(__file__).parents[1] / "reference" / "stopwords.txt"
RUN: Final = re.compile(r"[一-鿿]+|[a-z0-9]{2,}")
SAME_TOWN: Final = 0.03
SAME_CATEGORY: Final = 0.02
ALIKE: Final = 0.15
"""From which likeness appeals are suggested as one problem: set by hand on a few dozen written appeals."""
LEAST_WORDS: Final = 0.1
"""Without so much alike in words, town and category say nothing."""
WORDS_SHOWN: Final = 4
LONGEST_WORD: Final = 8
Vector = dict[str, float]


@dataclass(frozen=True, slots=True)
class Said:
    """An appeal as it is compared. `by` is the enterprise."""

    pk: int
    title: str
    text: str
    by: int
    town: str = ""
    category: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Appeals that say the same, the oldest first, with how alike each is to that one, and common words."""

    members: tuple[Said, ...]
    likeness: tuple[float, ...]
    words: tuple[str, ...]

    @property
    def enterprises(self) -> int:
        """How many enterprises say it."""
        return len({each.by for each in self.members})


class _Cluster:
    """A group as it grows: its members, and the middle of what they say."""

    def __init__(self, first: Said) -> None:
        self.head = first
        self.members: list[tuple[Said, float]] = []
        self.sum: Vector = {}
        self.length = 0.0

    def take(self, one: Said, vector: Vector, likeness: float) -> None:
        self.members.append((one, likeness))
        for gram, weight in vector.items():
            self.sum[gram] = self.sum.get(gram, 0.0) + weight
        self.length = sqrt(sum(weight * weight for weight in self.sum.values())) or 1.0


def groups(said: Sequence[Said]) -> list[Group]:
    """Groups of at least two enterprises, those of most enterprises first.

    Each appeal goes to the group whose middle it is most like, or begins one of its own.
    """
    clusters: list[_Cluster] = []
    by_gram: dict[str, set[int]] = defaultdict(set)
    for one, vector in zip(said, _vectors(said), strict=True):
        words: dict[int, float] = defaultdict(float)
        for gram, weight in vector.items():
            for place in by_gram.get(gram, ()):
                words[place] += weight * clusters[place].sum[gram] / clusters[place].length
        scored = {place: _with_place(alike, one, clusters[place].head) for place, alike in words.items()}
        best = max(scored, key=lambda place: (scored[place], -place), default=None)
        likeness = scored[best] if best is not None else 0.0
        if best is None or likeness < ALIKE:
            best, likeness = len(clusters), 1.0
            clusters.append(_Cluster(one))
        clusters[best].take(one, vector, likeness)
        for gram in vector:
            by_gram[gram].add(best)
    found = [
        _group(cluster) for cluster in clusters if len({each.by for each, _alike in cluster.members}) > 1
    ]
    return sorted(found, key=lambda group: (-group.enterprises, -len(group.members), group.members[0].pk))


def nearest(to: Sequence[Said], others: Sequence[Said]) -> list[tuple[Said, float]]:
    """Which of the others say what the first ones say, the most alike first."""
    every = [*to, *others]
    vectors = _vectors(every)
    scored = []
    for place in range(len(to), len(every)):
        likeness = max((_likeness(every, vectors, place, head) for head in range(len(to))), default=0.0)
        if likeness >= ALIKE:
            scored.append((every[place], likeness))
    return sorted(scored, key=lambda pair: (-pair[1], pair[0].pk))


def grams(text: str) -> Counter[str]:
    """Pairs of neighbouring characters, and whole words of Latin letters and digits."""
    found: Counter[str] = Counter()
    for run in RUN.findall(_silent().sub(" ", text.lower())):
        if run.isascii():
            found[run] += 1
        else:
            found.update(run[at : at + 2] for at in range(len(run) - 1))
    return found


@cache
def _silent() -> re.Pattern[str]:
    words = [word for word in STOPWORDS.read_text(encoding="utf-8").split() if len(word) > 1]
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))


def _vectors(said: Sequence[Said]) -> list[Vector]:
    """Each as weights of its pairs, of length one."""
    counted = []
    for one in said:
        own = grams(one.text)
        for gram, number in grams(one.title).items():
            own[gram] += number
        counted.append(own)
    spread = Counter(gram for own in counted for gram in own)
    return [
        _unit({gram: number * log(1 + len(said) / spread[gram]) for gram, number in own.items()})
        for own in counted
    ]


def _unit(weights: dict[str, float]) -> Vector:
    length = sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {gram: weight / length for gram, weight in weights.items()}


def _likeness(said: Sequence[Said], vectors: Sequence[Vector], one: int, other: int) -> float:
    words = sum(weight * vectors[other].get(gram, 0.0) for gram, weight in vectors[one].items())
    return _with_place(words, said[one], said[other])


def _with_place(words: float, one: Said, other: Said) -> float:
    if words < LEAST_WORDS:
        return 0.0
    town = SAME_TOWN if one.town and one.town == other.town else 0.0
    category = SAME_CATEGORY if one.category and one.category == other.category else 0.0
    return min(1.0, words + town + category)


def _group(cluster: _Cluster) -> Group:
    members = tuple(one for one, _likeness in cluster.members)
    texts = [text for one in members for text in (one.title, one.text)]
    return Group(members, tuple(alike for _one, alike in cluster.members), common_words(texts, members))


def common_words(texts: Iterable[str], members: Sequence[Said]) -> tuple[str, ...]:
    """Pieces of the texts that most of the members have, the longest first."""
    kept = Counter(gram for one in members for gram in {*grams(one.title), *grams(one.text)})
    least = max(2, (2 * len(members) + 2) // 3)
    pieces: list[str] = []
    for text in texts:
        for run in RUN.findall(_silent().sub(" ", text.lower())):
            pieces += [run] if run.isascii() and kept[run] >= least else _pieces(run, kept, least)
    unique = sorted(dict.fromkeys(pieces), key=len, reverse=True)
    shown: list[str] = []
    for piece in unique:
        if not any(piece in longer for longer in shown):
            shown.append(piece)
    return tuple(shown[:WORDS_SHOWN])


def _pieces(run: str, kept: Mapping[str, int], least: int) -> list[str]:
    """Stretches of a run whose pairs are all common."""
    found, begin = [], 0
    for at in range(len(run)):
        if at + 1 < len(run) and kept[run[at : at + 2]] >= least:
            continue
        if at > begin:
            found.append(run[begin : at + 1][:LONGEST_WORD])
        begin = at + 1
    return found
