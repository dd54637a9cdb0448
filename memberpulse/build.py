"""Builds the browser bundle once per content of its sources.

The bundle is built in Reflex's work folder, copied beside the one in use and swapped in by a rename, so that a failed
build or a running server never sees half a bundle.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUNDLE = ROOT / "build" / "frontend"
STAMP = ".memberpulse-build"
_FAULT = re.compile(r"npm error|\w*Error:|\berror:|✗|Traceback")
BUILD_VARIABLES = ("MEMBERPULSE_DEV",)
_EXPORT = "import gc; gc.disable(); from reflex.reflex import cli; cli(['export', '--frontend-only', '--no-zip'])"
"""Reflex's production export. It makes millions of small objects that live as long as it does: looking for garbage
among them is a third of the time it compiles, and there is next to none."""


class BuildFailed(Exception):
    """The bundle could not be built; the message ends with what the build said last."""


def build_id() -> str:
    """The identity of the bundle in use: the hash it was built from, or "development" when there is none."""
    stamp = BUNDLE / STAMP
    return stamp.read_text() if stamp.exists() else "development"


def is_current() -> bool:
    """Whether the bundle in use was built from the sources as they are."""
    return build_id() == _code_hash() + _packages_hash()


def build() -> bool:
    """Bring the bundle up to date; returns whether anything had to be built. One process builds at a time.

    Raises BuildFailed.
    """
    BUNDLE.parent.mkdir(exist_ok=True)
    with (BUNDLE.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_current():
            return False
        code = _code_hash()
        export()
        # The export may complete the npm lock, so that part of the identity is only known now.
        _swap_in(ROOT / ".web" / "build" / "client", code + _packages_hash())
        return True


def export() -> None:
    """Run Reflex's production export with the Node that is installed beside this Python."""
    # Reflex copies an asset only when it looks newer, which after a change of branches it may not.
    shutil.rmtree(ROOT / ".web" / "public", ignore_errors=True)
    command = [sys.executable, "-c", _EXPORT]
    result = subprocess.run(
        command, cwd=ROOT, env=node_environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if result.returncode != 0:
        raise BuildFailed("The frontend did not build.\n" + _why(result.stdout))
    settle_order(ROOT / "reflex.lock" / "package.json")


def settle_order(packages: Path) -> None:
    """Write the list of packages in one order. Reflex and npm each have their own, and a build would leave a change."""
    text = json.dumps(json.loads(packages.read_text()), indent=2, sort_keys=True) + "\n"
    if packages.read_text() != text:
        packages.write_text(text)


def node_environment() -> dict[str, str]:
    """The environment for Reflex's tools: Node from the virtual environment, npm, no telemetry."""
    scripts = sysconfig.get_path("scripts")
    return {
        **os.environ,
        "PATH": scripts + os.pathsep + os.environ.get("PATH", ""),
        "REFLEX_USE_NPM": "1",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "npm_config_omit_lockfile_registry_resolved": "true",
        "npm_config_fund": "false",
        "npm_config_audit": "false",
        "npm_config_update_notifier": "false",
    }


def _why(output: str) -> str:
    """The part of the build's output that begins with its first error."""
    lines = output.splitlines()
    first = next((number for number, line in enumerate(lines) if _FAULT.search(line)), max(0, len(lines) - 40))
    return "\n".join(lines[first : first + 40])


def _code_hash() -> str:
    sources = [ROOT / "rxconfig.py", ROOT / "requirements.lock"]
    sources += [*(ROOT / "assets").rglob("*"), *(ROOT / "memberpulse").rglob("*.py")]
    variables = [f"{name}={os.environ.get(name, '')}" for name in BUILD_VARIABLES]
    return _hash_of((path for path in sources if "external" not in path.parts), version("reflex"), *variables)[:16]


def _packages_hash() -> str:
    return _hash_of((ROOT / "reflex.lock").glob("*.json"))[:8]


def _hash_of(paths: Iterable[Path], *words: str) -> str:
    digest = hashlib.sha256("\0".join(words).encode())
    for path in sorted(path for path in paths if path.is_file()):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _swap_in(fresh: Path, stamp: str) -> None:
    aside, old = BUNDLE.with_name("frontend.new"), BUNDLE.with_name("frontend.old")
    for leftover in (aside, old):
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.copytree(fresh, aside)
    (aside / STAMP).write_text(stamp)
    if BUNDLE.exists():
        BUNDLE.rename(old)
    aside.rename(BUNDLE)
    shutil.rmtree(old, ignore_errors=True)
