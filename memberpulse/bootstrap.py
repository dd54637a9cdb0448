"""Makes the virtual environment with the pinned packages. Needs only Python 3.11 or newer, nothing installed.

    python3 memberpulse/bootstrap.py [requirements.lock]

Does nothing when the environment already has what the lock asks for.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
SCRIPTS = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
OLDEST = (3, 11)
UV = "uv==0.13.8"
COMMAND = f"""#!/bin/sh
cd "{ROOT}" && exec "{PYTHON}" -m memberpulse "$@"
"""


def main() -> None:
    lock = ROOT / (sys.argv[1] if len(sys.argv) > 1 else "requirements.lock")
    if sys.version_info < OLDEST:
        stop(f"Python {sys.version_info.major}.{sys.version_info.minor} is too old: MemberPulse needs 3.11 or newer.")
    wanted, stamp = hashlib.sha256(lock.read_bytes()).hexdigest(), ENVIRONMENT / f".{lock.stem}-installed"
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    if not PYTHON.exists():
        create()
    say(f"Installing the pinned packages ({lock.name}); the first time takes a minute")
    install(lock)
    write_command()
    stamp.write_text(wanted)


def create() -> None:
    say("Creating the virtual environment in .venv")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    try:
        venv.create(ENVIRONMENT, with_pip=True)
    except (ImportError, subprocess.CalledProcessError, OSError):
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        stop(
            "This Python cannot make virtual environments: its venv or ensurepip module is missing. On Debian or "
            f"Ubuntu install it with: apt-get install python{version}-venv"
        )


def install(lock: Path) -> None:
    """By uv, in seconds; by pip where uv cannot be had, or does not reach what pip is set up to reach."""
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    uv = shutil.which("uv")
    if not uv and succeeds([*pip, UV]):
        uv = SCRIPTS / "uv"
    if uv and succeeds([uv, "pip", "install", "--quiet", *mirror(), "--python", PYTHON, "-r", lock]):
        return
    say("Installing them with pip instead, which takes longer")
    if not succeeds([*pip, "-r", lock]):
        stop("The packages could not be installed; see above. It needs the internet or a mirror set up for pip.")


def mirror() -> list[str]:
    """The mirror that pip is set up to ask, for uv, which does not read pip's settings."""
    settings = subprocess.run([PYTHON, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    found = re.search(r"^\S*[.]index-url='(.+)'$", settings.stdout, re.MULTILINE)
    return ["--default-index", found[1]] if found else []


def succeeds(command: list[str | Path]) -> bool:
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def write_command() -> None:
    """`.venv/bin/memberpulse`, without having to build the project as a package."""
    command = SCRIPTS / "memberpulse"
    command.write_text(COMMAND)
    command.chmod(0o755)


def say(text: str) -> None:
    print(f"  {text} …", flush=True)


def stop(text: str) -> None:
    sys.exit(f"MemberPulse cannot start.\n  {text}")


if __name__ == "__main__":
    main()
