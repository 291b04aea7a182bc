"""The match model: comparisons, blocking rules, probabilities, frequencies and the decision, in one readable file."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, ValidationError

from cxm_sdk.errors import InputError, ModelError
from cxm_sdk.identity.checked import Checked, first_fault
from cxm_sdk.identity.whole import write_whole

__all__ = [
    "BlockingRule",
    "Comparison",
    "Constraint",
    "Frequency",
    "Frozen",
    "Level",
    "MatchModel",
    "Prior",
]

VERSION: Literal[1] = 1

#: Probabilities are kept away from 0 and 1, so that no single field can decide alone and for ever.
SMALLEST = 1e-12

Kind = Literal["name", "date", "email", "code", "equal", "address", "company"]


class _Part(Checked):
    fault: ClassVar[type[InputError]] = ModelError


class Level(_Part):
    """One degree of agreement.

    Attributes:
        name: What it means, such as ``exact``.
        m: Probability of it among pairs of one person, both sides known.
        u: Probability of it among pairs of strangers, both sides known.
        h: Probability of it among pairs of one household who are different people, both sides known.
    """

    name: str
    m: float = Field(ge=0, le=1)
    u: float = Field(ge=0, le=1)
    h: float = Field(ge=0, le=1)

    @property
    def bits(self) -> float:
        """What the level is worth for one person: ``log2(m / u)``."""
        return math.log2(max(self.m, SMALLEST) / max(self.u, SMALLEST))

    @property
    def household_bits(self) -> float:
        """What the level is worth for one household: ``log2(h / u)``."""
        return math.log2(max(self.h, SMALLEST) / max(self.u, SMALLEST))


class Frequency(_Part):
    """How common the values of a role are, to weigh a shared rare value above a shared common one.

    Attributes:
        role: Whose values.
        levels: Names of the levels at which the value is shared.
        average: Chance that two records share a value of this role.
        rest: Frequency taken for every value that is not listed.
        values: Frequency of the common values. Rare ones are left out: they might name a person.
    """

    role: str
    levels: tuple[str, ...]
    average: float = Field(gt=0, le=1)
    rest: float = Field(gt=0, le=1)
    values: dict[str, float]


class Comparison(_Part):
    """Ordered levels of agreement for one or several roles.

    Attributes:
        name: Name, the role for comparisons of one role.
        kind: How the levels are found.
        roles: Roles it reads.
        shared: Whether members of a household share the value.
        levels: From ``missing`` (weight 0) over ``different`` to the closest agreement.
        frequencies: Adjustments for common and rare values.
    """

    name: str
    kind: Kind
    roles: tuple[str, ...]
    shared: bool
    levels: tuple[Level, ...]
    frequencies: tuple[Frequency, ...] = ()


class BlockingRule(_Part):
    """Records that agree on every key are compared.

    Attributes:
        keys: Names of keys, such as ``last_name.sound``.
    """

    keys: tuple[str, ...]

    @property
    def name(self) -> str:
        """The keys joined by ``+``."""
        return "+".join(self.keys)


class Prior(_Part):
    """How often two records drawn at random belong together.

    Attributes:
        match: Probability that they are one person.
        household: Probability that they are two people of one household.
        twins: Probability that they are two people of one home and one birth date, with different first names.
        namesakes: Probability that they are two people of one home and one name, with different birth dates. For
            both: 0 where no more were seen than a household leads one to expect.
    """

    match: float = Field(gt=0, lt=1)
    household: float = Field(gt=0, lt=1)
    twins: float = Field(default=0.0, ge=0, lt=1)
    namesakes: float = Field(default=0.0, ge=0, lt=1)


class Constraint(_Part):
    """What one profile cannot hold.

    Attributes:
        kind: ``one_value``: at most one value of the role. ``few_values``: at most ``most`` of them. ``one_record``: at
            most one record of the source.
        name: The role or the source.
        most: Most values, 2 or more, of a ``few_values``; None for the others.
    """

    kind: Literal["one_value", "few_values", "one_record"]
    name: str
    most: int | None = Field(default=None, ge=2)


class Frozen(_Part):
    """Makes a model judge two records alike, whatever other records there are.

    Read off all records of a batch are otherwise: which dates are defaults, which full names are commoner than their
    parts, how rare words of company names are, which records are copies, and how large a block may be. With a frozen
    model none of this is: default dates are listed here, and the rest is left out or fixed. What stays is how many
    people share a value, which is a matter of the records that hold it. Nor do names that stand in each other's place
    become what other records make likely, nor digests what another record has in clear: each record has the usual
    digests of its own contacts instead. A live graph needs such a model, and a batch with the same one gives the same
    profiles.

    Attributes:
        ignored: For a role, canonical values that count as missing.
        largest_block: Records that may share a key made of several values; those of a larger block are left to other
            keys. It bounds what one record costs. Identifiers have the bound of ``sharing.MOST_HOLDERS``.
        largest_component: Records that may hang together by links above the threshold. A larger component loses its
            weakest links until no part of it is larger, and so a profile never is.
    """

    ignored: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    largest_block: int = Field(default=50, ge=2, le=300)
    largest_component: int = Field(default=1000, ge=2)


class MatchModel(_Part):
    """Everything that decides which records are one person.

    Attributes:
        version: Version of the file format.
        comparisons: Comparisons, in the order of the level columns.
        rules: Blocking rules; a pair belongs to the first it meets.
        within: Prior of two records of one source.
        across: Prior of two records of different sources.
        threshold: Smallest match probability of a link.
        constraints: What one profile cannot hold.
        records: Number of records it was trained on.
        frozen: What it fixes to judge alike live and in batches; None reads it off each batch.

    >>> MatchModel.model_validate_json(EXAMPLE).comparisons[0].levels[-1].name
    'exact'
    """

    version: Literal[1] = VERSION
    comparisons: tuple[Comparison, ...]
    rules: tuple[BlockingRule, ...]
    within: Prior
    across: Prior
    threshold: float = Field(gt=0, lt=1)
    constraints: tuple[Constraint, ...] = ()
    records: int = Field(ge=0)
    frozen: Frozen | None = None

    def __repr__(self) -> str:
        names = ", ".join(comparison.name for comparison in self.comparisons)
        return f"MatchModel({names}; {len(self.rules)} rules, threshold {self.threshold:g}, {self.records:,} records)"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the model as JSON, whole or not at all.

        Args:
            path: File to write; an existing one is replaced.
        """
        write_whole(path, self.model_dump_json(indent=1) + "\n")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> MatchModel:
        """Reads a model. Loading never runs code.

        Args:
            path: File written by ``save``.

        Returns:
            The model.

        Raises:
            ModelError: When the file is missing, is no model, or is of another version.
        """
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ModelError(
                f"model file {os.fspath(path)} cannot be read ({type(error).__name__}).",
                hint="give the model.json of a result folder, or the file written by `cxm train`",
            ) from error
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise ModelError(
                f"model file {Path(path).name} is not a model of version {VERSION}: {first_fault(error)}.",
                hint="train it again with `cxm train`",
            ) from None


EXAMPLE = """
{"comparisons": [{"name": "email", "kind": "email", "roles": ["email"], "shared": true, "levels": [
  {"name": "missing", "m": 0, "u": 0, "h": 0}, {"name": "different", "m": 0.3, "u": 0.99, "h": 0.8},
  {"name": "close", "m": 0.05, "u": 0.008, "h": 0.05}, {"name": "local", "m": 0.05, "u": 0.0019, "h": 0.05},
  {"name": "exact", "m": 0.6, "u": 0.0001, "h": 0.1}]}],
 "rules": [{"keys": ["email"]}], "within": {"match": 1e-4, "household": 1e-4},
 "across": {"match": 1e-4, "household": 1e-4}, "threshold": 0.5, "records": 1000}
"""
