"""compose.yaml fits the code: the same processes, settings that exist, secrets that are made."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The file as Compose reads it."""
    read: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return read


def test_it_runs_the_processes_of_the_procfile(compose: dict[str, Any]) -> None:
    """The web process is the image's own command; beat keeps its file where it may write."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    for name, command in (line.split(": exec python -m ") for line in lines):
        words = shlex.split(command)
        if name == "web":
            image = (ROOT / "deploy" / "Dockerfile").read_text()
            assert f"CMD {words}".replace("'", '"') in image
        elif name == "beat":
            assert compose["services"][name]["command"][:5] == words[:5]
        else:
            assert compose["services"][name]["command"] == words


def test_its_settings_exist(compose: dict[str, Any]) -> None:
    documented = set(re.findall(r"^\| `([A-Z_\d]+)`", _settings(), re.MULTILINE))
    named = {name.removesuffix("_FILE") for name in compose["x-blackbar"]["environment"]}
    image = (ROOT / "deploy" / "Dockerfile").read_text()
    named |= set(re.findall(r"\b(BLACKBAR_[A-Z_]+)=", image))
    assert named <= documented
    assert len(named) > 10


def test_its_secrets_are_made_once_and_are_good(compose: dict[str, Any], tmp_path: Path) -> None:
    command = ["sh", str(ROOT / "deploy" / "make-secrets"), str(tmp_path / "secrets")]
    subprocess.run(command, check=True, capture_output=True)
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert {Path(one["file"]).name for one in compose["secrets"].values()} == set(made)
    assert made["postgres_password"] in made["database_url"]
    assert re.fullmatch(r"k1:[A-Za-z0-9+/]{43}=", made["service_keys"])
    assert len(set(made["secret_key"])) >= 20
    subprocess.run(command, check=True, capture_output=True)
    again = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert again == made


def test_only_who_needs_it_reaches_the_internet(compose: dict[str, Any]) -> None:
    outside = {
        name for name, one in compose["services"].items() if "outside" in one.get("networks", [])
    }
    assert outside == {"proxy", "files"}
    assert compose["networks"]["inside"] == {"internal": True}
    with_ports = {name for name, one in compose["services"].items() if one.get("ports")}
    assert with_ports == {"proxy"}


def test_the_image_holds_no_secrets_and_no_data(compose: dict[str, Any]) -> None:
    left_out = (ROOT / ".dockerignore").read_text().split()
    kept_apart = {Path(one["file"]).parts[0] for one in compose["secrets"].values()}
    assert kept_apart | {"var", ".git"} <= set(left_out)


def test_servers_stop_after_what_uses_them(compose: dict[str, Any]) -> None:
    """Compose stops whatever depends on a service before the service itself."""
    services = compose["services"]
    assert set(services["proxy"]["depends_on"]) == {"web"}
    for name in ("web", "engine", "engine-gpu", "documents", "files", "beat"):
        assert {"postgres", "valkey", "storage"} <= set(services[name]["depends_on"])
        condition = services[name]["depends_on"]["prepare"]["condition"]
        assert condition == "service_completed_successfully"


def test_workers_get_the_time_that_their_ends_take(compose: dict[str, Any]) -> None:
    """Longer than a worker waits for the window or the file at hand."""
    for name in ("web", "engine", "engine-gpu", "documents", "files"):
        seconds = int(compose["services"][name]["stop_grace_period"].removesuffix("s"))
        assert seconds >= {"documents": 60, "web": 15}.get(name, 30)


@pytest.mark.django_db
def test_health_checks_ask_for_what_there_is(compose: dict[str, Any], client: Client) -> None:
    test = " ".join(compose["services"]["web"]["healthcheck"]["test"])
    found = re.search(r"http://127\.0\.0\.1:8000(/[a-z/]+)", test)
    assert found
    caddy = (ROOT / "deploy" / "Caddyfile").read_text()
    for path in (found[1], *re.findall(r"health_uri (\S+)", caddy)):
        # Whatever the server is called: nobody tells a container the name that people use.
        for host in ("127.0.0.1:8000", "web:8000", "evil.example"):
            assert client.get(path, headers={"Host": host}).status_code == 200


def _settings() -> str:
    return (ROOT / "docs" / "settings.md").read_text()
