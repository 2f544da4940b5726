"""Settings for the test suite. Each xdist worker has a database and a Redis database of its own."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from portal.settings.base import *  # noqa: F403
from portal.settings.base import STATIC_ROOT, VAR_DIR
from portal.settings.environment import database, redis_cache, server_urls

SECRET_KEY = "test-only-not-a-secret"  # noqa: S105
DEMO_ALLOWED = True
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
SERVERS = server_urls()
DATABASES = {"default": database(SERVERS["DATABASE_URL"]) | {"CONN_MAX_AGE": 0}}
DATABASE_OWNER = database(SERVERS["DATABASE_OWNER_URL"])

_redis = urlsplit(SERVERS["REDIS_URL"])
_redis_database = int(_redis.path.strip("/") or 0) + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
REDIS_URL = CELERY_BROKER_URL = _redis._replace(path=f"/{_redis_database}").geturl()
CACHES = redis_cache(REDIS_URL)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT = VAR_DIR / "test-media"
TREASURY_OUTBOX = Path(os.environ.get("TREASURY_OUTBOX") or VAR_DIR / "test-treasury" / "instructions")
TREASURY_INBOX = Path(os.environ.get("TREASURY_INBOX") or VAR_DIR / "test-treasury" / "returns")
WHITENOISE_USE_FINDERS = True
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
INSTALLED_APPS = [*INSTALLED_APPS, "tests.kernel.papers", "tests.rerouting.Rerouting"]  # noqa: F405
