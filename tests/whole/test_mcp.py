"""The MCP server as a process, through the SDK's own client, against the whole server."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pymupdf
import pytest
from mcp import Client, StdioServerParameters, stdio_client

from tests.apart import apart
from tests.interrupts import interruptible
from tests.whole.api_keys import keys
from tests.whole.conftest import ROOT, Server

__all__ = ("keys",)
NAME, MAIL = "Margarethe Lindqvist", "m.lindqvist@posteo.example"
TEXT = f"Customer {NAME} wrote from {MAIL}."
Work = Callable[[Client], Awaitable[None]]


class Host:
    """A language model's host that starts the server; keeps all that the model was told."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.environment, self.folder = environment, folder
        self.open, self.restored = folder / "open", folder / "restored"
        self.open.mkdir()
        self.log = folder / "log"

    def run(self, work: Work, *arguments: str) -> None:
        """Start the server and use it."""

        async def use() -> None:
            with self.log.open("a") as log:
                parameters = StdioServerParameters(
                    command=sys.executable,
                    args=self.arguments(*arguments),
                    env=self.environment,
                    cwd=self.folder,
                )
                async with Client(stdio_client(parameters, errlog=log)) as client:
                    await work(client)

        apart(anyio.run, use)
        assert "Margarethe" not in self.log.read_text()

    def arguments(self, *more: str) -> list[str]:
        """Return the command line behind the interpreter."""
        folder = ["--restore-folder", str(self.restored)]
        return ["-m", "blackbar", "mcp", "--root", str(self.open), *folder, *more]


@pytest.fixture
def host(server: Server, keys: dict[str, str], tmp_path: Path) -> Host:
    """A host with one folder open."""
    environment = {
        "BLACKBAR_URL": server.url,
        "BLACKBAR_API_KEY": keys["all"],
        "PYTHONPATH": str(ROOT / "clients/python/src"),
        "PATH": os.environ["PATH"],
    }
    return Host(environment, tmp_path)


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """Call a tool that goes well."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return dict(result.structured_content)


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    """Call a tool that says no, and return what it says."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    return "".join(getattr(part, "text", "") for part in result.content)


def test_a_model_works_with_a_handle_and_never_sees_an_original(host: Host) -> None:
    async def work(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"redact", "restore"}
        redacted = await client.call_tool("redact", {"text": TEXT})
        assert NAME not in redacted.model_dump_json()
        told = dict(redacted.structured_content or {})
        assert told["counts"]["private_email"] == 1
        answer = "Dear [Person 1], your parcel is on its way."
        restored = await client.call_tool("restore", {"handle": told["handle"], "text": answer})
        assert not restored.is_error
        assert NAME not in restored.model_dump_json()
        place = Path((restored.structured_content or {})["saved_as"])
        assert place.parent == host.restored
        assert place.read_text() == f"Dear {NAME}, your parcel is on its way."
        assert stat.S_IMODE(place.stat().st_mode) == 0o600

    host.run(work)


def test_originals_go_to_the_model_only_where_its_user_said_so(host: Host) -> None:
    async def work(client: Client) -> None:
        told = await call(client, "redact", text=TEXT, operator="surrogate")
        assert NAME not in told["text"]
        back = await call(client, "restore", handle=told["handle"], text=told["text"])
        assert (back["text"], back["saved_as"]) == (TEXT, None)

    host.run(work, "--reveal")


def test_operators_that_hide_nothing_are_not_offered(host: Host) -> None:
    (host.open / "note.txt").write_text(TEXT)

    async def work(client: Client) -> None:
        for operator in ("keep", "tag"):
            said = await refused(client, "redact", path="note.txt", operator=operator)
            assert NAME not in said
        masked = await call(client, "redact", path="note.txt", operator="mask")
        assert masked["handle"] is None

    host.run(work)


