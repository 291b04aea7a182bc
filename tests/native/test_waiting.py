"""The compiled way of an event to its file: held against plain Python, and against files that refuse."""

from __future__ import annotations

import os
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native.waiting import Appending, frame
from cxm_sdk.capture.frames import read

EVENTS = st.binary(max_size=300) | st.integers(0, 300_000).map(bytes)


def framed(event: bytes) -> bytes:
    """What ``frame`` gives, the slow way."""
    return struct.pack("<4sII", b"\xffcx\xfe", len(event), zlib.crc32(event, len(event))) + event


@given(EVENTS)
def test_a_frame_is_a_mark_a_length_a_checksum_and_the_event(event: bytes) -> None:
    assert frame(event) == framed(event)


@given(st.lists(EVENTS, max_size=8))
def test_events_lie_behind_each_other_where_they_are_said_to_be(events: list[bytes]) -> None:
    file = Appending()
    with tempfile.TemporaryFile() as there:
        file._file = there.fileno()
        offsets = [file.append(event) for event in events]
        data = os.pread(there.fileno(), file.size + 1, 0)
    assert data == b"".join(map(framed, events))
    assert (file.size, file.open) == (len(data), len(events))
    kept = [(at, event) for at, event in zip(offsets, events, strict=True) if event[:1] != b" "]
    assert read(data, 0).frames == kept


LIMITED = """
import os, resource, sys
from cxm_sdk._native.waiting import Appending
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
file = Appending()
file._file = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
for _ in range(2):
    file.append(b"e" * 300)
for _ in range(2):
    try:
        file.append(b"e" * 500)
    except OSError as error:
        print(error.errno, file.size, file.open, os.fstat(file._file).st_size)
file.append(b"f" * 100)
print(file.size)
"""


def test_a_write_that_is_cut_off_leaves_nothing_behind(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / "file")], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split("\n") == ["None 624 2 624", "None 624 2 624", "736", ""], ran.stderr


def test_a_file_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    file = Appending()
    (tmp_path / "file").write_bytes(b"")
    file._file = os.open(tmp_path / "file", os.O_RDONLY)
    try:
        with pytest.raises(OSError, match="ile descriptor") as caught:
            file.append(b"{}")
    finally:
        os.close(file._file)
    assert (caught.value.errno, file.size, file.open) == (9, 0, 0)


@pytest.fixture
def full_pipe() -> Iterator[tuple[int, int]]:
    """Both ends of a pipe that has no room left."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, bytes(4096))
    except BlockingIOError:
        os.set_blocking(writing, True)
    yield reading, writing
    os.close(reading)
    os.close(writing)


def test_an_interrupt_while_a_write_waits_gets_through_and_nothing_is_counted(
    full_pipe: tuple[int, int],
) -> None:
    file = Appending()
    file._file = full_pipe[1]

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(KeyboardInterrupt):
            file.append(b"{}")
    finally:
        signal.signal(signal.SIGALRM, before)
    assert (file.size, file.open) == (0, 0)


def test_a_write_goes_on_after_a_signal_that_is_dealt_with(full_pipe: tuple[int, int]) -> None:
    file = Appending()
    reading, file._file = full_pipe
    came = threading.Event()
    before = signal.signal(signal.SIGALRM, lambda *_: came.set())

    def drain() -> None:
        came.wait(10)
        os.read(reading, 1 << 20)

    drainer = threading.Thread(target=drain)
    try:
        drainer.start()
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        assert file.append(b"{}") == 0
    finally:
        signal.signal(signal.SIGALRM, before)
        drainer.join()
    assert (file.size, file.open) == (len(framed(b"{}")), 1)


def test_memory_of_an_event_of_megabytes_is_given_back(tmp_path: Path) -> None:
    file = Appending()
    file._file = os.open(tmp_path / "file", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    event = bytes(64 << 20)
    try:
        file.append(event)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(5):
            file.append(event)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < 32 << 10
    finally:
        os.close(file._file)
