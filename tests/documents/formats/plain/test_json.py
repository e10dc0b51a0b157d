"""JSON: values are found as they are meant, and the clean file is valid and of the same shape."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.formats.model import DamagedError, Kind, ReadOptions, Role, TooLargeError
from documents.formats.plain import json as json_format
from tests.documents.formats.plain.hiding import REPLACEMENT, hide, read

TEXTS = st.lists(
    st.sampled_from(["Jan", "x", " ", '"', "\\", "\n", "é", "\x00", "😀", "\ud83d", "{", ":"]),
    max_size=5,
).map("".join)
VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=15,
)


def without_jan(value: Any) -> Any:
    """Return a value with the name replaced in each string and key."""
    if isinstance(value, dict):
        return {without_jan(key): without_jan(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_jan(inner) for inner in value]
    if isinstance(value, str):
        return value.replace("Jan", REPLACEMENT)
    return value


def shape(value: Any) -> Any:
    """Return a value with nothing but its lists, its objects and how long they are."""
    if isinstance(value, dict):
        return [len(value), *(shape(inner) for inner in value.values())]
    return [shape(inner) for inner in value] if isinstance(value, list) else None


def test_strings_are_read_as_they_are_meant() -> None:
    extracted = read(rb'{"n\u00e9": "J\u00e9r\u00f4me\nDupont \"JD\" \\ \/"}', "x.json")
    assert extracted.kind is Kind.JSON
    assert extracted.text == '{"né": "Jérôme\nDupont "JD" \\ /"}'
    assert {block.role for block in extracted.blocks} == {Role.CODE}


def test_the_layout_of_the_file_stays() -> None:
    content = b'{\r\n\t"a" :  [ 1,2 ],\r\n\t"b": "Jan"\r\n}\r\n'
    assert hide(content, "x.json", "Jan").text == (
        f'{{\r\n\t"a" :  [ 1,2 ],\r\n\t"b": "{REPLACEMENT}"\r\n}}\r\n'
    )


def test_a_file_on_one_line_is_laid_out_for_reading_only() -> None:
    content = json.dumps({"people": [{"name": "Jan"}] * 50, "empty": [], "none": {}}).encode()
    hiding = hide(content, "x.json", "Jan")
    assert '    {\n      "name": "Jan"\n    },\n' in hiding.extracted.text
    assert '"empty": [],\n' in hiding.extracted.text
    assert hiding.text == content.decode().replace("Jan", REPLACEMENT)


def test_escaped_values_are_found_and_gone() -> None:
    hiding = hide(rb'{"a": "\u004a\u0061\u006e and J\u00e9r\u00f4me"}', "x.json", "Jan", "Jérôme")
    assert json.loads(hiding.text) == {"a": f"{REPLACEMENT} and {REPLACEMENT}"}
    assert hiding.is_clean
    assert not hiding.was_clean


def test_a_number_that_is_hidden_becomes_a_string() -> None:
    hiding = hide(b'{"phone": 32470123456, "age": 34, "x": -1.5e3}', "x.json", "32470123456")
    assert json.loads(hiding.text) == {"phone": REPLACEMENT, "age": 34, "x": -1500.0}


def test_a_span_over_signs_of_the_layout_leaves_them() -> None:
    hiding = hide(b'{"Jan": "Jansen", "b": 1}', "x.json", 'Jan": "Jansen')
    assert json.loads(hiding.text) == {REPLACEMENT: "", "b": 1}


def test_keys_that_become_alike_are_kept_apart() -> None:
    content = f'{{"Jan": 1, "{REPLACEMENT}": 2, "Piet": 3, "in": {{"Jan": 4}}}}'.encode()
    hiding = hide(content, "x.json", "Jan", "Piet")
    assert json.loads(hiding.text) == {
        f"{REPLACEMENT} (2)": 1,
        REPLACEMENT: 2,
        f"{REPLACEMENT} (3)": 3,
        "in": {REPLACEMENT: 4},
    }


def test_json_lines_stay_lines() -> None:
    hiding = hide(b'{"a": "Jan"}\n{"a": "x"}\n', "chat.jsonl", "Jan")
    assert [json.loads(line) for line in hiding.text.splitlines()] == [
        {"a": REPLACEMENT},
        {"a": "x"},
    ]


@settings(deadline=None)
@given(
    VALUES.filter(lambda value: isinstance(value, list | dict)),
    st.sampled_from([None, 2, "\t"]),
    st.booleans(),
)
def test_a_value_keeps_its_shape(value: Any, indent: int | str | None, is_ascii: bool) -> None:
    written = json.dumps(value, indent=indent, ensure_ascii=is_ascii)
    content = written.encode("utf-8", "replace")
    value = json.loads(content)
    hiding = hide(content, "x.json", "Jan")
    clean = json.loads(hiding.text)

    assert shape(clean) == shape(value)
    assert hiding.is_clean
    assert "Jan" not in json.dumps(clean, ensure_ascii=False)
    if "\\ud83d" not in written and "Jan" not in "".join(keys_of(value)):
        assert clean == without_jan(value)


def keys_of(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(key for inner in value.values() for key in keys_of(inner))]
    if isinstance(value, list):
        return [key for inner in value for key in keys_of(inner)]
    return []


@pytest.mark.parametrize("depth", [2_000, 500_000])
def test_deep_json_is_refused_with_a_sentence(depth: int) -> None:
    with pytest.raises(TooLargeError, match="nested"):
        read(b"[" * depth + b"]" * depth, "x.json")


def test_broken_json_is_refused_with_a_sentence() -> None:
    with pytest.raises(DamagedError, match="not valid JSON"):
        json_format.read(b'{"a": ', ReadOptions())


def test_a_number_of_many_digits_is_read() -> None:
    assert len(read(b"[" + b"1" * 10_000 + b"]", "x.json").text) > 10_000


def test_a_string_of_two_megabytes_is_read() -> None:
    content = b'["' + b"word " * 400_000 + b'Jan Jansen"]'
    assert hide(content, "x.json", "Jan Jansen").text.endswith(f'word {REPLACEMENT}"]')
