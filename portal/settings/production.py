"""Settings for the real thing. Whatever is missing or unsafe stops the start, all of it said at once."""

import os
from pathlib import Path

from portal.settings.base import *  # noqa: F403
from portal.settings.base import MEDIA_ROOT, STATIC_ROOT
from portal.settings.environment import database, production_environment, redis_cache

ENVIRONMENT = production_environment(os.environ)

DEBUG = False
SECRET_KEY = ENVIRONMENT.secret_key
SECRET_KEY_FALLBACKS = ENVIRONMENT.secret_key_fallbacks  # until `manage.py reseal` is done
ALLOWED_HOSTS = ENVIRONMENT.allowed_hosts
CSRF_TRUSTED_ORIGINS = [f"https://{'*' if host.startswith('.') else ''}{host}" for host in ALLOWED_HOSTS]
DATABASES = {"default": database(ENVIRONMENT.database_url)}
DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c idle_in_transaction_session_timeout=900000"
DATABASE_OWNER = database(ENVIRONMENT.database_owner_url)
REDIS_URL = CELERY_BROKER_URL = ENVIRONMENT.redis_url
CACHES = redis_cache(REDIS_URL)
TREASURY_OUTBOX, TREASURY_INBOX = ENVIRONMENT.treasury_outbox, ENVIRONMENT.treasury_inbox
MEDIA_ROOT = Path(os.environ.get("MEDIA_ROOT", MEDIA_ROOT))
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT", STATIC_ROOT))

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# The portal stands behind a proxy that ends TLS and sets this header itself, whatever the client sent.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
ALLAUTH_TRUSTED_PROXY_COUNT = 1  # rate limits see the visitor, not the proxy
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
LANGUAGE_COOKIE_SECURE = True
PORTAL_URL = (os.environ.get("PORTAL_URL") or f"https://{ALLOWED_HOSTS[0].lstrip('.')}").rstrip("/")
X_FRAME_OPTIONS = "DENY"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"

EMAIL_HOST = os.environ.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = int(os.environ.get("EMAIL_PORT") or 25)
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = bool(EMAIL_HOST_USER)
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL") or f"portal@{ALLOWED_HOSTS[0].lstrip('.')}"
