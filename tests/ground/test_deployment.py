"""The files that put the portal into production, and the files that CI starts."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from portal.embedded import demo
from portal.notifications.tasks import send_delivery, send_webhook

ROOT = Path(__file__).resolve().parents[2]
SECRET = re.compile(r"PASSWORD|SECRET|_URL|_AUTH")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_services_are_healthy_and_ordered(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"web", "worker", "outbound", "beat", "migrate", "postgres", "redis"}
    for name in set(services) - {"migrate"}:
        assert services[name]["healthcheck"]["test"][0].startswith("CMD"), name
    for name in ("web", "worker", "outbound", "beat"):
        assert services[name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"},
            "postgres": {"condition": "service_healthy"},
            "redis": {"condition": "service_healthy"},
        }


def worked_off(command: list[str]) -> set[str]:
    """The queues of a worker's command."""
    return {queue for arg in command if arg.startswith("--queues=") for queue in arg[9:].split(",")}


def test_every_queue_has_a_worker_and_what_hangs_has_its_own(compose: dict[str, Any]) -> None:
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    queues = {settings.CELERY_TASK_DEFAULT_QUEUE, *routed}
    in_production = [worked_off(compose["services"][name]["command"]) for name in ("worker", "outbound")]
    in_demo = [worked_off(args) for args in demo.processes(8000).values() if "worker" in args]
    for workers in (in_production, in_demo):
        assert [len(worker) for worker in workers] == [1, 1]
        assert set().union(*workers) == queues
    assert set(settings.CELERY_TASK_ROUTES) == {send_delivery.name, send_webhook.name}


def test_data_lies_in_volumes(compose: dict[str, Any]) -> None:
    assert set(compose["volumes"]) == {"postgres", "media"}
    assert compose["services"]["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]
    assert compose["services"]["postgres"]["image"].startswith("postgres:18")


def test_no_secret_has_a_default(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for key, value in service["environment"].items():
            if not SECRET.search(key) or key.startswith(("EMAIL_", "PORTAL_", "SECRET_KEY_F")):
                continue
            variables = re.findall(r"\$\{([A-Z_]+)(.*?)\}", str(value))
            assert variables, f"{name}: {key} is written out"
            assert all(rest.startswith(":?") for _, rest in variables), f"{name}: {key} has a default"


def test_only_migrate_knows_the_owner(compose: dict[str, Any]) -> None:
    knowing = {
        name
        for name, service in compose["services"].items()
        if "OWNER_PASSWORD" in str(service["environment"])
    }
    assert knowing == {"migrate", "postgres"}


def test_every_variable_is_explained() -> None:
    used = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert used == set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


@pytest.mark.parametrize("name", ["base", "demo", "dev"])
def test_requirements_are_pinned_with_hashes_and_name_no_host(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    packages = re.findall(r"^([a-z][^\s=]*)==\S+ \\\n    --hash=sha256:", text, re.MULTILINE)
    assert len(packages) == len(re.findall(r"^[a-z]", text, re.MULTILINE)) > 50
    assert not re.search(r"://|^-", text, re.MULTILINE)


@pytest.mark.parametrize("program", ["run", "browser"])
def test_ci_programs_can_be_run(program: str) -> None:
    assert os.access(ROOT / ".ci" / program, os.X_OK)


def test_hooks_are_local() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    assert [repository["repo"] for repository in hooks["repos"]] == ["local"]
