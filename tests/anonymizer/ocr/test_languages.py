"""Which languages are read, and what happens where their data is missing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from anonymizer.ocr import NoLanguageError, installed_languages, missing_sentence, read_words
from anonymizer.ocr import languages as module
from tests.anonymizer.ocr.pages import page


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    """Look for language data anew, before and after."""
    for held in (module._files, module.data_folder):
        held.cache_clear()
    yield
    for held in (module._files, module.data_folder):
        held.cache_clear()


def _only(monkeypatch: pytest.MonkeyPatch, *folders: Path) -> None:
    monkeypatch.setattr(module, "_folders", lambda: iter(folders))


def _wheel_folder() -> Path:
    return next(f for f in list(module._folders())[::-1] if (f / "eng.traineddata").is_file())


def test_english_is_read_with_the_packages_of_the_project_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _only(monkeypatch, _wheel_folder())
    assert "eng" in installed_languages()
    assert [word.text for word in read_words(page(("Margaret Holloway",)))] == [
        "Margaret",
        "Holloway",
    ]


def test_orientation_data_is_no_language() -> None:
    assert "osd" not in installed_languages()


def test_missing_languages_are_named_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "eng.traineddata").touch()
    _only(monkeypatch, tmp_path)
    assert missing_sentence(["eng"]) == ""
    assert missing_sentence(["eng", "deu"]).startswith(
        "Text in pictures is not read as German here"
    )
    assert "German, French and Spanish here" in missing_sentence(["deu", "eng", "fra", "spa"])
    assert "xyz" in missing_sentence(["xyz"])


def test_without_the_wanted_language_english_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("eng", "deu"):
        (tmp_path / f"{name}.traineddata").touch()
    _only(monkeypatch, tmp_path)
    assert module.chosen_languages(["xyz"]) == ("eng",)
    assert module.chosen_languages(["deu", "xyz", "deu"]) == ("deu",)
    assert module.chosen_languages() == ("eng", "deu")


def test_without_any_data_reading_fails_and_does_not_say_no_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _only(monkeypatch, tmp_path, tmp_path / "missing")
    assert installed_languages() == ()
    with pytest.raises(NoLanguageError):
        read_words(page(("Margaret Holloway",)))


def test_data_in_two_folders_is_read_as_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    english = _wheel_folder() / "eng.traineddata"
    for folder, name in (("one", "eng"), ("two", "deu")):
        (tmp_path / folder).mkdir()
        # Any language's data will do: only where it lies is tested.
        shutil.copy(english, tmp_path / folder / f"{name}.traineddata")
    _only(monkeypatch, tmp_path / "one", tmp_path / "two")
    joined = Path(module.data_folder(("eng", "deu")))
    assert {file.name for file in joined.iterdir()} >= {"eng.traineddata", "deu.traineddata"}
    words = read_words(page(("Margaret Holloway",)), languages=("eng", "deu"))
    assert [word.text for word in words] == ["Margaret", "Holloway"]
