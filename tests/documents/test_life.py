"""The life of a document: received, read, scanned, cleaned, corrected, gone."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from anonymizer.corrections import Edit
from documents import certificates, queue, sandbox, services, work
from documents.exports import numbered, redacted_text, spans_as_csv, spans_as_json
from documents.formats.model import Check, DamagedError
from documents.models import CleanState, Document, FileJob, State, Task
from sharing.services import GoneError, delete, delete_expired
from tests.documents.world import CARD, FILE_NAME, MAIL, NAME, SECRETS, TEXT, MakeDocument
from vault.envelope import UnsealError
from vault.models import Envelope, SealedFile

pytestmark = pytest.mark.django_db(transaction=True, available_apps=list(settings.INSTALLED_APPS))


def test_a_text_becomes_readable_and_clean(make_document: MakeDocument) -> None:
    made = make_document()
    document = made.row
    assert document.state == State.READY
    assert document.kind == "txt"
    assert document.redacted_name == "Letter of <PRIVATE_PERSON>"
    assert redacted_text(document) == (
        "Dear <PRIVATE_PERSON>,\n\nyour card <ACCOUNT_NUMBER> was charged.\n"
        "Write to <PRIVATE_EMAIL>.\n"
    )
    assert document.has_clean_file
    clean = b"".join(services.read_clean(document)).decode()
    assert clean == redacted_text(document)


def test_the_certificate_fits_the_clean_file_and_names_nothing_private(
    make_document: MakeDocument,
) -> None:
    document = make_document().row
    clean = b"".join(services.read_clean(document))
    certificate = document.certificate
    assert certificate["source_sha256"] == hashlib.sha256(TEXT.encode()).hexdigest()
    assert certificates.check(clean, certificate).is_good
    assert not certificates.check(clean + b"x", certificate).is_good
    assert not certificates.check(clean, {**certificate, "counts": {}}).is_good
    assert not any(secret in str(certificate) for secret in SECRETS)


def test_of_an_anonymous_document_the_server_forgets_the_key_when_all_is_made(
    make_document: MakeDocument,
) -> None:
    made = make_document(until="scanned")
    made.row.envelope.open_for_service()
    work.run_pending()
    with pytest.raises(UnsealError):
        made.row.envelope.open_for_service()
    key = made.row.envelope.open_with_token(made.token)
    assert b"".join(services.read_source(made.row, key)) == TEXT.encode()
    assert services.read_original(made.row, key).name == FILE_NAME


def test_nothing_is_public_before_the_scan(make_document: MakeDocument) -> None:
    document = make_document(until="read").row
    assert document.state == State.SCANNING
    assert not document.is_public
    assert document.redacted_text is None
    with pytest.raises(GoneError):
        services.read_clean(document)


def test_the_clean_file_follows_a_correction(make_document: MakeDocument) -> None:
    made = make_document()
    key = made.row.envelope.open_with_token(made.token)
    word = made.row.text_start + TEXT.index("charged")
    edit = Edit("add", word, word + len("charged"), "secret")
    services.correct(document=made.row, key=key, revision=0, edits=[edit], all_mentions=True)
    assert not made.row.has_clean_file
    with pytest.raises(GoneError):
        services.read_clean(made.row)
    work.run_pending()
    assert b"charged" not in b"".join(services.read_clean(made.row))
    assert SealedFile.objects.filter(name="clean").count() == 1
    with pytest.raises(UnsealError):
        made.row.envelope.open_for_service()


def test_a_correction_while_the_clean_file_is_made_is_not_lost(
    make_document: MakeDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_document(until="scanned")
    key = made.row.envelope.open_with_token(made.token)
    word = made.row.text_start + TEXT.index("charged")
    edit = Edit("add", word, word + len("charged"), "secret")
    write = sandbox.write_clean
    corrected = []

    def write_and_correct(*args: object, **options: object) -> object:
        if not corrected:
            corrected.append(True)
            services.correct(
                document=made.row, key=key, revision=0, edits=[edit], all_mentions=True
            )
        return write(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(sandbox, "write_clean", write_and_correct)
    assert work.run_pending() == 2
    assert b"charged" not in b"".join(services.read_clean(made.row))


def test_a_survivor_blocks_the_clean_file_and_says_where(
    make_document: MakeDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = (Check("text", 1), Check("streams", 4, ("part 2",)))
    monkeypatch.setattr(sandbox, "verify", lambda *args, **options: found)
    document = make_document().row
    assert document.clean_state == CleanState.BLOCKED
    assert document.clean_places == ["part 2"]
    assert not document.has_clean_file
    assert document.is_public


def test_a_file_that_cannot_be_read_fails_with_its_sentence(make_document: MakeDocument) -> None:
    document = make_document(b"").row
    assert document.state == State.FAILED
    assert document.error
    assert not FileJob.objects.exists()
    with pytest.raises(UnsealError):
        document.envelope.open_for_service()


def test_a_failed_document_is_read_again_when_asked(
    make_document: MakeDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **options: object) -> None:
        raise DamagedError("This file is damaged.")

    with monkeypatch.context() as patch:
        patch.setattr(sandbox, "read", fail)
        made = make_document(until="read")
    assert made.row.state == State.FAILED
    key = made.row.envelope.open_with_token(made.token)
    services.retry(made.row, key)
    work.run_pending()
    assert made.row.state == State.SCANNING


def test_a_file_that_stops_the_worker_is_not_tried_for_ever(
    make_document: MakeDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*args: object, **options: object) -> None:
        raise RuntimeError(NAME)

    monkeypatch.setattr(sandbox, "read", crash)
    document = make_document().row
    assert document.state == State.FAILED
    assert document.error_code == "stopped"


def test_a_deleted_document_leaves_no_key_file_or_work(make_document: MakeDocument) -> None:
    made = make_document()
    delete(made.row)
    assert not Document.objects.exists()
    assert not Envelope.objects.exists()
    assert not SealedFile.objects.exists()


def test_deleting_while_it_is_read_ends_the_work(
    make_document: MakeDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_document(until="received")
    read = sandbox.read

    def read_and_delete(*args: object, **options: object) -> object:
        delete(made.row)
        return read(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(sandbox, "read", read_and_delete)
    work.run_pending()
    assert not Document.objects.exists()
    assert not Envelope.objects.exists()


def test_an_expired_document_is_swept(make_document: MakeDocument) -> None:
    made = make_document(expires_at=timezone.now() - timedelta(seconds=1))
    assert not Document.objects.live().filter(pk=made.pid).exists()
    assert delete_expired(Document) == 1
    assert not SealedFile.objects.exists()


def test_a_small_file_does_not_wait_behind_large_ones(make_document: MakeDocument) -> None:
    large = make_document(until="received")
    FileJob.objects.filter(document_id=large.pid).update(size_bytes=queue.SMALL_FILE_BYTES + 1)
    small = make_document(until="received")
    job = queue.claim(only_small=True)
    assert job is not None
    assert job.document_id == small.pid
    assert queue.claim(only_small=True) is None


def test_a_dead_worker_s_job_is_taken_by_another(make_document: MakeDocument) -> None:
    made = make_document(until="received")
    first = queue.claim(only_small=False)
    assert first is not None
    assert queue.claim(only_small=False) is None
    FileJob.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    second = queue.claim(only_small=False)
    assert second is not None
    assert second.pk == first.pk
    with pytest.raises(queue.JobLostError):
        queue.end(first)
    assert made.row.jobs.filter(task=Task.READ).exists()


def test_exports_speak_of_the_file_s_text(make_document: MakeDocument) -> None:
    made = make_document()
    original = services.read_original(made.row, made.row.envelope.open_with_token(made.token))
    text, values = numbered(made.row, original)
    assert text.startswith("Dear <PRIVATE_PERSON_1>,")
    assert values == {
        "<PRIVATE_PERSON_1>": NAME,
        "<ACCOUNT_NUMBER_1>": CARD,
        "<PRIVATE_EMAIL_1>": MAIL,
    }
    assert spans_as_csv(made.row, original).splitlines()[1].startswith("5,25,private_person")
    assert TEXT.split(",")[0] in spans_as_json(made.row, original)
