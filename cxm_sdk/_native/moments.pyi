"""Times in their usual spelling, read and written."""

from datetime import datetime, tzinfo
from typing import Any, Final

__pyx_capi__: Final[dict[str, Any]]
"""For other native modules."""

def moment(text: str, zone: tzinfo | None) -> datetime | None:
    """Reads a time such as ``2026-03-01T12:00:00.123Z``, ``2026-03-01 12:00:00`` or ``2026-03-01T12:00:00+0100``.

    Args:
        text: The text; seconds may have up to nine digits behind a point, of which six count.
        zone: Zone of times that name none; None where it is not known.

    Returns:
        The time in UTC; None for another spelling, for what is no time, and where the zone is not known.

    Example:
        >>> moment("2026-03-01T12:00:00.5+0130", None).isoformat()
        '2026-03-01T10:30:00.500000+00:00'
    """

def counted(value: object, form: str) -> datetime | None:
    """Reads a time that is counted since 1970.

    Args:
        value: A whole number, or its digits as text.
        form: What it counts: ``s``, ``ms`` or ``us``.

    Returns:
        The time in UTC; None for anything else, and for years that there are not.

    Example:
        >>> counted(1500, "ms").isoformat(), counted("1500", "s").isoformat()
        ('1970-01-01T00:00:01.500000+00:00', '1970-01-01T00:25:00+00:00')
    """

def iso(at: datetime) -> str:
    """Writes a time as its ``isoformat`` does.

    Args:
        at: The time.

    Returns:
        The text.

    Example:
        >>> iso(datetime.fromisoformat("2026-03-01T12:00:00Z"))
        '2026-03-01T12:00:00+00:00'
    """
