"""Fitting the classifier. For workers only: scikit-learn and jieba are loaded here on first use.

It learns from the departments' written duties and, as they come, from closed orders: an appeal's words with
the department that answered it in the end, so that what dispatchers corrected is learnt. Complaints,
confidential and anonymous appeals teach nothing: words of theirs must not be read off a model. What was asked
alike of the same department teaches once, or common troubles would drown the others.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from appeals.enums import Mode, OrderKind, OrderState, Secrecy, TeamKind
from appeals.models import DutyPhrase, RoutingModel, WorkOrder
from appeals.suggesting import words
from appeals.suggesting.model import pack

if TYPE_CHECKING:
    from numpy.typing import NDArray

SMOOTHING = 0.3
NUMBERS = re.compile(r"\d+")
FOLDS = 5
MOST_CASES = 5_000
POOL, CENTRE = "market_pool", "sme_centre"
"""Where orders that firms or public service centres did belong, as destinations."""
TEMPERATURES = np.geomspace(0.02, 2.0, 41)
FORMAT = 2
"""Raised when features change: an older model is then trained anew."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One text to learn from. `appeal` is 0 for a duty. `again`: shown as an alike case, not learnt from."""

    department: str
    section: str
    mode: str
    title: str
    text: str
    appeal: int = 0
    again: bool = False

    @property
    def features(self) -> list[str]:
        """What the classifier sees of it."""
        return words.appeal_features(self.title, self.text) if self.appeal else words.features(self.text)


def samples() -> list[Sample]:
    """All that there is to learn from, duties first."""
    return [*_duties(), *_cases()]


def _duties() -> Iterable[Sample]:
    columns = ("department__code", "section__name", "mode", "text")
    for code, section, mode, text in DutyPhrase.objects.order_by("pk").values_list(*columns):
        yield Sample(code, section or "", mode, "", text)


def _cases() -> Iterable[Sample]:
    closed = WorkOrder.objects.filter(
        kind=OrderKind.LEAD,
        state=OrderState.CLOSED,
        appeal__secrecy=Secrecy.OPEN,
        appeal__about=None,
        appeal__anonymous=False,
    ).select_related("appeal", "department", "section", "provider__team")
    seen: set[int] = set()
    asked: set[tuple[str, str]] = set()
    for order in closed.order_by("-pk")[:MOST_CASES]:
        if order.appeal_id in seen:  # a second handling: the last word counts
            continue
        seen.add(order.appeal_id)
        appeal, section = order.appeal, order.section.name if order.section else ""
        if order.department:
            code, mode = order.department.code, Mode.DISPATCH
        elif order.provider:
            firm = order.provider.team.kind == TeamKind.MARKET
            section, mode, code = "", *((Mode.GRAB, POOL) if firm else (Mode.PICK, CENTRE))
        else:
            continue
        alike = (code, NUMBERS.sub("", appeal.title))
        yield Sample(code, section, mode, appeal.title, appeal.text, appeal.pk, again=alike in asked)
        asked.add(alike)


def train() -> RoutingModel | None:
    """Fit and keep a model; None when there are not two departments to tell apart, or nothing is new."""
    known = samples()
    digest = _digest(known)
    latest = RoutingModel.objects.order_by("-pk").values_list("figures", flat=True).first()
    if len({sample.department for sample in known}) < 2 or (latest and latest.get("digest") == digest):
        return None
    return _fit(known, digest)


def _digest(known: list[Sample]) -> str:
    told = [FORMAT, [[s.department, s.section, s.mode, s.title, s.text, s.appeal] for s in known]]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def _fit(known: list[Sample], digest: str) -> RoutingModel:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer=list, sublinear_tf=True)
    told = [sample.features for sample in known]
    learnt = [number for number, sample in enumerate(known) if not sample.again]
    vectorizer.fit([told[number] for number in learnt])
    rows = vectorizer.transform(told)
    labels = np.array([known[number].department for number in learnt])
    departments, weights = _fit_classes(rows[learnt], labels)
    temperature, figures = _held_out(rows[learnt], labels)
    desks = sorted({(sample.department, sample.section, sample.mode) for sample in known})
    arrays = {
        "idf": vectorizer.idf_,
        "weights": weights,
        "temperature": np.array(temperature),
        "desks": _centroids(rows, known, desks),
        **_case_arrays(rows, known),
    }
    cases = sum(1 for sample in known if sample.appeal)
    return RoutingModel.objects.create(
        samples=len(known),
        classes={"departments": departments.tolist(), "desks": desks},
        vocabulary=vectorizer.get_feature_names_out().tolist(),
        weights=pack(arrays),
        figures={"digest": digest, "duties": len(known) - cases, "cases": cases, **figures},
    )


def _fit_classes(rows: Any, labels: NDArray[np.str_]) -> tuple[NDArray[np.str_], NDArray[np.float64]]:
    """The classes and a column of word weights for each, against the average class.

    Complement naive Bayes (Rennie et al. 2003): a linear classifier made for texts, few of them and
    unevenly spread over the classes. On the written duties it finds as much as logistic regression, and is
    fitted in a hundredth of the time.
    """
    from sklearn.naive_bayes import ComplementNB

    fitted = ComplementNB(alpha=SMOOTHING).fit(rows, labels)
    weights = fitted.feature_log_prob_.T
    return fitted.classes_, weights - weights.mean(axis=1, keepdims=True)


def _held_out(rows: Any, labels: NDArray[np.str_]) -> tuple[float, dict[str, float]]:
    """The temperature under which held-out probabilities are most likely, and how often they are right."""
    from sklearn.model_selection import KFold

    names = np.unique(labels)
    logits = np.full((len(labels), len(names)), -np.inf)
    for learn, judge in KFold(min(FOLDS, len(labels)), shuffle=True, random_state=0).split(labels):
        classes, weights = _fit_classes(rows[learn], labels[learn])
        logits[np.ix_(judge, np.searchsorted(names, classes))] = rows[judge] @ weights
    truth = np.searchsorted(names, labels)
    right = logits[np.arange(len(labels)), truth]
    seen = np.isfinite(right)
    if not seen.any():
        return 1.0, {}
    losses = [
        float(np.mean(np.logaddexp.reduce(logits[seen] / each, axis=1) - right[seen] / each))
        for each in TEMPERATURES
    ]
    ranks = (logits > right[:, None]).sum(axis=1)
    figures = {"first": float(np.mean(ranks == 0)), "first_three": float(np.mean(ranks < 3))}
    return float(TEMPERATURES[int(np.argmin(losses))]), figures


def _centroids(rows: Any, known: list[Sample], desks: list[tuple[str, str, str]]) -> NDArray[np.float64]:
    """One column a desk (department, section, mode): the direction its texts point to."""
    place = {desk: number for number, desk in enumerate(desks)}
    columns = np.zeros((rows.shape[1], len(desks)))
    for number, sample in enumerate(known):
        row = rows[number]
        columns[row.indices, place[sample.department, sample.section, sample.mode]] += row.data
    return columns / np.maximum(np.linalg.norm(columns, axis=0), 1e-9)


def _case_arrays(rows: Any, known: list[Sample]) -> dict[str, NDArray[Any]]:
    """The closed cases themselves, row by row, for finding alike ones."""
    numbers = [number for number, sample in enumerate(known) if sample.appeal]
    chosen = rows[numbers]
    return {
        "case_ids": np.array([known[number].appeal for number in numbers], dtype=np.int64),
        "case_starts": chosen.indptr.astype(np.int64),
        "case_features": chosen.indices.astype(np.int32),
        "case_values": chosen.data,
    }
