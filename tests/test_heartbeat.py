"""The file by which a container knows that Paperboy is alive."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from bot import heartbeat

if TYPE_CHECKING:
    from pathlib import Path


def test_a_beat_is_fresh_for_three_minutes(tmp_path: Path) -> None:
    file = tmp_path / "new folder" / "heartbeat"
    assert not heartbeat.is_fresh(file, now=0)
    heartbeat.beat(file)
    beaten = file.stat().st_mtime
    assert heartbeat.is_fresh(file, beaten + 179)
    assert not heartbeat.is_fresh(file, beaten + 181)


def test_the_check_is_a_command_with_an_exit_code() -> None:
    check = [sys.executable, "-m", "bot.heartbeat"]
    environment = {"PYTHONPATH": ":".join(sys.path)}
    place = heartbeat.place()
    environment |= {"XDG_DATA_HOME": str(place.parent.parent)}
    assert subprocess.run(check, env=environment, check=False).returncode == 1
    heartbeat.beat(place)
    assert subprocess.run(check, env=environment, check=False).returncode == 0
