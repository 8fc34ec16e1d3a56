"""The vendored front-end files are the published ones, and nothing else lies beside them."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def vendor() -> ModuleType:
    spec = importlib.util.spec_from_file_location("vendor_script", ROOT / "scripts" / "vendor.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def copy(vendor: ModuleType, tmp_path: Path) -> Path:
    return Path(shutil.copytree(vendor.VENDOR, tmp_path / "vendor"))


def test_every_file_matches_its_hash(vendor: ModuleType) -> None:
    assert vendor.problems() == []


def test_every_package_names_what_it_is(vendor: ModuleType) -> None:
    packages = vendor.load()
    assert {package.name for package in packages} == {"htmx.org", "sortablejs"}
    for package in packages:
        assert package.integrity.startswith("sha512-")
        assert package.licence
        assert (vendor.VENDOR / package.licence_file).stat().st_size > 200


def test_scripts_carry_the_version_they_are_listed_with(vendor: ModuleType) -> None:
    for package in vendor.load():
        main = vendor.VENDOR / package.files[0].path
        assert package.version in main.read_text(encoding="utf-8")


def test_a_changed_file_is_named(vendor: ModuleType, copy: Path) -> None:
    with (copy / "htmx" / "htmx.min.js").open("a") as script:
        script.write(";")
    assert vendor.problems(copy) == ["htmx/htmx.min.js differs from its hash in vendor.toml"]


def test_an_unlisted_file_is_named(vendor: ModuleType, copy: Path) -> None:
    (copy / "extra.js").write_text("1")
    assert vendor.problems(copy) == ["extra.js is not listed in vendor.toml"]


def test_a_missing_file_is_named(vendor: ModuleType, copy: Path) -> None:
    (copy / "sortable" / "LICENSE").unlink()
    assert vendor.problems(copy) == ["sortable/LICENSE is missing"]
