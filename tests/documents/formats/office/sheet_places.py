"""Every place of a workbook in which a value can stand, each with the value planted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import openpyxl
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule, FormulaRule
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table

from tests.documents.formats.office.world import (
    CANARY,
    NAMESPACES,
    OTHER,
    RELATION,
    SHEET_TYPE,
    edited,
    picture,
    put,
    saved,
    with_part,
)

MAIN_NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET = "xl/worksheets/sheet1.xml"
WORKBOOK = "xl/workbook.xml"


def book(fill: Callable[[openpyxl.Workbook], object] | None = None) -> bytes:
    """Return a workbook with one sheet, filled by a function."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet["A1"] = OTHER
    sheet["B2"] = 12
    if fill is not None:
        fill(workbook)
    return saved(workbook)


def _cells(workbook: openpyxl.Workbook) -> None:
    sheet = workbook.active
    sheet["C3"] = f"Ms {CANARY}"
    sheet["C4"] = f"Ms {CANARY}"


def _hidden(workbook: openpyxl.Workbook) -> None:
    sheet = workbook.active
    sheet["C3"] = CANARY
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["D"].hidden = True
    sheet["D4"] = CANARY
    other = workbook.create_sheet("secret")
    other["A1"] = CANARY
    other.sheet_state = "veryHidden"


def _formulas(workbook: openpyxl.Workbook) -> None:
    sheet = workbook.active
    sheet["C1"] = f'=CONCATENATE("{CANARY}", A1)'
    sheet["C2"] = f"='{CANARY}'!A1"


def _names(workbook: openpyxl.Workbook) -> None:
    workbook.defined_names["Quillborne"] = DefinedName("Quillborne", attr_text=f'"{CANARY}"')


def _validation(workbook: openpyxl.Workbook) -> None:
    rule = DataValidation(type="list", formula1=f'"{CANARY},x"', allow_blank=True)
    rule.prompt = rule.error = CANARY
    rule.add("B2")
    workbook.active.add_data_validation(rule)


def _comment(workbook: openpyxl.Workbook) -> None:
    workbook.active["B2"].comment = Comment(f"ask {CANARY}", CANARY)


def _format_rule(workbook: openpyxl.Workbook) -> None:
    sheet = workbook.active
    sheet.conditional_formatting.add("A1:B9", FormulaRule(formula=[f'$A1="{CANARY}"']))
    sheet.conditional_formatting.add("A1:B9", CellIsRule("equal", [f'"{CANARY}"']))


def _header(workbook: openpyxl.Workbook) -> None:
    sheet = workbook.active
    sheet.oddHeader.left.text = "Zephyrina &BQuillborne"
    sheet.oddFooter.center.text = f"{CANARY} &P"
    sheet.evenHeader.right.text = CANARY


def _table(workbook: openpyxl.Workbook) -> None:
    sheet = workbook.active
    sheet["E1"], sheet["E2"] = CANARY, 1
    sheet.add_table(Table(displayName="Quillborne", ref="E1:E2"))


def _link(workbook: openpyxl.Workbook) -> None:
    cell = workbook.active["B2"]
    cell.hyperlink = "https://example.org/?q=zephyrina%20quillborne"
    cell.hyperlink.tooltip = cell.hyperlink.display = CANARY


def _chart(workbook: openpyxl.Workbook) -> None:
    sheet = workbook.active
    sheet.append(["x", "y"])
    chart = BarChart()
    chart.title = CANARY
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3))
    sheet.add_chart(chart, "F5")


def _properties(workbook: openpyxl.Workbook) -> None:
    properties = workbook.properties
    properties.creator = properties.title = properties.lastModifiedBy = CANARY


def _style(workbook: openpyxl.Workbook) -> None:
    from openpyxl.styles import NamedStyle

    workbook.active["B2"].style = NamedStyle(name=CANARY)
    workbook.active["B1"] = 5
    workbook.active["B1"].number_format = f'0 "{CANARY}"'


def _picture(workbook: openpyxl.Workbook) -> None:
    import io

    from openpyxl.drawing.image import Image

    workbook.active.add_image(Image(io.BytesIO(picture("Quillborne wins"))), "D9")


def with_strings(items: str, cells: str) -> bytes:
    """Return a workbook with these shared strings and a row of these cells."""
    content = with_part(
        book(),
        WORKBOOK,
        "xl/sharedStrings.xml",
        f"<sst {MAIN_NAMESPACE}>{items}</sst>",
        kind=f"{RELATION}sharedStrings",
        type=f"{SHEET_TYPE}sharedStrings+xml",
    )
    return edited(content, {SHEET: put("</sheetData>", f'<row r="7">{cells}</row>')})


def _rich() -> bytes:
    rich = (
        "<si><r><rPr><b/></rPr><t>Zephy</t></r><r><t>rina Quill</t></r><r><t>borne</t></r>"
        f'<rPh sb="0" eb="1"><t>{CANARY}</t></rPh></si>'
    )
    return with_strings(f"<si><t>x</t></si>{rich}", '<c r="A7" t="s"><v>1</v></c>')


def _unused() -> bytes:
    items = f"<si><t>x</t></si><si><t>{CANARY}</t></si>"
    return with_strings(items, '<c r="A7" t="s"><v>0</v></c>')


def _escaped() -> bytes:
    items = "<si><t>Zephyrina Quill_x0062_orne</t></si>"
    return with_strings(items, '<c r="A7" t="s"><v>0</v></c>')


def _shared_twice() -> bytes:
    items = f"<si><t>Ms {CANARY}</t></si>"
    return with_strings(items, '<c r="A7" t="s"><v>0</v></c><c r="B7" t="s"><v>0</v></c>')


