from collections.abc import Callable, Mapping
from typing import Any, final

from cxm_sdk._native.jsonbytes import Layout

@final
class Stamps:
    """Gives ids and moments, quickly and from any thread; a forked child gives others than its parent.

    Example:
        >>> stamps = Stamps()
        >>> len(stamps.message_id()), stamps.message_id() == stamps.message_id()
        (36, False)
        >>> len(stamps.now()), stamps.now()[-1]
        (27, 'Z')
        >>> stamps.now() < stamps.now()
        True
    """

    def message_id(self) -> str:
        """Draws an id.

        Returns:
            A random UUID (version 4) as text.
        """

    def now(self) -> str:
        """Reads the clock.

        Returns:
            The moment as RFC 3339 text in UTC, to the microsecond, and later than all before it, so that of what one
            client says twice the latter is the last word. Only a clock that was set back by a second or more is
            followed back.
        """

@final
class Kind:
    """What all events of one kind have in common.

    Args:
        event_type: Type of the event on the wire.
        before: The part of the context that gives way to what a call says.
        behind: The part of the context that does not.
        plain: As for ``cxm_sdk._native.jsonbytes.encode``.
        name_key: Where the name stands, of typed events.
        name: The name; empty when it has none.
        slot: Where properties or traits stand, of typed events.
        layout: How the body of typed events is written.
    """

    def __init__(
        self,
        event_type: str,
        before: dict[str, Any],
        behind: dict[str, Any],
        plain: Callable[[object, bool], object],
        *,
        name_key: str = "",
        name: str = "",
        slot: str = "",
        layout: Layout | None = None,
    ) -> None: ...

@final
class Envelopes:
    """Writes whole events of the usual kind, each with an id and a moment of its own, for one process.

    Args:
        stamps: Where ids and moments come from.
        limit: Longest text of an event, in bytes.
        plain: As for ``cxm_sdk._native.jsonbytes.encode``.
    """

    def __init__(self, stamps: Stamps, limit: int, plain: Callable[[object, bool], object]) -> None: ...
    def written(
        self, kind: Kind, own: dict[str, Any], body: str, given: Mapping[str, Any], around: Mapping[str, Any]
    ) -> bytes | None:
        """Writes an event.

        Args:
            kind: What it has in common with its like.
            own: The keys that its type alone has: text that is not empty, and properties or traits.
            body: Which of them holds properties or traits.
            given: What the call said: ``user_id``, ``anonymous_id``, ``message_id``, ``timestamp``, ``context``.
            around: What is known without it: ``userId``, ``anonymousId``, ``context``.

        Returns:
            UTF-8 text; None where anything is unusual, such as an id that is no text, no id at all, a text that is too
            long, or a process that was forked.
        """

    def typed(
        self, kind: Kind, body: object, given: Mapping[str, Any], around: Mapping[str, Any]
    ) -> bytes | None:
        """Writes an event whose body is typed.

        Args:
            kind: As for ``written``; it has a layout.
            body: The event.
            given: As for ``written``.
            around: As for ``written``.

        Returns:
            As for ``written``.
        """
