"""What is put into a spool comes out, in order, whatever ends in between; what was noted as delivered does not."""

from __future__ import annotations

import os
import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cxm_sdk.capture import spool as spool_module
from cxm_sdk.capture.backlog import Entry
from cxm_sdk.capture.spool import SpoolBacklog


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments of few events, of which few are kept in memory, so that few events come by every corner."""
    monkeypatch.setattr(spool_module, "SEGMENT_BYTES", 200)
    monkeypatch.setattr(spool_module, "WINDOW_BYTES", 120)


def opened(folder: Path | str) -> SpoolBacklog:
    return SpoolBacklog(threading.RLock(), str(folder))


def crash(backlog: SpoolBacklog) -> None:
    """Leaves everything as it is, as the end of a process does: descriptors close, locks go."""
    backlog.forked()


def event(number: int) -> bytes:
    return b'{"messageId":"%05d"}' % number


def numbers(entries: list[Entry]) -> list[int]:
    return [int(entry[0][14:19]) for entry in entries]


def drained(backlog: SpoolBacklog) -> list[int]:
    found: list[int] = []
    while True:
        backlog.refill()
        entries = backlog.take(3, 10_000)
        if not entries:
            return found
        found += numbers(entries)
        backlog.settle(entries)


def segments(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.seg"))


class Spooling(RuleBasedStateMachine):
    """Any interleaving of putting, taking, settling, erasing, crashing and coming back."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)
        self.backlog = opened(self.path)
        self.count = 0
        self.waiting: list[int] = []
        self.taken: list[Entry] = []

    def teardown(self) -> None:
        crash(self.backlog)
        last = opened(self.path)
        last.adopt()
        assert drained(last) == self.waiting
        assert (last.spooled, last.queued, last.size) == (0, 0, 0)
        last.close()
        assert list(self.path.iterdir()) == []
        self.folder.cleanup()

    @rule(times=st.integers(1, 12))
    def put(self, times: int) -> None:
        for _ in range(times):
            self.backlog.put(event(self.count))
            self.waiting.append(self.count)
            self.count += 1

    @rule(times=st.integers(1, 12))
    def extend(self, times: int) -> None:
        together = range(self.count, self.count + times)
        self.backlog.extend([event(number) for number in together])
        self.waiting += together
        self.count += times

    @rule(count=st.integers(1, 9))
    def take(self, count: int) -> None:
        self.backlog.refill()
        found = self.backlog.take(count, 10_000)
        before = numbers(self.taken)
        expected = [number for number in self.waiting if number not in before]
        assert numbers(found) == expected[: len(found)]
        assert found or not expected
        self.taken += found

    @precondition(lambda self: self.taken)
    @rule(data=st.data(), erase=st.booleans())
    def settle(self, data: st.DataObject, erase: bool) -> None:
        chosen = [entry for entry in self.taken if data.draw(st.booleans())]
        (self.backlog.erase if erase else self.backlog.settle)(chosen)
        self.taken = [entry for entry in self.taken if entry not in chosen]
        self.waiting = [number for number in self.waiting if number not in numbers(chosen)]

    @rule(rest=st.integers(0, 2))
    def purge(self, rest: int) -> None:
        taken = numbers(self.taken)
        gone = [number for number in self.waiting if number % 3 == rest and number not in taken]
        found = self.backlog.purge(lambda text: int(text[14:19]) % 3 == rest)
        assert sorted(int(text[14:19]) for text in found) == gone
        self.waiting = [number for number in self.waiting if number not in gone]
        kept = b"".join(path.read_bytes() for path in segments(self.path))
        assert not any(event(number) in kept for number in gone)

    @rule(leave=st.booleans())
    def end_and_come_back(self, leave: bool) -> None:
        if leave:
            self.backlog.close()
        else:
            crash(self.backlog)
        self.taken = []
        self.backlog = opened(self.path)
        assert self.backlog.adopt() == (len(self.waiting), {})

    @invariant()
    def counts_hold(self) -> None:
        assert self.backlog.spooled == len(self.waiting)
        assert self.backlog.queued == 0
        assert self.backlog.size == sum(len(event(number)) for number in self.waiting)


