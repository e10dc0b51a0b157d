"""All settings of Blackbar: read strictly from the environment, a bad value stops the start.

Every variable read here is described in docs/settings.md; a test compares the two.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import drf_spectacular_sidecar
from django.core.exceptions import ImproperlyConfigured
from jinja2 import StrictUndefined

from config.reading import choice, env, networks, number, required, service_keys, switch

BASE_DIR = Path(__file__).resolve().parent.parent
# --- where things are -------------------------------------------------------
# Folder for what the server writes: sealed files, embedded databases, secrets.
BLACKBAR_VAR = Path(env.str("BLACKBAR_VAR", default=str(BASE_DIR / "var")))
# PostgreSQL, as a URL.
DATABASE_URL = required("DATABASE_URL", "the address of PostgreSQL")
# Valkey or Redis, as a URL: broker, page cache, events.
REDIS_URL = required("REDIS_URL", "the address of Valkey or Redis")

# --- sealed files in a bucket -------------------------------------------------
# Bucket of an S3-compatible storage for sealed files; empty: they lie in BLACKBAR_VAR.
S3_BUCKET = env.str("BLACKBAR_S3_BUCKET", default="")
# Its address, if it is not Amazon's, and its region.
S3_ENDPOINT = env.str("BLACKBAR_S3_ENDPOINT", default="")
S3_REGION = env.str("BLACKBAR_S3_REGION", default="")
# What it is opened with; empty: as boto3 finds credentials (its own variables, instance roles).
S3_ACCESS_KEY = env.str("BLACKBAR_S3_ACCESS_KEY", default="")
S3_SECRET_KEY = env.str("BLACKBAR_S3_SECRET_KEY", default="")
_BUCKET = S3_BUCKET and {
    "BACKEND": "storages.backends.s3.S3Storage",
    "OPTIONS": {
        "bucket_name": S3_BUCKET,
        "endpoint_url": S3_ENDPOINT or None,
        "region_name": S3_REGION or None,
        "access_key": S3_ACCESS_KEY or None,
        "secret_key": S3_SECRET_KEY or None,
        "default_acl": None,
        "file_overwrite": False,
        "querystring_auth": True,
    },
}

# --- secrets ----------------------------------------------------------------
# Signs sessions and forms; at least 32 characters.
SECRET_KEY = required("BLACKBAR_SECRET_KEY", "at least 32 random characters")
if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("BLACKBAR_SECRET_KEY must have at least 32 characters.")
_DISTINCT_CHARACTERS, _DISTINCT_BYTES = 10, 12
# Keys that wrap data keys for the service, `id:base64`, the current one first.
SERVICE_KEYS = service_keys(
    required("BLACKBAR_SERVICE_KEYS", "id:base64 of 32 random bytes, the current key first")
)

# --- the web ----------------------------------------------------------------
# Show Django's debug pages: never on a server that others reach.
DEBUG = switch("BLACKBAR_DEBUG", default=False)
# Names under which the server answers, separated by commas.
ALLOWED_HOSTS = env.list("BLACKBAR_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
# Address that people use, such as https://paste.example.org; empty: taken from the request.
PUBLIC_URL = env.str("BLACKBAR_PUBLIC_URL", default="").rstrip("/")
if PUBLIC_URL and urlsplit(PUBLIC_URL).scheme not in {"http", "https"}:
    raise ImproperlyConfigured("BLACKBAR_PUBLIC_URL must begin with http:// or https://.")
if "*" in ALLOWED_HOSTS and not PUBLIC_URL:
    # Links in mails would follow whatever Host a stranger sends.
    raise ImproperlyConfigured("BLACKBAR_HOSTS=* needs BLACKBAR_PUBLIC_URL.")
BEHIND_TLS = PUBLIC_URL.startswith("https://")
# Number of reverse proxies in front that set X-Forwarded-For and X-Forwarded-Proto.
PROXIES = int(number("BLACKBAR_PROXIES", 0, least=0, most=5))
# Threads of each web process; gunicorn reads the same.
WEB_THREADS = int(number("BLACKBAR_WEB_THREADS", 64, least=2, most=1000))
# Whom to tell of a hole, for /.well-known/security.txt; empty: the address answers 404.
SECURITY_CONTACT = env.str("BLACKBAR_SECURITY_CONTACT", default="").strip()
if SECURITY_CONTACT and not (
    SECURITY_CONTACT.startswith(("mailto:", "https://")) and SECURITY_CONTACT.isprintable()
):
    raise ImproperlyConfigured("BLACKBAR_SECURITY_CONTACT must begin with mailto: or https://.")
# Whoever brings this token as a bearer may read /metrics; without one nobody may.
METRICS_TOKEN = env.str("BLACKBAR_METRICS_TOKEN", default="")
# What somebody typed to get past the check is no secret for a server that others reach.
if BEHIND_TLS and len(set(SECRET_KEY)) < _DISTINCT_CHARACTERS:
    raise ImproperlyConfigured("BLACKBAR_SECRET_KEY is not random: make one by a program.")
if BEHIND_TLS and any(len(set(key)) < _DISTINCT_BYTES for key in SERVICE_KEYS.values()):
    raise ImproperlyConfigured("BLACKBAR_SERVICE_KEYS holds a key that is not random.")
if BEHIND_TLS and 0 < len(METRICS_TOKEN) < _DISTINCT_BYTES:
    raise ImproperlyConfigured("BLACKBAR_METRICS_TOKEN is too short to be a secret.")
# Log lines for people, or as JSON for programs.
LOG_FORMAT = choice("BLACKBAR_LOG_FORMAT", "line", ["line", "json"])
# Name shown in titles.
SITE_NAME = env.str("BLACKBAR_NAME", default="Blackbar")

# --- what visitors may do ---------------------------------------------------
# Let people paste without an account.
ANONYMOUS_PASTES = switch("BLACKBAR_ANONYMOUS_PASTES", default=True)
# Let people make accounts by themselves.
SIGNUP_OPEN = switch("BLACKBAR_SIGNUP_OPEN", default=True)
# Bits of work that a post without an account has to show; 0 asks for none.
PROOF_BITS = int(number("BLACKBAR_PROOF_BITS", 0, least=0, most=26))
# Longest text of one paste, in characters.
MAX_PASTE_CHARACTERS = int(
    number("BLACKBAR_MAX_PASTE_CHARACTERS", 2_500_000, least=1000, most=20_000_000)
)

# --- how often --------------------------------------------------------------
# From one network, 0 is no limit: tries to sign in a minute; new accounts, mails for a forgotten
# password and reports an hour; private links that open nothing a minute.
SIGN_INS_PER_MINUTE = int(number("BLACKBAR_SIGN_INS_PER_MINUTE", 30, least=0, most=1_000_000))
SIGN_UPS_PER_HOUR = int(number("BLACKBAR_SIGN_UPS_PER_HOUR", 20, least=0, most=1_000_000))
PASSWORD_MAILS_PER_HOUR = int(
    number("BLACKBAR_PASSWORD_MAILS_PER_HOUR", 20, least=0, most=1_000_000)
)
REPORTS_PER_HOUR = int(number("BLACKBAR_REPORTS_PER_HOUR", 10, least=0, most=1_000_000))
WRONG_LINKS_PER_MINUTE = int(number("BLACKBAR_WRONG_LINKS_PER_MINUTE", 60, least=0, most=1_000_000))
# Pastes and documents by the pages: from one network without an account, and of one account.
POSTS_PER_MINUTE = int(number("BLACKBAR_POSTS_PER_MINUTE", 60, least=0, most=1_000_000))
POSTS_PER_DAY = int(number("BLACKBAR_POSTS_PER_DAY", 0, least=0, most=1_000_000_000))
ACCOUNT_POSTS_PER_MINUTE = int(
    number("BLACKBAR_ACCOUNT_POSTS_PER_MINUTE", 120, least=0, most=1_000_000)
)
ACCOUNT_POSTS_PER_DAY = int(
    number("BLACKBAR_ACCOUNT_POSTS_PER_DAY", 0, least=0, most=1_000_000_000)
)

# --- files ------------------------------------------------------------------
# Largest file that is taken, in megabytes.
MAX_FILE_BYTES = int(number("BLACKBAR_MAX_FILE_MB", 50, least=1, most=1000) * 1e6)
# Most that a packed file (Office, mail) may unpack to, in megabytes.
MAX_UNPACKED_BYTES = int(number("BLACKBAR_MAX_UNPACKED_MB", 500, least=1, most=10_000) * 1e6)
# Most pages of a PDF.
MAX_PAGES = int(number("BLACKBAR_MAX_PAGES", 3000, least=1, most=100_000))
# Largest picture that is read, in megapixels.
MAX_PICTURE_PIXELS = int(number("BLACKBAR_MAX_PICTURE_MEGAPIXELS", 60, least=1, most=1000) * 1e6)
# Most characters of text in one file.
MAX_FILE_CHARACTERS = int(
    number("BLACKBAR_MAX_FILE_CHARACTERS", 10_000_000, least=1000, most=100_000_000)
)
# Languages of OCR as tesseract names them, separated by commas; empty takes what is installed.
OCR_LANGUAGES = tuple(env.list("BLACKBAR_OCR_LANGUAGES", default=[]))
# Files that one worker opens at once, each in a process of its own.
FILE_JOBS = int(number("BLACKBAR_FILE_JOBS", 2, least=1, most=64))
# Memory that such a process may take, in megabytes of address space.
FILE_MEMORY_BYTES = int(number("BLACKBAR_FILE_MEMORY_MB", 1536, least=512, most=65_536)) << 20
# Seconds that one file may take.
FILE_SECONDS = int(number("BLACKBAR_FILE_SECONDS", 1800, least=10, most=86_400))

# --- scanning ---------------------------------------------------------------
# Checkpoint: a folder or hub name; "": openai/privacy-filter if it is here, else compact.
CHECKPOINT = env.str("BLACKBAR_CHECKPOINT", default="")
# Threads of one engine worker's model; 0 takes all cores but one.
ENGINE_THREADS = int(number("BLACKBAR_ENGINE_THREADS", 0, least=0, most=256))
# Where Privacy Filter runs: auto (CUDA where there is one), cpu or cuda.
ENGINE_DEVICE = choice("BLACKBAR_ENGINE_DEVICE", "auto", ["auto", "cpu", "cuda"])
# Its numbers: auto (bfloat16 on CUDA, else float32 with experts as stored), float32 or bfloat16.
ENGINE_DTYPE = choice("BLACKBAR_ENGINE_DTYPE", "auto", ["auto", "float32", "bfloat16"])
# Seconds after which a scan whose worker fell silent is given to another.
SCAN_LEASE_SECONDS = number("BLACKBAR_SCAN_LEASE_SECONDS", 10, least=2, most=3600)
# Seconds between two sweeps: forgotten scans, expired leases, expired pastes.
SWEEP_SECONDS = number("BLACKBAR_SWEEP_SECONDS", 5, least=0.5, most=3600)
# Texts above this many characters are scanned in the slow lane, in between the short ones.
LONG_TEXT_CHARACTERS = int(number("BLACKBAR_LONG_TEXT_CHARACTERS", 20_000, least=500, most=1e7))
# Scans that may wait; while as many do, nothing new is taken in (503). 0 is no limit.
QUEUE_SCANS = int(number("BLACKBAR_QUEUE_SCANS", 10_000, least=0, most=10_000_000))
# Most characters of short texts that one worker claims at once; memory may allow less.
BATCH_CHARACTERS = int(number("BLACKBAR_BATCH_CHARACTERS", 40_000, least=500, most=1e8))
# Milliseconds for which a submitted form waits for its scan before it shows progress.
SUBMIT_WAIT_MS = int(number("BLACKBAR_SUBMIT_WAIT_MS", 600, least=0, most=5000))

# --- programs ---------------------------------------------------------------
# Let programs redact without a key.
API_ANONYMOUS = switch("BLACKBAR_API_ANONYMOUS", default=True)
# Requests a minute from one address without a key; 0 is no limit.
API_ANONYMOUS_PER_MINUTE = int(
    number("BLACKBAR_API_ANONYMOUS_PER_MINUTE", 60, least=0, most=1_000_000)
)
# Requests a day from one address without a key; 0 is no limit.
API_ANONYMOUS_PER_DAY = int(
    number("BLACKBAR_API_ANONYMOUS_PER_DAY", 0, least=0, most=1_000_000_000)
)
# Requests with one key: a minute, a day, in all; 0 is no limit. The admin says otherwise for one.
API_KEY_PER_MINUTE = int(number("BLACKBAR_API_KEY_PER_MINUTE", 0, least=0, most=1_000_000))
API_KEY_PER_DAY = int(number("BLACKBAR_API_KEY_PER_DAY", 0, least=0, most=1_000_000_000))
API_KEY_CREDITS = int(number("BLACKBAR_API_KEY_CREDITS", 0, least=0, most=1_000_000_000))
# Most texts in one batch.
API_BATCH_TEXTS = int(number("BLACKBAR_API_BATCH_TEXTS", 100, least=1, most=10_000))
# Seconds for which a request waits for its result before it becomes a job.
API_WAIT_SECONDS = number("BLACKBAR_API_WAIT_SECONDS", 20, least=0.1, most=50)
# Minutes for which a job's result waits to be fetched.
JOB_MINUTES = number("BLACKBAR_JOB_MINUTES", 60, least=1, most=10_080)
# The privacyfilter.run dialect, as its document has it: without a key ...
PLAN_FREE_PER_DAY = int(number("BLACKBAR_PLAN_FREE_PER_DAY", 3, least=0, most=1_000_000))
PLAN_FREE_CHARACTERS = int(number("BLACKBAR_PLAN_FREE_CHARACTERS", 2000, least=1, most=20_000_000))
# ... with a key of the plan "pack": so many requests in all, texts in a batch ...
PLAN_PACK_REQUESTS = int(number("BLACKBAR_PLAN_PACK_REQUESTS", 50, least=1, most=1_000_000))
PLAN_PACK_BATCH = int(number("BLACKBAR_PLAN_PACK_BATCH", 5, least=1, most=10_000))
# ... with one of the plan "unlimited"; and characters of a text with either.
PLAN_UNLIMITED_BATCH = int(number("BLACKBAR_PLAN_UNLIMITED_BATCH", 20, least=1, most=10_000))
PLAN_PAID_CHARACTERS = int(
    number("BLACKBAR_PLAN_PAID_CHARACTERS", 10_000, least=1, most=20_000_000)
)

# --- webhooks ---------------------------------------------------------------
# Let webhooks be sent without TLS (http://), too.
WEBHOOK_HTTP = switch("BLACKBAR_WEBHOOK_HTTP", default=False)
# Private networks that webhooks may be sent to all the same, such as 10.1.0.0/16, by commas.
WEBHOOK_NETWORKS = networks(
    "BLACKBAR_WEBHOOK_NETWORKS", env.list("BLACKBAR_WEBHOOK_NETWORKS", default=[])
)
# Webhooks that one worker sends at once.
WEBHOOK_SENDERS = int(number("BLACKBAR_WEBHOOK_SENDERS", 8, least=1, most=64))

# --- the admin --------------------------------------------------------------
# Let staff with two-step verification set limits under /admin/.
ADMIN = switch("BLACKBAR_ADMIN", default=False)

# --- reveal -----------------------------------------------------------------
# Minutes for which a private link, once opened, stays open in that browser.
REVEAL_MINUTES = number("BLACKBAR_REVEAL_MINUTES", 30, least=1, most=1440)

# --- workspaces -------------------------------------------------------------
# Days for which the trash of a workspace keeps an item.
TRASH_DAYS = number("BLACKBAR_TRASH_DAYS", 30, least=0.01, most=3650)
# Days for which a report of a page is kept once it is decided.
REPORT_DAYS = number("BLACKBAR_REPORT_DAYS", 180, least=0.01, most=3650)

# --- mail -------------------------------------------------------------------
# Mail server as a URL (smtp://user:password@host:587); empty: mails go to BLACKBAR_VAR/mail.
EMAIL_URL = env.str("BLACKBAR_EMAIL_URL", default="")
# Sender of mails.
DEFAULT_FROM_EMAIL = env.str("BLACKBAR_MAIL_FROM", default="blackbar@localhost")
if EMAIL_URL:
    vars().update(env.email_url_config(EMAIL_URL))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = BLACKBAR_VAR / "mail"
EMAIL_TIMEOUT = 10

# ============================ Django ========================================
INSTALLED_APPS = [
    "accounts",
    "vault",
    "audit",
    "inference",
    "anonymizer",
    "workspaces",
    "policies",
    "entries",
    "pastebin",
    "documents",
    "images",
    "review",
    "library",
    "oversight",
    "moderation",
    "api",
    "webhooks",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
]
MIDDLEWARE = [
    "config.logs.RequestIdMiddleware",
    "config.middleware.SecurityHeadersMiddleware",
    "config.health.HealthMiddleware",
    "config.error_counts.ErrorCountMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.ErrorMiddleware",
    "config.middleware.OriginMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.devices.DeviceMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.site.site",
            ]
        },
    },
    # For long lists, whose templates end with .jinja: see workspaces.templatetags.tables.
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"autoescape": True, "undefined": StrictUndefined},
    },
]

DATABASES = {"default": env.db_url_config(DATABASE_URL)}
DATABASES["default"].setdefault("OPTIONS", {})
DATABASES["default"]["CONN_MAX_AGE"] = 0
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["OPTIONS"].setdefault("pool", {"min_size": 1, "max_size": 16, "timeout": 5})
# Without a number psycopg prepares nothing; only cursors of vault.rows ask for it.
DATABASES["default"]["OPTIONS"].setdefault("prepare_threshold", 5)
DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", 5)
# A host that vanished keeps no locks: the server notices within half a minute. Nor does a process
# wait for a server that vanished until its network gives up, which takes a quarter of an hour.
DATABASES["default"]["OPTIONS"].setdefault("tcp_user_timeout", 20_000)
DATABASES["default"]["OPTIONS"].setdefault("keepalives_idle", 10)
DATABASES["default"]["OPTIONS"].setdefault("keepalives_interval", 5)
DATABASES["default"]["OPTIONS"].setdefault("keepalives_count", 3)
DATABASES["default"]["OPTIONS"].setdefault(
    "options",
    "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
    " -c tcp_user_timeout=20000",
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "blackbar",
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BLACKBAR_VAR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    # The reader of the API's description, of both that the package holds.
    (
        "vendor/swagger-ui",
        Path(drf_spectacular_sidecar.__file__).parent
        / "static/drf_spectacular_sidecar/swagger-ui-dist",
    ),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Ciphertext only: see vault/files.py.
    "sealed": _BUCKET
    or {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": BLACKBAR_VAR / "sealed", "file_permissions_mode": 0o600},
    },
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG or switch("BLACKBAR_PLAIN_STATIC", default=False)
            else "config.static.HashedStaticStorage"
        )
    },
}

# UTF-8 needs at most four bytes a character, and a form escapes each byte as three.
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_PASTE_CHARACTERS * 12 + 65_536
# Most bytes of a whole request, files included.
MAX_REQUEST_BYTES = max(DATA_UPLOAD_MAX_MEMORY_SIZE, MAX_FILE_BYTES + 65_536)
FILE_UPLOAD_HANDLERS = ["sharing.uploads.BoundedMemoryUploadHandler"]

# Signing in.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {"user_attributes": ("username", "email")}),
        ("MinimumLengthValidator", {"min_length": 10}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"login": "accounts.forms.LoginForm"}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
# No server needs mail to be used: the address is there to replace a forgotten password.
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# strict: signing up with an address that is known already looks like any other.
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_NOTIFICATIONS = True
PASSWORD_RESET_TIMEOUT = 86_400
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# By network these are counted in accounts.pace. The mails to one address are counted here: whoever
# uses them up has filled her own mailbox with links that work.
ACCOUNT_RATE_LIMITS = {"login": None, "signup": None, "reset_password": "5/h/key"}
MFA_ADAPTER = "accounts.adapter.TwoStepAdapter"
MFA_FORMS = {"activate_totp": "accounts.forms.ActivateTOTPForm"}
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = SITE_NAME
# Name and network address together, so that nobody can lock others out from elsewhere.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_CALLABLE = "accounts.lockout.name_digest"
AXES_CLIENT_IP_CALLABLE = "accounts.client_address.client_network"
AXES_LOCKOUT_CALLABLE = "accounts.lockout.locked_out"
# What was typed stays out of the database and the log: a password may stand in the wrong field.
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "login", "csrfmiddlewaretoken", "next"]
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

# Cookies and headers. Lax, not Strict: a private link opened from a mail must keep its cookie.
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
# Pages with forms relax this to same-origin by a meta tag: a browser that may send no referrer at
# all sends `Origin: null` with a form, which the CSRF check refuses. No page's address is secret.
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
X_FRAME_OPTIONS = "DENY"
if PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_SCHEMA_CLASS": "api.schema.auto.NativeSchema",
    "EXCEPTION_HANDLER": "api.v1.problems.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}

SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "TITLE": f"{SITE_NAME} API",
    "VERSION": "1",
    "DESCRIPTION": "Finds what is private in texts, documents and pictures, and hides it.",
    "LICENSE": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
    "SERVERS": [{"url": "/"}],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": ["api.schema.components.complete"],
    "TAGS": [
        {"name": "redaction", "description": "Hide what is private in texts, and put it back."},
        {"name": "jobs", "description": "Requests that took longer than they waited."},
        {"name": "pastes", "description": "Texts that are shared redacted."},
        {"name": "documents", "description": "Files that are read, redacted and written clean."},
        {"name": "images", "description": "Pictures with bars over what is private."},
        {"name": "keys", "description": "Keys of programs, and what they used."},
        {"name": "policies", "description": "What workspaces hide, how, and since when."},
        {"name": "webhooks", "description": "Addresses that are told when work has ended."},
    ],
}

# ============================ Celery ========================================
# Celery writes the address of a socket in its own way.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace(
    "?db=", "?virtual_host="
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    # One try to send a wake-up: the sweep repeats it, and nobody's form waits for a lost broker.
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BEAT_SCHEDULER = "config.beat:OneOfMany"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "engine"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TASK_SEND_SENT_EVENT = False
# A sweep that waited for long is overtaken by the next ones. Not sooner: the moment is told by the
# clock of one host and judged by that of another.
_EXPIRES = {"expires": SWEEP_SECONDS * 2 + 300}
CELERY_BEAT_SCHEDULE = {
    "scans": {"task": "inference.sweep", "schedule": SWEEP_SECONDS, "options": _EXPIRES},
    "pastes": {
        "task": "pastebin.delete_expired",
        "schedule": max(SWEEP_SECONDS, 30),
        "options": _EXPIRES,
    },
    "documents": {
        "task": "documents.sweep",
        "schedule": max(SWEEP_SECONDS, 10),
        "options": _EXPIRES,
    },
    "redactions": {
        "task": "anonymizer.sweep",
        "schedule": max(SWEEP_SECONDS, 30),
        "options": _EXPIRES,
    },
    "webhooks": {
        "task": "webhooks.sweep",
        "schedule": max(SWEEP_SECONDS, 5),
        "options": _EXPIRES,
    },
    "trash": {
        "task": "library.empty_trash",
        "schedule": max(SWEEP_SECONDS, 60),
        "options": _EXPIRES,
    },
    "reports": {"task": "moderation.sweep", "schedule": 3600, "options": _EXPIRES},
    "sessions": {"task": "accounts.clear_sessions", "schedule": 86_400, "options": _EXPIRES},
    "files": {"task": "vault.sweep_orphans", "schedule": 3600, "options": {"expires": 3600}},
}

# ============================ logs ==========================================
# Ids and counts only. Django's own request logger prints paths with their query, and thus tokens:
# it is replaced by config.middleware, which logs the route's name.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "config.logs.RequestIdFilter"}},
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} [{request_id}] {message}", "style": "{"},
        "json": {"()": "config.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["request_id"],
            "formatter": LOG_FORMAT,
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "blackbar": {"level": "INFO"},
        "django.request": {"level": "CRITICAL", "propagate": False},
        "django.security": {"level": "CRITICAL", "propagate": False},
        "celery": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
    },
}
