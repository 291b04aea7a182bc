"""What users may write by hand, checked when it is made: what is wrong is an error of this package, without values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError

from cxm_sdk.errors import InputError

__all__ = ["Checked", "first_fault"]


class Checked(BaseModel):
    """A frozen model of known fields.

    Raises:
        InputError: When a field is unknown, missing or of another form; or what ``fault`` says.

    Example:
        >>> class Place(Checked):
        ...     floor: int
        >>> Place(floor="attic")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
            ...
        cxm_sdk.errors.InputError: Place: at floor, ... Hint: its fields are floor
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    #: The class of the error.
    fault: ClassVar[type[InputError]] = InputError

    if not TYPE_CHECKING:  # type checkers read the fields

        def __init__(self, /, **fields: Any) -> None:
            try:
                super().__init__(**fields)
            except ValidationError as error:
                cls = type(self)
                hint = f"its fields are {', '.join(cls.model_fields)}"
                raise cls.fault(f"{cls.__name__}: {first_fault(error)}.", hint=hint) from None

        # pydantic calls the constructor of a model from within only where this mark is missing
        __init__.__pydantic_base_init__ = True


def first_fault(error: ValidationError) -> str:
    """Says where the first fault is, and what it is, without the value.

    Args:
        error: What pydantic found.

    Returns:
        The words, without a full stop.

    Example:
        >>> try:
        ...     Checked.model_validate({"colour": "red"})
        ... except ValidationError as error:
        ...     first_fault(error)
        'at colour, Extra inputs are not permitted'
    """
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the top level"
    return f"at {where}, {first['msg']}"
