"""Every error this package raises, in one tree.

::

    CxmError                    anything below
    ├── InputError              data or arguments that cannot be used   (exit code 2)
    │   ├── SourceError         a file or table that cannot be read
    │   ├── ColumnError         a column or role that is missing, doubled or unknown
    │   ├── ModelError          a model file that is broken or made for other columns
    │   ├── PlanError           a tracking plan that is broken or of an unknown format
    │   ├── AdapterError        a payload that no adapter can read, or an adapter that cannot be used
    │   └── EventError          an event that cannot be read, or made, as what it says it is
    ├── ResultError             a result folder that is missing or incomplete
    ├── CaptureError            events that cannot be captured
    │   └── DeliveryError       a batch of events that a sink did not take
    ├── StoreError              a graph store that cannot be opened, read or written
    ├── UnknownProfileError     nobody of that id or identifier
    └── MissingExtraError       an optional dependency that is not installed

Each class has a stable ``code``. A message says what was expected, what came, where, and what to do next. It never
holds a value from customer data: only names of files, columns and roles, types, counts and lengths.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "AdapterError",
    "CaptureError",
    "ColumnError",
    "CxmError",
    "DeliveryError",
    "EventError",
    "InputError",
    "MissingExtraError",
    "ModelError",
    "PlanError",
    "ResultError",
    "SourceError",
    "StoreError",
    "UnknownProfileError",
]


class CxmError(Exception):
    """Base of every error raised on purpose by this package.

    Attributes:
        code: Stable, searchable name of the kind of error.
        hint: What to do next; empty when the message says it all.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message} Hint: {self.hint}" if self.hint else message


class InputError(CxmError):
    """Data or arguments that cannot be used."""

    code = "input"


class SourceError(InputError):
    """A file, folder or table that cannot be read as records."""

    code = "source"


class ColumnError(InputError):
    """A column or role that is missing, given twice or unknown."""

    code = "column"


class ModelError(InputError):
    """A model that is broken, of an unknown version, or made for other columns."""

    code = "model"


class PlanError(InputError):
    """A tracking plan that cannot be read, is broken, or is of an unknown format."""

    code = "plan"


class AdapterError(InputError):
    """A payload that no adapter, or not this one, can read; an adapter or option of one that does not exist."""

    code = "adapter"


class EventError(InputError):
    """An event, or an event class, that cannot be read or made as what it says it is."""

    code = "event"


class ResultError(CxmError):
    """A result folder that is missing, incomplete, or does not hold what was asked for."""

    code = "result"


class CaptureError(CxmError):
    """Events that cannot be captured."""

    code = "capture"


class DeliveryError(CaptureError):
    """A batch that a sink did not take, raised by the sink.

    Attributes:
        permanent: Whether sending the same again is useless. The events are then rejected, not kept for later.
        separable: Whether the fault may lie with single events, so that the others may pass without them.
        retry_after: Seconds to wait before the next attempt, as the other side asked; None when it did not.
        status: Status of the HTTP answer; None when there was none.
    """

    code = "delivery"

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        separable: bool = True,
        retry_after: float | None = None,
        status: int | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.permanent = permanent
        self.separable = separable
        self.retry_after = retry_after
        self.status = status


class StoreError(CxmError):
    """A store of a live graph that cannot be opened, read or written."""

    code = "store"


class UnknownProfileError(CxmError):
    """No profile has this id or identifier, or it was erased."""

    code = "unknown_profile"


class MissingExtraError(CxmError):
    """An optional dependency that is not installed."""

    code = "missing_extra"

    @classmethod
    def for_package(cls, package: str, extra: str) -> MissingExtraError:
        """Builds the error for a package of an extra.

        Args:
            package: Import name of what is missing.
            extra: The extra of ``cxm-sdk`` that installs it.

        Returns:
            The error, ready to raise.
        """
        return cls(f"{package} is not installed.", hint=f"pip install 'cxm-sdk[{extra}]'")
