"""What the portal imports is in the requirements that it is installed from."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
ROOMS = ["portal", "enterprises", "matching", "policies", "finance", "appeals"]


def installed(*files: str) -> set[str]:
    text = "".join((ROOT / "requirements" / f"{name}.txt").read_text() for name in files)
    return {
        re.sub(r"[-_.]+", "-", name).lower() for name in re.findall(r"^([\w.-]+)(?:\[.*\])?==", text, re.M)
    }


def imported(path: Path) -> set[str]:
    """Top names of what a module imports when it is loaded or later."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {*ROOMS, "tests"}


@pytest.mark.parametrize("room", ROOMS)
def test_every_package_imported_is_installed_without_those_of_the_developers(room: str) -> None:
    owners = packages_distributions()
    for path in sorted((ROOT / room).rglob("*.py")):
        files = ("base", "demo") if "embedded" in path.parts or path.name == "test.py" else ("base",)
        present = installed(*files)
        for name in imported(path):
            owned = {re.sub(r"[-_.]+", "-", each).lower() for each in owners.get(name, [])}
            assert owned & present, f"{path.relative_to(ROOT)} imports {name}, which {files} do not install"
