"""Settings that hold everywhere. What differs by place is in dev, test and production."""

import os
from datetime import time
from pathlib import Path

from celery.schedules import crontab

from portal.settings.backoffice import UNFOLD as UNFOLD

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = BASE_DIR / "var"

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "portal.kernel",
    "portal.accounts",
    "portal.notifications",
    "enterprises",
    "matching",
    "policies",
    "finance",
    "appeals",
    "portal.shell",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "pgtrigger",
    "pghistory",
    "django_cotton.apps.SimpleAppConfig",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "csp",
    "django_celery_beat",
]

MIDDLEWARE = [
    "portal.shell.middleware.programs_are_told_in_json",
    "portal.kernel.http.NoNullCharactersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.shell.middleware.language_as_chosen",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.shell.middleware.admin_content_policy",
    "portal.shell.middleware.whole_page_redirects",
    "portal.shell.middleware.forms_lead_to_their_page",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.accounts.second_factor.SecondFactorMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "portal.kernel.http.ReadOnlyGetMiddleware",
]
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")  # who changed it, in every history row

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
ASGI_APPLICATION = "portal.asgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "portal.shell.context.shell",
            ],
            "builtins": ["django_cotton.templatetags.cotton"],
        },
    }
]
COTTON_DIR = "components"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]  # each by its own name
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
MEDIA_ROOT = VAR_DIR / "media"
UPLOAD_SCANNER = os.environ.get("UPLOAD_SCANNER", "")
"""Dotted path to a callable that refuses infected files by ValidationError; it is given every upload."""

AUTHENTICATION_BACKENDS = ["portal.accounts.backends.PortalBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCOUNT_LOGIN_METHODS = {"username"}  # the backend takes mobile and e-mail in the same box
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_FORMS = {
    "login": "portal.accounts.forms.SignInForm",
    "signup": "portal.accounts.forms.SignUpForm",
}
ACCOUNT_EMAIL_VERIFICATION = "optional"
# Beside allauth's own; many share an address.
ACCOUNT_RATE_LIMITS = {"objection": "20/h/ip", "objection_answer": "30/h/ip"}
MFA_FORMS = {
    "authenticate": "portal.accounts.forms.CodeForm",
    "reauthenticate": "portal.accounts.forms.CodeAgainForm",
}
MFA_TOTP_TOLERANCE = 1  # one period of 30 s either way: clocks drift and people type (RFC 6238, 5.2)
MFA_TOTP_ISSUER = "垫小二"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # officials have no mail to verify
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "start"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.SessionAuthentication",
        "rest_framework.authentication.TokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "portal.kernel.openapi.PortalSchema",
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
SPECTACULAR_SETTINGS = {
    "TITLE": "垫小二",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "ItemModeEnum": "policies.enums.Mode",
        "LoanModeEnum": "finance.models.loan_states.LoanMode",
        "ApplicationStateEnum": "policies.enums.ApplicationState",
        "LoanStateEnum": "finance.models.loan_states.LoanState",
    },
    "COMPONENT_SPLIT_REQUEST": True,  # what is sent may not be empty where what comes back may
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
}

# The county this portal serves: GB/T 2260 code and name. Its towns are rows (行政区划 in the admin).
COUNTY_CODE = os.environ.get("COUNTY_CODE", "500231")
COUNTY_NAME = os.environ.get("COUNTY_NAME", "垫江县")
DEMO_ALLOWED = False  # invented people with a known password: never where real ones are

# No inline script or style anywhere; portal.shell.middleware widens it for the admin alone.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"  # Redis may be wiped at any time
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_NAME = "portal_session"
SILENCED_SYSTEM_CHECKS: list[str] = []

