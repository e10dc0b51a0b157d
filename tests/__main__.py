"""All checks, as ./test runs them: style, types, migrations, tests; with arguments pytest alone."""

from __future__ import annotations

import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from config.embedded import EmbeddedError
from tests.browser import find_chromium, install_chromium

ROOT = Path(__file__).resolve().parent.parent
CHECKS = {
    "style": ("ruff", "check", "."),
    "format": ("ruff", "format", "--check", "."),
    "types": ("mypy",),
    "migrations": ("manage", "makemigrations", "--check", "--dry-run"),
}
NO_TESTS_COLLECTED = 5


def main(arguments: list[str]) -> int:
    """Run the checks, print what became of each, and return the exit code."""
    has_browser = bool(find_chromium() or install_chromium())
    try:
        import tests.servers  # noqa: F401 (for all the checks below)
    except EmbeddedError as exc:
        print(exc, file=sys.stderr)
        return 1
    results = {}
    if not arguments:
        for name, (module, *rest) in CHECKS.items():
            results[name] = run(name, module, *rest)
    results["tests"] = run("tests", "pytest", *arguments)
    print_summary(results, has_browser)
    return 0 if all(code == 0 for code, _ in results.values()) else 1


def run(name: str, module: str, *arguments: str) -> tuple[int, float]:
    """Run one check and return its exit code and the seconds it took."""
    print(f"\n== {name} ==", flush=True)
    started = time.monotonic()
    program = ["manage.py"] if module == "manage" else ["-m", module]
    command = [sys.executable, *program, *arguments]
    code = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL).returncode
    return code, time.monotonic() - started


def print_summary(results: dict[str, tuple[int, float]], has_browser: bool) -> None:
    """Print one line for each check, and loudly that browser tests could not run."""
    print("\n== summary ==")
    for name, (code, seconds) in results.items():
        outcome = "ok" if code == 0 else f"FAILED (exit code {code})"
        if name == "tests" and code == NO_TESTS_COLLECTED:
            outcome = "FAILED (no test ran)"
        print(f"{name:<12} {outcome:<24} {seconds:6.1f} s")
    if find_spec("torch") is None:
        print("\nWhat runs on PyTorch was not tested: ./test --torch installs it first.")
    if not has_browser:
        print(
            "\n!!! BROWSER TESTS WERE SKIPPED: no Chromium here, and none could be installed.\n"
            "!!! Install Chromium or Chrome, or set BLACKBAR_CHROMIUM to its path."
        )
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
