"""Ids of a day: none is forgotten, none is made up, across files, restarts and processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cxm_sdk.capture.collector import seen as module
from cxm_sdk.capture.collector.seen import SPAN, WINDOW, Seen, digest


def keys(count: int, name: str = "m") -> list[bytes]:
    return [digest("shop", f"{name}-{number}") for number in range(count)]


@pytest.mark.parametrize("on_disk", [True, False])
def test_every_id_that_was_noted_is_known_and_no_other(tmp_path: Path, on_disk: bool) -> None:
    seen = Seen(str(tmp_path) if on_disk else None)
    noted = keys(400_000)  # more than the first file holds
    for start in range(0, len(noted), 50_000):
        seen.note(noted[start : start + 50_000])
    assert all(seen.known(noted))
    assert not any(seen.known(keys(100_000, "other")))
    assert seen.beyond == 0
    if on_disk:
        assert len(list(tmp_path.iterdir())) > 1
    seen.close()


def test_ids_survive_a_kill(tmp_path: Path) -> None:
    program = (
        "import os, signal; from cxm_sdk.capture.collector.seen import Seen, digest\n"
        f"Seen({str(tmp_path)!r}).note([digest('shop', f'm-{{n}}') for n in range(1000)])\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    folder = str(Path(__file__).parents[2])
    subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": folder}, check=False)
    seen = Seen(str(tmp_path))
    assert all(seen.known(keys(1000)))
    seen.close()


def test_processes_that_share_a_folder_know_each_other_s_ids(tmp_path: Path) -> None:
    one, other = Seen(str(tmp_path)), Seen(str(tmp_path))
    noted = keys(300_000)
    assert not any(one.known(noted[:1]))
    one.note(noted[::2])
    other.note(noted[1::2])
    assert all(one.known(noted))
    assert all(other.known(noted))
    one.close()
    other.close()


def test_ids_are_known_for_a_day_and_then_go_with_their_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000 * SPAN + 1.0
    monkeypatch.setattr(module, "time", lambda: now)
    seen = Seen(str(tmp_path))
    noted = keys(10)
    seen.note(noted)
    for later in range(0, WINDOW, 3_600):
        monkeypatch.setattr(module, "time", lambda later=later: now + later)
        assert all(seen.known(noted))
    monkeypatch.setattr(module, "time", lambda: now + WINDOW + SPAN)
    assert not any(seen.known(noted))
    assert {path.name.split("-")[0] for path in tmp_path.iterdir()} == {
        str(1_000 + span) for span in range(1, 4)
    } | {str((int(now) + WINDOW + SPAN) // SPAN)}
    seen.close()


def test_a_full_disk_is_an_error_and_no_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    seen = Seen(str(tmp_path))
    with pytest.raises(OSError, match="No space"):
        seen.known(keys(1))
    assert list(tmp_path.iterdir()) == []


def test_ids_beyond_the_last_file_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FILES", 1)
    monkeypatch.setattr(module, "FIRST_BYTES", 512)
    seen = Seen(str(tmp_path))
    seen.note(keys(100))
    assert seen.beyond == 36
    assert sum(seen.known(keys(100))) == 64
    seen.close()
