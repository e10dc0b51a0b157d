"""An MCP server over standard input and output: a language model's host may redact and restore.

What leads back stays in this process: a model gets a handle, never a map or an original. Restored
texts go to a folder that the model cannot name; with `reveals` they go to the model.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import anyio
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import BaseModel, Field

from blackbar.client import AsyncClient
from blackbar.connection import VERSION
from blackbar.errors import BlackbarError
from blackbar.files import SHARED, as_text, created
from blackbar.handles import Handles
from blackbar.roots import PathError, RestoreFolder, Roots

_MOST_CHARACTERS = 100_000
# "keep" and "tag" leave originals where they stand, so that a file could be read through them.
HidingOperator = Literal["replace", "surrogate", "category", "mask", "hash"]
_INSTRUCTIONS = (
    "Redacts texts and files with a Blackbar server. Work with the redacted text as it is: keep "
    "placeholders such as [PERSON_1] unchanged. Then call restore with the handle."
)


@dataclass(frozen=True, slots=True)
class Settings:
    """How the server is started.

    roots:          folders below which the model may name files
    restore_folder: where restored texts go; the user's state folder if None
    reveals:        restore gives originals to the model
    """

    url: str | None = None
    allow_http: bool = False
    roots: tuple[Path, ...] = ()
    restore_folder: Path | None = None
    reveals: bool = False
    most_handles: int = 100
    handle_seconds: float = 3600.0


class RedactedAnswer(BaseModel):
    """What a model is told of a redacted text."""

    text: str = Field(description="The redacted text.")
    handle: str | None = Field(description="For restore; null if nothing can be restored.")
    counts: dict[str, int] = Field(description="How many places were hidden, by category.")
    saved_as: str | None = Field(description="Where the redacted file was saved.")
    is_cut: bool = Field(description="The text goes on; only its beginning is given here.")


class RestoredAnswer(BaseModel):
    """What a model is told of a restored text."""

    saved_as: str | None = Field(description="Where the restored text was saved for the user.")
    restored: int = Field(description="How many places were restored.")
    missing: list[str] = Field(description="Placeholders that do not stand in the text.")
    text: str | None = Field(description="The restored text, if this server may reveal it.")


class Tools:
    """The tools. Errors that a model should read are ToolErrors, and hold no text."""

    def __init__(self, client: AsyncClient, settings: Settings) -> None:
        self._client = client
        self._roots = Roots(settings.roots)
        self._folder = RestoreFolder(settings.restore_folder, self._roots)
        self._handles = Handles(settings.most_handles, settings.handle_seconds)
        self._reveals = settings.reveals

    async def redact(
        self,
        text: Annotated[str | None, Field(description="The text, unless a file is named.")] = None,
        path: Annotated[str | None, Field(description="A file instead of a text.")] = None,
        save_as: Annotated[
            str | None, Field(description="A new file for the result, of the same kind.")
        ] = None,
        operator: Annotated[
            HidingOperator, Field(description="replace and surrogate can be restored.")
        ] = "replace",
    ) -> RedactedAnswer:
        """Hide names, addresses, numbers and other private details of a text or a file."""
        with _told():
            target = self._roots.create(save_as) if save_as is not None else None
            given: str | None
            if path is None:
                given = _only(text)
            else:
                name, content = self._roots.read(_only(path, text))
                given = as_text(content, name)
                if given is None:
                    return await self._redact_file(name, content, target)
            redacted = await self._client.redact(given, operator=operator)
            if target is not None:
                with created(target, SHARED) as out:
                    out.write(redacted.text.encode("utf-8", "surrogatepass"))
            handle = self._handles.keep(redacted)
            return _answer(redacted.text, handle, dict(redacted.counts), target)

    async def restore(
        self,
        handle: Annotated[str, Field(description="What redact gave.")],
        text: Annotated[str | None, Field(description="The text with placeholders.")] = None,
        path: Annotated[str | None, Field(description="A text file instead of a text.")] = None,
        name: Annotated[str | None, Field(description="Of the file for the result.")] = None,
    ) -> RestoredAnswer:
        """Put the originals back into a text and save it in the user's own folder."""
        with _told():
            given: str | None
            if path is None:
                given = _only(text)
            else:
                given = as_text(self._roots.read(_only(path, text))[1])
                if given is None:
                    raise PathError("This is no text in UTF-8.")
            originals = self._handles.find(handle)
            if originals is None:
                raise PathError("This handle is unknown, or has expired. Redact again.")
            restored = await self._client.restore(given, originals)
            missing = list(restored.missing)
            if self._reveals and name is None:
                return RestoredAnswer(
                    saved_as=None, restored=restored.count, missing=missing, text=restored.text
                )
            content = restored.text.encode("utf-8", "surrogatepass")
            saved = self._folder.save(content, name)
            return RestoredAnswer(
                saved_as=str(saved), restored=restored.count, missing=missing, text=None
            )

    async def _redact_file(self, name: str, content: bytes, target: Path | None) -> RedactedAnswer:
        documents = self._client.documents
        handed = await documents.upload(content, name=name, expires="1d")
        try:
            done = await documents.wait(handed)
            text = await documents.text(done)
            if target is not None:
                clean = io.BytesIO()
                await documents.download(done, clean)
                with created(target, SHARED) as out:
                    out.write(clean.getvalue())
        finally:
            with anyio.CancelScope(shield=True), contextlib.suppress(BlackbarError):
                await documents.delete(handed)
        return _answer(text, None, dict(done.counts), target)


def server_of(tools: Tools, *, reveals: bool) -> MCPServer[None]:
    """Return a server with the tools."""
    # Not INFO: its users' hosts keep what it logs.
    server: MCPServer[None] = MCPServer(
        "blackbar", instructions=_INSTRUCTIONS, log_level="WARNING", version=VERSION
    )
    described = "Put originals back into a redacted text, by its handle. "
    described += (
        "Returns the text."
        if reveals
        else "The result is saved in a folder of the user; it is not shown here."
    )
    server.add_tool(
        tools.redact,
        title="Redact",
        description="Hide names, addresses, numbers and other private details of a text or file.",
        annotations=ToolAnnotations(destructive_hint=False, open_world_hint=True),
    )
    server.add_tool(
        tools.restore,
        title="Restore",
        description=described,
        annotations=ToolAnnotations(destructive_hint=False, open_world_hint=True),
    )
    return server


def serve(settings: Settings) -> None:
    """Serve until standard input ends. Raises ConfigurationError, OSError."""
    anyio.run(_serve, settings)


async def _serve(settings: Settings) -> None:
    async with AsyncClient(settings.url, allow_http=settings.allow_http) as client:
        tools = Tools(client, settings)
        await server_of(tools, reveals=settings.reveals).run_stdio_async()


def _answer(
    text: str, handle: str | None, counts: dict[str, int], target: Path | None
) -> RedactedAnswer:
    return RedactedAnswer(
        text=text[:_MOST_CHARACTERS],
        handle=handle,
        counts=counts,
        saved_as=str(target) if target is not None else None,
        is_cut=len(text) > _MOST_CHARACTERS,
    )


def _only(given: str | None, other: str | None = None) -> str:
    if given is None or other is not None:
        raise PathError("Give either a text or the path of a file.")
    return given


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Turn errors into what a model is told."""
    try:
        yield
    except BlackbarError as exc:
        raise ToolError(str(exc)) from None
    except OSError as exc:
        raise ToolError(f"The file cannot be used: {exc.strerror}.") from None
