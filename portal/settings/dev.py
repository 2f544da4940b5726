"""Settings for a developer's machine and the demo, which turns DEBUG off (``DEBUG=0``)."""

import os
from pathlib import Path

from portal.settings.base import *  # noqa: F403
from portal.settings.base import STATIC_ROOT, VAR_DIR
from portal.settings.environment import database, redis_cache, server_urls

DEBUG = os.environ.get("DEBUG", "1") == "1"
DEMO_ALLOWED = True
SECRET_KEY = "development-only-not-a-secret"  # noqa: S105
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
SERVERS = server_urls(VAR_DIR / "run" / "servers.json")
DATABASES = {"default": database(SERVERS["DATABASE_URL"])}
DATABASE_OWNER = database(SERVERS["DATABASE_OWNER_URL"])
REDIS_URL = CELERY_BROKER_URL = SERVERS["REDIS_URL"]
CACHES = redis_cache(REDIS_URL)
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

TREASURY_OUTBOX = Path(os.environ.get("TREASURY_OUTBOX") or VAR_DIR / "treasury" / "instructions")
TREASURY_INBOX = Path(os.environ.get("TREASURY_INBOX") or VAR_DIR / "treasury" / "returns")

WHITENOISE_USE_FINDERS = True  # files are served as they are edited: nothing to collect
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
