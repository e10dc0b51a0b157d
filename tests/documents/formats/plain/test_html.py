"""Pages: all that is shown is read, and the clean page holds nothing that was not."""

from __future__ import annotations

from html.parser import HTMLParser

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.formats.model import Kind, Limits, ReadOptions, Role, TooLargeError
from documents.formats.plain import html
from tests.documents.formats.plain.hiding import REPLACEMENT, hide, read

CANARY = "Jérôme Dupont"
# A name in each place of a page where one can stand. %s: the name.
PLACES = [
    "<p>%s</p>",
    "<p>J<b>érôme</b> <i>Du</i>pont</p>",
    "<p>J&eacute;r&#244;me&#x20;Dupont</p>",
    "<p>Jérôme\n   Dupont</p>",
    "<p>Jé&shy;rôme Dup\u200bont</p>",
    "<table><tr><td>%s</td><td>x</td></tr></table>",
    "<ul><li>%s<li>x</ul>",
    "<pre>%s\n  x</pre>",
    "<textarea>%s</textarea>",
    "<select><option>%s</select>",
    "<img alt='%s' src='x.png'>",
    "<img src='%s.png'>",
    "<img srcset='%s.png 2x'>",
    "<a href='https://example.com/?who=%s'>x</a>",
    "<a href='https://example.com/?who=J%%C3%%A9r%%C3%%B4me%%20Dupont'>x</a>",
    "<a href='#%s' name='%s'>x</a>",
    "<a href='javascript:alert(\"%s\")'>x</a>",
    "<a ping='/%s' href='/x'>x</a>",
    "<p title='%s'>x</p>",
    "<p title='x' data-name='%s'>x</p>",
    "<p id='%s' class='%s' style='--x: \"%s\"'>x</p>",
    "<p onclick='say(\"%s\")'>x</p>",
    "<p xml:lang='%s' lang='%s' dir='%s'>x</p>",
    "<p aria-label='%s'>x</p>",
    "<p aria-describedby='%s'>x</p>",
    "<input value='%s'><input placeholder='%s'>",
    "<input type='hidden' name='x' value='%s'>",
    "<input type='%s'>",
    "<form action='/%s'><button formaction='/%s' value='%s'>x</button></form>",
    "<!-- %s -->",
    "<!--[if mso]><p>%s</p><![endif]-->",
    "<![CDATA[ %s ]]>",
    "<?php echo '%s' ?>",
    "<script>var name = '%s';</script>",
    '<script type=\'application/ld+json\'>{"name": "%s"}</script>',
    "<style>p::after { content: '%s' }</style>",
    "<noscript>%s</noscript>",
    "<template><p>%s</p></template>",
    "<iframe srcdoc='%s'>%s</iframe>",
    "<object data='%s'>%s</object>",
    "<embed src='%s'>",
    "<video poster='%s'>%s<track label='%s'></video>",
    "<svg><title>%s</title><desc>%s</desc><text>%s</text></svg>",
    "<svg><style>x{y:'%s'}</style><image href='%s'/></svg>",
    "<math><annotation>%s</annotation></math>",
    "<p hidden>%s</p>",
    "<p style='display:none'>%s</p>",
    "<details><summary>x</summary>%s</details>",
    "<x-person name='%s'>%s</x-person>",
    "<o:p>%s</o:p>",
    "<frameset><frame src='%s'></frameset>",
    "<map><area alt='%s' href='%s'></map>",
    "<blockquote cite='%s'>x</blockquote>",
    "<time datetime='%s'>x</time>",
    "<table summary='%s'><caption>%s</caption><tr><td abbr='%s'>x</table>",
    "<abbr title='%s'>x</abbr>",
    "<plaintext>%s",
    "</body></html>%s",
    "<p>unclosed <b>%s",
    "<title>%s</title>",
]
HEADS = [
    "<title>%s</title>",
    "<meta name='author' content='%s'>",
    "<meta property='og:title' content='%s'>",
    "<link rel='author' href='/%s' title='%s'>",
    "<base href='https://%s/'>",
    "<script>'%s'</script>",
    "<style>/* %s */</style>",
    "<!-- %s -->",
    "<noscript>%s</noscript>",
    "text of the head: %s",
]


def page(body: str, head: str = "") -> bytes:
    start = "<!DOCTYPE html><html><head><meta charset=utf-8>"
    return f"{start}{head}</head><body><h1>Title</h1>{body}</body></html>".encode()


def filled(place: str) -> str:
    return place.replace("%s", CANARY).replace("%%", "%")


