"""What we depend on is pinned, installed as pinned, and its licence is known."""

import re
from importlib.metadata import version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.tree import ROOT

FILES = ("requirements.txt", "requirements-dev.txt", "requirements-oracles.txt")
ORACLES = {"irrcac", "krippendorff"}
"""Copyleft packages that only tests call, to compare numbers: nothing of them is in the studio."""


def requirements(name: str, *, direct: bool = False) -> list[Requirement]:
    """The packages of a requirements file; with ``direct`` only those above "brought along"."""
    text = (ROOT / name).read_text(encoding="utf-8")
    if direct:
        text = text.split("# brought along")[0]
    return [Requirement(line.split(" #")[0]) for line in text.splitlines() if line[:1].isalpha()]


@pytest.mark.parametrize("name", FILES)
def test_every_package_is_pinned(name: str) -> None:
    packages = requirements(name)
    assert len(packages) > 10
    loose = [
        str(package) for package in packages if [part.operator for part in package.specifier] != ["=="] or "*" in str(package.specifier)
    ]
    assert loose == []


@pytest.mark.parametrize("name", FILES)
def test_what_is_installed_is_what_is_pinned(name: str) -> None:
    wanted = [package for package in requirements(name) if package.marker is None or package.marker.evaluate()]
    assert {package.name: version(package.name) for package in wanted if version(package.name) not in package.specifier} == {}


def test_nothing_is_pinned_twice() -> None:
    names = [canonicalize_name(package.name) for name in FILES for package in requirements(name)]
    assert sorted(name for name in set(names) if names.count(name) > 1) == []


def test_every_direct_package_has_its_licence_noted() -> None:
    page = (ROOT / "docs/licences.md").read_text(encoding="utf-8")
    noted = {canonicalize_name(name): licence for name, licence in re.findall(r"^\| ([\w.-]+) \| ([^|]+) \|", page, re.MULTILINE)}
    direct = {canonicalize_name(package.name) for name in FILES for package in requirements(name, direct=True)}
    assert set(noted) - {"package"} == direct
    copyleft = [name for name, licence in noted.items() if re.search(r"\bA?GPL", licence)]
    assert set(copyleft) == ORACLES
    oracles = {canonicalize_name(package.name) for package in requirements("requirements-oracles.txt")}
    assert oracles >= ORACLES
