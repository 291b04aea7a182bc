"""Everything that decides what a graph makes of its evidence."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError

from cxm_sdk.errors import InputError
from cxm_sdk.identity.checked import Checked, first_fault
from cxm_sdk.identity.default_model import default_model as made_default
from cxm_sdk.identity.default_model import live_model
from cxm_sdk.identity.model import MatchModel
from cxm_sdk.identity.namespaces import DEFAULT_NAMESPACES, Namespace, Namespaces
from cxm_sdk.identity.whole import write_whole

__all__ = ["AnonymousPast", "GraphConfig", "Survivorship"]


class AnonymousPast(StrEnum):
    """What happens to what a browser did before anybody logged in on it.

    Example:
        >>> AnonymousPast("convert").value
        'convert'
    """

    CONVERT = "convert"
    """It belongs to whoever logs in first."""

    LINK = "link"
    """It belongs to whoever logs in first, as far back as the time-out of the namespace reaches."""

    ISOLATE = "isolate"
    """Anonymous events belong to nobody, before and after a log-in."""


class Survivorship(StrEnum):
    """Which of several values of a field a profile shows.

    Example:
        >>> Survivorship("most_recent").value
        'most_recent'
    """

    MOST_RECENT = "most_recent"
    """The one observed last."""

    MOST_FREQUENT = "most_frequent"
    """The one that most records say."""

    MOST_TRUSTED = "most_trusted"
    """The one from the source that stands first in ``trusted``."""

    LONGEST = "longest"
    """The one with most characters."""


class GraphConfig(Checked):
    """Everything that decides what a graph makes of its evidence. Equal evidence and configuration, equal profiles.

    Attributes:
        model: The match model; None takes the default. It is made fit for live use, see ``matching``.
        namespaces: Kinds of identifiers.
        date_order: How ``01/02/1980`` is read: ``dmy`` or ``mdy``. Nothing else than this tells live.
        anonymous_past: What happens to what a browser did before anybody logged in on it.
        most_owners: A device on which so many different people logged in, or more, is a kiosk and nobody's.
        survivorship: Rule for each role; ``default`` for the others.
        trusted: Sources, most trusted first; others come after them.
        consent: ``latest``: the last word on a purpose counts, of two at one time the refusal. ``strictest``: one no
            outweighs every yes.

    Example:
        >>> GraphConfig(most_owners=5).matching.threshold
        0.5
    """

    model: MatchModel | None = None
    namespaces: tuple[Namespace, ...] = DEFAULT_NAMESPACES
    date_order: Literal["dmy", "mdy"] = "dmy"
    anonymous_past: AnonymousPast = AnonymousPast.CONVERT
    most_owners: int = Field(default=10, ge=2)
    survivorship: dict[str, Survivorship] = Field(default_factory=dict)
    trusted: tuple[str, ...] = ()
    consent: Literal["latest", "strictest"] = "latest"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the configuration as JSON, whole or not at all.

        Args:
            path: File to write; an existing one is replaced.
        """
        write_whole(path, self.model_dump_json(indent=1) + "\n")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> GraphConfig:
        """Reads a configuration. Loading never runs code.

        Args:
            path: File written by ``save``, or by hand: what is left out is as by default.

        Returns:
            The configuration.

        Raises:
            InputError: When the file cannot be read, or is no configuration.
        """
        name = Path(path).name
        try:
            found = cls.model_validate_json(Path(path).read_bytes())
        except OSError as error:
            raise InputError(
                f"configuration file {name} cannot be read ({type(error).__name__}).", hint="check the path"
            ) from None
        except ValidationError as error:
            raise InputError(
                f"expected a configuration in {name}, got something else: {first_fault(error)}.",
                hint="write it with `GraphConfig(…).save(path)`",
            ) from None
        found.known  # noqa: B018  # namespaces that contradict each other are found here, not later
        return found

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Copies the configuration.

        Args:
            update: Fields of the copy that are otherwise.
            deep: Whether what it holds is copied too.

        Returns:
            The copy; what was worked out from the fields of this one is worked out anew.
        """
        made = super().model_copy(update=update, deep=deep)
        for name in ("known", "matching"):
            made.__dict__.pop(name, None)
        return made

    @cached_property
    def known(self) -> Namespaces:
        """The namespaces, ready to be looked up."""
        return Namespaces(self.namespaces)

    @cached_property
    def matching(self) -> MatchModel:
        """The match model as it is used: frozen, with every namespace. ``Linker`` with it gives the same people."""
        if self.model is None:
            return made_default(self.namespaces)
        return live_model(self.model, self.namespaces)

    @property
    def model_digest(self) -> str:
        """Names the match model as it is used, in hexadecimal: another release may have another built-in one."""
        return blake2b(self.matching.model_dump_json().encode(), digest_size=16).hexdigest()
