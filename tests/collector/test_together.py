"""Requests share a write, and none of them waits for the disk on the loop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from cxm_sdk.capture import segments, spool
from cxm_sdk.capture.collector import together
from cxm_sdk.capture.collector.replies import RefusedError
from cxm_sdk.capture.collector.together import Text, Together


def texts(*names: str) -> list[Text]:
    return [(name.encode(), b"{}") for name in names]


def test_requests_of_one_turn_share_a_write_and_each_is_told_of_its_own() -> None:
    writes: list[list[bytes]] = []

    def store(stored: Sequence[Text]) -> list[bool]:
        writes.append([name for name, _ in stored])
        return [name != b"b" for name, _ in stored]

    async def main() -> Any:
        put = Together(store, threaded=False).put
        return await asyncio.gather(put(texts("a", "b")), put(texts("c")), put(texts("d")))

    assert asyncio.run(main()) == [[True, False], [True], [True]]
    assert writes == [[b"a", b"b", b"c", b"d"]]


@pytest.mark.parametrize("threaded", [False, True])
def test_what_cannot_be_stored_is_said_to_all_of_them_and_those_after_are_tried(threaded: bool) -> None:
    fails = [True]

    def store(stored: Sequence[Text]) -> list[bool]:
        if fails.pop():
            fails.append(False)
            raise RefusedError(503, "storage", "Nothing can be stored.")
        fails.append(False)
        return [True] * len(stored)

    async def main() -> Any:
        put = Together(store, threaded=threaded).put
        first = await asyncio.gather(put(texts("a")), put(texts("b")), return_exceptions=True)
        return first, await put(texts("c"))

    first, then = asyncio.run(main())
    assert [error.code for error in first] == ["storage", "storage"]
    assert then == [True]


def test_who_gives_up_does_not_hold_up_the_others() -> None:
    async def main() -> Any:
        put = Together(lambda stored: [True] * len(stored), threaded=True).put
        given_up = asyncio.ensure_future(put(texts("a")))
        kept = asyncio.ensure_future(put(texts("b")))
        await asyncio.sleep(0)
        given_up.cancel()
        return await kept

    assert asyncio.run(main()) == [True]


def test_what_waits_for_a_busy_disk_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "MOST_BYTES", 3)
    free = threading.Event()

    def store(stored: Sequence[Text]) -> list[bool]:
        free.wait(5)
        return [True] * len(stored)

    async def main() -> Any:
        put = Together(store, threaded=True).put
        first = asyncio.ensure_future(put(texts("a")))
        await asyncio.sleep(0.05)
        second = asyncio.ensure_future(put(texts("b")))
        await asyncio.sleep(0)
        with pytest.raises(RefusedError) as refused:
            await put(texts("c"))
        free.set()
        return refused.value.status, await first, await second, await put(texts("d"))

    assert asyncio.run(main()) == (503, [True], [True], [True])


def test_the_loop_goes_on_while_a_disk_is_waited_for(
    make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[float] = []

    def slowly(file: int) -> None:
        time.sleep(0.2)
        synced.append(time.monotonic())

    monkeypatch.setattr(spool, "synced", slowly)
    monkeypatch.setattr(segments, "synced", slowly)
    reception = make(durability="power").collector._reception
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.01)
            turns += 1

    async def main() -> list[Any]:
        counting = asyncio.ensure_future(count())
        put = reception._together.put
        stored = await asyncio.gather(
            *(put([(f"{number:016d}".encode(), b'{"messageId":"m"}')]) for number in range(20))
        )
        counting.cancel()
        return stored

    assert asyncio.run(main()) == [[True]] * 20
    assert turns >= 5
    assert 1 <= len(synced) <= 3
