"""Events that are accepted together are accepted all, or none of them is."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from cxm_sdk.capture import MemorySink
from cxm_sdk.capture import spool as spool_module
from cxm_sdk.capture.delivery import Delivery
from cxm_sdk.capture.policy import Policy
from cxm_sdk.capture.spool import SpoolBacklog
from cxm_sdk.errors import CaptureError


def event(number: int, size: int = 0) -> bytes:
    return b'{"messageId":"%05d","x":"%s"}' % (number, b"x" * size)


def opened(folder: Path) -> SpoolBacklog:
    return SpoolBacklog(threading.RLock(), str(folder))


def delivery(sink: Any, folder: Path, **policy: Any) -> Delivery:
    return Delivery(
        sink,
        "sink",
        lambda lock: SpoolBacklog(lock, str(folder)),
        Policy(**{"interval": 0.02, "max_bytes": 1 << 30, **policy}),
        ended=lambda events, reason: None,
        warned=lambda kind, error: None,
    )


def left(folder: Path) -> list[bytes]:
    """What the next process finds."""
    backlog = opened(folder)
    backlog.adopt()
    found: list[bytes] = []
    while True:
        backlog.refill()
        entries = backlog.take(1_000, 1 << 30)
        if not entries:
            return found
        found += [text for text, _, _ in entries]
        backlog.settle(entries)


@pytest.mark.parametrize("window", [0, 100, 1 << 20])
def test_events_put_together_and_one_by_one_come_out_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, window: int
) -> None:
    monkeypatch.setattr(spool_module, "WINDOW_BYTES", window)
    monkeypatch.setattr(spool_module, "SEGMENT_BYTES", 500)
    backlog = opened(tmp_path)
    texts = [event(number) for number in range(60)]
    for start in range(0, 60, 6):
        backlog.extend(texts[start : start + 5])
        backlog.put(texts[start + 5])
    assert (backlog.spooled, backlog.queued, backlog.size) == (60, 0, sum(map(len, texts)))
    backlog.forked()  # as the end of a process
    assert left(tmp_path) == texts


def test_a_write_that_is_cut_off_leaves_nothing_of_the_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backlog = opened(tmp_path)
    backlog.extend([event(1), event(2)])
    real = os.write
    monkeypatch.setattr(os, "write", lambda file, text: real(file, text[: len(text) // 2]))
    with pytest.raises(OSError, match="could be written"):
        backlog.extend([event(3, 500), event(4, 500)])
    monkeypatch.setattr(os, "write", real)
    with pytest.raises(OSError, match="a moment ago"):
        backlog.extend([event(5)])
    assert (backlog.spooled, backlog.queued) == (2, 0)
    backlog.forked()
    assert left(tmp_path) == [event(1), event(2)]


def test_a_disk_that_failed_is_tried_again_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_module, "DISK_PAUSE", 0.05)
    backlog = opened(tmp_path / "not a folder")
    (tmp_path / "not a folder").write_text("")
    with pytest.raises(OSError, match="exists"):
        backlog.extend([event(1)])
    (tmp_path / "not a folder").unlink()
    time.sleep(0.06)
    backlog.extend([event(2)])
    backlog.forked()
    assert left(tmp_path / "not a folder") == [event(2)]


def test_a_delivery_takes_requests_and_books_them(tmp_path: Path) -> None:
    sink = MemorySink()
    going = delivery(sink, tmp_path)
    for start in range(0, 100, 10):
        going.extend([event(number) for number in range(start, start + 10)])
    assert going.close(time.monotonic() + 20)
    assert len(sink) == going.stats().delivered == going.stats().accepted == 100
    assert going.stats().balanced
    with pytest.raises(CaptureError, match="closed"):
        going.extend([event(100)])


def test_a_request_for_which_there_is_no_room_is_refused_as_a_whole(tmp_path: Path) -> None:
    class Stuck:
        def send(self, batch: Any) -> None:
            raise OSError("down")

    going = delivery(Stuck(), tmp_path, max_bytes=1_000)
    going.extend([event(1, 400), event(2, 400)])
    with pytest.raises(CaptureError, match="no room"):
        going.extend([event(3), event(4, 400)])
    assert (going.stats().accepted, going.stats().balanced) == (2, True)
    going.close(time.monotonic() + 0.2)  # the thread may be at it right now, and holds the folder
    assert left(tmp_path) == [event(1, 400), event(2, 400)]


def test_a_sync_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(file: int) -> None:
        raise OSError("the disk is broken")

    monkeypatch.setattr(spool_module, "synced", broken)
    going = Delivery(
        MemorySink(),
        "sink",
        lambda lock: SpoolBacklog(lock, str(tmp_path), power=True),
        Policy(),
        ended=lambda events, reason: None,
        warned=lambda kind, error: None,
    )
    with pytest.raises(OSError, match="may not have"):
        going.extend([event(1)])
    going.close(time.monotonic() + 5)
