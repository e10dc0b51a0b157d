"""Other programs open the clean files and find nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pymupdf
import pytest
import xray

from tests.documents.formats.pdf_writing.made import (
    NAME,
    a_letter,
    a_page,
    a_scan,
    holds,
    redacted,
    rendered,
)


def _rotated() -> bytes:
    return a_page(lambda page: page.set_rotation(90), f"Dear {NAME}, your flat is ready.")


def _many() -> bytes:
    return a_page(None, *(f"{number} {NAME} and others, {NAME} too." for number in range(20)))


INPUTS = {
    "letter": a_letter,
    "rotated": _rotated,
    "many": _many,
    "scan": lambda: a_scan(f"Dear {NAME},", has_layer=True),
}


@pytest.fixture(params=INPUTS)
def clean(request: pytest.FixtureRequest) -> bytes:
    """A clean file that held the name."""
    content = INPUTS[request.param]()
    result = redacted(content, NAME)
    assert result.hidden
    return result.content


def _run(program: str, *arguments: str | Path) -> str:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    done = subprocess.run(
        [program, *map(str, arguments)], capture_output=True, check=True, timeout=120
    )
    return done.stdout.decode("utf-8", "replace")


def test_xray_finds_no_bad_redaction(clean: bytes) -> None:
    assert xray.inspect(clean) == {}


def test_every_reader_draws_it(clean: bytes) -> None:
    assert rendered(clean).getextrema() != ((255, 255),) * 3
    with pymupdf.open(stream=clean) as document:
        assert document.page_count == 1
        assert not document.is_repaired


def test_pdftotext_finds_nothing(clean: bytes, tmp_path: Path) -> None:
    path = tmp_path / "clean.pdf"
    path.write_bytes(clean)
    text = _run("pdftotext", path, "-")
    assert "Wilhelmina" not in text
    assert "Quist" not in text


def test_qpdf_finds_it_sound_and_empty(clean: bytes, tmp_path: Path) -> None:
    path, open_path = tmp_path / "clean.pdf", tmp_path / "open.pdf"
    path.write_bytes(clean)
    assert "No syntax or stream encoding errors" in _run("qpdf", "--check", path)
    _run("qpdf", "--qdf", "--object-streams=disable", path, open_path)
    assert b"Wilhelmina" not in open_path.read_bytes()
    assert not holds(open_path.read_bytes(), NAME)


def test_libreoffice_finds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "clean.pdf"
    path.write_bytes(redacted(_many(), NAME).content)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    _run(
        "soffice", profile, "--headless", "--infilter=writer_pdf_import", "--convert-to", "fodt",
        "--outdir", tmp_path, path,
    )  # fmt: skip
    written = (tmp_path / "clean.fodt").read_text("utf-8", "replace")
    text = re.sub(r"<[^>]*>", "", written.replace("<text:s/>", " "))
    assert "andothers" in "".join(text.split())
    assert "Wilhelmina" not in text
    assert "Quist" not in text


def test_pages_as_pictures_hold_no_text() -> None:
    result = redacted(_many(), NAME, rasterise=True)
    assert not holds(result.content, NAME)
    assert result.text() == ""
    assert all(check.is_passed for check in result.checks())
    # A tenth of the page at least is black: the bars.
    dark = sum(rendered(result.content, dpi=50).convert("L").histogram()[:40])
    assert dark > 1000


def test_same_input_gives_the_same_bytes() -> None:
    assert redacted(a_letter(), NAME).content == redacted(a_letter(), NAME).content
