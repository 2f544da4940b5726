"""A planned visit, the phone of its official, and a picture taken on it."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser

from appeals.models import Visit
from tests.appeals.factories import file
from tests.e2e.conftest import PHONE
from tests.field.factories import VisitFactory, paired


@pytest.fixture
def visit(transactional_db: None) -> Visit:
    made = VisitFactory(pairing=paired())
    file(made.pairing.enterprise, title="厂门口路灯坏了")
    return made


@pytest.fixture
def phone(browser: Browser, live_server: Any, settings: Any, tmp_path: Path) -> Any:
    """A phone with its own storage."""
    settings.MEDIA_ROOT = tmp_path / "media"
    context = browser.new_context(base_url=live_server.url, viewport=PHONE, locale="zh-CN", is_mobile=True)
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "车间.png"
    Image.new("RGB", (2400, 1200), (30, 90, 120)).save(path)
    return path
