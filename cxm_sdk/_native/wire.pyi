"""Requests of the Segment family, from their bytes to the texts of their events.

Only what is beyond doubt is taken: JSON of the plainest kind, ids and times in their usual spelling, properties that
their class would take as they are. Whatever is in doubt is left to those who read leniently and refuse in words.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, final

@final
class Outline:
    """What an object in a text must look like to be taken for one of a class. Its arguments are those of ``Shape``.

    Args:
        cls: The class.
        fields: Its fields.
        required: Names of the fields that must be given.
        fresh: Not used.
        template: Not used.
    """

    def __init__(
        self,
        cls: type[Any],
        fields: Iterable[tuple[Iterable[str], str, str, bool, object, float, int]],
        required: Iterable[str],
        fresh: Iterable[str],
        template: Mapping[str, Any],
    ) -> None: ...

@final
class Request:
    """The events of one request, as they lie in its text. ``read`` makes it."""

    def __len__(self) -> int: ...
    @property
    def write_key(self) -> str | None:
        """The key that stands beside the events, or in the first that has one."""

    @property
    def sent_at(self) -> str | None:
        """What stands beside the events of a batch."""

    def item(self, at: int) -> bytes:
        """Gives the text of an event as it came.

        Args:
            at: Its place.

        Returns:
            The text.
        """

    def finish(
        self,
        source: str,
        received: int,
        stamp: str,
        sent_at: str | None,
        classes: Mapping[tuple[int, str], tuple[Outline | None, bytes] | None],
        find: Callable[[int, str], tuple[Outline | None, bytes] | None],
        limit: int,
    ) -> list[tuple[bytes, bytes] | None]:
        """Gives events their last form.

        Args:
            source: What they are from.
            received: When they were received, in microseconds from 1970.
            stamp: The same as RFC 3339 text.
            sent_at: When the request was sent, by its sender's clock, for events that do not say; None for nothing.
            classes: How properties or traits look that are beyond doubt, by number of the call and name of the event,
                and their class and version; None where a look is not enough.
            find: Gives it for those that are not among these.
            limit: Most bytes of an event.

        Returns:
            For each event the digest of its id, and its text; None where it is in doubt.
        """

def read(body: bytes, call: int, most: int) -> Request | None:
    """Reads the text of a request.

    Args:
        body: The text.
        call: Number of the call that its path names: track, identify, page, screen, group, alias; -1 for a batch.
        most: Most events.

    Returns:
        Its events; None where the text as a whole is in doubt.

    Example:
        >>> len(read(b'{"batch": [{}, {}]}', -1, 10)), read(b'{"batch": [NaN]}', -1, 10)
        (2, None)
    """
