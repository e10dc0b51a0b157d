"""The two clients. Both take the same steps; one blocks, the other is awaited."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import httpx

from blackbar import documents, images, jobs, keys, pastes, texts, webhooks
from blackbar.connection import Target, target
from blackbar.runners import AsyncGroup, AsyncRunner, Group, Runner, awaited, blocking
from blackbar.steps import Patience

DEFAULT_TIMEOUT_SECONDS = 90.0
DEFAULT_RETRIES = 2


class Jobs(Group):
    """Redactions that go on at the server."""

    submit = blocking(texts.submit)
    get = blocking(jobs.get)
    result = blocking(texts.result)
    wait = blocking(texts.wait_for_result)
    cancel = blocking(jobs.cancel)


class AsyncJobs(AsyncGroup):
    """Redactions that go on at the server."""

    submit = awaited(texts.submit)
    get = awaited(jobs.get)
    result = awaited(texts.result)
    wait = awaited(texts.wait_for_result)
    cancel = awaited(jobs.cancel)


class Documents(Group):
    """Files."""

    upload = blocking(documents.upload)
    get = blocking(documents.get)
    list = blocking(documents.list_documents)
    wait = blocking(documents.wait)
    text = blocking(documents.text)
    original = blocking(documents.original)
    correct = blocking(documents.correct)
    remake = blocking(documents.remake)
    download = blocking(documents.download)
    download_original = blocking(documents.download_original)
    retry = blocking(documents.retry)
    new_link = blocking(documents.new_link)
    revoke_link = blocking(documents.revoke_link)
    set_expiry = blocking(documents.set_expiry)
    delete = blocking(documents.delete)


class AsyncDocuments(AsyncGroup):
    """Files."""

    upload = awaited(documents.upload)
    get = awaited(documents.get)
    list = awaited(documents.list_documents)
    wait = awaited(documents.wait)
    text = awaited(documents.text)
    original = awaited(documents.original)
    correct = awaited(documents.correct)
    remake = awaited(documents.remake)
    download = awaited(documents.download)
    download_original = awaited(documents.download_original)
    retry = awaited(documents.retry)
    new_link = awaited(documents.new_link)
    revoke_link = awaited(documents.revoke_link)
    set_expiry = awaited(documents.set_expiry)
    delete = awaited(documents.delete)


class Images(Group):
    """Pictures."""

    upload = blocking(images.upload)
    get = blocking(images.get)
    list = blocking(images.list_images)
    wait = blocking(images.wait)
    bars = blocking(images.bars)
    set_bars = blocking(images.set_bars)
    download = blocking(images.download)
    download_original = blocking(images.download_original)
    delete = blocking(images.delete)


class AsyncImages(AsyncGroup):
    """Pictures."""

    upload = awaited(images.upload)
    get = awaited(images.get)
    list = awaited(images.list_images)
    wait = awaited(images.wait)
    bars = awaited(images.bars)
    set_bars = awaited(images.set_bars)
    download = awaited(images.download)
    download_original = awaited(images.download_original)
    delete = awaited(images.delete)


class Pastes(Group):
    """Texts that are shared."""

    create = blocking(pastes.create)
    get = blocking(pastes.get)
    list = blocking(pastes.list_pastes)
    wait = blocking(pastes.wait)
    original = blocking(pastes.original)
    burn = blocking(pastes.burn)
    correct = blocking(pastes.correct)
    retry = blocking(pastes.retry)
    new_link = blocking(pastes.new_link)
    revoke_link = blocking(pastes.revoke_link)
    set_expiry = blocking(pastes.set_expiry)
    delete = blocking(pastes.delete)


class AsyncPastes(AsyncGroup):
    """Texts that are shared."""

    create = awaited(pastes.create)
    get = awaited(pastes.get)
    list = awaited(pastes.list_pastes)
    wait = awaited(pastes.wait)
    original = awaited(pastes.original)
    burn = awaited(pastes.burn)
    correct = awaited(pastes.correct)
    retry = awaited(pastes.retry)
    new_link = awaited(pastes.new_link)
    revoke_link = awaited(pastes.revoke_link)
    set_expiry = awaited(pastes.set_expiry)
    delete = awaited(pastes.delete)


class Keys(Group):
    """API keys."""

    list = blocking(keys.list_keys)
    get = blocking(keys.get)
    create = blocking(keys.create)
    rotate = blocking(keys.rotate)
    revoke = blocking(keys.revoke)


class AsyncKeys(AsyncGroup):
    """API keys."""

    list = awaited(keys.list_keys)
    get = awaited(keys.get)
    create = awaited(keys.create)
    rotate = awaited(keys.rotate)
    revoke = awaited(keys.revoke)


class Webhooks(Group):
    """Webhooks and what was sent to them."""

    list = blocking(webhooks.list_webhooks)
    get = blocking(webhooks.get)
    create = blocking(webhooks.create)
    change = blocking(webhooks.change)
    rotate = blocking(webhooks.rotate)
    delete = blocking(webhooks.delete)
    test = blocking(webhooks.test)
    deliveries = blocking(webhooks.deliveries)
    redeliver = blocking(webhooks.redeliver)


class AsyncWebhooks(AsyncGroup):
    """Webhooks and what was sent to them."""

    list = awaited(webhooks.list_webhooks)
    get = awaited(webhooks.get)
    create = awaited(webhooks.create)
    change = awaited(webhooks.change)
    rotate = awaited(webhooks.rotate)
    delete = awaited(webhooks.delete)
    test = awaited(webhooks.test)
    deliveries = awaited(webhooks.deliveries)
    redeliver = awaited(webhooks.redeliver)


class Client(Group):
    """Speaks to a Blackbar server; may be used by several threads at once.

    url, key:        BLACKBAR_URL and BLACKBAR_API_KEY if not given
    timeout_seconds: for one answer of the server; calls that wait have a timeout of their own
    retries:         how often a request is sent again where that does no harm
    allow_http:      send texts without TLS to another machine
    transport:       of httpx, for tests and special networks
    Raises ConfigurationError.
    """

    redact = blocking(texts.redact)
    batch = blocking(texts.batch)
    restore = blocking(texts.restore)
    redact_file = blocking(documents.redact_file)
    usage = blocking(keys.usage)

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
        retries: int = DEFAULT_RETRIES,
        allow_http: bool = False,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.target: Target = target(url, key, allow_http=allow_http)
        self._http = httpx.Client(**self.target.arguments(timeout_seconds), transport=transport)
        runner = Runner(self._http, Patience(retries))
        super().__init__(runner)
        self.jobs, self.documents, self.images = Jobs(runner), Documents(runner), Images(runner)
        self.pastes, self.keys = Pastes(runner), Keys(runner)
        self.webhooks = Webhooks(runner)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def __repr__(self) -> str:
        return f"<Client of {self.target.url}>"


class AsyncClient(AsyncGroup):
    """The same for asyncio: every call is awaited. See Client."""

    redact = awaited(texts.redact)
    batch = awaited(texts.batch)
    restore = awaited(texts.restore)
    redact_file = awaited(documents.redact_file)
    usage = awaited(keys.usage)

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
        retries: int = DEFAULT_RETRIES,
        allow_http: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.target: Target = target(url, key, allow_http=allow_http)
        arguments = self.target.arguments(timeout_seconds)
        self._http = httpx.AsyncClient(**arguments, transport=transport)
        runner = AsyncRunner(self._http, Patience(retries))
        super().__init__(runner)
        self.jobs, self.documents = AsyncJobs(runner), AsyncDocuments(runner)
        self.images, self.pastes = AsyncImages(runner), AsyncPastes(runner)
        self.keys, self.webhooks = AsyncKeys(runner), AsyncWebhooks(runner)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    def __repr__(self) -> str:
        return f"<AsyncClient of {self.target.url}>"
