"""What a build leaves behind."""

import json
from pathlib import Path

from memberpulse.build import ROOT, settle_order


def test_the_list_of_packages_reads_the_same_whoever_wrote_it(tmp_path: Path) -> None:
    packages = tmp_path / "package.json"
    found: set[str] = set()
    for parts in (["type", "dependencies"], ["dependencies", "type"]):
        packages.write_text(json.dumps({part: {"b": 1, "a": 2} for part in parts}))
        settle_order(packages)
        found.add(packages.read_text())
    assert len(found) == 1


def test_the_list_in_the_repository_is_in_that_order(tmp_path: Path) -> None:
    committed = ROOT / "reflex.lock" / "package.json"
    packages = tmp_path / "package.json"
    packages.write_text(committed.read_text())
    settle_order(packages)
    assert packages.read_text() == committed.read_text()
