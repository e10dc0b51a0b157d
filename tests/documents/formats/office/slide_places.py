"""Every place of a presentation in which a value can stand, each with the value planted."""

from __future__ import annotations

import io
from collections.abc import Callable

import pptx
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from tests.documents.formats.office.world import (
    CANARY,
    NAMESPACES,
    OTHER,
    RELATION,
    SLIDE_TYPE,
    edited,
    picture,
    put,
    saved,
    swap,
    with_part,
)

SLIDE = "ppt/slides/slide1.xml"
MAIN = "ppt/presentation.xml"
_BOX = (Inches(1), Inches(1), Inches(4), Inches(2))


def slides(fill: Callable[[pptx.slide.Slide], object] | None = None) -> bytes:
    """Return a presentation of two slides, the first filled by a function."""
    presentation = pptx.Presentation()
    first = presentation.slides.add_slide(presentation.slide_layouts[1])
    first.shapes.title.text = "A title"
    first.placeholders[1].text = OTHER
    presentation.slides.add_slide(presentation.slide_layouts[0]).shapes.title.text = "Second"
    if fill is not None:
        fill(first)
    return saved(presentation)


def _runs(slide: pptx.slide.Slide) -> None:
    paragraph = slide.shapes.add_textbox(*_BOX).text_frame.paragraphs[0]
    for piece in ("Zephy", "rina ", "Quill", "borne"):
        paragraph.add_run().text = piece


def _group(slide: pptx.slide.Slide) -> None:
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(*_BOX).text_frame.text = CANARY


def _table(slide: pptx.slide.Slide) -> None:
    table = slide.shapes.add_table(2, 2, *_BOX).table
    table.cell(0, 0).text = "left"
    table.cell(1, 1).text = CANARY


def _notes(slide: pptx.slide.Slide) -> None:
    slide.notes_slide.notes_text_frame.text = f"say hello to {CANARY}"


def _picture(slide: pptx.slide.Slide) -> None:
    added = slide.shapes.add_picture(io.BytesIO(picture("Quillborne wins")), Inches(1), Inches(1))
    added.name = CANARY
    added._element.nvPicPr.cNvPr.set("descr", f"portrait of {CANARY}")
    added._element.nvPicPr.cNvPr.set("title", CANARY)


def _chart(slide: pptx.slide.Slide) -> None:
    data = CategoryChartData()
    data.categories = [CANARY, "other"]
    data.add_series(CANARY, (1, 2))
    frame = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *_BOX, data)
    frame.chart.has_title = True
    frame.chart.chart_title.text_frame.text = f"chart of {CANARY}"


def _links(slide: pptx.slide.Slide) -> None:
    frame = slide.shapes.add_textbox(*_BOX).text_frame
    run = frame.paragraphs[0].add_run()
    run.text = "write"
    run.hyperlink.address = "mailto:zephyrina%2Equillborne@example.org"


def _object(slide: pptx.slide.Slide) -> None:
    slide.shapes.add_ole_object(io.BytesIO(CANARY.encode()), "Quillborne.Document", *_BOX)


def _movie(slide: pptx.slide.Slide) -> None:
    slide.shapes.add_movie(io.BytesIO(CANARY.encode()), *_BOX, mime_type="video/mp4")


def _comments() -> bytes:
    comment = (
        f'<p:cmLst {NAMESPACES}><p:cm authorId="0" dt="2026-01-01T00:00:00" idx="1">'
        f'<p:pos x="1" y="1"/><p:text>ask {CANARY}</p:text></p:cm></p:cmLst>'
    )
    authors = (
        f'<p:cmAuthorLst {NAMESPACES}><p:cmAuthor id="0" name="{CANARY}" initials="ZephyrinaQ" '
        'lastIdx="1" clrIdx="0"/></p:cmAuthorLst>'
    )
    content = with_part(
        slides(),
        SLIDE,
        "ppt/comments/comment1.xml",
        comment,
        kind=f"{RELATION}comments",
        type=f"{SLIDE_TYPE}comments+xml",
    )
    return with_part(
        content,
        MAIN,
        "ppt/commentAuthors.xml",
        authors,
        kind=f"{RELATION}commentAuthors",
        type=f"{SLIDE_TYPE}commentAuthors+xml",
    )


def _main_furniture() -> bytes:
    xml = (
        f'<p:custShowLst><p:custShow name="{CANARY}" id="0"/></p:custShowLst><p:extLst><p:ext '
        f'uri="q"><p14:section xmlns:p14="http://schemas.microsoft.com/office/powerpoint/2010/main"'
        f' name="{CANARY}"/></p:ext></p:extLst>'
    )
    return edited(slides(), {MAIN: put("</p:presentation>", xml)})


def _added(owner: str, name: str, part: str, kind: str, type: str) -> bytes:
    relation = kind if kind.startswith("http") else RELATION + kind
    return with_part(slides(), owner, name, part, kind=relation, type=type)


def _named_slide() -> bytes:
    return edited(slides(), {SLIDE: swap("<p:cSld>", f'<p:cSld name="{CANARY}">')})


def _layout() -> bytes:
    name = "ppt/slideLayouts/slideLayout2.xml"
    box = (
        f'<p:sp><p:nvSpPr><p:cNvPr id="99" name="{CANARY}"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr>'
        f"<p:spPr/><p:txBody><a:bodyPr/><a:p><a:r><a:t>{CANARY}</a:t></a:r></a:p></p:txBody></p:sp>"
    )
    return edited(slides(), {name: put("</p:spTree>", box)})


PLACES: dict[str, Callable[[], bytes]] = {
    "title": lambda: slides(lambda slide: setattr(slide.shapes.title, "text", f"Ms {CANARY}")),
    "split over runs": lambda: slides(_runs),
    "group": lambda: slides(_group),
    "table": lambda: slides(_table),
    "notes": lambda: slides(_notes),
    "picture with its description": lambda: slides(_picture),
    "chart with its workbook": lambda: slides(_chart),
    "hyperlink": lambda: slides(_links),
    "embedded object": lambda: slides(_object),
    "film": lambda: slides(_movie),
    "comments and their authors": _comments,
    "custom shows and sections": _main_furniture,
    "name of a slide": _named_slide,
    "layout": _layout,
    "tags": lambda: _added(
        SLIDE,
        "ppt/tags/tag1.xml",
        f'<p:tagLst {NAMESPACES}><p:tag name="Q" val="{CANARY}"/></p:tagLst>',
        "tags",
        f"{SLIDE_TYPE}tags+xml",
    ),
    "new comments": lambda: _added(
        SLIDE,
        "ppt/comments/modernComment_1.xml",
        f"<p188:cmLst xmlns:p188='q'>{CANARY}</p188:cmLst>",
        "http://schemas.microsoft.com/office/2018/10/relationships/comments",
        "application/vnd.ms-powerpoint.comments+xml",
    ),
    "view properties": lambda: _added(
        MAIN,
        "ppt/view.xml",
        f'<p:viewPr {NAMESPACES} name="{CANARY}"/>',
        "viewProps",
        f"{SLIDE_TYPE}viewProps+xml",
    ),
}
