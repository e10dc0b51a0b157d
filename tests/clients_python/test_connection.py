"""Where the Python client sends to, and where it refuses to."""

from __future__ import annotations

import ast
import inspect
import sys
import tomllib
from pathlib import Path

import pytest

import blackbar
from blackbar import AsyncClient, Client, ConfigurationError
from blackbar.connection import VERSION
from blackbar.runners import AsyncGroup, Group
from tests.clients_python.scripted import REDACTED, Script, told

PACKAGE = Path(blackbar.__file__).parent


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BLACKBAR_URL", "BLACKBAR_API_KEY", "BLACKBAR_ALLOW_HTTP"):
        monkeypatch.delenv(name, raising=False)


def test_address_and_key_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BLACKBAR_URL", "https://host.example:8443/below/")
    monkeypatch.setenv("BLACKBAR_API_KEY", "blackbar_00")
    with Client() as client:
        assert (client.target.url, client.target.key) == (
            "https://host.example:8443/below",
            "blackbar_00",
        )


@pytest.mark.parametrize(
    "url",
    ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000", "http://a.localhost"],
)
def test_plain_http_stays_on_this_machine(url: str) -> None:
    with Client(url) as client:
        assert client.target.is_local


@pytest.mark.parametrize(
    "url",
    [
        "http://blackbar.example",
        "http://192.168.0.7:8000",
        "http://localhost.example",
        "http://127.0.0.1.example",
        "HTTP://blackbar.example",
    ],
)
def test_plain_http_over_a_network_is_refused_unless_allowed(url: str) -> None:
    with pytest.raises(ConfigurationError, match="unprotected"):
        Client(url)
    with Client(url, allow_http=True) as client:
        assert not client.target.is_local


@pytest.mark.parametrize(
    "url",
    ["", "host", "ftp://host", "https://", "https://me:Canary-1@host", "https://host?Canary-1",
     "https://host:Canary-1", "https://[Canary-1"],
)  # fmt: skip
def test_what_is_no_address_is_refused_without_an_echo(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        AsyncClient(url)
    assert "Canary" not in str(caught.value)


def test_a_key_with_strange_signs_is_refused_without_an_echo() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Client("https://host", "Canary-1\n")
    assert "Canary" not in str(caught.value)


def test_the_key_goes_along_and_redirects_are_not_followed() -> None:
    script = Script(told(REDACTED))
    with script.client() as client:
        client.redact("x")
    assert script.requests[0].headers["Authorization"] == "Bearer " + "k" * 20
    assert client._http.follow_redirects is False


def test_an_id_cannot_lead_elsewhere() -> None:
    with Script().client() as client:
        for strange in ("../keys", "a/b", "", "a?b", "a" * 65):
            with pytest.raises(ValueError, match="no id"):
                client.jobs.get(strange)


def test_the_package_shares_no_code_with_the_server() -> None:
    allowed = {"anyio", "blackbar", "httpx", "mcp", "pydantic", *sys.stdlib_module_names}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or "."]
            heads = {name.partition(".")[0] for name in names}
            assert heads <= allowed, path
            # What only the extra brings along is imported by the MCP server alone.
            assert path.name == "mcp_server.py" or not heads & {"mcp", "pydantic"}, path


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads((PACKAGE.parents[1] / "pyproject.toml").read_text())["project"]
    assert (project["version"], project["license"]) == (VERSION, "MIT")
    assert (PACKAGE / "py.typed").exists()


def test_both_clients_have_the_same_calls_with_the_same_parameters() -> None:
    def calls(group: type, name: str = "") -> dict[str, inspect.Signature]:
        return {
            name + key: inspect.signature(value)
            for key, value in vars(group).items()
            if inspect.isfunction(value) and not key.startswith("_") and "close" not in key
        }

    blocking, waiting = calls(Client), calls(AsyncClient)
    for group in Group.__subclasses__():
        if group is not Client:
            blocking |= calls(group, f"{group.__name__}.")
    for other in AsyncGroup.__subclasses__():
        if other is not AsyncClient:
            waiting |= calls(other, f"{other.__name__.removeprefix('Async')}.")
    assert blocking == waiting
    assert {"redact", "Documents.download", "Images.set_bars", "Pastes.burn"} <= set(blocking)
    assert all(next(iter(one.parameters)) == "self" for one in blocking.values())
