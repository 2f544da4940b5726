"""Migrations of an empty database in a tenth of the time.

After a step Django renders anew every model that is related to what changed, and what those are related to:
nearly all there are, a thousand times. The tables that a step makes or grows need its own model alone, which
finds those it points to by their names. Whatever else a step does (renames, changes what others point to),
and before Python runs, everything is rendered, as ever. The other migrations (`make demo`, `tests.chaos`,
production) go Django's own way.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from django.db.migrations.state import ProjectState


@contextmanager
def in_small_steps() -> Iterator[None]:
    """Migrations within the block render what a step grows alone."""
    with mock.patch.object(ProjectState, "reload_model", _reload):
        yield


def _reload(state: ProjectState, app_label: str, model_name: str, delay: bool = False) -> None:
    if "apps" not in vars(state):
        return
    if delay or _only_grows(state, app_label, model_name):
        state.is_delayed = True  # whoever runs Python is given all of it
        state._reload({(app_label, model_name)})
    else:
        del state.apps  # rendered anew when next asked for


def _only_grows(state: ProjectState, app_label: str, model_name: str) -> bool:
    """Whether the model is new, or has only got more fields."""
    try:
        rendered = state.apps.get_model(app_label, model_name)._meta
    except LookupError:
        return True
    before = {field.name for field in (*rendered.local_fields, *rendered.local_many_to_many)}
    return before < set(state.models[app_label, model_name].fields)
