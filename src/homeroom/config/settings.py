"""Django's settings, from the environment and the data folder."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.utils.csp import CSP

from homeroom.config import environment
from homeroom.config.database_url import build_postgres_settings
from homeroom.config.logs import build_log_policy, build_logging, read_metrics_token
from homeroom.domain.wings import WINGS
from homeroom.evidence.files.data_folder import load_secret_key, locate_data_folder, read_folder_kind
from homeroom.evidence.files.log_file import set_log_policy
from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.remote.addresses import build_policy
from homeroom.web.shared.client_address import parse_proxies

PACKAGE = Path(__file__).resolve().parent.parent
DATA = locate_data_folder()
DATA.mkdir(parents=True, exist_ok=True, mode=0o700)
DEMO = read_folder_kind(DATA) == "demo"
SECRET_KEY = load_secret_key(DATA)
DEBUG = False
ALLOWED_HOSTS = environment.HOSTS.words
CSRF_TRUSTED_ORIGINS = environment.ORIGINS.words
HTTPS = environment.HTTPS.text == "1"
PROXIES = parse_proxies(environment.PROXIES.words)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None


def _build_sqlite_settings(name: str) -> dict[str, object]:
    return {
        "ENGINE": "homeroom.config.sqlite",
        "NAME": DATA / name,
        "CONN_MAX_AGE": None,
        "TEST": {"NAME": ":memory:"},
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-64000;"
            "PRAGMA mmap_size=268435456;PRAGMA temp_store=MEMORY;",
        },
    }


# A demo's accounts are never next to real ones: whatever DATABASE_URL is, a demo keeps its state in its folder.
_URL = "" if DEMO else environment.DATABASE_URL.text
DATABASES = (
    {"default": build_postgres_settings(_URL)}
    if _URL
    else {"default": _build_sqlite_settings("state.sqlite3"), "jobs": _build_sqlite_settings("jobs.sqlite3")}
)
DATABASE_ROUTERS = [] if _URL else ["homeroom.config.routing.JobDatabaseRouter"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "django_htmx",
    "django_ox",
    "homeroom.apps.platform.districts",
    "homeroom.apps.platform.audit",
    "homeroom.apps.platform.permissions",
    "homeroom.apps.platform.accounts",
    "homeroom.apps.know.calendars",
    "homeroom.apps.protect.exceptions",
    "homeroom.apps.platform.outbox",
    "homeroom.apps.know.sources",
    "homeroom.apps.know.connections",
    "homeroom.apps.platform.people_sign_in",
    "homeroom.apps.platform.second_factors",
    "homeroom.apps.platform.api_tokens",
    "homeroom.apps.know.tool_names",
    "homeroom.apps.know.inventory",
    "homeroom.apps.platform.saved_views",
    "homeroom.apps.manage.agendas",
    "homeroom.apps.protect.posture",
    "homeroom.apps.protect.finding_work",
    "homeroom.apps.teach.asks",
    "homeroom.apps.protect.vulnerabilities",
    "homeroom.apps.manage.planning",
    "homeroom.apps.protect.fixes",
    "homeroom.apps.manage.effects",
    "homeroom.apps.comply.reports",
    "homeroom.apps.manage.setup",
    "homeroom.apps.know.agents",
    "homeroom.apps.comply.laws",
    "homeroom.apps.protect.frameworks",
    "homeroom.apps.comply.privacy",
    "homeroom.apps.manage.tool_requests",
    "homeroom.apps.protect.detection",
    "homeroom.apps.protect.incidents",
    "homeroom.apps.manage.rollouts",
    "homeroom.apps.manage.budget",
    "homeroom.apps.teach.trials",
    "homeroom.apps.comply.duties",
    "homeroom.apps.teach.courses",
    "homeroom.apps.teach.awareness",
    "homeroom.apps.comply.erasing",
    "homeroom.apps.platform.backups",
    "homeroom.apps.manage.service_center",
    "homeroom.web",
]
MIDDLEWARE = [
    "homeroom.web.shared.stack_reserve.StackReserve",
    "homeroom.web.shared.request_records.RequestRecords",
    "homeroom.web.shared.client_address.TrustedProxies",
    "homeroom.web.shared.response_headers.StrictTransport",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "homeroom.api.agent_endpoints.AgentEndpoints",
    "homeroom.api.token_endpoints.TokenEndpoints",
    "homeroom.web.platform.health.HealthProbes",
    "homeroom.web.platform.metrics.Metrics",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "homeroom.web.shared.response_headers.PrivateResponses",
    "homeroom.web.shared.access.DistrictPrefix",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "homeroom.web.shared.request_bodies.RequestLimits",
    "django.middleware.csrf.CsrfViewMiddleware",
    "homeroom.web.shared.request_bodies.FormValues",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "homeroom.web.shared.sign_in.session_records.SessionRecords",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "homeroom.web.shared.languages.middleware.VisitorLanguage",
]
LEASE_SECONDS = environment.LEASE_SECONDS.number
TASKS = {
    "default": {
        "BACKEND": "homeroom.apps.platform.telemetry.job_runs.TracedQueue",
        "QUEUES": ["default"],
        # Three tries, and a fourth that only records that the worker died each time; retries wait 5 s, then 10 s.
        "OPTIONS": {"MAX_ATTEMPTS": 4, "LOCK_TIMEOUT": LEASE_SECONDS, "BACKOFF_INITIAL": LEASE_SECONDS / 12},
    }
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 400}}}
APPEND_SLASH = False  # no address ends with one: Django would look each unknown address up once more
ROOT_URLCONF = "homeroom.config.urls"
WSGI_APPLICATION = "homeroom.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [folder for wing in WINGS if (folder := PACKAGE / "web" / wing / "templates").is_dir()],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "homeroom.web.shared.access.add_visit_to_context",
                "homeroom.web.shared.languages.choice.add_language_to_context",
            ],
        },
    }
]
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True  # each form has the token; no script reads the cookie
MESSAGE_STORAGE = "homeroom.web.shared.cookies.PageMessages"
if HTTPS:  # browsers then take such a cookie from this host alone, over HTTPS, and for all of its paths
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SESSION_LIFETIME = timedelta(hours=environment.SESSION_HOURS.count)
SESSION_IDLE = timedelta(minutes=environment.SESSION_IDLE_MINUTES.count)
SESSION_COOKIE_AGE = int(SESSION_LIFETIME.total_seconds())
SESSION_RECORD_AGE = timedelta(days=environment.SESSION_RECORD_DAYS.count)
TOKEN_RECORD_AGE = timedelta(days=environment.TOKEN_RECORD_DAYS.count)
ATTEMPT_AGE = timedelta(minutes=environment.ATTEMPT_MINUTES.count)
TEMPORARY_PASSPHRASE_LIFETIME = timedelta(hours=environment.TEMPORARY_PASSPHRASE_HOURS.count)
AUTH_USER_MODEL = "districts.User"
# scrypt (N=2^14, r=8, p=5: OWASP's figures) costs an attacker memory, not only time. A sign-in takes 0.2 s of one core,
# about 0.6 s while both cores are busy; PBKDF2 takes as long and protects less. Other hashes are replaced at the next
# sign-in.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "homeroom.apps.platform.districts.guessable_passphrases.GuessablePassphraseValidator"},
]
# allauth is the client of a district's Google or Microsoft (see my/provider_adapter.py); its pages are not served.
ACCOUNT_ADAPTER = "homeroom.web.platform.people_sign_in.provider_adapter.NoSignUp"
ACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_ADAPTER = "homeroom.web.platform.people_sign_in.provider_adapter.PeopleAdapter"
SOCIALACCOUNT_ONLY = True
SOCIALACCOUNT_AUTO_SIGNUP = False
SIGN_IN_ISSUERS = {
    "google": "https://accounts.google.com",
    "microsoft": "https://login.microsoftonline.com/{tenant}/v2.0",
}
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Pages of the office are in English whatever a browser asks for; sign-in, the account, error pages and a person's own
# pages are in the language that the visitor chose (web/shared/languages).
LANGUAGE_CODE = "en-us"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [PACKAGE / "locale"]
FORMAT_MODULE_PATH = "homeroom.config.formats"
CSRF_FAILURE_VIEW = "homeroom.web.shared.errors.render_expired_form"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site reads a file of this one
LIMITS = Limits(
    file=environment.FILE_MOST_BYTES.count,
    unpacked=environment.ZIP_MOST_BYTES.count,
    ratio=environment.ZIP_RATIO.count,
)
EVENT_RETENTION = {
    "audit_events": environment.AUDIT_DAYS.count,
    "host_events": environment.HOST_DAYS.count,
    "drill_events": environment.DRILL_EVENT_DAYS.count,
}
DRILL_RESULT_DAYS = environment.DRILL_RESULT_DAYS.count
BACKUP_FOLDER = environment.BACKUP_FOLDER.text
BACKUP_RECIPIENTS = tuple(environment.BACKUP_RECIPIENTS.words)
BACKUP_PASSPHRASE_FILE = environment.BACKUP_PASSPHRASE_FILE.text
BACKUP_IDENTITY_FILE = environment.BACKUP_IDENTITY_FILE.text
BACKUP_HOURS, BACKUP_MAX_HOURS = environment.BACKUP_HOURS.number, environment.BACKUP_MAX_HOURS.number
BACKUP_KEEP, BACKUP_VERIFY_DAYS = environment.BACKUP_KEEP.count, environment.BACKUP_VERIFY_DAYS.number
ADDRESS_POLICY = build_policy(environment.LOCAL_CONSOLES.text)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DROP_MOST_BYTES = int(environment.DROP_MOST_BYTES.number)
DROP_MOST_FILES = int(environment.DROP_MOST_FILES.number)
DATA_UPLOAD_MAX_NUMBER_FILES = DROP_MOST_FILES + 100  # a few too many are told in a sentence, a flood is cut off
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = ["homeroom.web.shared.request_bodies.RefuseFiles"]  # pages that take files name another
LOG_POLICY = build_log_policy()
set_log_policy(LOG_POLICY)
LOGGING = build_logging(data=DATA, policy=LOG_POLICY, level=environment.LOG.text)
METRICS_TOKEN = read_metrics_token()
TRACING = environment.OTEL_DISABLED.text.strip().lower() != "true" and bool(
    environment.OTLP_ENDPOINT.text or environment.OTLP_TRACES_ENDPOINT.text
)
