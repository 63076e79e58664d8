"""The suite: a data folder that goes with the process, a database file of its own, fast password hashing.

``DATABASE_URL`` chooses the database as everywhere, so the whole suite also runs on PostgreSQL.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_folder = Path(tempfile.mkdtemp(prefix="studio-test-"))
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
# Each of several test workers gets its own folder, although it inherits the environment of the process that started it; what a test
# starts keeps the folder that the test names.
_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
if "STUDIO_DATA" not in os.environ or os.environ.get("STUDIO_TEST_FOLDER_OF", _worker) != _worker:
    os.environ |= {"STUDIO_DATA": str(_folder), "STUDIO_TEST_FOLDER_OF": _worker}

from studio.settings.base import *  # noqa: E402,F403 - the folder must be known first
from studio.settings.base import DATABASES, STUDIO_DATA  # noqa: E402

SECRET_KEY = "only-for-tests-" + "x" * 40
STUDIO_ENCRYPTION_KEY_FILE = STUDIO_DATA / "encryption_keys"
STUDIO_OUTGOING_ALLOWED = ["loopback"]
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT = "memory"
CELERY_BROKER_TRANSPORT_OPTIONS = {}

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, so that threads and processes meet the locks they meet outside the suite.
    DATABASES["default"]["TEST"] = {"NAME": str(_folder / "test.sqlite3")}
