"""Foreign keys point down the layers, as imports do: import-linter does not see string references."""

import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Field

ROOT = Path(__file__).resolve().parents[2]


def levels() -> dict[str, int]:
    """Level of each application's package, 0 at the bottom, from import-linter's own contract."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (contract,) = [each for each in settings["tool"]["importlinter"]["contracts"] if each["type"] == "layers"]
    layers = reversed(contract["layers"])
    return {package.strip(): level for level, layer in enumerate(layers) for package in layer.split("|")}


def relations() -> list[Field]:
    models = [model for model in apps.get_models() if model._meta.app_config.name in levels()]
    return [
        field
        for model in models
        for field in model._meta.get_fields()
        if field.concrete and field.is_relation
    ]


@pytest.mark.parametrize("field", relations(), ids=str)
def test_foreign_keys_point_down(field: Field) -> None:
    level, target = levels(), field.related_model
    if target is None:  # a generic foreign key's content type is checked by itself
        return
    here, there = field.model._meta.app_config.name, target._meta.app_config.name
    assert here == there or level.get(there, -1) < level[here], f"{field} points up or sideways to {there}"


def test_every_own_application_has_a_layer() -> None:
    folders = {
        each.name: Path(each.path).relative_to(ROOT)
        for each in apps.get_app_configs()
        if ROOT in Path(each.path).parents
    }
    own = {name for name, folder in folders.items() if folder.parts[0] not in (".venv", "tests")}
    assert own <= set(levels())
