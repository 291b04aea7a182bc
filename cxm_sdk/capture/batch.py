"""What a sink is given, and what it says became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from json import loads
from typing import Any, Final, NamedTuple, Protocol, runtime_checkable

__all__ = ["BATCH_BYTES", "BATCH_EVENTS", "Batch", "Delivered", "Sink", "message_id_of"]

BATCH_BYTES: Final = 500 * 1024
"""Most bytes of one batch that receivers of the Segment wire take, envelope and all."""

BATCH_EVENTS: Final = 2_500
"""Most events of one batch that receivers of the Segment wire take."""

_ID: Final = b'{"messageId":"'


class Delivered(NamedTuple):
    """What became of a batch, event by event; what is named in neither field was taken.

    Attributes:
        rejected: Position in the batch to the reason why that event was refused for good.
        retry: Positions of the events that should be sent again.
        retry_after: Seconds to wait before that; None leaves it to the client.

    Example:
        >>> Delivered(rejected={1: "no_user_anon_id"}).rejected
        {1: 'no_user_anon_id'}
    """

    rejected: Mapping[int, str] = {}
    retry: Sequence[int] = ()
    retry_after: float | None = None


class Batch:
    """Events on their way to a sink, each one encoded.

    Attributes:
        events: JSON text of each event in UTF-8, oldest first.
        attempt: How often this was tried before; 0 at first.
        deadline: Moment of ``time.monotonic()`` by which a caller waits for the outcome; None when nobody does.

    Example:
        >>> batch = Batch([b'{"messageId":"m-1","type":"track"}'])
        >>> batch.message_ids, batch.decoded()[0]["type"]
        (['m-1'], 'track')
    """

    __slots__ = ("attempt", "deadline", "events")

    def __init__(self, events: Sequence[bytes], *, attempt: int = 0, deadline: float | None = None) -> None:
        self.events = events
        self.attempt = attempt
        self.deadline = deadline

    def __len__(self) -> int:
        return len(self.events)

    def __repr__(self) -> str:
        return f"Batch({len(self.events)} events, attempt={self.attempt})"

    @property
    def message_ids(self) -> list[str]:
        """The id of each event: what receivers tell a resent event by."""
        return [message_id_of(event) for event in self.events]

    def decoded(self) -> list[dict[str, Any]]:
        """Reads the events back.

        Returns:
            Each event as a mapping, as on the wire.
        """
        return [loads(event) for event in self.events]


@runtime_checkable
class Sink(Protocol):
    """Whatever takes batches.

    A sink may also have ``identity`` (text that names its destination: what was spooled for it is replayed to a sink
    of the same identity), ``close()``, called once when its client closes, and ``volatile = True``, which says that
    what it takes ends with the process, so that nothing is spooled for it by default.

    Example:
        >>> class Counting:
        ...     seen = 0
        ...     def send(self, batch: Batch) -> None:
        ...         self.seen += len(batch)
        >>> isinstance(Counting(), Sink)
        True
    """

    def send(self, batch: Batch) -> Delivered | None:
        """Takes a batch, and returns once it is safe.

        Args:
            batch: Events in order. The same event may come again, with the same message id.

        Returns:
            What became of each event; None when all were taken.

        Raises:
            DeliveryError: The batch was not taken. Any other exception counts as one that may pass.
        """


def message_id_of(event: bytes) -> str:
    """Reads the message id of an encoded event.

    Args:
        event: JSON text of the event.

    Returns:
        The id; empty when it has none.

    Example:
        >>> message_id_of(b'{"messageId":"m-1","type":"track"}')
        'm-1'
    """
    if event.startswith(_ID):
        end = event.find(b'"', len(_ID))
        found = event[len(_ID) : end]
        if b"\\" not in found:
            return found.decode()
    return str(loads(event).get("messageId", ""))
