"""The context reaches every event of its block and nothing beside it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk.capture.context import context, current

values = st.none() | st.text(max_size=5) | st.dictionaries(st.sampled_from("abc"), st.integers(), max_size=3)
settings = st.fixed_dictionaries(
    {},
    optional={
        "user_id": st.text(max_size=5),
        "anonymous_id": st.text(max_size=5),
        "page": st.dictionaries(st.sampled_from(["url", "path"]), st.text(max_size=3)),
        "locale": values,
        "device": values,
    },
)


def test_names_are_put_where_the_wire_has_them() -> None:
    with context(
        user_id="u",
        anonymous_id="a",
        group_id="g",
        campaign={"name": "spring"},
        page={"path": "/"},
        ip="203.0.113.5",
        user_agent="Browser",
        request_id="r",
        timezone="Europe/Vienna",
    ):
        assert current() == {
            "userId": "u",
            "anonymousId": "a",
            "context": {
                "groupId": "g",
                "campaign": {"name": "spring"},
                "page": {"path": "/"},
                "ip": "203.0.113.5",
                "userAgent": "Browser",
                "requestId": "r",
                "timezone": "Europe/Vienna",
            },
        }
    assert current() == {}


@given(st.lists(settings, max_size=4))
def test_a_context_inside_others_is_seen_and_leaves_no_trace(nested: list[dict[str, Any]]) -> None:
    def enter(rest: list[dict[str, Any]]) -> None:
        before = dict(current())
        if rest:
            with context(**rest[0]):
                for key, name in (("user_id", "userId"), ("anonymous_id", "anonymousId")):
                    assert current().get(name) == rest[0].get(key, before.get(name))
                for key, value in rest[0].items():
                    got = current().get("context", {}).get(key)
                    if isinstance(value, dict):
                        assert value.items() <= got.items()
                enter(rest[1:])
        assert current() == before

    enter(nested)
    assert current() == {}


def test_a_context_ends_with_an_error_too() -> None:
    with pytest.raises(KeyError), context(user_id="u"):
        raise KeyError
    assert current() == {}


def test_a_context_may_decorate_a_function_that_calls_itself() -> None:
    @context(user_id="u")
    def work(depth: int) -> None:
        assert current() == {"userId": "u"}
        if depth:
            work(depth - 1)

    for _ in range(2):
        work(2)
        assert current() == {}


def test_what_the_host_changes_afterwards_changes_no_event() -> None:
    page = {"path": "/a"}
    with context(page=page):
        page["path"] = "/b"
        assert current()["context"]["page"] == {"path": "/a"}


def test_threads_do_not_see_each_others_context() -> None:
    seen: dict[str, Any] = {}
    meet = threading.Barrier(4, timeout=10)

    def work(name: str) -> None:
        with context(user_id=name):
            meet.wait()
            seen[name] = dict(current())
            meet.wait()

    threads = [threading.Thread(target=work, args=(f"u-{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {f"u-{number}": {"userId": f"u-{number}"} for number in range(4)}
    assert current() == {}


def test_tasks_do_not_see_each_others_context_and_helpers_in_threads_see_their_own() -> None:
    async def work(name: str) -> tuple[str, str]:
        with context(user_id=name):
            await asyncio.sleep(0.001)
            in_thread = await asyncio.to_thread(lambda: current()["userId"])
            return current()["userId"], in_thread

    async def together() -> list[tuple[str, str]]:
        return await asyncio.gather(*(work(f"u-{number}") for number in range(20)))

    assert asyncio.run(together()) == [(f"u-{number}",) * 2 for number in range(20)]


def test_a_copied_context_takes_it_into_a_pool_of_threads() -> None:
    with ThreadPoolExecutor(1) as pool, context(user_id="u"):
        assert pool.submit(current).result() == {}
        assert pool.submit(copy_context().run, current).result() == {"userId": "u"}


def test_a_generator_closed_elsewhere_does_not_fail() -> None:
    def rows() -> Iterator[int]:
        with context(user_id="u"):
            yield 1
            yield 2

    generator = rows()
    copy_context().run(next, generator)
    generator.close()
    assert current() == {}


def test_an_asynchronous_generator_left_early_does_not_fail() -> None:
    async def rows() -> AsyncIterator[int]:
        with context(user_id="u"):
            yield 1
            yield 2

    async def first() -> int:
        async for row in rows():
            return row
        return 0

    assert asyncio.run(first()) == 1
    assert current() == {}
