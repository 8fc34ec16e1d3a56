"""Finding Chromium for the browser tests. Standard library only: ``./dev`` imports it too."""

from __future__ import annotations

import ctypes
import os
import shutil
from pathlib import Path

VARIABLE = "POSTWRIGHT_CHROMIUM"
PACKAGE = "chromium-headless-shell"
"""Chromium without windows: the same engine, and a third less work for the same pages."""
NAMES = (PACKAGE, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    f"The browser tests need Chromium: install the package {PACKAGE} or chromium (or Google Chrome), "
    f"or set {VARIABLE} to the path of the program."
)
REASONS = {
    PACKAGE: MISSING,
    "libatomic1": "The browser tests steer the browser by a program that needs the package libatomic1.",
}
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--js-flags=--no-opt --no-maglev",
)
"""The last: a page of a test is gone before it has earned back the compiling of its scripts a second and third time."""


class ChromiumMissing(Exception):
    """No Chromium here; the message says what to install."""


def find() -> Path:
    """The program named by ``POSTWRIGHT_CHROMIUM``, or the first Chromium on ``PATH``.

    Raises ``ChromiumMissing``; also when the variable names something that is not a program, so that
    a typing error is not answered with another browser.
    """
    if named := os.environ.get(VARIABLE):
        if not os.access(named, os.X_OK):
            raise ChromiumMissing(f"{VARIABLE} is {named}, which is not a program.")
        return Path(named)
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    raise ChromiumMissing(MISSING)


def flags() -> list[str]:
    """Launch flags: no traffic of the browser's own, and no sandbox for root, who cannot have one."""
    return [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else list(FLAGS)


def lacking() -> list[str]:
    """The Debian packages the browser tests still need here; ``REASONS`` says why.

    Raises ``ChromiumMissing`` when ``POSTWRIGHT_CHROMIUM`` is wrong: no package mends that.
    """
    packages = []
    if os.environ.get(VARIABLE):
        find()
    elif not any(shutil.which(name) for name in NAMES):
        packages.append(PACKAGE)
    try:
        ctypes.CDLL("libatomic.so.1")
    except OSError:
        packages.append("libatomic1")
    return packages
