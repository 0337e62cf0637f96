"""The one settings file: demo, test and production differ only where this page says so."""

import atexit
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config.embedded import broker_url, socket_path
from config.env import (
    APP_ENVS,
    SettingsMissing,
    enter_space,
    local_push_key,
    local_sealing_key,
    local_secret,
    read_env_file,
    refuse_half_configured,
)
from config.logs import logging_config
from monitoring import border

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

read_env_file(BASE_DIR / ".env")
APP_ENV = env.str("APP_ENV", default="demo")
if APP_ENV not in APP_ENVS:
    raise SettingsMissing([f"APP_ENV is {APP_ENV!r}; it must be one of {', '.join(APP_ENVS)}"])

IS_PRODUCTION = APP_ENV == "production"
IS_TEST = APP_ENV == "test"
IS_EXERCISE = APP_ENV == "exercise"
SPACE = "exercise" if IS_EXERCISE else ""  # what every page, mail and answer of the API says that this is
if IS_PRODUCTION:
    refuse_half_configured(env.ENVIRON)

# ── where things are kept ───────────────────────────────────────────────────
if IS_TEST and "DATA_DIR" not in env:
    DATA_DIR = Path(tempfile.mkdtemp(prefix="weerwoord-test-"))
    atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)
else:
    DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
    DATA_DIR.mkdir(parents=True, exist_ok=True)
if IS_EXERCISE:
    enter_space(env.ENVIRON, DATA_DIR)
    border.close(DATA_DIR, broker=[socket_path(DATA_DIR)])
EXERCISES_DIR = Path(env.str("EXERCISES_DIR", default=str(DATA_DIR / "exercises")))  # one directory for each

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY", default="") or local_secret(DATA_DIR)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
_site = f"https://{ALLOWED_HOSTS[0].lstrip('.')}" if IS_PRODUCTION else "http://127.0.0.1:8000"
SITE_URL = (env.str("SITE_URL", default="") or _site).rstrip("/")

ORGANISATION = env.str("ORGANISATION", default="")  # how texts for replies and the menu call us

# ── what is installed ───────────────────────────────────────────────────────
INSTALLED_APPS = [
    "config",
    "monitoring",
    "cases",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "django_htmx",
    "template_partials",
    "rest_framework",
    "rest_framework.authtoken",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.errors.RefusalMiddleware",
]
if IS_EXERCISE:
    MIDDLEWARE.insert(0, "config.exercise.marks.SpaceMiddleware")
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            # cases.web is no app, so its tags are named here.
            "libraries": {
                "alarms": "cases.web.templatetags.alarms",
                "space": "cases.web.templatetags.space",
                "team": "cases.web.templatetags.team",
                "watching": "cases.web.templatetags.watching",
                "watch_rules": "cases.web.templatetags.watch_rules",
                "weerwoord": "cases.web.templatetags.weerwoord",
                "sources": "cases.web.templatetags.sources",
                "listening": "cases.web.templatetags.listening",
                "mandates": "cases.web.templatetags.mandates",
                "claims": "cases.web.templatetags.claims",
                "situations": "cases.web.templatetags.situations",
                "schemes": "cases.web.templatetags.schemes",
            },
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# ── database: the queue as well ─────────────────────────────────────────────
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'weerwoord.sqlite3'}")}
_database = DATABASES["default"]
if _database["ENGINE"].endswith("sqlite3"):
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # take the write lock first: no "database is locked" halfway
        "timeout": 20,
        # A checkpoint every 16 MB and not every 4: each one makes a page of posts wait for the disk.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
            "PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-16000;"
        ),
    }
    # In memory there is no WAL: tests run on a file, as the demo does.
    _database["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    _database["OPTIONS"] = {**_database.get("OPTIONS", {}), "connect_timeout": 5}
    if not IS_TEST:
        # A page says within seconds that the database is away, instead of hanging on the pool.
        _database["OPTIONS"]["pool"] = {
            "min_size": 1,
            "max_size": env.int("DATABASE_POOL", default=8),
            "timeout": 5,
        }

# ── broker ──────────────────────────────────────────────────────────────────
# Without a broker, work is still rows in the database and only waits for a sweep.
REDIS_URL = broker_url(env.str("REDIS_URL", default=""), DATA_DIR)
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
if IS_EXERCISE:  # what is for a while lies in its space too
    tempfile.tempdir = str(DATA_DIR / "tmp")
    Path(tempfile.tempdir).mkdir(exist_ok=True)

# ── who may come in ─────────────────────────────────────────────────────────
AUTH_USER_MODEL = "cases.User"
LOGIN_URL = "cases:sign_in"
LOGIN_REDIRECT_URL = "cases:inbox"
LOGOUT_REDIRECT_URL = "cases:sign_in"
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATION}.NumericPasswordValidator"},
]
if IS_TEST:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

