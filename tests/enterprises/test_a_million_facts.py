"""The real command takes in a million values: its progress is seen, its memory stays where it was."""

import csv
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise, product
from pathlib import Path

import pytest

from enterprises.models import Enterprise, FactValue, Import
from portal.notifications.models import Mailbox
from tests.enterprises.factories import EnterpriseFactory, uscc_of
from tests.enterprises.files import FACT_HEADER
from tests.workers import test_database_url

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

FIRMS = 10_000
FIGURES = ["revenue", "employees", "rd_expense", "tax_paid", "export_value"]
YEARS = range(2006, 2026)
MORE_MEGABYTES = 24
"""What a million rows may take more than ten: a chunk of rows and what Python keeps for the next."""


@pytest.fixture
def firms() -> None:
    boxes = Mailbox.objects.bulk_create(Mailbox(kind="enterprise") for _each in range(FIRMS))
    Enterprise.objects.bulk_create(
        EnterpriseFactory.build(uscc=uscc_of(number), mailbox=box) for number, box in enumerate(boxes)
    )


def write(path: Path, firms: int) -> Path:
    """A file with a hundred values for each of so many firms."""
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(FACT_HEADER)
        for number in range(firms):
            out.writerows(
                [uscc_of(number), key, year, number + year] for key, year in product(FIGURES, YEARS)
            )
    return path


def run(path: Path) -> Iterator[tuple[int, int]]:
    """Runs the command; now and then the rows it has reported and the most kilobytes it has held."""
    env = os.environ | {
        "DATABASE_URL": test_database_url(),
        "DJANGO_SETTINGS_MODULE": "portal.settings.test",
        "PYTHONWARNINGS": "default",
    }
    command = [sys.executable, "manage.py", "import_facts", str(path)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, env=env, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            status = Path(f"/proc/{process.pid}/status").read_text()
            if "VmHWM:" in status:
                done = Import.objects.filter(file_name=path.name).values_list("done", flat=True).first()
                yield done or 0, int(status.split("VmHWM:")[1].split()[0])
            time.sleep(0.1)
        told = process.communicate()[0]
    assert process.returncode == 0, told


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_a_million_values(firms: None, tmp_path: Path) -> None:
    few = max(peak for _done, peak in run(write(tmp_path / "few.csv", 1)))
    seen = list(run(write(tmp_path / "many.csv", FIRMS)))
    work = Import.objects.get(file_name="many.csv")
    total = FIRMS * len(FIGURES) * len(YEARS)
    assert total == 1_000_000
    assert (work.state, work.added, work.unchanged) == ("done", total - 100, 100)
    assert FactValue.objects.count() == total
    steps = sorted({done for done, _peak in seen})
    assert len(steps) > 20
    assert all(earlier <= later for (earlier, _a), (later, _b) in pairwise(seen))
    assert max(peak for _done, peak in seen) < few + MORE_MEGABYTES * 1024
