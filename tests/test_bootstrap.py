"""The environment of a new machine, made by its own files alone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

from memberpulse import bootstrap

NAMED = "mp_greeting-1.0.dist-info"
WHEEL = {
    "mp_greeting.py": "HELLO = 'hello'\n",
    f"{NAMED}/METADATA": "Metadata-Version: 2.1\nName: mp-greeting\nVersion: 1.0\n",
    f"{NAMED}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    f"{NAMED}/RECORD": "",
}


def test_where_uv_cannot_be_had_pip_installs_what_is_pinned(tmp_path: Path) -> None:
    """The machine knows one package and no more, as behind a mirror that a company filled."""
    script = tmp_path / "place" / "memberpulse" / "bootstrap.py"
    script.parent.mkdir(parents=True)
    shutil.copy(bootstrap.__file__, script)
    place = script.parent.parent
    with ZipFile(tmp_path / "mp_greeting-1.0-py3-none-any.whl", "w") as wheel:
        for name, text in WHEEL.items():
            wheel.writestr(name, text)
    lock = place / "requirements.lock"
    lock.write_text("mp-greeting==1.0\n")

    first, second = (_bootstrap(script, PIP_NO_INDEX="1", PIP_FIND_LINKS=str(tmp_path)) for _ in range(2))
    assert first.returncode == 0, first.stderr
    assert "with pip instead" in first.stdout
    assert second.stdout == ""  # what is there is not installed again
    found = subprocess.run(
        [place / ".venv/bin/python", "-c", "import mp_greeting; print(mp_greeting.HELLO)"], capture_output=True
    )
    assert found.stdout == b"hello\n"

    lock.write_text("mp-absent==1.0\n")
    third = _bootstrap(script, PIP_NO_INDEX="1", PIP_FIND_LINKS=str(tmp_path))
    assert third.returncode != 0
    assert "mirror set up for pip" in third.stderr


def _bootstrap(script: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run it as `make` does, where no uv is on the path."""
    nothing = script.parent / "nothing"
    nothing.mkdir(exist_ok=True)
    environment = {**os.environ, "PATH": str(nothing), **variables}
    return subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True)
