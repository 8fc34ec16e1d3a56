"""Fetch and check the vendored front-end files named in static/vendor/vendor.toml.

`python scripts/vendor.py verify` re-hashes what is there; `python scripts/vendor.py fetch`
packs each package again by name and version, compares the archive with the integrity value
it was published with, and writes the files. Both exit 1 and name what does not match.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"
MANIFEST = "vendor.toml"


@dataclass(frozen=True)
class VendoredFile:
    """One file: where it lies in the archive and here, and the hash of its bytes."""

    source: str
    path: str
    sha384: str


@dataclass(frozen=True)
class Package:
    """One published package; integrity is the sha512 of its archive."""

    name: str
    version: str
    licence: str
    licence_file: str
    integrity: str
    files: tuple[VendoredFile, ...]


def load(folder: Path = VENDOR) -> list[Package]:
    """Read the manifest of the folder. Raises KeyError when a value is missing."""
    data = tomllib.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return [
        Package(
            name=entry["name"],
            version=entry["version"],
            licence=entry["licence"],
            licence_file=entry["licence_file"],
            integrity=entry["integrity"],
            files=tuple(VendoredFile(item["source"], item["path"], item["sha384"]) for item in entry["file"]),
        )
        for entry in data["package"]
    ]


def digest(content: bytes, algorithm: str) -> str:
    """Name and base64 of the hash, the way packages publish it: `sha384-…`."""
    value = hashlib.new(algorithm, content).digest()
    return f"{algorithm}-{base64.b64encode(value).decode()}"


def problems(folder: Path = VENDOR) -> list[str]:
    """Sentences for every file that is missing, changed or not listed."""
    packages = load(folder)
    listed = {file.path: file.sha384 for package in packages for file in package.files}
    found: list[str] = []
    for path, expected in listed.items():
        target = folder / path
        if not target.is_file():
            found.append(f"{path} is missing")
        elif digest(target.read_bytes(), "sha384") != expected:
            found.append(f"{path} differs from its hash in {MANIFEST}")
    for target in sorted(folder.rglob("*")):
        path = target.relative_to(folder).as_posix()
        if target.is_file() and path != MANIFEST and path not in listed:
            found.append(f"{path} is not listed in {MANIFEST}")
    for package in packages:
        if package.licence_file not in listed:
            found.append(f"{package.name} has no licence file")
    return found


def fetch(package: Package, folder: Path = VENDOR) -> None:
    """Write the files of the package. Raises ValueError when archive or file differ."""
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(  # noqa: S603 the arguments come from our own manifest
            ["npm", "pack", f"{package.name}@{package.version}", "--silent"],  # noqa: S607 npm is found on PATH
            cwd=scratch,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        archive = next(Path(scratch).glob("*.tgz"))
        if digest(archive.read_bytes(), "sha512") != package.integrity:
            raise ValueError(f"{package.name}@{package.version}: archive differs from its integrity value")
        with tarfile.open(archive) as contents:
            for file in package.files:
                member = contents.extractfile(f"package/{file.source}")
                content = member.read() if member else b""
                if digest(content, "sha384") != file.sha384:
                    raise ValueError(f"{file.path}: {file.source} differs from its hash in {MANIFEST}")
                target = folder / file.path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("command", choices=["verify", "fetch"])
    command = parser.parse_args().command
    if command == "fetch":
        for package in load():
            try:
                fetch(package)
            except (ValueError, KeyError, subprocess.CalledProcessError) as error:
                sys.stderr.write(f"{error}\n")
                return 1
            sys.stdout.write(f"{package.name} {package.version}: {len(package.files)} files\n")
    found = problems()
    sys.stdout.write("\n".join(found or ["Every vendored file is as published."]) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