TestSpooling = Spooling.TestCase
TestSpooling.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


@given(count=st.integers(1, 25), data=st.data())
@settings(max_examples=80, deadline=None)
def test_a_segment_cut_at_any_byte_costs_the_torn_event_alone(count: int, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        backlog = opened(folder)
        for number in range(count):
            backlog.put(event(number))
        crash(backlog)
        last = segments(Path(folder))[-1]
        size = last.stat().st_size
        cut = data.draw(st.integers(0, size))
        os.truncate(last, cut)
        frame = 12 + len(event(0))
        gone = -(-(size - max(cut, 8)) // frame)
        torn = cut not in range(8, size + 1, frame) and cut > 0
        back = opened(folder)
        assert back.adopt() == (count - gone, {"torn": 1} if torn else {})
        assert drained(back) == list(range(count - gone))
        back.close()


@given(count=st.integers(2, 20), settled=st.integers(1, 20), data=st.data())
@settings(max_examples=60, deadline=None)
def test_notes_cut_at_any_byte_cost_a_second_delivery_and_never_an_event(
    count: int, settled: int, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        backlog = opened(folder)
        for number in range(count):
            backlog.put(event(number))
        backlog.settle(backlog.take(min(settled, count), 10_000))
        crash(backlog)
        for notes in Path(folder).rglob("*.ack"):
            os.truncate(notes, data.draw(st.integers(0, notes.stat().st_size)))
        back = opened(folder)
        back.adopt()
        again = drained(back)
        assert again == sorted(again)
        assert set(again) >= set(range(settled, count))
        back.close()


def test_a_damaged_event_is_skipped_and_counted(tmp_path: Path) -> None:
    backlog = opened(tmp_path)
    for number in range(4):
        backlog.put(event(number))
    crash(backlog)
    (segment,) = segments(tmp_path)
    text = bytearray(segment.read_bytes())
    text[text.index(b"00002")] ^= 1
    segment.write_bytes(text)
    back = opened(tmp_path)
    assert back.adopt() == (3, {"damaged": 1})
    assert drained(back) == [0, 1, 3]


def test_an_event_damaged_while_its_owner_lives_is_counted_when_it_is_read_back(tmp_path: Path) -> None:
    backlog = opened(tmp_path)
    for number in range(12):
        backlog.put(event(number))
    for segment in segments(tmp_path):
        text = bytearray(segment.read_bytes())
        if b"00010" in text:
            text[text.index(b"00010")] ^= 1
            segment.write_bytes(text)
    found, lost = [], 0
    for _ in range(8):
        lost += backlog.refill()
        entries = backlog.take(9, 10_000)
        found += numbers(entries)
        backlog.settle(entries)
    assert (found, lost) == ([n for n in range(12) if n != 10], 1)
    assert (backlog.spooled, backlog.size) == (0, 0)


def test_what_a_living_process_owns_is_taken_over_by_nobody(tmp_path: Path) -> None:
    first, second = opened(tmp_path), opened(tmp_path)
    first.put(event(1))
    assert second.adopt() == (0, {})
    crash(first)
    assert second.adopt() == (1, {})
    assert opened(tmp_path).adopt() == (0, {})
    assert drained(second) == [1]


def test_of_many_that_come_at_once_exactly_one_takes_over(tmp_path: Path) -> None:
    for number in range(40):
        backlog = opened(tmp_path)
        backlog.put(event(number))
        crash(backlog)
    heirs = [opened(tmp_path) for _ in range(6)]
    counts: list[int] = []
    start = threading.Barrier(6)

    def inherit(heir: SpoolBacklog) -> None:
        start.wait()
        counts.append(heir.adopt()[0])

    threads = [threading.Thread(target=inherit, args=(heir,)) for heir in heirs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 40
    assert sorted(number for heir in heirs for number in drained(heir)) == list(range(40))


def test_a_house_that_is_being_built_is_left_alone_and_one_that_never_was_finished_goes(
    tmp_path: Path,
) -> None:
    for name in (".fresh", ".stale", ".bare"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "lock").touch()
    (tmp_path / ".bare" / "lock").unlink()
    for name in (".stale", ".bare"):
        os.utime(tmp_path / name, (0, 0))
    assert opened(tmp_path).adopt() == (0, {})
    assert [path.name for path in tmp_path.iterdir()] == [".fresh"]


def test_a_house_whose_last_owner_ended_while_it_was_torn_down_goes(tmp_path: Path) -> None:
    (tmp_path / "house").mkdir()
    opened(tmp_path).adopt()
    assert list(tmp_path.iterdir()) == []


def test_folders_and_files_are_the_owners_alone(tmp_path: Path) -> None:
    backlog = opened(tmp_path / "spool" / "destination")
    backlog.put(event(1))
    backlog.put(event(2))
    backlog.settle(backlog.take(1, 1000))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "spool").rglob("*")}
    assert len(modes) == 5
    assert all(
        mode == (0o700 if "." not in name and name != "lock" else 0o600) for name, mode in modes.items()
    )


def test_memory_holds_a_window_and_not_all_that_waits(tmp_path: Path) -> None:
    backlog = opened(tmp_path)
    for number in range(1000):
        backlog.put(event(number))
    assert len(backlog._window) == 120 // len(event(0))
    assert drained(backlog) == list(range(1000))
    assert list(tmp_path.rglob("*.seg")) == []  # what is delivered leaves nothing behind


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or os.system(f"mount -t tmpfs -o size=64k tmpfs {folder} 2>/dev/null"):
        pytest.skip("mounting a file system takes root")
    yield folder
    os.system(f"umount --lazy {folder}")  # files in it may still be open


def test_a_full_disk_costs_no_event(full_disk: Path) -> None:
    backlog = opened(full_disk)
    big = [b'{"messageId":"%05d","text":"%b"}' % (number, b"x" * 1000) for number in range(200)]
    for text in big:
        backlog.put(text)
    assert backlog.troubles
    assert backlog.spooled + backlog.queued == 200
    assert 10 < backlog.spooled < 70
    found: set[int] = set()
    while True:
        backlog.refill()
        entries = backlog.take(50, 1 << 20)
        if not entries:
            break
        found |= set(numbers(entries))
        backlog.settle(entries)
    assert found == set(range(200))
    backlog.close()


def test_a_folder_that_may_not_be_written_costs_no_event(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder can be made below a file")
    backlog = opened(tmp_path / "file" / "spool")
    backlog.put(event(1))
    backlog.put(event(2))
    assert (backlog.spooled, backlog.queued, len(backlog.troubles)) == (0, 2, 1)
    assert drained(backlog) == [1, 2]


def test_a_disk_that_can_be_written_again_is_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_module, "DISK_PAUSE", 0.0)
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    backlog = opened(blocked / "spool")
    backlog.put(event(1))
    blocked.unlink()
    backlog.put(event(2))
    assert (backlog.queued, backlog.spooled) == (1, 1)


def test_callers_that_wait_for_power_safety_share_a_sync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    syncs: list[int] = []
    at_sync = threading.Event()
    go_on = threading.Event()

    def synced(file: int) -> None:
        syncs.append(file)
        at_sync.set()
        go_on.wait(10)

    monkeypatch.setattr(spool_module, "synced", synced)
    lock = threading.RLock()
    backlog = SpoolBacklog(lock, str(tmp_path), power=True)

    def put(number: int) -> None:
        with lock:
            backlog.put(event(number))
        backlog.sync()

    threads = [threading.Thread(target=put, args=(number,)) for number in range(5)]
    threads[0].start()
    assert at_sync.wait(10)
    for thread in threads[1:]:
        thread.start()
    while backlog.spooled < 5:
        pass
    go_on.set()
    for thread in threads:
        thread.join()
    assert len(syncs) == 2  # the first alone, then one for all who came meanwhile
