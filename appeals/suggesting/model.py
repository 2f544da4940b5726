"""Reading a trained model with NumPy alone: probabilities, words that weighed, sections, alike cases."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from appeals.models import RoutingModel
from appeals.suggesting.words import GRAM

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
WORDS_SHOWN = 5
ALIKE = 0.3
"""How alike (cosine) a closed case must be to be shown."""


def pack(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Arrays as compressed npz; floats in half precision."""
    small = {
        name: array.astype(np.float16) if array.dtype.kind == "f" and array.ndim else array
        for name, array in arrays.items()
    }
    with io.BytesIO() as file:
        np.savez_compressed(file, allow_pickle=False, **small)
        return file.getvalue()


def unpack(data: bytes) -> dict[str, NDArray[Any]]:
    """What `pack` packed; floats in single precision. Refuses pickled objects (ValueError)."""
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    return {name: a.astype(np.float32) if a.dtype.kind == "f" else a for name, a in arrays.items()}


@dataclass(frozen=True, slots=True)
class Desk:
    """Where in a department work arrives, and how it gets there."""

    section: str
    mode: str


class Model:
    """A trained model, unpacked."""

    def __init__(self, row: RoutingModel) -> None:
        self.pk = row.pk
        self.departments: list[str] = row.classes["departments"]
        self.desks = [(code, Desk(section, mode)) for code, section, mode in row.classes["desks"]]
        self.vocabulary = {word: number for number, word in enumerate(row.vocabulary)}
        self.words: list[str] = row.vocabulary
        self.arrays = unpack(bytes(row.weights))

    def read(self, features: Sequence[str]) -> Reading:
        """What the model makes of an appeal's features."""
        counts = Counter(number for each in features if (number := self.vocabulary.get(each)) is not None)
        numbers = np.fromiter(counts, dtype=np.int64, count=len(counts))
        often = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        values = (1 + np.log(often)) * self.arrays["idf"][numbers] if len(counts) else often
        length = float(np.linalg.norm(values)) or 1.0
        return Reading(self, numbers, values / length)


class Reading:
    """An appeal through the eyes of a model."""

    def __init__(self, model: Model, numbers: NDArray[np.int64], values: Floats) -> None:
        self.model, self.numbers, self.values = model, numbers, values

    @cached_property
    def probabilities(self) -> dict[str, float]:
        """By department code; they sum to one. Without a known word all are alike."""
        arrays = self.model.arrays
        logits = self.values @ arrays["weights"][self.numbers] / arrays["temperature"]
        weights = np.exp(logits - logits.max())
        return dict(zip(self.model.departments, (weights / weights.sum()).tolist(), strict=True))

    def words(self, department: str) -> list[str]:
        """The words that spoke most for a department, against the average one."""
        if department not in self.model.departments:
            return []
        column = self.model.departments.index(department)
        said = self.values * self.model.arrays["weights"][self.numbers, column]
        named = (
            (weight, self.model.words[number]) for weight, number in zip(said, self.numbers, strict=True)
        )
        telling = sorted(
            ((w, word) for w, word in named if w > 0 and not word.startswith(GRAM)), reverse=True
        )
        return [word for _weight, word in telling[:WORDS_SHOWN]]

    def desk(self, department: str) -> Desk | None:
        """The section and mode of a department whose duties are most alike; None when nothing is written."""
        own = [number for number, (code, _desk) in enumerate(self.model.desks) if code == department]
        if not own:
            return None
        alike = self.values @ self.model.arrays["desks"][self.numbers][:, own]
        return self.model.desks[own[int(alike.argmax())]][1]

    def cases(self, most: int) -> list[int]:
        """Ids of the most alike closed appeals, the most alike first."""
        arrays = self.model.arrays
        if not len(arrays["case_ids"]):
            return []
        dense = np.zeros(len(self.model.words), dtype=np.float32)
        dense[self.numbers] = self.values
        products = np.append(arrays["case_values"] * dense[arrays["case_features"]], 0)
        starts = arrays["case_starts"]
        alike = np.add.reduceat(products, starts[:-1])
        alike[starts[:-1] == starts[1:]] = 0  # a case without words; reduceat would take its neighbour's
        order = np.argsort(-alike, kind="stable")[:most]
        return [int(arrays["case_ids"][number]) for number in order if alike[number] >= ALIKE]


def latest() -> Model | None:
    """The newest model, unpacked once per process; None before the first training."""
    pk = RoutingModel.objects.order_by("-pk").values_list("pk", flat=True).first()
    return _load(pk) if pk else None


@lru_cache(maxsize=1)
def _load(pk: int) -> Model:
    return Model(RoutingModel.objects.get(pk=pk))
