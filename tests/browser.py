"""Finds a Chromium for the journeys: CHROMIUM, one on the PATH, or Playwright's own."""

import os
import shutil
import subprocess
import sys

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "The journeys need a browser: install Chromium, set CHROMIUM to the path of one, "
    "or run .venv/bin/python -m playwright install --with-deps chromium."
)


def find(playwrights_own):
    """The path of a browser that starts, or None."""
    candidates = [os.environ.get("CHROMIUM"), *map(shutil.which, NAMES), playwrights_own]
    return next(filter(starts, filter(None, candidates)), None)


def starts(path):
    """A name alone is no browser: it may be a stub that asks for a package, or lack a library."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


if __name__ == "__main__":
    with sync_playwright() as playwright:
        print(find(playwright.chromium.executable_path) or sys.exit(1))
