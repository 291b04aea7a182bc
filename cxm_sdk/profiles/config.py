"""Everything that decides what a graph makes of its evidence."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from cxm_sdk.identity.default_model import default_model as made_default
from cxm_sdk.identity.default_model import live_model
from cxm_sdk.identity.model import MatchModel
from cxm_sdk.identity.namespaces import DEFAULT_NAMESPACES, Namespace, Namespaces

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


class GraphConfig(BaseModel):
    """Everything that decides what a graph makes of its evidence. Equal evidence and configuration, equal profiles.

    Attributes:
        model: The match model; None takes the default. It is made fit for live use, see ``matching``.
        namespaces: Kinds of identifiers.
        date_order: How ``01/02/1980`` is read: ``dmy`` or ``mdy``. Nothing else than this tells live.
        anonymous_past: What happens to what a browser did before anybody logged in on it.
        most_owners: A device on which so many different people logged in, or more, is a kiosk and nobody's.
        survivorship: Rule for each role; ``default`` for the others.
        trusted: Sources, most trusted first; others come after them.
        consent: ``latest``: the last word on a purpose counts. ``strictest``: one no outweighs every yes.

    Example:
        >>> GraphConfig(most_owners=5).matching.threshold
        0.5
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: MatchModel | None = None
    namespaces: tuple[Namespace, ...] = DEFAULT_NAMESPACES
    date_order: Literal["dmy", "mdy"] = "dmy"
    anonymous_past: AnonymousPast = AnonymousPast.CONVERT
    most_owners: int = Field(default=10, ge=2)
    survivorship: dict[str, Survivorship] = {}
    trusted: tuple[str, ...] = ()
    consent: Literal["latest", "strictest"] = "latest"

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
