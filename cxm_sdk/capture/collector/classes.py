"""What typed properties are held against while they are still bytes, class by class."""

from __future__ import annotations

from typing import Final

from cxm_sdk._native.wire import Outline
from cxm_sdk.capture.collector.calls import CALLS
from cxm_sdk.events import registry
from cxm_sdk.events.shapes import class_shape

__all__ = ["CLASSES", "Class", "find"]

Class = tuple[Outline | None, bytes]
"""How properties or traits look that are beyond doubt, None where they are not typed; and their class and version."""

CLASSES: Final[dict[tuple[int, str], Class | None]] = {}
"""By number of the call and name of the event; None where a look at the bytes is not enough."""

_MANY: Final = 4_096  # names that are remembered besides those of classes: senders may make some without end

registry.on_change.append(CLASSES.clear)


def find(call: int, name: str) -> Class | None:
    """Finds the class of an event that was not met before.

    Args:
        call: Number of its call, in the order of ``CALLS``.
        name: Its name; empty where the call has none.

    Returns:
        The class; None where a look at the bytes is not enough.

    Example:
        >>> find(0, "Order Completed")[1], find(0, "Tea Poured")
        (b'cxm:order_completed/1-0-0', (None, b''))
    """
    cls = registry.find(CALLS[call], name)
    made: Class | None
    if cls is None:
        made = None, b""
    else:
        outline = class_shape(cls, Outline)
        made = None if outline is None else (outline, cls.schema_id().encode())
    if cls is not None or len(CLASSES) < _MANY:
        CLASSES[call, name] = made
    return made
