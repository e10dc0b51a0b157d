import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from inference.engine.checkpoint import BUNDLED
from inference.engine.compact import OVERLAP_TOKENS, WINDOW_TOKENS
from inference.engine.engine import Detection, Engine
from inference.engine.errors import CheckpointDamaged

LETTER = "Dear Jane Doe, the parcel for 12 Main Street, Springfield left on Monday. "


def test_long_text_is_seen_to_its_last_character(engine: Engine) -> None:
    text = "The weather was fine. " * 250 + "My name is Jane Doe and my mail is jane@example.com"
    (detection,) = engine.detect([text])
    assert detection.scanned_chars == len(text)
    hidden = {text[span.start : span.end] for span in detection.spans}
    assert {"Jane Doe", "jane@example.com"} <= hidden


def test_first_window_is_answered_as_if_the_text_ended_far_behind_it(engine: Engine) -> None:
    """Stitching takes a token's answer from a window where half the overlap surrounds it."""
    text = LETTER * 35
    (emissions,) = engine.model.emit([text])
    size = len(emissions.log_probs)
    assert size > WINDOW_TOKENS + OVERLAP_TOKENS
    assert np.allclose(np.exp(emissions.log_probs).sum(axis=1), 1, atol=1e-4)
    people = [s for s in engine.detect([text])[0].spans if s.label == "private_person"]
    assert len(people) == 35


def test_texts_answer_as_they_do_alone(engine: Engine) -> None:
    texts = [LETTER, "", "李萍住在北京市朝阳区建国路88号。", LETTER * 30]
    together = engine.model.emit(texts)
    for text, answer in zip(texts, together, strict=True):
        (alone,) = engine.model.emit([text])
        assert np.array_equal(alone.log_probs, answer.log_probs)
        assert np.array_equal(alone.offsets, answer.offsets)


def test_progress_adds_up_to_the_characters_of_all_texts(engine: Engine) -> None:
    texts = [LETTER * 30, "", "   ", "short"]
    steps: list[int] = []
    engine.detect(texts, on_progress=steps.append)
    assert sum(steps) == sum(map(len, texts))
    assert len(steps) == 4
    assert min(steps) >= 0


def test_progress_may_scan_another_text_in_between(engine: Engine) -> None:
    inner: list[Detection] = []

    def scan_short_text(_finished: int) -> None:
        if not inner:
            inner.extend(engine.detect(["Call Jane Doe"]))

    (outer,) = engine.detect([LETTER * 40], on_progress=scan_short_text)
    assert [span.label for span in inner[0].spans] == ["private_person"]
    assert outer == engine.detect([LETTER * 40])[0]


def test_progress_may_cancel(engine: Engine) -> None:
    class Cancelled(Exception):
        pass

    def cancel(_finished: int) -> None:
        raise Cancelled

    for lanes in (1, 2):
        before = threading.active_count()
        with pytest.raises(Cancelled):
            Engine.load("compact", lanes=lanes).detect([LETTER * 120], on_progress=cancel)
        assert threading.active_count() == before


def test_threads_share_one_engine(engine: Engine) -> None:
    texts = [LETTER * n for n in (1, 2, 3, 4)]
    expected = engine.detect(texts)
    found: dict[int, object] = {}

    def scan(index: int) -> None:
        found[index] = engine.detect([texts[index]])[0]

    threads = [threading.Thread(target=scan, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[index] for index in range(4)] == expected


def test_windows_side_by_side_find_the_same(engine: Engine) -> None:
    long_text = LETTER * 120
    several = Engine.load("compact", lanes=3)
    reported: list[int] = []
    found = several.detect([long_text], on_progress=reported.append)
    assert found == engine.detect([long_text])
    assert sum(reported) == len(long_text)
    assert len(reported) > 3


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the bundled checkpoint to damage."""
    return shutil.copytree(BUNDLED / "compact", tmp_path / "checkpoint")


@pytest.mark.parametrize("name", ["model.int8.onnx", "tokenizer.json", "config.json"])
def test_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(CheckpointDamaged, match=name.replace(".", r"\.")):
        Engine.load(str(copy))


@pytest.mark.parametrize("name", ["model.int8.onnx", "tokenizer.json", "config.json"])
def test_half_a_file_is_named(copy: Path, name: str) -> None:
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(CheckpointDamaged, match=name.replace(".", r"\.")):
        Engine.load(str(copy))


def test_labels_that_do_not_fit_the_weights_raise(copy: Path) -> None:
    config = (copy / "config.json").read_text()
    (copy / "config.json").write_text(
        config.replace(
            '"id2label": {', '"id2label": {"33": "B-x", "34": "I-x", "35": "E-x", "36": "S-x",'
        )
    )
    broken = Engine.load(str(copy))
    with pytest.raises(CheckpointDamaged):
        broken.detect(["Jane Doe"])
