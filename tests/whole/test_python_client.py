"""The Python client against the whole server: blocking and awaited."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import anyio
import pymupdf
import pytest
from PIL import Image, ImageDraw, ImageFont

from blackbar import (
    AsyncClient,
    AuthenticationError,
    Bar,
    Client,
    ConflictError,
    DocumentFailedError,
    Edit,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    Redacted,
)
from tests.apart import apart
from tests.whole.api_keys import keys
from tests.whole.conftest import Server

__all__ = ("keys",)
NAME, MAIL = "Margarethe Lindqvist", "m.lindqvist@posteo.example"
TEXT = f"👍 Customer {NAME} wrote from {MAIL} about her parcel."


@pytest.fixture
def client(server: Server, keys: dict[str, str]) -> Iterator[Client]:
    """A client that may do everything."""
    with Client(server.url, keys["all"]) as made:
        yield made


@pytest.fixture
def nobody(server: Server) -> Iterator[Client]:
    """A client without a key."""
    with Client(server.url) as made:
        made._http.headers.pop("Authorization", None)
        yield made


@pytest.fixture(scope="module")
def contract() -> bytes:
    """A PDF of one page."""
    document = pymupdf.open()
    document.new_page().insert_text((72, 96), f"This agreement is made with {NAME}.")
    content: bytes = document.tobytes()
    return content


def test_a_text_is_redacted_and_restored(client: Client) -> None:
    redacted = client.redact(TEXT)
    assert NAME not in redacted.text
    assert MAIL not in redacted.text
    assert set(redacted.map.values()) >= {NAME, MAIL}
    first = redacted.entities[0]
    assert TEXT[first.start : first.end] == first.original
    assert client.restore(redacted.text, redacted).text == TEXT
    rewritten = f"Dear {redacted.entities[0].replacement}!"
    assert client.restore(rewritten, redacted.map).text == f"Dear {NAME}!"


def test_options_reach_the_server(client: Client) -> None:
    redacted = client.redact(
        TEXT, operator="mask", operators={"private_email": "category"}, offset_unit="utf16"
    )
    assert "█████" in redacted.text
    assert "[EMAIL]" in redacted.text
    units = TEXT.encode("utf-16-le")
    one = redacted.entities[0]
    assert units[2 * one.start : 2 * one.end].decode("utf-16-le") == one.original
    with pytest.raises(InvalidError) as caught:
        client.redact(TEXT, mask_length=10**6)
    assert caught.value.fields == ("mask_length",)


def test_a_batch_comes_back_in_order(client: Client) -> None:
    first, second = client.batch([("b", f"Write to {MAIL}."), "Nothing private."])
    assert (first.id, second.id) == ("b", 1)
    assert MAIL not in first.text
    assert second.text == "Nothing private."
    assert client.batch([]) == []


def test_a_key_that_may_only_redact_waits_for_a_job(server: Server, keys: dict[str, str]) -> None:
    with Client(server.url, keys["redact"]) as client:
        redacted = client.redact(TEXT * 20, wait=0)
        assert NAME not in redacted.text
        with pytest.raises(ForbiddenError):
            client.usage()


def test_a_job_is_handed_in_watched_and_cancelled(client: Client) -> None:
    job = client.jobs.submit(TEXT * 20)
    assert isinstance(job, str)
    assert client.jobs.get(job).texts == 1
    found = client.jobs.wait(job)
    assert isinstance(found, Redacted)
    assert NAME not in found.text
    with pytest.raises(NotFoundError):
        client.jobs.result(job)
    other = client.jobs.submit(TEXT * 20)
    assert isinstance(other, str)
    client.jobs.cancel(other)
    with pytest.raises(NotFoundError):
        client.jobs.get(other)


def test_a_file_comes_back_clean_and_nothing_stays(
    client: Client, contract: bytes, tmp_path: Path
) -> None:
    source, target = tmp_path / "contract.pdf", tmp_path / "clean.pdf"
    source.write_bytes(contract)
    done = client.redact_file(source, target)
    assert (done.kind, done.pages) == ("pdf", 1)
    assert done.clean is not None
    assert done.clean.certificate
    with pymupdf.open(target) as clean:
        assert NAME not in clean[0].get_text()
        assert "agreement" in clean[0].get_text()
    with pytest.raises(NotFoundError):
        client.documents.get(done)


def test_a_document_is_read_corrected_and_fetched(client: Client, contract: bytes) -> None:
    documents = client.documents
    handed = documents.upload(contract, name="contract.pdf", style="numbered", expires="1h")
    assert handed.reveal_token
    done = documents.wait(handed)
    assert done.id in {one.id for one in documents.list(limit=5).documents}
    assert NAME not in documents.text(done)
    original = documents.original(done)
    assert NAME in original.text
    start = original.text.index("agreement")
    edit = Edit("add", start, start + len("agreement"), "private_person")
    assert documents.correct(done, [edit], revision=original.revision).revision > done.revision
    assert "agreement" not in documents.text(documents.wait(done))
    source, clean = io.BytesIO(), io.BytesIO()
    documents.download_original(done, source)
    documents.download(done, clean)
    assert source.getvalue() == contract
    assert clean.getvalue().startswith(b"%PDF-")
    assert documents.set_expiry(done, "1d") is not None
    assert documents.new_link(done).private_url.startswith("http")
    documents.delete(done)


def test_without_a_key_the_reveal_token_opens_the_original(nobody: Client, contract: bytes) -> None:
    handed = nobody.documents.upload(contract, expires="1h")
    done = nobody.documents.wait(handed)
    assert NAME in nobody.documents.original(done).text
    with pytest.raises(NotFoundError):
        nobody.documents.original(done.id)
    nobody.documents.delete(done)


def test_a_file_that_cannot_be_read_is_an_error_with_a_code(client: Client) -> None:
    with pytest.raises(DocumentFailedError) as caught:
        client.redact_file(b"\x7fELF" + bytes(200), io.BytesIO(), name="program")
    assert caught.value.code == "unknown_kind"
    with pytest.raises(NotFoundError):
        client.documents.get(caught.value.id)


def test_a_picture_s_bars_are_moved_and_it_is_fetched_flat(client: Client) -> None:
    picture, sent = Image.new("RGB", (900, 160), "white"), io.BytesIO()
    font = ImageFont.load_default(size=36)
    ImageDraw.Draw(picture).text((20, 50), f"Write to {MAIL}", "black", font)
    picture.save(sent, "PNG")
    handed = client.images.upload(sent, name="shot.png", expires="1h")
    done = client.images.wait(handed)
    bars = client.images.bars(done)
    assert (bars.width, bars.height) == (900, 160)
    drawn = Bar("mine", 0, 0, 10, 10, "secret")
    again = client.images.set_bars(done, [*bars.bars, drawn], revision=bars.revision)
    assert len(again.bars) == len(bars.bars) + 1
    with pytest.raises(ConflictError):
        client.images.set_bars(done, [], revision=bars.revision)
    client.images.wait(done)
    flat = io.BytesIO()
    client.images.download(done, flat)
    assert Image.open(flat).convert("RGB").getpixel((5, 5)) == (0, 0, 0)
    client.images.delete(done)


def test_a_paste_is_made_read_corrected_and_deleted(client: Client) -> None:
    made = client.pastes.create(TEXT, title="A parcel", expires="1h")
    assert made.reveal_token
    assert made.private_url
    paste = client.pastes.wait(made)
    assert paste.text is not None
    assert NAME not in paste.text
    assert paste.spans
    original = client.pastes.original(paste)
    assert original.text[original.text_start :] == TEXT
    start = original.text.index("Customer")
    edit = Edit("add", start, start + 8, "private_person")
    client.pastes.correct(paste, [edit], revision=original.revision)
    assert "Customer" not in (client.pastes.get(paste).text or "")
    assert paste.id in {one.id for one in client.pastes.list(limit=5).pastes}
    link = client.pastes.new_link(paste)
    assert link.reveal_token != made.reveal_token
    client.pastes.revoke_link(paste)
    assert client.pastes.set_expiry(paste, "never") is None
    client.pastes.delete(paste)
    with pytest.raises(NotFoundError):
        client.pastes.get(paste)


def test_a_paste_that_burns_opens_once(nobody: Client) -> None:
    paste = nobody.pastes.wait(nobody.pastes.create(TEXT, burn=True, expires="1h"))
    with pytest.raises(ConflictError):
        nobody.pastes.original(paste)
    assert nobody.pastes.burn(paste).text == TEXT
    with pytest.raises(NotFoundError):
        nobody.pastes.burn(paste)


def test_keys_are_made_rotated_and_revoked(client: Client, server: Server) -> None:
    made = client.keys.create("from the client", ["redact"])
    assert client.keys.get(made.key.id).name == "from the client"
    fresh = client.keys.rotate(made.key.id, overlap_seconds=0)
    with Client(server.url, made.secret) as old, pytest.raises(AuthenticationError):
        old.redact("x")
    with Client(server.url, fresh.secret) as new:
        assert new.redact("Nothing private.").text == "Nothing private."
    assert made.key.id in {key.id for key in client.keys.list()}
    client.keys.revoke(made.key.id)
    with pytest.raises(NotFoundError):
        client.keys.get(made.key.id)
    assert client.usage().limits is not None


def test_webhooks_are_made_rotated_and_deleted(client: Client) -> None:
    made = client.webhooks.create("https://1.1.1.1/hook", ["job.done"])
    assert (made.webhook.events, made.webhook.active) == (("job.done",), True)
    rotated = client.webhooks.rotate(made.webhook.id)
    assert rotated.secret != made.secret
    assert rotated.webhook.previous_secret_until is not None
    off = client.webhooks.change(made.webhook.id, events=["paste.ready"], active=False)
    assert (off.events, off.active) == (("paste.ready",), False)
    with pytest.raises(ConflictError):
        client.webhooks.test(made.webhook.id)
    assert client.webhooks.get(made.webhook.id) == off
    assert client.webhooks.deliveries(made.webhook.id).deliveries == ()
    with pytest.raises(InvalidError) as caught:
        client.webhooks.create("https://127.0.0.1/hook")
    assert caught.value.fields == ("url",)
    client.webhooks.delete(made.webhook.id)
    assert made.webhook.id not in {one.id for one in client.webhooks.list()}


def test_the_same_is_awaited(server: Server, keys: dict[str, str], contract: bytes) -> None:
    async def work() -> None:
        async with AsyncClient(server.url, keys["all"]) as client:
            redacted = await client.redact(TEXT, wait=0)
            assert NAME not in redacted.text
            assert (await client.restore(redacted.text, redacted)).text == TEXT
            clean = io.BytesIO()
            await client.redact_file(contract, clean)
            assert clean.getvalue().startswith(b"%PDF-")
            with pytest.raises(NotFoundError):
                await client.pastes.get("no-such-paste")

    apart(anyio.run, work)


def test_many_calls_at_once_share_a_client(server: Server, keys: dict[str, str]) -> None:
    async def work() -> None:
        found: dict[int, str] = {}

        async def one(client: AsyncClient, number: int) -> None:
            found[number] = (await client.redact(f"Number {number} is {MAIL}.")).text

        async with (
            AsyncClient(server.url, keys["all"]) as client,
            anyio.create_task_group() as group,
        ):
            for number in range(12):
                group.start_soon(one, client, number)
        assert found == {number: f"Number {number} is [EMAIL_1]." for number in range(12)}

    apart(anyio.run, work)
