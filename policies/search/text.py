"""One spelling for all text that is searched: simplified, half width, lower case, no brackets in 文号.

Pure and light: jieba is never loaded.
"""

from itertools import pairwise

from portal.kernel.searchtext import normalise, runs

__all__ = ["LONGEST_QUERY", "LONGEST_WORD", "cut", "normalise", "runs", "squeeze", "substrings"]

LONGEST_WORD = 32
"""Characters; a document number squeezed together fits."""
LONGEST_QUERY = 60
"""Characters of a query that are looked at."""


def squeeze(text: str) -> str:
    """A document number without brackets, marks and spaces: 垫府发〔2023〕1号, 垫府发[2023]1号 are one."""
    return "".join(runs(text))


def substrings(run: str) -> set[str]:
    """Everything in a run that might be a word: two characters or more."""
    last = len(run)
    return {
        run[start:stop]
        for start in range(last)
        for stop in range(start + 2, min(start + LONGEST_WORD, last) + 1)
    }


def cut(run: str, known: set[str]) -> tuple[list[str], list[str]]:
    """Cut a run into known words and the rest.

    The cut leaves the fewest characters over, then uses the fewest words: what jieba would mostly do,
    without its dictionary. Letters that stand together are never parted, nor are digits: `zz` is no part
    of `zzzzqqq`. Returns (words, leftovers), each in the order of the run.
    """
    ends = [not _joined(run[stop - 1 : stop + 1]) for stop in range(len(run) + 1)]
    # best[i]: (characters left over, words used, where the last piece began) for the first i characters
    best: list[tuple[int, int, int]] = [(0, 0, 0)]
    for stop in range(1, len(run) + 1):
        options = [(best[stop - 1][0] + 1, best[stop - 1][1], stop - 1)]
        starts = range(max(0, stop - LONGEST_WORD), stop - 1) if ends[stop] else ()
        for start in starts:
            if ends[start] and run[start:stop] in known:
                options.append((best[start][0], best[start][1] + 1, start))
        best.append(min(options))
    return _pieces(run, best, known)


def _joined(pair: str) -> bool:
    """Whether two neighbours belong to one Latin word or one number."""
    return len(pair) == 2 and pair.isascii() and (pair.isalpha() or pair.isdigit())


def _pieces(run: str, best: list[tuple[int, int, int]], known: set[str]) -> tuple[list[str], list[str]]:
    marks = [len(run)]
    while marks[-1]:
        marks.append(best[marks[-1]][2])
    words: list[str] = []
    leftovers: list[str] = []
    previous_end = -1
    for start, stop in pairwise(reversed(marks)):
        piece = run[start:stop]
        if piece in known:
            words.append(piece)
        elif leftovers and previous_end == start:
            leftovers[-1] += piece
            previous_end = stop
        else:
            leftovers.append(piece)
            previous_end = stop
    return words, leftovers
