"""The table of a state machine: pure data, read by `transitions`, by pages and by `state_triggers`."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.functional import Promise

from portal.kernel.errors import DomainError

Guard = Callable[[Any, Any], None]
"""Takes the locked object and the actor (None: the system); raises DomainError to refuse."""


@dataclass(frozen=True)
class Transition:
    """One allowed change: from any of `sources` to `target`; `label` is the button's text."""

    name: str
    sources: Sequence[str]
    target: str
    label: str | Promise
    guard: Guard | None = None

    def __post_init__(self) -> None:
        sources = (self.sources,) if isinstance(self.sources, str) else self.sources
        object.__setattr__(self, "sources", tuple(_plain(source) for source in sources))
        object.__setattr__(self, "target", _plain(self.target))


class Machine:
    """The transitions of one state field. `deletable` states may be deleted; default: the initial one."""

    def __init__(
        self,
        field: str,
        initial: str,
        transitions: Iterable[Transition],
        deletable: Iterable[str] | None = None,
    ) -> None:
        self.field = field
        self.initial = _plain(initial)
        self.transitions = {transition.name: transition for transition in transitions}
        self.deletable = frozenset([self.initial] if deletable is None else map(_plain, deletable))

    def __getitem__(self, name: str) -> Transition:
        return self.transitions[name]

    def __contains__(self, name: str) -> bool:
        return name in self.transitions

    @property
    def edges(self) -> frozenset[tuple[str, str]]:
        """Every (from, to) that the database must let pass."""
        return frozenset(
            (source, transition.target)
            for transition in self.transitions.values()
            for source in transition.sources
        )

    def available(self, obj: models.Model, actor: Any) -> list[Transition]:
        """What the actor may do with the object as it stands, for buttons; `advance` asks again."""
        return [
            transition
            for transition in self.transitions.values()
            if getattr(obj, self.field) in transition.sources and _permits(transition, obj, actor)
        ]

    @staticmethod
    def registry() -> Iterator[tuple[type[models.Model], "Machine"]]:
        """Every machine of every concrete model of the project."""
        for model in apps.get_models():
            for machine in machines_of(model):
                yield model, machine


def machines_of(model: type[models.Model]) -> list[Machine]:
    """The machines that stand on a model or on a base of it."""
    return [value for name in dir(model) if isinstance(value := getattr(model, name, None), Machine)]


def _permits(transition: Transition, obj: models.Model, actor: Any) -> bool:
    try:
        if transition.guard is not None:
            transition.guard(obj, actor)
    except DomainError:
        return False
    return True


def _plain(state: str) -> str:
    return str(getattr(state, "value", state))
