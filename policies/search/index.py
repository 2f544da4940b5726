"""Writing the search index. For workers and commands only: jieba's dictionary takes 70 MB."""

import logging
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from types import ModuleType

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from policies.enums import VersionState
from policies.models import ItemVersion, SearchEntry, SearchWord
from policies.search.text import LONGEST_WORD, runs, squeeze
from portal.kernel.language import in_language_of_record

_LAST_POSITION = 16_383
"""PostgreSQL keeps no lexeme position beyond this."""
_BATCH = 500


@lru_cache(maxsize=1)
def _jieba() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its sources hold invalid escapes, told of at first compilation
        import jieba
    jieba.setLogLevel(logging.CRITICAL)  # a cache that cannot be written costs a second, and nobody minds
    # Its own choice is one file in /tmp for all users, whoever wrote it.
    jieba.dt.tmp_dir = str(settings.VAR_DIR / "jieba")
    with suppress(OSError):
        (settings.VAR_DIR / "jieba").mkdir(parents=True, exist_ok=True)
    return jieba


@lru_cache(maxsize=4_096)
def words_of(text: str) -> tuple[str, ...]:
    """The words of a text in order, overlapping ones too (中小企业 gives 中小, 企业, 小企业, 中小企业).

    Kept, since names of departments, documents and materials come again and again.
    """
    return tuple(
        word for run in runs(text) for word in _jieba().cut_for_search(run) if 2 <= len(word) <= LONGEST_WORD
    )


def index(version: ItemVersion) -> None:
    """Put one version into the index, or out of it when it is not in force any more."""
    index_many(ItemVersion.objects.filter(pk=version.pk))


@in_language_of_record()
def index_many(versions: QuerySet[ItemVersion], progress: Callable[[int], None] | None = None) -> int:
    """Index the published ones of `versions`, drop the others. Returns how many were indexed.

    `progress` is told the number done after each batch, and each batch is a transaction of its own.
    """
    gone = versions.exclude(state=VersionState.PUBLISHED)
    SearchEntry.objects.filter(version__in=gone).delete()
    shown = versions.filter(state=VersionState.PUBLISHED).select_related("item__department")
    shown = shown.prefetch_related("item__co_departments", "sources__document").order_by("pk")
    done = 0
    for batch in _batches(shown.iterator(chunk_size=_BATCH)):
        _write(batch)
        done += len(batch)
        if progress:
            progress(done)
    return done


def _batches(versions: Iterator[ItemVersion]) -> Iterator[list[ItemVersion]]:
    while batch := list(islice(versions, _BATCH)):
        yield batch


def _write(versions: Iterable[ItemVersion]) -> None:
    entries: list[SearchEntry] = []
    words: set[str] = set()
    for version in versions:
        weighted = _weighted_words(version)
        words.update(word for word, _weight in weighted)
        text = " ".join(
            runs(version.title) + [squeeze(source.document.number) for source in version.sources.all()]
        )
        entries.append(SearchEntry(version=version, vector=_literal(weighted), text=text))
    with transaction.atomic():
        SearchWord.objects.bulk_create(
            [SearchWord(word=word) for word in sorted(words)], ignore_conflicts=True
        )
        SearchEntry.objects.bulk_create(
            entries,
            update_conflicts=True,
            unique_fields=["version"],
            update_fields=["vector", "text", "indexed_at"],
        )


def _weighted_words(version: ItemVersion) -> list[tuple[str, str]]:
    """(word, weight A to D) of everything people look for, the weightiest first."""
    departments = [version.item.department, *version.item.co_departments.all()]
    names = [name for department in departments for name in (department.name, department.short_name)]
    documents = [source.document for source in version.sources.all()]
    texts = {
        "A": [version.title, *version.topics, version.item.code],
        "B": [
            *names,
            *(document.title for document in documents),
            *version.targets,
            version.get_benefit_display(),
            version.get_mode_display(),
        ],
        "C": [version.summary, version.gain, *(document.issuer for document in documents)],
        "D": [*(material["name"] for material in version.materials), version.where],
    }
    whole = [(piece, "A") for document in documents for piece in number_pieces(document.number)]
    whole += [(name, "B") for name in map(squeeze, names) if 2 <= len(name) <= LONGEST_WORD]
    return whole + [
        (word, weight) for weight, given in texts.items() for text in given for word in words_of(text)
    ]


def number_pieces(number: str) -> list[str]:
    """What people type of a 文号: all of it, the issuer's part, the rest (垫府发20231号, 垫府发, 20231号)."""
    whole = squeeze(number)
    issuer = re.split(r"[0-9]", whole, maxsplit=1)[0]
    pieces = dict.fromkeys((whole, issuer, whole[len(issuer) :]))
    return [piece for piece in pieces if 2 <= len(piece) <= LONGEST_WORD]


def _literal(weighted: list[tuple[str, str]]) -> str:
    """A tsvector literal: `'word':1A 'word':2B …` (the words hold neither quotes nor backslashes)."""
    return " ".join(
        f"'{word}':{min(position, _LAST_POSITION)}{weight}"
        for position, (word, weight) in enumerate(weighted, 1)
    )


def index_stale() -> int:
    """Index what is published and not in the index, and drop what is not published. Returns how many."""
    SearchEntry.objects.exclude(version__state=VersionState.PUBLISHED).delete()
    return index_many(ItemVersion.objects.filter(state=VersionState.PUBLISHED, search=None))
