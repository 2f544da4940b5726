"""After a change of SECRET_KEY: everything that lies sealed, under the newest key, a batch at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from django.apps import apps
from django.db import transaction

from portal.kernel.errors import DomainError
from portal.kernel.sealing import Sealed

CHUNK: Final = 500


@dataclass(slots=True)
class Resealed:
    """What became of the rows of a model; `lost` are the ids of those that no key opens."""

    model: type[Sealed]
    done: int = 0
    fresh: int = 0
    lost: list[int] = field(default_factory=list)


def reseal(chunk: int = CHUNK) -> Iterator[Resealed]:
    """Re-seal the rows of every model that is `Sealed`, `chunk` in a transaction; one result for each model.

    Safe to break off and to run again: what lies under the newest key is only looked at.
    """
    for model in apps.get_models():
        if issubclass(model, Sealed):
            yield _reseal(model, chunk)


def _reseal(model: type[Sealed], chunk: int) -> Resealed:
    found, last = Resealed(model), 0
    rows = model._base_manager.exclude(sealed="").order_by("pk").select_for_update(of=("self",))
    while True:
        with transaction.atomic():
            taken = list(rows.filter(pk__gt=last)[:chunk])
            for row in taken:
                _reseal_one(row, found)
        if not taken:
            return found
        last = taken[-1].pk


def _reseal_one(row: Sealed, found: Resealed) -> None:
    try:
        changes = row.resealed()
    except DomainError:
        found.lost.append(row.pk)
        return
    if changes:
        type(row)._base_manager.filter(pk=row.pk).update(**changes)
        found.done += 1
    else:
        found.fresh += 1
