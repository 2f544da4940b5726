"""Production refuses to start when something is missing or unsafe, and says what."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "DJANGO_SETTINGS_MODULE": "portal.settings.production",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "ALLOWED_HOSTS": "portal.example, .county.example",
    "DATABASE_URL": "postgres://portal_app:x@127.0.0.1:1/portal",
    "REDIS_URL": "redis://:x@127.0.0.1:1/0",
    "TREASURY_OUTBOX": "/srv/treasury/instructions",
    "TREASURY_INBOX": "/srv/treasury/returns",
}
EMBEDDED = "postgres://portal_app:x@127.0.0.1:1/embedded"


def manage(*args: str, **changes: str) -> subprocess.CompletedProcess[str]:
    inherited = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    command = [sys.executable, "-W", "error", "manage.py", *args]
    return subprocess.run(
        command, env=inherited | GOOD | changes, cwd=ROOT, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"DEBUG": "1"}, "DEBUG is on"),
        ({"DEBUG": "True"}, "DEBUG is on"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is missing or guessable"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is missing or guessable"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY is missing or guessable"),
        (
            {"SECRET_KEY": "django-insecure-" + secrets.token_urlsafe(50)},
            "SECRET_KEY is missing or guessable",
        ),
        ({"SECRET_KEY": "development-only-not-a-secret"}, "SECRET_KEY is missing or guessable"),
        (
            {"SECRET_KEY_FALLBACKS": secrets.token_urlsafe(50) + ",short"},
            "SECRET_KEY_FALLBACKS holds a guess",
        ),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS must name"),
        ({"ALLOWED_HOSTS": " , "}, "ALLOWED_HOSTS must name"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name"),
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
        ({"REDIS_URL": ""}, "REDIS_URL is not set"),
        ({"DATABASE_URL": EMBEDDED}, "DATABASE_URL leads to the embedded demo server"),
        ({"DATABASE_OWNER_URL": EMBEDDED}, "DATABASE_OWNER_URL leads to the embedded demo server"),
        ({"TREASURY_OUTBOX": ""}, "TREASURY_OUTBOX is not set"),
        ({"TREASURY_INBOX": "returns"}, "TREASURY_INBOX is not set to the full path"),
        ({"TREASURY_INBOX": "/srv/treasury/instructions/"}, "must be two folders"),
        ({"TREASURY_FORMAT": "pdf"}, "TREASURY_FORMAT must be csv or xml"),
        ({"TREASURY_PATIENCE": "0"}, "TREASURY_PATIENCE must be a number of working days"),
        ({"REDIS_URL": "redis://embedded:x@127.0.0.1:1/0"}, "REDIS_URL leads to the embedded demo server"),
    ],
)
def test_refusal(changes: dict[str, str], message: str) -> None:
    done = manage("check", **changes)
    assert done.returncode != 0
    assert message in done.stderr


def test_says_all_at_once() -> None:
    done = manage("check", SECRET_KEY="", ALLOWED_HOSTS="", DEBUG="1")
    assert done.stderr.count("\n- ") == 3


def test_deployment_check_is_clean() -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout


SHOW = """
from django.conf import settings
from django.test import Client
static = settings.STORAGES["staticfiles"]["BACKEND"]
print(settings.DEBUG, settings.CSRF_TRUSTED_ORIGINS, static, settings.CELERY_BROKER_URL)
answer = Client().get("/accounts/login/", headers={"host": "portal.example"})
print(answer.status_code, answer["location"])
"""


def test_what_production_is_like() -> None:
    done = manage("shell", "--no-imports", "--command", SHOW)
    assert done.returncode == 0, done.stderr
    settings, answer = done.stdout.splitlines()[-2:]
    assert settings == (
        "False ['https://portal.example', 'https://*.county.example'] "
        "whitenoise.storage.CompressedManifestStaticFilesStorage redis://:x@127.0.0.1:1/0"
    )
    assert answer == "301 https://portal.example/accounts/login/"
