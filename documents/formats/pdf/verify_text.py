"""What the operators of a clean PDF show as text, decoded by their fonts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

from documents.formats.pdf import unicode_maps
from documents.formats.pdf.vocabulary import character_of

_MARKED_CONTENT = frozenset({"BDC", "BMC", "DP", "MP"})
SHOWING = frozenset({"Tj", "TJ", "'", '"'})


def shown_by(
    instructions: list[pikepdf.ContentStreamInstruction | pikepdf.ContentStreamInlineImage],
    resources: Object,
    forbidden: set[str],
) -> Iterator[str]:
    """Yield what text operators show, each string decoded, kerning inside an operator ignored."""
    decode: Callable[[bytes], str] = latin
    decoders: dict[str, Callable[[bytes], str]] = {}
    fonts = resources.get("/Font")
    for instruction in instructions:
        operator = str(instruction.operator)
        operands = instruction.operands
        if operator in _MARKED_CONTENT:
            forbidden.add("marked content")
        if operator == "Tf" and len(operands):
            name = str(operands[0])
            if name not in decoders:
                font = fonts.get(name) if isinstance(fonts, Dictionary) else None
                decoders[name] = _decoder_of(font)
            decode = decoders[name]
        elif operator in SHOWING and len(operands):
            yield "".join(decode(text) for text in strings_of(operands[-1]))
        elif operator != "INLINE IMAGE":
            for operand in operands:
                if isinstance(operand, (pikepdf.String, Dictionary)):
                    yield str(operand)


def strings_of(operand: Object) -> Iterator[bytes]:
    """Yield the strings of a text operator's operand."""
    if isinstance(operand, pikepdf.String):
        yield bytes(operand)
    elif isinstance(operand, Array):
        yield from (bytes(item) for item in operand.as_list() if isinstance(item, pikepdf.String))


def _decoder_of(font: Object | None) -> Callable[[bytes], str]:
    """Return what turns a font's strings into text."""
    if not isinstance(font, Dictionary):
        return latin
    size = 2 if font.get("/Subtype") == Name.Type0 else 1
    mapped = font.get("/ToUnicode")
    table: dict[int, str] = _names_as_text(font) if size == 1 else {}
    if isinstance(mapped, Stream):
        entries = unicode_maps.parsed(bytes(mapped.read_bytes()))
        sizes = {length for _, length in entries}
        size = max(sizes, default=size)
        table |= {code: text for (code, _), text in entries.items()}
    if size == 1:
        one_byte = {code: table.get(code, bytes([code]).decode("latin-1")) for code in range(256)}
        return lambda text: text.decode("latin-1").translate(one_byte)

    def decode(text: bytes) -> str:
        codes = (
            int.from_bytes(text[start : start + size], "big") for start in range(0, len(text), size)
        )
        return "".join(table.get(code, " ") for code in codes)

    return decode


def _names_as_text(font: Object) -> dict[int, str]:
    table: dict[int, str] = {}
    encoding = font.get("/Encoding")
    differences = encoding.get("/Differences") if isinstance(encoding, Dictionary) else None
    code = 0
    for item in differences.as_list() if isinstance(differences, Array) else []:
        if isinstance(item, Name):
            # A name that says nothing leaves a reader with the code.
            table[code] = character_of(str(item)[1:]) or bytes([code & 0xFF]).decode("latin-1")
            code += 1
        else:
            code = int(item)
    return table


def latin(text: bytes) -> str:
    """Return bytes as text, one for one."""
    return text.decode("latin-1")
