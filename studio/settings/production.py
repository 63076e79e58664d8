"""Several machines: services and secrets come from the environment, and nothing insecure starts."""

from django.core.exceptions import ImproperlyConfigured

from studio.settings import environment
from studio.settings.base import *  # noqa: F403 - settings build on one another
from studio.settings.base import CELERY_BROKER_URL, DATABASES, STUDIO_PROXY_COUNT

SECRET_KEY = environment.text("STUDIO_SECRET_KEY")
ALLOWED_HOSTS = environment.hosts("STUDIO_ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]

if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5 or SECRET_KEY.startswith("django-insecure"):
    raise ImproperlyConfigured(
        "STUDIO_SECRET_KEY: give a random text of at least 50 characters (python -c 'import secrets; print(secrets.token_urlsafe(50))')"
    )
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("STUDIO_ALLOWED_HOSTS: name the hosts this studio is reached by, without wildcards, separated by commas")
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    raise ImproperlyConfigured("DATABASE_URL: production needs PostgreSQL (postgres://user:password@host:port/name)")
if CELERY_BROKER_URL.startswith("sqlite:"):
    raise ImproperlyConfigured("CELERY_BROKER_URL: production needs Redis or RabbitMQ (redis://host:6379/0 or amqp://user:password@host//)")

# Without a proxy the header is whatever the visitor wrote.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if STUDIO_PROXY_COUNT else None
SECURE_SSL_REDIRECT = environment.flag("STUDIO_HTTPS_REDIRECT", True)
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
