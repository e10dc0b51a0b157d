"""Who may import whom, what web processes load, and what no file names."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template import engines

ROOT = Path(__file__).parent.parent
PACKAGES = (
    "accounts",
    "anonymizer",
    "api",
    "audit",
    "config",
    "documents",
    "entries",
    "images",
    "inference",
    "library",
    "moderation",
    "oversight",
    "pastebin",
    "policies",
    "review",
    "sharing",
    "vault",
    "webhooks",
    "workspaces",
)
# Each package may import those of the lines above its own, and itself. config is wiring: it may
# import all, and nobody may import it.
LAYERS = (
    {"vault", "inference.engine"},
    {"accounts"},
    {"audit", "webhooks"},
    {"inference"},
    {"anonymizer"},
    {"workspaces"},
    {"policies"},
    {"entries"},
    {"sharing"},
    {"pastebin", "documents"},
    {"images"},
    {"review"},
    {"library"},
    {"oversight", "moderation"},
    {"api"},
    {"config"},
)
ALLOWED = {
    package: set().union(*LAYERS[:number])
    for number, layer in enumerate(LAYERS)
    for package in layer
}
# What the engine may be trained and measured with.
TRAINING = ("inference/training", "inference/evaluation.py")
# Libraries of hundreds of megabytes.
HEAVY = ("torch", "transformers", "onnxruntime", "onnx", "tokenizers")


def _sources() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def _templates() -> list[Path]:
    return [
        path for path in (ROOT / "templates").rglob("*.*") if path.suffix in {".html", ".jinja"}
    ]


def _package_of(module: str) -> str | None:
    if module.split(".")[:2] == ["inference", "engine"]:
        return "inference.engine"
    head = module.split(".")[0]
    return head if head in PACKAGES else None


def _imports(path: Path) -> Iterator[str]:
    """Yield the modules a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def test_imports_go_one_way() -> None:
    wrong = []
    for path in _sources():
        mine = _package_of(_module_of(path))
        assert mine is not None
        for module in _imports(path):
            theirs = _package_of(module)
            if theirs is not None and theirs != mine and theirs not in ALLOWED[mine]:
                wrong.append(f"{_module_of(path)} imports {module}")
    assert not sorted(set(wrong))


# What runs in a child process or without a server: neither it nor what it imports loads these.
_WITHOUT_DJANGO = ("inference/engine", "documents/formats", "anonymizer/ocr")
_OF_THE_SERVER = {"django", "celery", "redis", "rest_framework", "psycopg", "allauth"}


@pytest.mark.parametrize("start", _WITHOUT_DJANGO)
def test_it_knows_nothing_of_django(start: str) -> None:
    sources = {_module_of(path).removesuffix(".__init__"): path for path in _sources()}
    begin = start.removesuffix(".py").replace("/", ".")
    waiting = [name for name in sources if name == begin or name.startswith(f"{begin}.")]
    assert waiting
    reached = set(waiting)
    while waiting:
        name = waiting.pop()
        imported = set(_imports(sources[name]))
        # Importing a module runs the packages that it lies in.
        imported |= {name.rpartition(".")[0]}
        assert not {module.split(".")[0] for module in imported} & _OF_THE_SERVER, name
        for module in imported & sources.keys() - reached:
            reached.add(module)
            waiting.append(module)


def test_no_web_process_loads_a_model_s_libraries() -> None:
    """The application, its addresses and one page of each kind."""
    code = f"""
import sys
import config.wsgi
from django.urls import get_resolver
def walk(patterns):
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            walk(pattern.url_patterns)
        else:
            pattern.callback
walk(get_resolver().url_patterns)
import pastebin.tasks, inference.tasks, vault.tasks
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_text_is_never_marked_as_safe() -> None:
    for path in _sources():
        source = path.read_text()
        assert "mark_safe" not in source, path
        assert not re.search(r"\bformat_html\((?![\"'])", source), path
    for path in _templates():
        assert not re.search(r"\|\s*safe\b|autoescape\s+(off|false)", path.read_text()), path
    assert engines["jinja2"].env.autoescape is True


def test_pages_load_nothing_from_elsewhere_and_hold_no_script_or_style() -> None:
    for path in _templates():
        source = path.read_text()
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", source), path
        assert not re.search(r"<style|\sstyle=|\son\w+=", source), path
        assert not re.search(r"(?:src|href)=[\"'](?:https?:)?//", source), path


@pytest.mark.parametrize("word", ["/" + "work/", "/" + "root/", "hel" + "per session"])
def test_no_file_names_a_machine_s_paths(word: str) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    wrong = []
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.is_file() and path.stat().st_size < 5_000_000:
            content = path.read_bytes()
            if b"\0" not in content[:8000] and re.search(rb"(?<![\w.])" + word.encode(), content):
                wrong.append(name)
    assert not wrong