if IS_EXERCISE:  # a browser keeps one set of cookies for all ports of a machine
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, LANGUAGE_COOKIE_NAME = "ex_session", "ex_csrf", "ex_language"
SESSION_COOKIE_AGE = 12 * 3600  # one shift
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
if IS_PRODUCTION:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # probed from inside, without TLS
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=365 * 24 * 3600)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    if env.bool("TRUST_PROXY", default=False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Nothing but our own origin, and no inline script or style.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# ── language and time ───────────────────────────────────────────────────────
LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "cases" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="Europe/Amsterdam")
CELERY_TIMEZONE = TIME_ZONE

# ── static files ────────────────────────────────────────────────────────────
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
_STATIC = "django.contrib.staticfiles.storage.StaticFilesStorage"
_HASHED = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _STATIC if IS_TEST else _HASHED},
}
# Tests start a new server for every client: look a file up when asked, not all 650 at each start.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = IS_TEST

# ── mail ────────────────────────────────────────────────────────────────────
if IS_PRODUCTION:
    vars().update(env.email_url("EMAIL_URL"))
elif not IS_TEST:
    EMAIL_BACKEND = f"config.exercise.marks.{'Marked' if IS_EXERCISE else 'Plain'}Mail"
    EMAIL_FILE_PATH = str(DATA_DIR / "mail")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"weerwoord@{urlsplit(SITE_URL).hostname}")

# ── push and chat (docs/channels.md) ────────────────────────────────────────
_push_key = env.str("VAPID_PRIVATE_KEY", default="")
VAPID_PRIVATE_KEY = _push_key if IS_PRODUCTION else _push_key or local_push_key(DATA_DIR)
# Hosts of our own that chat messages may go to (Mattermost, Matrix, Signal, ntfy …).
CHAT_HOSTS = [host.lower() for host in env.list("CHAT_HOSTS", default=[])]

# Where the head of the audit trail is mailed every day; best to somebody outside (docs/audit.md).
AUDIT_HEAD_TO = env.str("AUDIT_HEAD_TO", default="")

# ── API ─────────────────────────────────────────────────────────────────────
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.parsers.ShallowJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.errors.api_errors",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Weerwoord – EXERCISE" if IS_EXERCISE else "Weerwoord",
    "DESCRIPTION": "Cases, posts, watches and escalations, with the officer's verbs.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "ENUM_NAME_OVERRIDES": {
        "CaseState": "cases.api.fields.STATES",
        "Priority": "cases.rules.mandate.PRIORITIES",
        "ContactKind": "cases.api.reaching.CONTACTS",
        "CueKind": "cases.api.watch_rules.KINDS",
        "SourceStanding": "cases.api.sources.STANDINGS",
        "FunctionEnum": "cases.reads.rota.FUNCTIONS",
        "ClosingWay": "cases.api.incident.WAYS",
    },
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# ── how the work runs ───────────────────────────────────────────────────────
LEASE_S = env.int("LEASE_S", default=120)  # a source taken by a worker is free again after this
UNDO_WINDOW_S = env.int("UNDO_WINDOW_S", default=10)  # a response can be called back this long

# They seal the keys of platforms in the database: the first seals, all of them open (docs/install.md).
CREDENTIAL_KEYS = env.list("CREDENTIAL_KEYS", default=[]) or [local_sealing_key(DATA_DIR)]
HEARTBEAT_MAX_AGE_S = env.int("HEARTBEAT_MAX_AGE_S", default=60)  # older: /readyz says so

DEADMAN_URL = env.str("DEADMAN_URL", default="")  # a switch outside, told each minute while alarms arrive

LOGGING_CONFIG = "config.logs.configure"
LOGGING = logging_config(level=env.str("LOG_LEVEL", default="WARNING" if IS_TEST else "INFO"))
