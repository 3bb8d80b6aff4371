"""An import-only copy of the house: every package, every file a feature may have, and not a line of code in them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.architecture.house import HOUSE, ROOTS

FEATURE_FILES = ("views", "cli", "jobs", "forms", "services", "queries", "models", "events", "formats")
SINGLE_FILES = ("lms/wsgi", "lms/cli", "lms/app", "xapi/http", "sectors/areas")
NOT_FEATURES = ("lms/kernel", "xapi/standard")


def build(folder: Path) -> None:
    """Make the copy in `folder`, with the contracts of the real house."""
    for package in sorted(path.parent for root in ROOTS for path in HOUSE.glob(f"{root}/**/__init__.py")):
        place = package.relative_to(HOUSE)
        _touch(folder / place / "__init__.py")
        if len(place.parts) == 2 and place.as_posix() not in NOT_FEATURES:
            for name in FEATURE_FILES:
                if not (package / name).is_dir():
                    _touch(folder / place / f"{name}.py")
    for kernel_file in HOUSE.glob("lms/kernel/*.py"):
        _touch(folder / kernel_file.relative_to(HOUSE))
    for name in SINGLE_FILES:
        _touch(folder / f"{name}.py")
    pyproject = (HOUSE / "pyproject.toml").read_text()
    (folder / "pyproject.toml").write_text(pyproject[pyproject.index("[tool.importlinter]") :])


def plant(folder: Path, module: str, code: str) -> None:
    """Write this code in this module, which may be new, or a package's own file."""
    place = folder / module.replace(".", "/")
    file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"{code}\n")


def broken_contracts(folder: Path) -> set[str]:
    """The names of the contracts that import-linter finds broken in this folder."""
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)
    output = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
    broken = {line.removesuffix(" BROKEN").strip() for line in output.splitlines() if line.endswith(" BROKEN")}
    if (done.returncode != 0) != bool(broken):
        raise AssertionError(output)
    return broken


def _touch(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
