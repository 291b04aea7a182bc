"""Whatever happens to the bytes of a segment costs the events it happened to, and no other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk._native.waiting import frame
from cxm_sdk.capture.frames import MAGIC, acknowledged, acknowledgement, blank, read

EVENTS = st.lists(st.text(max_size=40).map(lambda text: b'{"a":"%b"}' % text.encode()), max_size=8)


def segment(events: list[bytes]) -> bytes:
    return MAGIC + b"".join(map(frame, events))


def ends(events: list[bytes]) -> list[int]:
    """Where each frame ends."""
    found = [len(MAGIC)]
    for event in events:
        found.append(found[-1] + len(frame(event)))
    return found


@given(EVENTS)
def test_what_was_written_is_read(events: list[bytes]) -> None:
    found = read(segment(events), 0)
    assert [event for _, event in found.frames] == events
    assert [offset for offset, _ in found.frames] == ends(events)[:-1]
    assert (found.damaged, found.torn) == (0, False)


@given(EVENTS, st.data())
def test_a_cut_at_any_byte_costs_the_torn_event_alone(events: list[bytes], data: st.DataObject) -> None:
    whole = segment(events)
    cut = data.draw(st.integers(0, len(whole)))
    found = read(whole[:cut], 0)
    left = sum(end <= cut for end in ends(events)[1:])
    assert [event for _, event in found.frames] == events[:left]
    assert found.torn == (cut not in (0, *ends(events)))


@given(EVENTS.filter(bool), st.data())
def test_a_damaged_byte_costs_one_event_at_most(events: list[bytes], data: st.DataObject) -> None:
    whole = bytearray(segment(events))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    found = read(bytes(whole), 0)
    hit = sum(end <= at for end in ends(events)) - 1  # -1: the beginning of the file
    expected = [event for position, event in enumerate(events) if position != hit]
    assert [event for _, event in found.frames] == expected
    assert found.damaged + found.torn == 1


@given(EVENTS.filter(bool), st.binary(max_size=60))
def test_garbage_between_two_writes_costs_nothing_else(events: list[bytes], garbage: bytes) -> None:
    found = read(segment(events) + garbage + frame(b'{"last":1}'), 0)
    assert [event for _, event in found.frames][-1] == b'{"last":1}'
    assert [event for _, event in found.frames][: len(events)] == events


@pytest.mark.parametrize("length", [1, 2, 500])
def test_an_erased_event_is_neither_read_nor_counted_as_damage(length: int) -> None:
    assert len(blank(length)) == len(frame(b"x" * length))
    assert read(MAGIC + blank(length) + frame(b"{}"), 0).frames == [(len(MAGIC) + 12 + length, b"{}")]
    assert read(MAGIC + blank(length), 0)[1:] == (0, False)


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)), max_size=6), st.data())
def test_notes_that_are_torn_or_damaged_count_as_not_written(
    ranges: list[tuple[int, int]], data: st.DataObject
) -> None:
    whole = b"".join(acknowledgement(start, end) for start, end in ranges)
    assert acknowledged(whole) == ranges
    cut = data.draw(st.integers(0, len(whole)))
    assert acknowledged(whole[:cut]) == ranges[: cut // 12]
    if whole:
        at = data.draw(st.integers(0, len(whole) - 1))
        damaged = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        assert acknowledged(damaged) == [pair for n, pair in enumerate(ranges) if n != at // 12]
