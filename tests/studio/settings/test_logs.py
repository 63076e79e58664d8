"""What opens doors is never logged: planted everywhere, looked for in everything a process writes, at the most talkative level."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from studio.settings.logs import redacted

SECRET = "k3#" + "abcdefghij" * 6
PASSWORD, LINK, TOKEN, COOKIE, KEY = (
    "Plant3d-Passw0rd",
    "pl4nted" * 6 + "l",
    "ads_pl4ntedtoken_1234567890",
    "pl4ntedc00kie" * 2,
    "sk-pl4nted-key-000",
)

PROGRAM = f"""
import django; django.setup()
import logging
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.http import HttpResponse
from django.test import Client
from django.urls import path
import studio.urls
def broken(request, token):
    raise ValueError(
        "postgres://user:{PASSWORD}@host/db refused, Authorization: Bearer {TOKEN}, password={PASSWORD} cookie: sessionid={COOKIE}"
    )
broken.action = None
studio.urls.urlpatterns.append(path("broken/sign-in/<str:token>/", broken))
client = Client(raise_request_exception=False, enforce_csrf_checks=True, headers={{"host": "localhost"}})
client.cookies["sessionid"] = "{COOKIE}"
for url in ("/sign-in/{LINK}/", "/sign-in/{LINK}/x", "/broken/sign-in/{LINK}/", "/?token={TOKEN}"):
    client.get(url)
    client.post(url, {{"username": "{PASSWORD}", "password": "{PASSWORD}"}})
free = Client(headers={{"host": "localhost"}})
for _ in range(7):
    free.post("/sign-in/", {{"username": "{PASSWORD}", "password": "{PASSWORD}"}})
free.get("/api/v1/runs/", headers={{"authorization": "Bearer {TOKEN}"}})
free.post("/api/v1/runs/", data='{{"api_key": "{KEY}"', content_type="application/json", headers={{"authorization": "Bearer {TOKEN}"}})
Client(headers={{"host": "evil.example"}}).get("/sign-in/{LINK}/")
print("done")
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_that_opens_doors_is_logged(root: Path, studio_environment: dict[str, str], form: str) -> None:
    Path(studio_environment["STUDIO_DATA"]).mkdir()
    environment = {**studio_environment, "STUDIO_LOG_FORMAT": form, "STUDIO_LOG_LEVEL": "DEBUG", "STUDIO_SECRET_KEY": SECRET}
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=root, env=environment, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
    assert done.stderr.count("ValueError") >= 1, "the fault was planted and logged"
    found = {secret: done.stderr.count(secret) for secret in (PASSWORD, LINK, TOKEN, COOKIE, KEY, SECRET)}
    assert found == dict.fromkeys(found, 0), [line for line in done.stderr.splitlines() if any(secret in line for secret in found)]
    if form == "json":
        lines = [json.loads(line) for line in done.stderr.splitlines()]
        assert {line["logger"] for line in lines} >= {"studio.requests", "django.request"}
        assert all("request" in line for line in lines if line["logger"] in {"studio.requests", "django.request"})


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("postgres://studio:s3cret@db:5432/x", "postgres://studio:[hidden]@db:5432/x"),
        ("redis://:s3cret@queue/0", "redis://:[hidden]@queue/0"),
        ("Not Found: /sign-in/" + "a" * 43 + "/", "Not Found: /sign-in/[hidden]/"),
        ("Authorization: Bearer abcdefghijk", "Authorization: Bearer [hidden]"),
        ("{'password': 'hunter22', 'a': 1}", "{'password': '[hidden]', 'a': 1}"),
        ('{"event": "x password=hunter22 y"}', '{"event": "x password=[hidden] y"}'),
        ("Cookie: sessionid=abcdef; csrftoken=ghijkl", "Cookie: [hidden]; csrftoken=[hidden]"),
        ("run 7: the password rules, sign-in/spent/, 12:30:01 lost lease of ads", None),
    ],
)
def test_secrets_are_told_from_the_rest(text: str, written: str | None) -> None:
    assert redacted(text) == (written or text)
