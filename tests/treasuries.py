"""The treasury in tests: its process, and a worker that knows its folders."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import current_app

from tests.treasury_process import TreasuryProcess
from tests.workers import WorkerProcess, purge

__all__ = ["TreasuryProcess", "ring", "treasury", "treasury_worker"]


@pytest.fixture
def treasury(tmp_path: Path) -> Iterator[TreasuryProcess]:
    """A treasury that does not run yet, with folders of its own."""
    process = TreasuryProcess(tmp_path / "treasury")
    yield process
    process.stop()


@pytest.fixture
def treasury_worker(
    transactional_db: None, treasury: TreasuryProcess, settings: Any, monkeypatch: Any, tmp_path: Path
) -> Iterator[WorkerProcess]:
    """A worker that knows the treasury's folders, as the test does."""
    settings.TREASURY_OUTBOX, settings.TREASURY_INBOX = treasury.instructions, treasury.returns
    monkeypatch.setenv("TREASURY_OUTBOX", str(treasury.instructions))
    monkeypatch.setenv("TREASURY_INBOX", str(treasury.returns))
    purge()
    worker = WorkerProcess(tmp_path / "worker.log")
    worker.start()
    yield worker
    worker.stop()


def ring(*names: str) -> None:
    """Each bell of the money part twice, as two beats would."""
    for name in (*names, *names):
        current_app.send_task(f"policies.money.tasks.{name}", retry=False)