def shown(source: str) -> str:
    """Return all that Python's parser finds in a page."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            found.append(data)

        def handle_comment(self, data: str) -> None:
            found.append(data)

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.extend(value or "" for _, value in attrs)

    reader = Reader()
    reader.feed(source)
    reader.close()
    return "".join(found)


@pytest.mark.parametrize("place", PLACES)
def test_a_name_is_gone_from_every_place_of_a_body(place: str) -> None:
    hiding = hide(page(filled(place)), "x.html", CANARY)
    assert hiding.extracted.kind is Kind.HTML
    assert hiding.is_clean
    for sign in ("Jérôme", "Dupont", "J%C3%A9r"):
        assert sign not in shown(hiding.text)
        assert sign not in hiding.text


@pytest.mark.parametrize("place", HEADS)
def test_a_name_is_gone_from_every_place_of_a_head(place: str) -> None:
    hiding = hide(page("<p>x</p>", filled(place)), "x.html", CANARY)
    assert hiding.is_clean
    assert "Dupont" not in hiding.text


@pytest.mark.parametrize("place", PLACES)
def test_what_is_not_read_is_not_written(place: str) -> None:
    names = [f"Canary{number}" for number in range(place.count("%s"))]
    hiding = hide(page(place % tuple(names)), "x.html")
    for name in names:
        assert name not in hiding.text or name in hiding.extracted.text


def test_structure_is_read() -> None:
    content = page(
        "<p>one <a href='/x'>link</a>, two<br>three<br><br>four</p>"
        "<ul><li>a<ol><li>b</ol></ul>"
        "<table><tr><th>N<th>T<tr><td colspan=2>c<p>d</p><td>e</table>"
        "<table><tr><td><table><tr><td>layout</table></table>"
        "<pre>\nf\n  g</pre><div>h<p>i</p>j</div>",
        "<title>The  title</title>",
    )
    extracted = read(content, "x.html")
    found = [
        (block.role, block.level, (block.table, block.row, block.column), text)
        for block in extracted.blocks
        for text in [extracted.text[block.start : block.end]]
    ]
    none = (0, 0, 0)
    assert found == [
        (Role.HEADING, 1, none, "Title"),
        (Role.PARAGRAPH, 0, none, "one link, two\nthree"),
        (Role.PARAGRAPH, 0, none, "four"),
        (Role.ITEM, 1, none, "a"),
        (Role.ITEM, 2, none, "b"),
        (Role.CELL, 0, (1, 0, 0), "N"),
        (Role.CELL, 0, (1, 0, 1), "T"),
        (Role.CELL, 0, (1, 1, 0), "c\nd"),
        (Role.CELL, 0, (1, 1, 2), "e"),
        (Role.PARAGRAPH, 0, none, "layout"),
        (Role.CODE, 0, none, "f\n  g"),
        (Role.PARAGRAPH, 0, none, "h"),
        (Role.PARAGRAPH, 0, none, "i"),
        (Role.PARAGRAPH, 0, none, "j"),
        (Role.PROPERTY, 0, none, "The title"),
        (Role.FIELD, 0, none, "/x"),
    ]
    assert [block.title for block in extracted.blocks if block.title] == [
        "Title of the page",
        "Links",
    ]
    assert extracted.title == "The title"


def test_structure_stays() -> None:
    hiding = hide(page("<h2>Jan</h2><ul><li>a <b>Jan</b> c</ul><table><tr><td>Jan</table>"),
                  "x.html", "Jan")  # fmt: skip
    root = lxml.html.document_fromstring(hiding.text)
    assert root.findtext(".//h2") == REPLACEMENT
    assert root.findtext(".//li/b").strip() == REPLACEMENT
    assert root.findtext(".//td") == REPLACEMENT


def test_a_link_to_a_hidden_address_leads_nowhere_and_others_stay() -> None:
    body = "<a href='mailto:jan@example.com'>x</a><a href='https://example.com/a'>y</a>"
    hiding = hide(page(body), "x.html", "jan@example.com")
    assert "mailto" not in hiding.text
    assert 'href="https://example.com/a"' in hiding.text


def test_a_replacement_is_text_and_no_element() -> None:
    hiding = hide(page("<p>Jan</p>"), "x.html", "Jan")
    assert "<p>&lt;PRIVATE_PERSON&gt;</p>" in hiding.text


def test_what_was_removed_is_said() -> None:
    hiding = hide(page("<script>x</script><!-- x --><img src=x alt=y>"), "x.html")
    assert hiding.cleaned.removed == ("Comments, pictures and scripts were removed.",)
    assert "Comments, pictures and scripts are removed from the clean file." in (
        hiding.extracted.notes
    )


@pytest.mark.parametrize(
    "holder",
    [
        '<img src="data:image/png;base64,SmFu" alt=y>',
        '<img srcset="data:image/png;base64,SmFu 2x">',
        '<table background="data:image/png;base64,SmFu"><tr><td>x</table>',
        '<p style="background:url(data:image/png;base64,SmFu)">x</p>',
        '<video poster="data:image/png;base64,SmFu">x</video>',
        '<svg><image href="data:image/png;base64,SmFu"/></svg>',
        '<svg><image xlink:href="data:image/png;base64,SmFu"/></svg>',
        '<input type="image" src="data:image/png;base64,SmFu">',
        '<object data="data:image/png;base64,SmFu">x</object>',
    ],
)
def test_pictures_within_a_page_are_removed_and_said(holder: str) -> None:
    """They are not read, so none stays; what they show is said in their alternate text only."""
    hiding = hide(page(f"<p>before</p>{holder}"), "x.html")
    assert "data:" not in hiding.text
    assert "SmFu" not in hiding.text
    assert hiding.cleaned.removed == ("Pictures were removed.",)
    assert "Pictures are removed from the clean file." in hiding.extracted.notes


def test_a_name_that_is_also_an_elements_is_no_survivor() -> None:
    hiding = hide(page("<ul><li>Dr. Li<li>x</ul><details><summary>Summary</summary></details>"),
                  "x.html", "Li", "Summary")  # fmt: skip
    assert hiding.is_clean
    assert "<li>" in hiding.text


def test_a_script_in_a_clean_page_is_a_survivor() -> None:
    checks = html.checks_of_page(
        "<p onclick='x'>a</p><script>b</script>", html.HiddenValues([], "")
    )
    assert [check.survivors for check in checks][-1] == (
        "a script in an attribute",
        "an unknown attribute",
        "element script",
    )


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252", "utf-8"])
def test_the_encoding_that_a_page_names_is_used(charset: str) -> None:
    content = f"<html><meta charset={charset}><p>{CANARY}</p>".encode(charset)
    assert read(content, "x.html").text == CANARY


def test_a_japanese_page_is_read() -> None:
    content = '<html><meta http-equiv="x" content="text/html; charset=shift_jis"><p>山田太郎</p>'
    assert hide(content.encode("shift_jis"), "x.html", "山田太郎").is_clean
    assert read(content.encode("shift_jis"), "x.html").text == "山田太郎"


def test_a_codec_of_no_page_is_not_used() -> None:
    assert read(b"<html><meta charset=rot13><p>plain</p>", "x.html").text == "plain"


@pytest.mark.parametrize("depth", [1_000, 100_000])
def test_a_deep_page_is_refused_with_a_sentence(depth: int) -> None:
    with pytest.raises(TooLargeError, match="nested"):
        read(b"<html>" + b"<div>" * depth + b"x", "x.html")


def test_a_page_of_too_much_text_is_refused() -> None:
    options = ReadOptions(limits=Limits(characters=100))
    with pytest.raises(TooLargeError):
        html.read(page("<p>x</p>" * 100), options)


@pytest.mark.parametrize("body", ["", "<!-- x -->", "\x00", "<", "</p>", "<p", "&", "<html>"])
def test_pages_of_nothing_are_read(body: str) -> None:
    assert html.read(f"<html>{body}".encode(), ReadOptions()).kind is Kind.HTML


def test_signs_that_no_page_may_hold_do_no_harm() -> None:
    hiding = hide("<html><p>a\x01b\x0bJan&#1;\ufffe</p>".encode(), "x.html", "Jan")
    assert REPLACEMENT.replace("<", "&lt;").replace(">", "&gt;") in hiding.text


PARTS = st.sampled_from(
    ["<p>", "</p>", "<b>", "</b>", "<br>", "<table>", "<tr>", "<td>", "</table>", "<ul>", "<li>",
     "</ul>", "<pre>", "</pre>", "<title>", "</title>", "<a href='Jan'>", "</a>", "<select>",
     "<option>", "<textarea>", "</textarea>", "<svg>", "</svg>", "<script>", "</script>", "<!--",
     "-->", "<head>", "</head>", "<body>", "</html>", "<form>", "<p title='Jan x'>", "Ja", "Jan",
     "n", " ", "\n", "&amp;", "&lt;", "x", "<div hidden>", "</div>", "<template>", "</template>",
     "<plaintext>", "<frameset>", "<noscript>", "<math>", "<td colspan=3>", "<img alt=Jan>"]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(PARTS, max_size=20).map("".join))
def test_any_page_is_clean_afterwards(body: str) -> None:
    hiding = hide(f"<html>{body}".encode(), "x.html", "Jan")
    assert hiding.is_clean
    root = lxml.html.document_fromstring(hiding.text)
    assert "Jan" not in "".join(root.itertext()).replace("\n", "")


@settings(deadline=None)
@given(st.lists(PARTS, max_size=20).map("".join))
def test_a_clean_page_says_what_was_read_and_no_more(body: str) -> None:
    """A page where nothing is hidden reads the same again: the tree had no unread text."""
    hiding = hide(f"<html>{body}".encode(), "x.html")
    again = read(hiding.cleaned.content, "x.html")
    assert "".join(again.text.split()) == "".join(hiding.extracted.text.split())
