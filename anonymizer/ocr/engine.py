"""Tesseract in process: one pass over one upright grey picture gives words with characters."""

from __future__ import annotations

import os
import threading
from dataclasses import replace

# Before the library is loaded: its threads cost more than they bring on one page.
os.environ.setdefault("OMP_THREAD_LIMIT", "1")


import numpy as np
import tesserocr
from PIL import Image

from anonymizer.ocr.edges import Pixels, edges_in, grown
from anonymizer.ocr.languages import data_folder
from anonymizer.ocr.words import OcrError, OcrWord

# Each loaded set of languages holds some 20 MB.
SETS_HELD = 4
# Of fewer pixels nothing can be read, and the library complains.
_LEAST_SIDE_PX = 8
_WORD = tesserocr.RIL.WORD

tesserocr.set_leptonica_log_level(tesserocr.LeptLogLevel.NONE)
_held = threading.local()


def one_pass(image: Image.Image, names: tuple[str, ...]) -> list[OcrWord]:
    """Return the words of a grey picture (mode "L") in the order in which they are read.

    Raises OcrError if the picture could not be gone through: that is not "no words".
    """
    pixels = np.asarray(image)
    return [_placed(word, pixels) for word in _recognised(image, names)]


def _recognised(image: Image.Image, names: tuple[str, ...]) -> list[OcrWord]:
    width, height = image.size
    if min(width, height) < _LEAST_SIDE_PX:
        return []
    api = _api(names)
    try:
        api.SetImageBytes(image.tobytes(), width, height, 1, width)
        if not api.Recognize():
            raise OcrError("A picture could not be read.")
        return _words_of(api)
    except RuntimeError as exc:
        raise OcrError("A picture could not be read.") from exc
    finally:
        api.Clear()


def _api(names: tuple[str, ...]) -> tesserocr.PyTessBaseAPI:
    """Return this thread's reader for a set of languages, loaded once."""
    apis: dict[tuple[str, ...], tesserocr.PyTessBaseAPI] = _held.__dict__.setdefault("apis", {})
    api = apis.pop(names, None)
    if api is None:
        while len(apis) >= SETS_HELD:
            apis.pop(next(iter(apis))).End()
        api = tesserocr.PyTessBaseAPI(
            path=data_folder(names),
            lang="+".join(names),
            psm=tesserocr.PSM.AUTO,
            oem=tesserocr.OEM.LSTM_ONLY,
        )
        api.SetVariable("debug_file", os.devnull)
    apis[names] = api
    return api


def _words_of(api: tesserocr.PyTessBaseAPI) -> list[OcrWord]:
    found = api.GetIterator()
    if found is None:
        return []
    words: list[OcrWord] = []
    block = line = -1
    while True:
        block += found.IsAtBeginningOf(tesserocr.RIL.BLOCK)
        line += found.IsAtBeginningOf(tesserocr.RIL.TEXTLINE)
        box = found.BoundingBox(_WORD)
        if box is not None and not found.Empty(_WORD):
            confidence = found.Confidence(_WORD) / 100
            text = found.GetUTF8Text(_WORD) or ""
            if text.strip():
                place = (float(box[0]), float(box[1]), float(box[2]), float(box[3]))
                words.append(OcrWord(text, place, confidence, line, block))
        if not found.Next(_WORD):
            return words


def _placed(word: OcrWord, pixels: Pixels) -> OcrWord:
    """Return a word with its box grown to whole letters, and the edges of its characters."""
    box = grown(pixels, word.box)
    edges = edges_in(pixels, box, word.text)
    place = (float(box[0]), float(box[1]), float(box[2]), float(box[3]))
    return replace(word, box=place, edges=edges)
