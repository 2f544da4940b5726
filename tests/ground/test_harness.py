"""The test harness itself: a real worker, a real browser, settings that each entry point gets."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.cache import cache

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.processes
@pytest.mark.slow
def test_a_worker_delivers_and_survives_a_power_cut(celery_worker_process) -> None:
    from portal.celery import app

    def answers() -> int:
        return len(app.control.ping(timeout=5, limit=1) or ())

    assert answers() == 1
    celery_worker_process.kill()
    celery_worker_process.start()
    assert answers() == 1


@pytest.mark.e2e
def test_the_browser_opens_a_page_with_its_styles(page) -> None:
    answer = page.goto("/accounts/login/")
    assert answer.status == 200
    assert page.evaluate("document.styleSheets.length") > 0


def test_the_cache_is_redis() -> None:
    cache.set("ground", "垫江", 60)
    assert cache.get("ground") == "垫江"


@pytest.mark.parametrize("module", ["portal.wsgi", "portal.asgi"])
def test_servers_take_production_settings_by_default(module: str) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DJANGO_")}
    environment |= {"SECRET_KEY": "", "ALLOWED_HOSTS": ""}
    done = subprocess.run(
        [sys.executable, "-c", f"import {module}"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert "Production refuses to start" in done.stderr