def _cached() -> bytes:
    cells = (
        f'<row r="7"><c r="A7" t="str"><f>"Quill"&amp;"borne"</f><v>{CANARY}</v></c>'
        f'<c r="B7" t="inlineStr" cm="1"><is><r><t>Zephyrina </t></r><r><t>Quillborne</t></r></is>'
        "</c></row>"
    )
    return edited(book(), {SHEET: put("</sheetData>", cells)})


def _odd_cells() -> bytes:
    cells = (
        f'<row r="7"><c r="A7" t="inlineStr"><v>{CANARY}</v></c>'
        f'<c r="B7" t="inlineStr"><is><t>a</t></is><v>{CANARY}</v></c>'
        f'<c r="C7"><is><t>{CANARY}</t></is></c><c r="D7" t="s"><v>{CANARY}</v></c>'
        f'<c r="E7" t="inlineStr"><is>{CANARY}<r>{CANARY}<t>b</t>{CANARY}</r></is></c>'
        f'<c r="F7" t="inlineStr"><is><t>c<x>{CANARY}</x></t></is></c>'
        f'<c r="G7" t="{CANARY}"><v>1</v><v>{CANARY}</v></c>{CANARY}</row>{CANARY}'
    )
    return edited(book(), {SHEET: put("</sheetData>", cells)})


def _added(owner: str, name: str, part: str, kind: str, type: str) -> bytes:
    relation = kind if kind.startswith("http") else RELATION + kind
    return with_part(book(), owner, name, part, kind=relation, type=type)


def _workbook_furniture() -> bytes:
    xml = (
        f'<fileSharing userName="{CANARY}"/><customWorkbookViews><customWorkbookView '
        f'name="{CANARY}" guid="{{0}}"/></customWorkbookViews><extLst><ext uri="q">{CANARY}</ext>'
        "</extLst>"
    )
    return edited(book(), {WORKBOOK: put("</workbook>", xml)})


def _sheet_furniture() -> bytes:
    xml = (
        f'<scenarios><scenario name="{CANARY}" user="{CANARY}" comment="{CANARY}"/></scenarios>'
        f'<autoFilter ref="A1:B2"><filterColumn colId="0"><filters><filter val="{CANARY}"/>'
        f'</filters></filterColumn></autoFilter><protectedRanges><protectedRange name="{CANARY}"/>'
        "</protectedRanges>"
    )
    return edited(book(), {SHEET: put("<pageMargins", xml)})


PLACES: dict[str, Callable[[], bytes]] = {
    "cells": lambda: book(_cells),
    "string of two cells": _shared_twice,
    "cell with runs and readings": _rich,
    "string that no cell uses": _unused,
    "string with escaped signs": _escaped,
    "hidden rows, columns and sheets": lambda: book(_hidden),
    "formulas": lambda: book(_formulas),
    "cached values": _cached,
    "cells of no sound kind": _odd_cells,
    "defined names": lambda: book(_names),
    "lists of allowed values": lambda: book(_validation),
    "note": lambda: book(_comment),
    "rules of format": lambda: book(_format_rule),
    "headers and footers": lambda: book(_header),
    "table": lambda: book(_table),
    "hyperlink": lambda: book(_link),
    "name of a sheet": lambda: book(lambda made: made.create_sheet(CANARY)),
    "chart": lambda: book(_chart),
    "properties": lambda: book(_properties),
    "styles and number formats": lambda: book(_style),
    "picture": lambda: book(_picture),
    "furniture of the workbook": _workbook_furniture,
    "furniture of a sheet": _sheet_furniture,
    "threaded comment": lambda: _added(
        SHEET,
        "xl/threadedComments/threadedComment1.xml",
        f"<ThreadedComments><text>{CANARY}</text></ThreadedComments>",
        "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment",
        "application/vnd.ms-excel.threadedcomments+xml",
    ),
    "persons": lambda: _added(
        WORKBOOK,
        "xl/persons/person.xml",
        f'<personList><person displayName="{CANARY}"/></personList>',
        "http://schemas.microsoft.com/office/2017/10/relationships/person",
        "application/vnd.ms-excel.person+xml",
    ),
    "pivot cache": lambda: _added(
        WORKBOOK,
        "xl/pivotCache/pivotCacheDefinition1.xml",
        f'<pivotCacheDefinition {NAMESPACES}><s v="{CANARY}"/></pivotCacheDefinition>',
        "pivotCacheDefinition",
        f"{SHEET_TYPE}pivotCacheDefinition+xml",
    ),
    "link to another workbook": lambda: _added(
        WORKBOOK,
        "xl/externalLinks/externalLink1.xml",
        f"<externalLink><v>{CANARY}</v></externalLink>",
        "externalLink",
        f"{SHEET_TYPE}externalLink+xml",
    ),
    "connection": lambda: _added(
        WORKBOOK,
        "xl/connections.xml",
        f'<connections><connection name="{CANARY}"/></connections>',
        "connections",
        f"{SHEET_TYPE}connections+xml",
    ),
    "printer settings": lambda: _added(
        SHEET,
        "xl/printerSettings/printerSettings1.bin",
        CANARY,
        "printerSettings",
        f"{SHEET_TYPE}printerSettings",
    ),
}


def with_number(value: float | date, code: str) -> bytes:
    """Return a workbook whose cell C3 holds a number under a format."""

    def fill(workbook: openpyxl.Workbook) -> None:
        sheet = workbook.active
        sheet["C3"] = value
        sheet["C3"].number_format = code

    return book(fill)