def test_files_are_read_and_written_below_open_folders_only(host: Host) -> None:
    (host.open / "note.txt").write_text(TEXT)
    (host.folder / "closed.txt").write_text(TEXT)
    (host.open / "link.txt").symlink_to(host.folder / "closed.txt")

    async def work(client: Client) -> None:
        told = await call(client, "redact", path="note.txt", save_as="clean.txt")
        assert (host.open / "clean.txt").read_text() == told["text"]
        assert NAME not in told["text"]
        for path in ("../closed.txt", "link.txt", str(host.folder / "closed.txt")):
            assert "--root" in await refused(client, "redact", path=path)
        for path in ("note.txt", "../new.txt"):
            await refused(client, "redact", text=TEXT, save_as=path)
        assert (host.open / "note.txt").read_text() == TEXT
        assert not (host.folder / "new.txt").exists()
        saved = await call(client, "restore", handle=told["handle"], path="clean.txt")
        assert Path(saved["saved_as"]).read_text() == TEXT
        # What was restored cannot be fetched back through the other tool, nor by another name.
        assert "--root" in await refused(client, "redact", path=saved["saved_as"])
        for name in ("../open/x.txt", str(host.open / "x.txt"), ".x"):
            await refused(client, "restore", handle=told["handle"], path="clean.txt", name=name)

    host.run(work)


def test_a_pdf_is_saved_clean_and_leaves_nothing_at_the_server(host: Host, server: Server) -> None:
    document = pymupdf.open()
    document.new_page().insert_text((72, 96), f"This agreement is made with {NAME}.")
    document.save(host.open / "contract.pdf")

    async def work(client: Client) -> None:
        before = server.query("SELECT count(*) FROM documents_document")
        told = await call(client, "redact", path="contract.pdf", save_as="clean.pdf")
        assert NAME not in told["text"]
        assert "agreement" in told["text"]
        assert told["handle"] is None
        with pymupdf.open(host.open / "clean.pdf") as clean:
            assert NAME not in clean[0].get_text()
        assert server.query("SELECT count(*) FROM documents_document") == before

    host.run(work)


def test_handles_are_few_and_known_to_one_process(host: Host) -> None:
    handles: list[str] = []

    async def first(client: Client) -> None:
        for _ in range(2):
            handles.append((await call(client, "redact", text=TEXT))["handle"])
        assert "unknown" in await refused(client, "restore", handle=handles[0], text="[PERSON_1]")
        await call(client, "restore", handle=handles[1], text="[PERSON_1]")

    async def second(client: Client) -> None:
        assert "unknown" in await refused(client, "restore", handle=handles[1], text="[PERSON_1]")

    host.run(first, "--handles", "1")
    host.run(second)


def test_what_goes_wrong_is_told_and_logged_without_the_text(host: Host) -> None:
    async def work(client: Client) -> None:
        assert "either" in await refused(client, "redact")
        assert "either" in await refused(client, "redact", text=TEXT, path="note.txt")
        await refused(client, "redact", text=TEXT, operator=TEXT)
        await refused(client, "restore", handle=TEXT, text=TEXT)
        await refused(client, "restore", handle=7, text=TEXT)

    host.run(work)
    host.environment["BLACKBAR_API_KEY"] = "blackbar_" + "0" * 32

    async def without_key(client: Client) -> None:
        assert "invalid_key" in await refused(client, "redact", text=TEXT)

    host.run(without_key)


@pytest.mark.parametrize("how", ["end of input", "interrupt"])
def test_it_ends_cleanly(host: Host, how: str) -> None:
    process = subprocess.Popen(
        interruptible([sys.executable, *host.arguments()]),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=host.environment,
        cwd=host.folder,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')
    process.stdin.flush()
    assert b'"id":1' in process.stdout.readline()
    if how == "interrupt":
        process.send_signal(signal.SIGINT)
    else:
        process.stdin.close()
        process.stdin = None
    out, errors = process.communicate(timeout=120)
    assert (out, errors) == (b"", b"")
    assert process.returncode == (-signal.SIGINT if how == "interrupt" else 0)


def test_a_restore_folder_below_a_root_stops_the_start(host: Host) -> None:
    inside = ["--restore-folder", str(host.open / "x")]
    done = subprocess.run(
        [sys.executable, "-m", "blackbar", "mcp", "--root", str(host.open), *inside],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=host.environment,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert b"apart" in done.stderr