# PostgreSQL is the queue of record: a task may be lost or run twice, and is then rung again by a sweeper.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker outlives any rest that Redis takes
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Seconds until a task whose worker fell silent is given to another: more than any task takes, or it would
    # run twice as a rule. Nothing waits for it: every row has a sweeper.
    "visibility_timeout": 60 * 60,
    "unacked_restore_interval": 60,  # seconds between two looks for such tasks, in each worker
    "unacked_restore_throttle": 1,  # at every look; by itself only every tenth would count
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1}  # a page does not wait for a broken bell
CELERY_TASK_DEFAULT_QUEUE = "portal"
CELERY_TASK_ROUTES = {  # what waits for other people's servers has workers of its own
    "portal.notifications.tasks.send_delivery": {"queue": "outbound"},
    "portal.notifications.tasks.send_webhook": {"queue": "outbound"},
}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    "sweep the outbox": {"task": "portal.kernel.tasks.relay_outbox", "schedule": 30.0},
    "send what waits": {"task": "portal.notifications.tasks.ring_waiting", "schedule": 30.0},
    "forget told bodies": {
        "task": "portal.notifications.tasks.forget_bodies",
        "schedule": crontab(hour=3, minute=10),
    },
    "reckon announced clocks": {"task": "portal.kernel.tasks.reckon_announced_clocks", "schedule": 3600.0},
    "ring stuck pushes": {"task": "policies.tasks.ring_stuck_pushes", "schedule": 30.0},
    "index what search misses": {"task": "policies.tasks.index_missing", "schedule": 300.0},
    "sweep deadlines of loans": {"task": "finance.tasks.sweep_loans", "schedule": 300.0},
    "sweep deadlines of applications": {"task": "policies.tasks.sweep_applications", "schedule": 300.0},
    "ring waiting imports": {"task": "enterprises.tasks.ring_waiting_imports", "schedule": 60.0},
    "announce ends of consents": {"task": "enterprises.tasks.announce_ends_of_consents", "schedule": 300.0},
    "sweep deadlines": {"task": "appeals.tasks.sweep_clocks", "schedule": 60.0},
    "let unanswered picks fall": {"task": "appeals.tasks.fall_to_hall", "schedule": 60.0},
    "close ended grab windows": {"task": "appeals.tasks.close_ended_windows", "schedule": 60.0},
    "close unrated answers": {"task": "appeals.tasks.close_unrated", "schedule": 3600.0},
    "review providers": {"task": "appeals.tasks.review_standings", "schedule": crontab(hour=1, minute=10)},
    "suggest what was missed": {"task": "appeals.tasks.suggest_missing", "schedule": 300.0},
    "learn routing": {"task": "appeals.tasks.train_routing", "schedule": crontab(hour=3, minute=40)},
    "tell of fused pools": {"task": "finance.tasks.tell_pool_fuses", "schedule": 60.0},
    "tell of loans in pools": {
        "task": "finance.tasks.tell_pool_admissions",
        "schedule": crontab(hour=8, minute=30),
    },
    "scan the pools": {
        "task": "finance.tasks.scan_pools",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "deliver instructions to the treasury": {
        "task": "policies.money.tasks.deliver_instructions",
        "schedule": 30.0,
        "options": {"expires": 60},  # the next ring is as good: a worker that was away finds no pile of them
    },
    "collect returns of the treasury": {
        "task": "policies.money.tasks.collect_returns",
        "schedule": 30.0,
        "options": {"expires": 60},
    },
    "watch payments without an answer": {
        "task": "policies.money.tasks.watch_silence",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "deliver silent instructions again": {
        "task": "policies.money.tasks.deliver_again",
        "schedule": crontab(hour=8, minute=40),
    },
    "scan the books": {
        "task": "policies.money.tasks.scan_books",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "propose corrections": {
        "task": "policies.tasks.propose_corrections",
        "schedule": crontab(hour=4, minute=10),
    },
    "begin enjoy runs": {"task": "policies.tasks.start_enjoy_runs", "schedule": crontab(hour=5, minute=20)},
    "sweep enjoy runs": {"task": "policies.tasks.sweep_enjoy_runs", "schedule": 60.0},
    "score everybody": {
        "task": "finance.scoring.tasks.score_everybody",
        "schedule": crontab(day_of_month=1, hour=4, minute=40),
    },
    "rank banks": {"task": "finance.tasks.rank_banks", "schedule": crontab(hour=5, minute=40)},
    "ring waiting scores": {"task": "finance.scoring.tasks.ring_waiting_scores", "schedule": 60.0},
    "ring waiting whitelists": {"task": "finance.tasks.ring_waiting_whitelists", "schedule": 60.0},
    "match everything": {"task": "policies.tasks.match_all", "schedule": crontab(hour=2, minute=30)},
}

# Files to and from the treasury (docs/treasury.md); where they lie is said by dev, test and production.
# Working days; when they have gone by, a payment without an answer is unknown, and asked for again.
TREASURY_PATIENCE = int(os.environ.get("TREASURY_PATIENCE") or 3)
TREASURY_FORMAT = os.environ.get("TREASURY_FORMAT") or "csv"  # of instruction files; both are read

# Messages that also leave the portal, by mail and by work chat.
PORTAL_URL = os.environ.get("PORTAL_URL", "http://127.0.0.1:8000").rstrip("/")  # of links in letters
QUIET_HOURS = (time(21, 0), time(7, 30))  # for those who set none of their own
EMAIL_TIMEOUT = 20
WEBHOOK_BODIES_KEPT_DAYS = int(
    os.environ.get("WEBHOOK_BODIES_KEPT_DAYS") or 30
)  # then only what came of it is
WEBHOOK_FAILING_DAYS = 3  # then a webhook that takes nothing is switched off

LOG_LEVEL = os.environ.get("LOG_LEVEL", "INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": LOG_LEVEL, "propagate": False},
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "celery": {"level": LOG_LEVEL},
    },
}
