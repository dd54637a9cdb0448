"""What is made once for all processes of a test run, by the first that needs it."""

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

PLACE = "MEMBERPULSE_TEST_RUN"
"""The variable that names the run's folder to all its processes."""


def begin(parent: str | None = None) -> None:
    """Make the run's folder, if no process before has; it goes with this process. parent: where it is to be."""
    if PLACE not in os.environ:
        os.environ[PLACE] = tempfile.mkdtemp(prefix="memberpulse-tests-", dir=parent)
        atexit.register(shutil.rmtree, os.environ[PLACE], ignore_errors=True)


def once(name: str, make: Callable[[Path], None]) -> Path:
    """A folder of that name, to be copied from. make: fills it; who comes meanwhile waits."""
    begin()
    folder = Path(os.environ[PLACE]) / name
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            begun = folder.with_suffix(".begun")
            shutil.rmtree(begun, ignore_errors=True)
            begun.mkdir()
            make(begun)
            begun.rename(folder)
    return folder
