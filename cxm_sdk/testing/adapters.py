"""The contract of adapters: a pytest class that every adapter passes by naming itself and its payloads."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from cxm_sdk.adapters.base import Adapter
from cxm_sdk.adapters.files import pieces
from cxm_sdk.adapters.parsed import ConsentChange, Parsed, Record
from cxm_sdk.adapters.registry import detect
from cxm_sdk.adapters.registry import find as find_adapter
from cxm_sdk.errors import AdapterError

__all__ = ["AdapterContract"]

#: An id that a float cannot hold.
BEYOND = 2**53 + 1
#: Stands for a field that is not there.
_GONE = object()
_ODD: tuple[Any, ...] = (
    *(_GONE, None, "", " ", True, False, 0, -1, BEYOND, 10**400, 1.5, 1e308, "x" * 20_000, "\ud800", "\x00"),
    *(
        [],
        {},
        [None],
        [[]],
        {"": None},
        [{}],
        ["x", 1],
        "2026-01-01 10:00:00",
        "/Date(1)/",
        "-1",
        "nan",
        "9" * 400,
    ),
    *("ß" * 600, "[]", "a;b", "+44 (0)7700 900123", "@", "é@é.é", {"value": "x"}, [{"id": 1}, {"id": 1}]),
)
_CHANGE = st.tuples(
    st.integers(0, 2**20),
    st.sampled_from(_ODD)
    | st.text(max_size=20)
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False),
)
_CHANGES = st.lists(_CHANGE, min_size=1, max_size=3)


class AdapterContract:
    """What every adapter keeps. Subclass it in a test module; pytest runs its tests.

    Attributes:
        adapter: The adapter: its class, or its name where it is known by one.
        payloads: Files with payloads in JSON or XML.
        options: What the adapter is made with.
        detected: Whether payloads name their adapter by themselves; False for adapters that must be named.

    Example:
        >>> class TestHubSpot(AdapterContract):
        ...     adapter = "hubspot"
        ...     options = {"tenant": "62515"}
        >>> TestHubSpot().make().name
        'hubspot'
    """

    adapter: ClassVar[str | type[Adapter]]
    payloads: ClassVar[tuple[Path, ...]] = ()
    options: ClassVar[Mapping[str, Any]] = {}
    detected: ClassVar[bool] = True
    _kept: ClassVar[tuple[Adapter, list[Any]]]

    # ------------------------------------------------------------------------------------------ what is tested

    def make(self, **options: Any) -> Adapter:
        """Makes the adapter."""
        return self._class()(**{**self.options, **options})

    def load(self) -> list[Any]:
        """Reads the payloads."""
        assert self.payloads, "expected files with payloads, got none"
        return [next(pieces(path, self._class().lists)).payload for path in self.payloads]

    # ------------------------------------------------------------------------------------------ laws

    def test_reading_changes_nothing_and_gives_the_same_every_time(self) -> None:
        """Purity, determinism."""
        for payload in self.load():
            before = copy.deepcopy(payload)
            first = self.make().parse(payload)
            assert payload == before
            assert self.make().parse(json.dumps(payload).encode()).to_dict() == first.to_dict()

    def test_something_comes_of_some_payload(self) -> None:
        """A contract that nothing is read by says nothing."""
        parsed = [self.make().parse(payload) for payload in self.load()]
        assert any(one.events or one.records or one.consents or one.merges or one.deletions for one in parsed)

    def test_what_it_is_made_of_survives_json(self) -> None:
        """JSON round trip."""
        for payload in self.load():
            parsed = self.make().parse(payload)
            again = Parsed.from_dict(json.loads(json.dumps(parsed.to_dict())))
            assert again == parsed, (
                "JSON gives back another value: an amount of an event without class is text"
            )

    def test_every_leaf_is_mapped_ignored_or_listed(self) -> None:
        """No loss."""
        for payload in self.load():
            parsed = self.make().parse(payload)
            refused = tuple(one.path for one in parsed.rejected if one.whole)
            told = sorted((*parsed.mapped, *parsed.ignored, *parsed.unmapped))
            assert len(set(told)) == len(told)
            missing = set(_leaves(payload)) - set(told)
            assert not [path for path in missing if not path.startswith(refused)], (
                "leaves that nobody speaks of"
            )

    def test_a_field_that_nobody_knows_is_never_lost(self) -> None:
        """No loss: a new field in every object is listed too, and changes nothing else."""
        for payload in self.load():
            marked = _with_marks(payload)
            parsed = self.make().parse(marked)
            refused = tuple(one.path for one in parsed.rejected if one.whole)
            told = {*parsed.mapped, *parsed.ignored, *parsed.unmapped}
            lost = [path for path in _leaves(marked) if path not in told and not path.startswith(refused)]
            assert lost == []
            assert len(parsed.records) == len(self.make().parse(payload).records)

    def test_payloads_name_their_adapter(self) -> None:
        """Recognition."""
        for payload in self.load() if self.detected else ():
            if isinstance(self.adapter, str):
                assert detect(payload) == self.adapter
            else:
                assert self.adapter.recognises(payload), "expected a payload that a kind fits, got another"

    def test_a_bad_neighbour_costs_nothing(self) -> None:
        """Many items in one payload."""
        for payload in self.load():
            if isinstance(payload, list):
                whole = self.make().parse([{"__none of ours__": 1}, *payload, 17, None, "x"])
                alone = self.make().parse(payload)
                assert len(whole.rejected) == len(alone.rejected) + 4
                for name in ("events", "records", "consents", "merges", "deletions"):
                    assert getattr(whole, name) == getattr(alone, name)

    def test_sending_again_says_nothing_new(self) -> None:
        """Idempotence: ids of events are unique, and the same for a copy."""
        for payload in self.load():
            one, other = (self.make().parse(payload) for _ in range(2))
            ids = [event.message_id for event in one.events]
            assert ids == [event.message_id for event in other.events]
            assert len(set(ids)) == len(ids)

    def test_ids_are_text_to_the_last_digit(self) -> None:
        """Id text fidelity beyond 2^53."""
        for payload in self.load():
            for path, value in _whole_ids(payload):
                changed = _replaced(payload, path, BEYOND + value % 2 * 2)
                parsed = self.make().parse(json.dumps(changed))
                written = json.dumps(parsed.to_dict())
                assert str(float(BEYOND)) not in written
                assert "9007199254740992" not in written

    def test_times_have_a_zone(self) -> None:
        """Time zones: whatever comes out is in UTC."""
        for payload in self.load():
            parsed = self.make().parse(payload)
            times = [event.timestamp for event in parsed.events] + [one.observed_at for one in parsed.records]
            dated: list[Any] = [*parsed.consents, *parsed.merges, *parsed.deletions]
            times += [one.at for one in dated]
            assert all(time.utcoffset() == datetime.now(UTC).utcoffset() for time in times)

    def test_events_are_those_that_are_declared(self) -> None:
        """Documentation: the reference lists what can come out."""
        declared = {name for kind in self.make().kinds for name in kind.events}
        for payload in self.load():
            for event in self.make().parse(payload).events:
                assert {event.name, event.type} & declared

    def test_every_field_may_be_missing_or_odd(self) -> None:
        """Robustness: missing, null, empty, of the wrong type, huge.

        Every field is missing once in every payload; what else may come is tried once for each field of all payloads,
        null always and the rest by turns.
        """
        adapter, turns, known = self.make(), cycle(_ODD[2:]), set[Path_]()
        for payload in self.load():
            for path in _kinds_of_paths(payload):
                _survives(adapter, _replaced(payload, path, _GONE))
                if path not in known:
                    known.add(path)
                    for odd in (None, *islice(turns, 2)):
                        _survives(adapter, _replaced(payload, path, odd))

    def test_errors_hold_no_value_of_the_payload(self) -> None:
        """Privacy: every text is replaced by a mark, and no reason, detail or repr shows it."""
        mark, adapter = "Zebedee.Quux@private.invalid", self.make()
        for payload in self.load():
            for path in _kinds_of_paths(payload):
                if not isinstance(_at(payload, path), dict | list):
                    parsed = adapter.parse(_replaced(payload, path, mark))
                    known: list[Record | ConsentChange] = [*parsed.records, *parsed.consents]
                    shown: list[object] = [
                        parsed,
                        *parsed.rejected,
                        *known,
                        *parsed.merges,
                        *parsed.deletions,
                    ]
                    shown += [one for part in known for one in part.identifiers]
                    assert "zebedee" not in repr(shown).lower()

    def test_what_is_no_json_is_an_error_that_says_so(self) -> None:
        """Broken input."""
        for broken in (b"", b"{", b"\xff\xfe{", b'{"a": NaN}', "[" * 100_000):
            with pytest.raises(AdapterError):
                self.make().parse(broken)

    @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
    @given(number=st.integers(0, 2**20), changes=_CHANGES)
    def test_any_change_of_a_payload_is_read_or_rejected(
        self, number: int, changes: list[tuple[int, Any]]
    ) -> None:
        """Mutations, a few."""
        self._changed(number, changes)

    @pytest.mark.slow
    @pytest.mark.parametrize("part", range(10))  # each ends well before a test counts as one that hangs
    def test_ten_thousand_changes_of_payloads_are_read_or_rejected(self, part: int) -> None:
        """Mutations, many."""

        @seed(part)
        @settings(max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck))
        @given(number=st.integers(0, 2**20), changes=_CHANGES)
        def changed(number: int, changes: list[tuple[int, Any]]) -> None:
            self._changed(number, changes)

        changed()

    # ------------------------------------------------------------------------------------------ inside

    def _class(self) -> type[Adapter]:
        return find_adapter(self.adapter) if isinstance(self.adapter, str) else self.adapter

    def _changed(self, number: int, changes: list[tuple[int, Any]]) -> None:
        if "_kept" not in type(self).__dict__:  # once for all examples of a run
            type(self)._kept = (self.make(), self.load())
        adapter, payloads = self._kept
        payload = payloads[number % len(payloads)]
        for place, odd in changes:
            paths = list(_paths(payload))
            if paths:
                payload = _replaced(payload, paths[place % len(paths)], odd)
        _survives(adapter, payload)


def _survives(adapter: Adapter, payload: Any) -> None:
    """Reads a payload without an exception; what it says can be written, and rejects have all they need."""
    parsed = adapter.parse(payload)
    json.dumps(parsed.to_dict())
    assert all(one.reason and one.detail for one in parsed.rejected)


_MARK = "nobody knows this field"


def _leaves(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, one in value.items():
            yield from _leaves(one, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        for index, one in enumerate(value):
            yield from _leaves(one, f"{path}[{index}]")
    else:
        yield path


Path_ = tuple[str | int, ...]


def _paths(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    if path:
        yield path
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in below:
        yield from _paths(one, (*path, key))


def _at(value: Any, path: Path_) -> Any:
    for key in path:
        value = value[key]
    return value


def _kinds_of_paths(payload: Any) -> list[Path_]:
    """Paths without those that differ from another one in the number of an item only."""
    found: dict[Path_, Path_] = {}
    for path in _paths(payload):
        found.setdefault(tuple("" if isinstance(key, int) else key for key in path), path)
    return list(found.values())


def _replaced(payload: Any, path: Path_, value: Any) -> Any:
    """A copy with another value at a path, or none; what is not on the way there is shared."""
    if not path:
        return value
    made = copy.copy(payload)
    if len(path) == 1 and value is _GONE:
        del made[path[0]]
    else:
        made[path[0]] = _replaced(payload[path[0]], path[1:], value)
    return made


def _with_marks(payload: Any) -> Any:
    """A copy in which every object has a field that nobody knows."""
    if isinstance(payload, dict):
        return {**{key: _with_marks(one) for key, one in payload.items()}, _MARK: 1}
    return [_with_marks(one) for one in payload] if isinstance(payload, list) else payload


def _whole_ids(payload: Any) -> Iterator[tuple[Path_, int]]:
    """Ids that are written as numbers, by what their keys are called."""
    for path in _paths(payload):
        value = _at(payload, path)
        key = next((one for one in reversed(path) if isinstance(one, str)), "")
        if type(value) is int and re.search("(^|[a-z_])ids?$", key, re.IGNORECASE):
            yield path, value
