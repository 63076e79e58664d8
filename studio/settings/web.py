"""Settings of the pages: templates, static files, languages, sign-in, security headers."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from studio.settings import environment

ROOT = Path(__file__).resolve().parents[2]


def static_version(root: Path) -> str:
    """A digest of our static files, and of the packages that bring more: part of every static address, so that it changes with them."""
    digest = hashlib.sha256((root / "requirements.txt").read_bytes())
    for path in sorted(path for path in (root / "static").rglob("*") if path.is_file()):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "studio.web.frame.frame",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "studio.web.tags"],
        },
    }
]
FORM_RENDERER = "studio.web.forms.Renderer"

STATIC_PREFIX = "/static/"
STATIC_VERSION = static_version(ROOT)
STATIC_URL = f"{STATIC_PREFIX}{STATIC_VERSION}/"
STATICFILES_DIRS = [ROOT / "static"]
# Static files are served from where they stand (studio/web/static_files.py); nothing needs to be collected.
WHITENOISE_USE_FINDERS = True
WHITENOISE_STATIC_PREFIX = STATIC_PREFIX
WHITENOISE_MAX_AGE = 0
WHITENOISE_ALLOW_ALL_ORIGINS = False

# A pack of 2 MB as a form field, and a little more so that the page can say what is too large.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

LANGUAGES = [("en", _("English")), ("ko", _("Korean"))]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = sorted(path for path in (ROOT / "locale").iterdir() if path.is_dir())
"""One catalogue an area, so that people who write different pages do not write the same file: locale/README.md."""

# Sign-in.
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "access:sign_in"
LOGIN_REDIRECT_URL = "home:index"
LOGOUT_REDIRECT_URL = "access:sign_in"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "studio.web.errors.csrf_failure"

# Lockout: five failures of one name from one address, then a quarter of an hour. By both, so that nobody can lock out somebody else.
STUDIO_PROXY_COUNT = environment.number("STUDIO_PROXY_COUNT", 0, 0, 10)
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "studio.web.access.sign_in.locked_out"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "studio.access.addresses.client_address"

# Nothing inline, nothing evaluated, nothing from elsewhere. Trusted Types: static/js/trusted.js holds the only policies.
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["default", "studio-inert"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
