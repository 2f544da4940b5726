"""Statements that the ORM writes once and that run often, with other values each time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Expression, Field

Statement = tuple[str, tuple[Any, ...]]
"""SQL and its parameters."""


class Named(Expression):
    """A value that is named when the statement is written and given, by `bound`, when it runs."""

    def __init__(self, name: str, output_field: Field[Any, Any]) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """A parameter, which is this expression itself."""
        return "%s", [self]


def bound(parameters: Iterable[Any], values: object) -> list[Any]:
    """The parameters, each named one replaced by the attribute of `values` that has its name."""
    return [getattr(values, one.name) if isinstance(one, Named) else one for one in parameters]
