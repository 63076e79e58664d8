"""The files of docker/, read as far as they can be without a Docker daemon: what they name exists, and what they say fits together."""

import fnmatch
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands
from django.utils import timezone

from studio.pipelines.measures import broker_families, database_families
from studio.web.operating.tally import Tally
from tests.architecture.test_settings import ROW

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
DOCKERFILE = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
NGINX = (DOCKER / "nginx/nginx.conf").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("agentic-data-studio")}


def steps() -> list[tuple[str, str]]:
    """Instructions of the Dockerfile and their arguments."""
    whole = re.sub(r"\\\n\s*", " ", re.sub(r"^\s*#.*\n", "", DOCKERFILE, flags=re.MULTILINE))
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in whole.splitlines() if line]


def copied() -> list[str]:
    """What the image takes from the repository."""
    found = [argument.split() for name, argument in steps() if name == "COPY" and "--from" not in argument]
    return [source for words in found for source in words[:-1]]


def test_what_the_image_takes_exists_and_is_let_through() -> None:
    lines = [line for line in (DOCKER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    through = {line[1:] for line in lines if line.startswith("!")}
    assert lines[0] == "*"
    assert set(copied()) == through
    assert [path for path in copied() if not (ROOT / path).exists()] == []


def test_the_image_holds_every_room_and_no_tests() -> None:
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert rooms - {"tests"} <= set(copied())
    assert "tests" not in copied()
    assert set(copied()) >= {"templates", "static", "locale", "manage.py"}


def test_the_image_runs_as_nobody_in_production() -> None:
    named = dict(steps())
    assert named["USER"] == "10001:10001"
    environment = " ".join(argument for name, argument in steps() if name == "ENV")
    assert "DJANGO_SETTINGS_MODULE=studio.settings.production" in environment
    assert not re.search(r"(SECRET|PASSWORD|TOKEN)\w*=", DOCKERFILE)
    assert re.search(r"^FROM python:3\.\d+-slim", DOCKERFILE, re.MULTILINE)
    assert "requirements-dev" not in DOCKERFILE


def commands() -> list[tuple[str, list[str]]]:
    """Every command line that starts one of our processes: of the image and of compose, with those within ``sh -c``."""
    found: list[tuple[str, list[str]]] = [("image", json.loads(dict(steps())["CMD"]))]
    for name, service in OURS.items():
        command = [str(word) for word in service["command"]]
        lines = command[2].split(" && ") if command[:2] == ["sh", "-c"] else [" ".join(command)]
        found += [(name, line.split()) for line in lines]
    return found


@pytest.mark.parametrize(("service", "command"), commands())
def test_commands_exist(service: str, command: list[str]) -> None:
    assert command[:2] == ["python", "manage.py"]
    assert command[2] in get_commands()
    if "--queues" in command:
        assert command[command.index("--queues") + 1] in settings.CELERY_TASK_QUEUES


def test_every_queue_has_a_worker() -> None:
    queues = [command[command.index("--queues") + 1] for _, command in commands() if "--queues" in command]
    assert sorted(queues) == sorted(settings.CELERY_TASK_QUEUES)
    assert ["python", "manage.py", "beat"] in [command for _, command in commands()]


def test_containers_of_ours_may_do_little() -> None:
    for name, service in OURS.items():
        assert service["user"] == "10001:10001", name
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "ports" not in service, f"{name} is reached through nginx alone"
        assert service["restart"] in {"unless-stopped", "on-failure"}, name
    assert "ports" not in SERVICES["postgres"]
    assert "ports" not in SERVICES["redis"]


def test_services_wait_for_what_they_need() -> None:
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "test" in SERVICES[other]["healthcheck"], f"{name} waits for {other}, which never says that it is well"
    assert SERVICES["web"]["depends_on"]["prepare"]["condition"] == "service_completed_successfully"


def test_volumes_and_secrets_are_declared_and_mounted_files_exist() -> None:
    for name, service in SERVICES.items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert (DOCKER / source).exists(), f"{name}: {source}"
            elif not source.startswith("$"):
                assert source in COMPOSE["volumes"], f"{name}: {source}"
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])


