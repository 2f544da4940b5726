"""What a web process costs in memory once it has served the pages that people look at."""

import json
import os
import sys
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from enterprises.models import Enterprise
from policies.models import ItemVersion
from portal.accounts.models import User
from portal.embedded.demo import wait_for_web
from portal.embedded.process import Command, free_port, log_end, start
from portal.shell.demo.showcase import HUBS
from tests.benchmarks import harness
from tests.workers import test_database_url

pytestmark = pytest.mark.usefixtures("demo")

ROUNDS = 5
HEAVY = {"jieba", "sklearn", "scipy", "pandas", "apprise"}
"""Packages that belong in workers."""


def session_of(username: str) -> str:
    """The cookie of somebody who has signed in."""
    client = Client()
    client.force_login(User.objects.get(username=username))
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"


def addresses() -> dict[str, list[str]]:
    """Pages by who looks at them."""
    firm = Enterprise.objects.get(uscc=HUBS).pk
    code = ItemVersion.objects.select_related("item").order_by("pk")[0].item.code
    public = ["", "policies/", "policies/?q=%E7%A0%94%E5%8F%91&mode=apply", f"policies/{code}/", "help/"]
    public += ["search/?q=%E5%A5%96%E5%8A%B1", "healthz", "static/css/base.css"]
    own = ["", "policies/", "policies/?tab=needs", f"policies/{code}/", "facts/", "messages/", "members/"]
    changed = ("policies/itemversion", "enterprises/enterprise", "matching/run", "policies/push")
    return {
        "": [*public, "accounts/login/"],
        "hub": [*public, *(f"e/{firm}/{page}" for page in own)],
        "editor": ["admin/", *(f"admin/{page}/" for page in changed)],
    }


def serve(port: int) -> None:
    """Have every page served, over and over."""
    for username, pages in addresses().items():
        headers = {"Cookie": session_of(username)} if username else {}
        for page in pages * ROUNDS:
            request = urllib.request.Request(f"http://127.0.0.1:{port}/{page}", headers=headers)
            with urllib.request.urlopen(request, timeout=60) as answer:
                assert answer.url == request.full_url, f"{username} was sent away from {page}"
                answer.read()


def test_a_web_process_after_serving_pages(tmp_path: Path) -> None:
    """Proportional set size of gunicorn's process that serves; its parent costs the same again, shared."""
    port, report, log = free_port(), tmp_path / "report.json", tmp_path / "web.log"
    env = os.environ | {
        "DATABASE_URL": test_database_url(),
        "DJANGO_SETTINGS_MODULE": "portal.settings.test",
        "WEB_REPORT": str(report),
    }
    args = [sys.executable, "-m", "gunicorn", "portal.wsgi", "--config", "python:tests.benchmarks.web_memory"]
    args += [f"--bind=127.0.0.1:{port}", "--workers=1", "--threads=4", "--worker-tmp-dir", str(tmp_path)]
    web = start("web", Command(args, env, log=log))
    try:
        wait_for_web(port, web)
        serve(port)
    finally:
        web.stop()
    assert report.exists(), log_end(log, 30)
    told = json.loads(report.read_text())
    loaded = HEAVY & {name.partition(".")[0] for name in told["modules"]}
    assert not loaded, f"a web process loaded {loaded}"
    assert harness.below("web process after serving all pages, PSS", told["pss"] / 1e6, "MB", 180).ok
