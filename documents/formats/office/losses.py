"""What of a file is not kept, counted and said in sentences that quote nothing of it."""

from __future__ import annotations

from collections import Counter
from typing import Final

from documents.formats.office.pictures import MOST_PICTURES

# Kind of relationship, or a name given by a walk: singular, plural.
_THINGS: Final = {
    "embedded": ("embedded object", "embedded objects"),
    "workbook": ("data sheet behind a chart", "data sheets behind charts"),
    "macros": ("macro project", "macro projects"),
    "activex": ("ActiveX control", "ActiveX controls"),
    "customxml": ("hidden data part (custom XML)", "hidden data parts (custom XML)"),
    "media": ("sound or film", "sounds and films"),
    "vector": ("vector or unreadable picture", "vector or unreadable pictures"),
    "surplus picture": (
        f"picture beyond the first {MOST_PICTURES}, which are all that is read,",
        f"pictures beyond the first {MOST_PICTURES}, which are all that is read,",
    ),
    "linked picture": ("linked picture", "linked pictures"),
    "diagram": ("stored drawing of a diagram (SmartArt)", "stored drawings of diagrams (SmartArt)"),
    "fonts": ("embedded font", "embedded fonts"),
    "chunk": ("inserted document", "inserted documents"),
    "deletion": ("tracked deletion", "tracked deletions"),
    "insertion": ("mark of a tracked insertion", "marks of tracked insertions"),
    "change": ("tracked change of format", "tracked changes of format"),
    "field": ("field code", "field codes"),
    "control": ("content control", "content controls"),
    "formula": ("formula", "formulas"),
    "pivot": ("pivot table", "pivot tables"),
    "sheet table": ("table definition", "table definitions"),
    "name": ("defined name", "defined names"),
    "validation": ("list of allowed values", "lists of allowed values"),
    "external": ("link to another workbook", "links to other workbooks"),
    "form": ("form", "forms"),
    "script": ("script", "scripts"),
    "signature": ("digital signature", "digital signatures"),
    "comments": ("part with comments", "parts with comments"),
    "drawing": ("drawing of an unknown kind", "drawings of an unknown kind"),
    "mail merge": ("mail merge source", "mail merge sources"),
    "glossary": ("part with building blocks", "parts with building blocks"),
    "animation": ("animation", "animations"),
    "other": ("part of another kind", "parts of other kinds"),
}
# What is left of the thing, said after it.
_INSTEAD: Final = {
    "field": ("its result stays", "their results stay"),
    "control": ("its content stays", "their content stays"),
    "formula": ("its value stays", "their values stay"),
    "insertion": ("the inserted text stays", "the inserted text stays"),
    "workbook": ("the chart stays", "the charts stay"),
    "pivot": ("its cells stay", "their cells stay"),
    "sheet table": ("its cells stay", "their cells stay"),
    "vector": ("a grey picture stands in its place", "grey pictures stand in their place"),
    "surplus picture": ("a grey picture stands in its place", "grey pictures stand in their place"),
    "diagram": ("programs draw it anew", "programs draw them anew"),
    "linked picture": ("a grey picture stands in its place", "grey pictures stand in their place"),
}


# Relationships that are left behind without a word: nothing of a document shows by them.
_SILENT: Final = frozenset(
    {
        "core-properties",
        "extended-properties",
        "custom-properties",
        "metadata/core-properties",
        "thumbnail",
        "webSettings",
        "stylesWithEffects",
        "commentsExtended",
        "commentsIds",
        "commentsExtensible",
        "people",
        "person",
        "calcChain",
        "printerSettings",
        "viewProps",
        "chartStyle",
        "chartColorStyle",
        "sheetMetadata",
        "recipientData",
        "documenttasks",
        "tags",
        "revisionInfo",
        "changesInfo",
        "attachedTemplate",
        "hyperlink",
        "customXmlProps",
        "classificationlabels",
        "documentTasks",
        "themeOverride",
        "handoutMaster",
        "presProps",
        "vmlDrawing",
    }
)
# Kind of relationship -> what is said to be lost.
_LOST: Final = {
    "oleObject": "embedded",
    "package": "embedded",
    "vbaProject": "macros",
    "xlMacrosheet": "macros",
    "xlIntlMacrosheet": "macros",
    "control": "activex",
    "activeXControlBinary": "activex",
    "ctrlProp": "form",
    "customXml": "customxml",
    "customData": "customxml",
    "audio": "media",
    "video": "media",
    "media": "media",
    "font": "fonts",
    "aFChunk": "chunk",
    "subDocument": "chunk",
    "pivotTable": "pivot",
    "pivotCacheDefinition": "pivot",
    "table": "sheet table",
    "externalLink": "external",
    "externalLinkPath": "external",
    "comments": "comments",
    "threadedComment": "comments",
    "mailMergeSource": "mail merge",
    "mailMergeHeaderSource": "mail merge",
    "glossaryDocument": "glossary",
    "slicer": "drawing",
    "chartEx": "drawing",
    "ink": "drawing",
    "model3d": "drawing",
    "origin": "signature",
    "diagramDrawing": "diagram",
}


def loss_of(kind: str, content_type: str) -> str:
    """Return what is lost with a part that a relationship of this kind led to, "" if nothing."""
    if kind in _SILENT:
        return ""
    if kind == "package" and "spreadsheet" in content_type:
        return "workbook"
    return _LOST.get(kind, "other")


class Losses:
    """A count of what is not kept."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, thing: str, count: int = 1) -> None:
        """Count things that are not kept."""
        if count and thing:
            self._counts[thing if thing in _THINGS else "other"] += count

    def future(self) -> tuple[str, ...]:
        """Say what a clean file will not have."""
        return self._sentences("will not be", "will not be")

    def past(self) -> tuple[str, ...]:
        """Say what was taken out."""
        return self._sentences("was removed", "were removed")

    def _sentences(self, one: str, many: str) -> tuple[str, ...]:
        said = []
        for thing, (singular, plural) in _THINGS.items():
            count = self._counts[thing]
            if not count:
                continue
            end = " in the clean file" if one == "will not be" else ""
            instead = f"; {_INSTEAD[thing][count > 1]}" if thing in _INSTEAD else ""
            noun, verb = (singular, one) if count == 1 else (plural, many)
            said.append(f"{count:,} {noun} {verb}{end}{instead}.")
        return tuple(said)
