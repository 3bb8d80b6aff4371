"""What the record store acknowledged survives the end of its processes, whenever that comes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.kill import killed
from tests.conftest import BACKENDS

TIMES = 5


@pytest.mark.parametrize("kind", BACKENDS)
def test_kill_9_under_concurrent_writes_loses_and_halves_nothing(kind: str, tmp_path: Path) -> None:
    verdict = killed(kind, tmp_path / "platform", TIMES)
    assert verdict.is_good, verdict
    assert verdict.acknowledged > TIMES