def test_images_of_others_are_pinned() -> None:
    loose = [
        service["image"] for name, service in SERVICES.items() if name not in OURS and not re.search(r":v?\d+[\w.-]*$", service["image"])
    ]
    assert loose == []


def test_the_example_names_every_value_and_gives_no_secret() -> None:
    text = (DOCKER / "compose.yaml").read_text(encoding="utf-8")
    asked = set(re.findall(r"\$\{(\w+)", text)) | {secret["environment"] for secret in COMPOSE["secrets"].values()}
    example = dict(
        line.split("=", 1) for line in (DOCKER / ".env.example").read_text(encoding="utf-8").splitlines() if line and line[0] != "#"
    )
    assert set(example) == asked
    assert {name: value for name, value in example.items() if re.search("SECRET|PASSWORD|TOKEN", name)} == {
        "STUDIO_SECRET_KEY": "",
        "POSTGRES_PASSWORD": "",
        "REDIS_PASSWORD": "",
        "STUDIO_METRICS_TOKEN": "",
        "GRAFANA_PASSWORD": "",
    }


def test_processes_are_given_settings_that_exist() -> None:
    documented = {name for name, _ in ROW.findall((ROOT / "docs/settings.md").read_text(encoding="utf-8"))}
    for name, service in OURS.items():
        assert set(service["environment"]) <= documented, name
    assert SERVICES["web"]["environment"]["STUDIO_PROXY_COUNT"] == "1"


def test_nginx_passes_sockets_on_and_keeps_figures_in() -> None:
    assert "proxy_set_header Upgrade $http_upgrade;" in NGINX
    assert re.search(r"location /live/ \{[^}]*proxy_buffering off;", NGINX)
    for path in ("/readyz", "/metrics"):
        assert re.search(rf"location = {path} \{{\s*return 404;", NGINX)
    assert "X-Forwarded-For $remote_addr;" in NGINX, "the studio counts one proxy"
    assert NGINX.count("{") == NGINX.count("}")
    [limit] = re.findall(r"client_max_body_size (\d+)m;", NGINX)
    assert int(limit) * 1024 * 1024 > max(settings.API_BODY_BYTES, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


@pytest.mark.django_db
def test_dashboard_and_alerts_speak_of_figures_that_there_are() -> None:
    families = [*database_families(timezone.now()), *broker_families(), *Tally().families()]
    known: set[str] = {"up"}
    for family in families:
        suffixes = ("_bucket", "_sum", "_count") if family.kind == "histogram" else ("",)
        known |= {family.name + suffix for suffix in suffixes}
    board = json.loads((DOCKER / "grafana/dashboards/studio.json").read_text(encoding="utf-8"))
    rules = yaml.safe_load((DOCKER / "prometheus/alerts.yml").read_text(encoding="utf-8"))
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    asked += [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    assert len(asked) > 20
    for expression in asked:
        names = set(re.findall(r"\b(?:studio_\w+|up)\b", expression))
        assert names, expression
        assert names <= known, expression
    shown = " ".join(asked)
    assert [family.name for family in families if family.name not in shown] == []
    labels = {"status", "state", "queue", "reason", "outcome", "judge", "route", "le", "job"}
    assert set(re.findall(r"(?:by \(|, )(\w+)(?=[,)])", shown)) <= labels


def test_prometheus_scrapes_what_is_there() -> None:
    config = yaml.safe_load((DOCKER / "prometheus/prometheus.yml").read_text(encoding="utf-8"))
    [job] = config["scrape_configs"]
    [found] = job["dns_sd_configs"]
    assert found["names"] == ["web"]
    assert str(found["port"]) in SERVICES["web"]["expose"]
    assert job["authorization"]["credentials_file"] == "/run/secrets/metrics_token"
    assert all((DOCKER / "prometheus" / name).exists() for name in config["rule_files"])
    assert not fnmatch.filter([str(path.relative_to(DOCKER)) for path in DOCKER.rglob("*.env")], "*"), "no secrets in the repository"
