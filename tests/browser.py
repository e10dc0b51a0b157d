"""A real Chromium for browser tests: where it is, and how to get it.

Importing this module gives pytest-playwright's fixtures the right arguments.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
WITHOUT = "no Chromium was found here; set BLACKBAR_CHROMIUM to one"
INSTALL_SECONDS = 600


def find_chromium() -> str | None:
    """Return the path of a Chromium on this machine, or None."""
    given = os.environ.get("BLACKBAR_CHROMIUM")
    if given:
        return given
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    return next((place for place in PLACES if Path(place).exists()), None) or _playwrights_own()


def install_chromium() -> str | None:
    """Install a Chromium if that is possible here, and return its path, or None."""
    steps: list[list[str]] = []
    if os.getuid() == 0 and shutil.which("apt-get"):
        steps.append(["apt-get", "update", "-qq"])
        steps.append(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"])
    for step in [*steps, [sys.executable, "-m", "playwright", "install", "chromium"]]:
        if step[0] == sys.executable and find_chromium():
            break
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        try:
            subprocess.run(
                step,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=INSTALL_SECONDS,
            )
        except subprocess.TimeoutExpired:
            continue
    return find_chromium()


def _playwrights_own() -> str | None:
    """Return the browser that `playwright install` put into the user's cache, or None."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Launch the machine's own Chromium; skip where there is none."""
    chromium = find_chromium()
    if chromium is None:
        pytest.skip(WITHOUT)
    arguments = [*ARGUMENTS, *(["--no-sandbox"] if os.getuid() == 0 else [])]
    return {**browser_type_launch_args, "executable_path": chromium, "args": arguments}
