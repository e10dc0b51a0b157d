"""Downloading a checkpoint, from a hub on this machine that fails in every way it can."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from huggingface_hub import constants, file_download
from huggingface_hub.utils import _http

from inference.engine import checkpoint, hub
from inference.engine.errors import CheckpointNotFound
from tests.engine import fake_hub, privacy_filters
from tests.engine.fake_hub import COMMIT, NAME, FakeHub

WEIGHTS = bytes(range(256)) * 1024  # 256 KiB
FILES = {
    "config.json": b"{}",
    "tokenizer.json": b"{ }",
    "model.safetensors": WEIGHTS,
    "viterbi_calibration.json": b"{  }",
    "README.md": b"not wanted",
    "original/model.safetensors": b"not wanted either",
    "onnx/model.onnx": b"nor this",
}
WANTED = {"config.json", "tokenizer.json", "model.safetensors", "viterbi_calibration.json"}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a library that does not wait before it tries again."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_IMPLICIT_TOKEN", True)
    # As small beside the file as it is on a real download.
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1 << 14)
    at_once = SimpleNamespace(sleep=lambda _: None)
    monkeypatch.setattr(file_download, "time", at_once)
    monkeypatch.setattr(_http, "time", at_once)
    monkeypatch.setattr(hub, "PERIOD_SECONDS", 0.01)
    return tmp_path / "hub"


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """A hub with one checkpoint."""
    with fake_hub.serve(FakeHub(FILES)) as running:
        _point_to(running.url, monkeypatch)
        yield running


def _point_to(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    template = url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)


def _sentence(name: str = NAME) -> str:
    """Return what a failed download says."""
    with pytest.raises(CheckpointNotFound) as caught:
        hub.download(name)
    said = str(caught.value)
    assert name in said
    assert "\n" not in said
    return said


def test_what_is_needed_is_downloaded_and_nothing_else(served: FakeHub, cache: Path) -> None:
    directory = hub.download(NAME)
    found = {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}
    assert found == WANTED
    assert (directory / "model.safetensors").read_bytes() == WEIGHTS
    assert checkpoint.cached_snapshot(NAME) == directory
    assert not list(cache.rglob("*.incomplete"))


def test_progress_is_told(served: FakeHub) -> None:
    served.block_seconds = 0.02
    told: list[str] = []
    hub.download(NAME, told.append)
    assert told[0] == f"Downloading {NAME}: 0.00 GB."
    shares = [int(line.rpartition(" ")[2].removesuffix("%.")) for line in told[1:]]
    assert shares == sorted(shares)
    assert any(0 < share < 100 for share in shares)


def test_what_is_here_already_is_not_downloaded_again(served: FakeHub) -> None:
    hub.download(NAME)
    served.asked.clear()
    told: list[str] = []
    hub.download(NAME, told.append)
    assert told == []
    assert served.downloads("model.safetensors") == []


def test_a_connection_cut_once_goes_on_where_it_stopped(served: FakeHub) -> None:
    served.cuts = 1
    directory = hub.download(NAME)
    assert (directory / "model.safetensors").read_bytes() == WEIGHTS
    first, second = served.downloads("model.safetensors")
    assert first == ""
    assert second == f"bytes={len(WEIGHTS) // 2}-"


def test_a_connection_that_stays_cut_is_one_sentence_and_a_later_start_completes(
    served: FakeHub,
) -> None:
    served.cuts, served.cuts_at_start = 1000, True
    assert "network" in _sentence()
    assert checkpoint.cached_snapshot(NAME) is None
    served.cuts = 0
    served.asked.clear()
    directory = hub.download(NAME)
    assert (directory / "model.safetensors").read_bytes() == WEIGHTS
    # What was complete before is not fetched a second time.
    assert served.downloads("config.json") == []


@pytest.mark.parametrize("missing", ["tokenizer.json", "viterbi_calibration.json"])
def test_a_checkpoint_with_weights_but_without_a_file_is_completed(
    served: FakeHub, missing: str
) -> None:
    served.cut, served.cuts, served.cuts_at_start = missing, 1000, True
    _sentence()
    served.cuts = 0
    assert checkpoint.resolve(NAME) == NAME
    assert (hub.download(NAME) / missing).is_file()
    assert isinstance(checkpoint.resolve(NAME), Path)


def test_no_network_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        _point_to(f"http://127.0.0.1:{closed.getsockname()[1]}", monkeypatch)
        assert "network" in _sentence()


def test_no_network_is_no_matter_once_all_is_here(
    served: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = hub.download(NAME)
    _point_to("http://127.0.0.1:1", monkeypatch)
    assert checkpoint.resolve(NAME) == directory


def test_an_unknown_name_is_said(served: FakeHub) -> None:
    assert _sentence("someone/unknown") == "The hub has no public checkpoint someone/unknown."


def test_a_name_that_the_hub_cannot_have_is_one_sentence(served: FakeHub) -> None:
    assert checkpoint.resolve("a/b--c") == "a/b--c"
    _sentence("a/b--c")


def test_a_checkpoint_behind_a_gate_is_said(served: FakeHub) -> None:
    served.status, served.error_code = 403, "GatedRepo"
    assert "HF_TOKEN" in _sentence()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_hub_that_is_down_is_one_sentence(served: FakeHub, status: int) -> None:
    served.status = status
    _sentence()


def test_an_answer_that_is_no_hub_is_one_sentence(
    served: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a hotel's network that asks for a name and a room answers everything with a page."""
    monkeypatch.setattr(fake_hub, "_tree", lambda _: "Welcome")
    _sentence()


def test_a_full_disk_is_said_before_the_download(
    served: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = SimpleNamespace(total=1 << 40, used=1 << 40, free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    with pytest.raises(CheckpointNotFound, match="disk"):
        hub.download(NAME)
    assert served.downloads("model.safetensors") == []


def test_a_whole_checkpoint_is_loaded_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    privacy_filters.byte_tokenizer(tmp_path / "tokenizer.json")
    privacy_filters.network().save_pretrained(tmp_path / "made")
    paths = [tmp_path / "tokenizer.json", *(tmp_path / "made").iterdir()]
    files = {path.name: path.read_bytes() for path in paths}
    with fake_hub.serve(FakeHub(files)) as running:
        _point_to(running.url, monkeypatch)
        model = checkpoint.load(NAME)
        assert model.name == NAME
        (emissions,) = model.emit(["Jane Doe"])
    assert len(emissions.offsets) == len("Jane Doe")
    assert checkpoint.load(NAME).revision == model.revision
    assert checkpoint.resolve(NAME) == checkpoint.cached_snapshot(NAME)
    assert COMMIT in str(checkpoint.resolve(NAME))
