"""DrawingML: paragraphs, tables, descriptions of pictures, charts and diagrams."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from lxml import etree

from documents.formats.model import Role
from documents.formats.office.flow import Flow
from documents.formats.office.number_format import displayed
from documents.formats.office.ooxml import Part, Rule, Session
from documents.formats.office.xml import (
    AttributeOf,
    Removed,
    SignOf,
    TextOf,
    local,
    q,
    remove_all,
    tags,
)

_CELL: Final = q("a:tc")
_PARAGRAPH: Final = q("a:p")
_TEXT: Final = tags("a:t m:t")
_BREAK: Final = q("a:br")
_THINGS: Final = frozenset({"cNvPr", "docPr"})
_CHART = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_DIAGRAM = "application/vnd.openxmlformats-officedocument.drawingml.diagram"


# Gives a reference to cells as the clean file writes it, None if it is not kept.
Refer = Callable[[str], str | None]


def drawing_rules(folder: str, refer: Refer = lambda formula: None) -> dict[str, Rule]:
    """Return the rules for charts and diagrams. folder: "word/", "ppt/" or "xl/"."""
    diagram = folder + "diagrams/"

    def chart(session: Session, part: Part) -> None:
        walk_chart(session, part, refer)

    return {
        "chart": Rule(chart, _CHART, folder + "charts/chart{}.xml", 60),
        "diagramData": Rule(walk_diagram, f"{_DIAGRAM}Data+xml", diagram + "data{}.xml", 61),
        "diagramLayout": Rule(_plain, f"{_DIAGRAM}Layout+xml", diagram + "layout{}.xml", 62),
        "diagramQuickStyle": Rule(_plain, f"{_DIAGRAM}Style+xml", diagram + "style{}.xml", 62),
        "diagramColors": Rule(_plain, f"{_DIAGRAM}Colors+xml", diagram + "colors{}.xml", 62),
    }


def theme_rule(folder: str) -> Rule:
    """Return the rule for themes: colours and fonts."""
    kind = "application/vnd.openxmlformats-officedocument.theme+xml"
    return Rule(_walk_theme, kind, folder + "theme/theme{}.xml", 90)


def paragraph(
    flow: Flow,
    node: etree._Element,
    role: Role,
    *,
    level: int = 0,
    table: int = 0,
    row: int = 0,
    column: int = 0,
) -> None:
    """Add an a:p as one block."""
    flow.begin(role, level=level, table=table, row=row, column=column)
    for piece in node.iter(*_TEXT, _BREAK):
        if piece.tag == _BREAK:
            flow.piece("\n", SignOf(piece, q("a:r"), q("a:t")))
        else:
            flow.piece(piece.text or "", TextOf(piece))
    flow.end()


def cell_of(node: etree._Element) -> tuple[etree._Element, int, int] | None:
    """Return the table, row and column in which an a:p stands."""
    cell = next(node.iterancestors(_CELL), None)
    row = cell.getparent() if cell is not None else None
    table = row.getparent() if row is not None else None
    if cell is None or row is None or table is None:
        return None
    rows = [child for child in table if child.tag == q("a:tr")]
    cells = [child for child in row if child.tag == _CELL]
    return table, rows.index(row), cells.index(cell)


def describe(flow: Flow, node: etree._Element) -> None:
    """Add what a docPr or cNvPr says about its picture or shape."""
    for name in ("title", "descr"):
        if node.get(name):
            flow.line(Role.PICTURE, node.get(name, ""), AttributeOf(node, name))


def describe_all(flow: Flow, root: etree._Element) -> None:
    """Add the descriptions of all pictures and shapes in an element."""
    for node in root.iter():
        if local(node) in _THINGS:
            describe(flow, node)


def walk_diagram(session: Session, part: Part) -> None:
    """Read a diagram (SmartArt): one paragraph for each of its texts."""
    _rename_nodes(session, part.root)
    session.flow.head("Diagram")
    for node in part.root.iter(_PARAGRAPH):
        paragraph(session.flow, node, Role.PARAGRAPH)
    describe_all(session.flow, part.root)


def walk_chart(session: Session, part: Part, refer: Refer) -> None:
    """Read a chart: titles and labels, then a row of cells for each series of values."""
    root = part.root
    remove_all(root, tags("c:printSettings c:pivotSource c:externalData c:userShapes c:extLst"))
    for node in list(root.iter(*_REFERENCES)):
        formula = node.find(q("c:f"))
        kept = refer(formula.text or "") if formula is not None else None
        if formula is not None and kept is not None:
            formula.text = kept
        else:
            _make_literal(node)
    flow = session.flow
    flow.head("Chart")
    table = _table_number(flow)
    for row, cells in enumerate(_chart_rows(root)):
        for column, node in enumerate(cells):
            _chart_cell(flow, node, table, row, column)
    describe_all(flow, root)


_REFERENCES: Final = tags("c:numRef c:strRef c:multiLvlStrRef")


def _make_literal(node: etree._Element) -> None:
    """Replace a reference to cells by the values that were kept of it."""
    parent = node.getparent()
    if parent is None:
        return
    cache = next(iter(node.iter(*tags("c:numCache c:strCache c:multiLvlStrCache"))), None)
    is_number = node.tag == q("c:numRef")
    if parent.tag == q("c:tx"):
        made = _literal_text(parent, cache)
    else:
        made = etree.Element(q("c:numLit" if is_number else "c:strLit"))
        if cache is not None:
            first = next(iter(cache.iter(q("c:lvl"))), cache)
            count = cache.find(q("c:ptCount"))
            made.extend([child for child in first if child.tag != q("c:ptCount")])
            if count is not None:
                at = 1 if made.find(q("c:formatCode")) is not None else 0
                made.insert(at, count)
    parent.replace(node, made)


def _literal_text(parent: etree._Element, cache: etree._Element | None) -> etree._Element:
    """Return a title or a name of a series that refers to no cell."""
    values = cache.iter(q("c:v")) if cache is not None else ()
    text = " ".join(value.text or "" for value in values)
    above = parent.getparent()
    if above is not None and above.tag == q("c:ser"):
        made = etree.Element(q("c:v"))
        made.text = text
        return made
    made = etree.Element(q("c:rich"))
    etree.SubElement(made, q("a:bodyPr"))
    run = etree.SubElement(etree.SubElement(made, _PARAGRAPH), q("a:r"))
    etree.SubElement(run, q("a:t")).text = text
    return made


def _chart_rows(root: etree._Element) -> Iterator[list[etree._Element]]:
    """Yield the nodes with text, those of a series or of its categories together."""
    rows: dict[etree._Element | None, list[etree._Element]] = {}
    for node in root.iter(_PARAGRAPH, q("c:v")):
        group = next(node.iterancestors(*tags("c:cat c:val c:xVal c:yVal c:bubbleSize")), None)
        if group is None:
            yield [node]
        else:
            rows.setdefault(group, []).append(node)
    yield from rows.values()


def _chart_cell(flow: Flow, node: etree._Element, table: int, row: int, column: int) -> None:
    if node.tag == _PARAGRAPH:
        paragraph(flow, node, Role.CELL, table=table, row=row, column=column)
        return
    text = node.text or ""
    point = node.getparent()
    numbers = next(node.iterancestors(*tags("c:numLit c:numCache")), None)
    if numbers is None or point is None:
        flow.line(Role.CELL, text, TextOf(node), table=table, row=row, column=column)
        return
    code = point.get("formatCode") or numbers.findtext(q("c:formatCode")) or "General"
    shown = displayed(text, code)
    flow.line(Role.CELL, shown, Removed(point), table=table, row=row, column=column)


def _table_number(flow: Flow) -> int:
    return max((block.table for block in flow.blocks), default=0) + 1


# Names of the parts of a diagram's layout; its data refers to them.
_NODE_NAMES: Final = frozenset({"presName", "forName", "refForName", "moveWith", "ref"})
_NAMED_NODES: Final = tags("dgm:layoutNode dgm:forEach dgm:choose dgm:if dgm:else")


def _rename_nodes(session: Session, root: etree._Element) -> None:
    """Give the parts of a layout names that say nothing, the same in all parts of the diagram."""
    for node in root.iter():
        for raw in node.attrib:
            name = str(raw)
            if name in _NODE_NAMES or (name == "name" and node.tag in _NAMED_NODES):
                old = node.get(name, "")
                new = session.given.setdefault(old, f"n{len(session.given) + 1}") if old else ""
                node.set(name, new)


def _plain(session: Session, part: Part) -> None:
    """Empty the names and samples of a diagram's layout."""
    _rename_nodes(session, part.root)
    remove_all(part.root, tags("dgm:sampData dgm:styleData dgm:clrData"))
    for node in part.root.iter(*tags("dgm:title dgm:desc")):
        node.set("val", "")


def _walk_theme(session: Session, part: Part) -> None:
    """Empty the names of a theme, and drop what is not colours, fonts and effects."""
    remove_all(part.root, tags("a:objectDefaults a:extraClrSchemeLst a:custClrLst"))
    etree.SubElement(part.root, q("a:objectDefaults"))
    part.root.set("name", "Theme")
    for node in part.root.iter(*tags("a:clrScheme a:fontScheme a:fmtScheme")):
        node.set("name", "Theme")
