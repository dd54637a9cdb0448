"""Processes for tests, forked from one that has imported everything: a new one is there in a moment, not in seconds."""

import multiprocessing
import os
import sys
from collections.abc import Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path

from pwdlib import PasswordHash

from memberpulse import cli
from memberpulse.domains.accounts import passwords
from memberpulse.settings import get_settings

ROOT = Path(__file__).resolve().parent.parent
PRELOADED = [
    "memberpulse.domains.catalog",
    "memberpulse.pages.shell",
    "memberpulse.server.serve",
    "tests.domains.approvals.test_kill",
    "tests.domains.events.worker",
    "tests.domains.files.sender",
    "tests.domains.payments.till_process",
    "tests.engine.conftest",
    "tests.engine.worker",
]

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(PRELOADED)


def memberpulse(command: str, environment: Mapping[str, str], log: Path, *, anew: bool = False) -> BaseProcess:
    """Start `python -m memberpulse COMMAND` with an environment of its own; what it prints goes to the end of `log`.

    anew: by the command itself, in a Python that has imported nothing.
    """
    process = processes.Process(target=_run, args=(command, dict(environment), log, anew), daemon=True)
    process.start()
    return process


def _run(command: str, environment: Mapping[str, str], log: Path, anew: bool) -> None:
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    get_settings.cache_clear()
    with log.open("ab") as output:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(output.fileno(), stream.fileno())
    if anew:
        os.execv(sys.executable, [sys.executable, "-m", "memberpulse", command])
    passwords._argon2 = PasswordHash.recommended()  # pyright: ignore[reportPrivateUsage], tests have a quick one
    sys.argv = ["memberpulse", command]
    cli.main()
