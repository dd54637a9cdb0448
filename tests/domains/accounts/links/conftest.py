"""These go through many doors and hash many passwords: one kind of database is enough. What must hold under concurrency
is tested on both kinds of database in `tests/domains/test_spending.py`."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def house_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    shutil.copy(migrated_sqlite, tmp_path / "house.db")
    return f"sqlite:///{tmp_path}/house.db"
