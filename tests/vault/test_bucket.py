"""Sealed files in a bucket: the same promises as in a folder."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from django.core.files.storage import storages
from django.utils import timezone
from moto import mock_aws
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from vault import files
from vault.envelope import UnsealError
from vault.files import delete_files, read_file, store_file, sweep_orphans
from vault.models import Envelope

pytestmark = pytest.mark.django_db
BUCKET = "sealed"
CONTENT = b"Ann Lee, 4929 1234 5678 9012\n" * 200


@pytest.fixture(autouse=True)
def bucket(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An empty bucket in place of the folder, with small segments."""
    monkeypatch.setattr(files, "SEGMENT_BYTES", 1000)
    with mock_aws():
        client = boto3.client(
            "s3", "eu-central-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        client.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        settings.STORAGES = {
            **settings.STORAGES,
            "sealed": {
                "BACKEND": "storages.backends.s3.S3Storage",
                "OPTIONS": {
                    "bucket_name": BUCKET,
                    "region_name": "eu-central-1",
                    "access_key": "a",
                    "secret_key": "b",
                    "default_acl": None,
                    "file_overwrite": False,
                },
            },
        }
        yield client


def _stored(client: Any) -> dict[str, bytes]:
    listed = client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return {
        one["Key"]: client.get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read()
        for one in listed
    }


def test_what_lies_there_is_ciphertext_and_comes_back(bucket: Any) -> None:
    envelope, key, _ = Envelope.create()
    row = store_file(envelope=envelope, key=key, name="file", stream=io.BytesIO(CONTENT))
    ((name, sealed),) = _stored(bucket).items()
    assert name == row.storage_name
    assert b"Ann Lee" not in sealed
    assert b"".join(read_file(row, key)) == CONTENT


def test_a_file_goes_with_its_envelope(
    bucket: Any, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    envelope, key, _ = Envelope.create()
    store_file(envelope=envelope, key=key, name="file", stream=io.BytesIO(CONTENT))
    with django_capture_on_commit_callbacks(execute=True):
        delete_files(envelope.pk)
    assert not _stored(bucket)


def test_a_changed_or_cut_object_does_not_open(bucket: Any) -> None:
    envelope, key, _ = Envelope.create()
    row = store_file(envelope=envelope, key=key, name="file", stream=io.BytesIO(CONTENT))
    ((name, sealed),) = _stored(bucket).items()
    for damaged in (sealed[:-1], sealed[:2000], sealed[:50] + b"x" + sealed[51:], sealed + b"x"):
        bucket.put_object(Bucket=BUCKET, Key=name, Body=damaged)
        with pytest.raises(UnsealError):
            list(read_file(row, key))


def test_orphans_are_swept_and_the_rest_stays(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sweep_orphans() == 0
    envelope, key, _ = Envelope.create()
    kept = store_file(envelope=envelope, key=key, name="file", stream=io.BytesIO(CONTENT))
    orphan = store_file(envelope=envelope, key=key, name="other", stream=io.BytesIO(CONTENT))
    orphan.delete()
    assert sweep_orphans() == 0
    later = timezone.now() + timedelta(hours=2)
    monkeypatch.setattr(files.timezone, "now", lambda: later)
    assert sweep_orphans() == 1
    assert list(_stored(bucket)) == [kept.storage_name]


def test_a_file_that_is_gone_is_an_error_as_in_a_folder(bucket: Any) -> None:
    envelope, key, _ = Envelope.create()
    row = store_file(envelope=envelope, key=key, name="file", stream=io.BytesIO(CONTENT))
    storages["sealed"].delete(row.storage_name)
    with pytest.raises(OSError, match="exist"):
        list(read_file(row, key))
