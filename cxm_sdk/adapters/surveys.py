"""Scores of surveys: what a number means is declared, so that one score means one thing whoever recorded it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from re import fullmatch
from typing import Any, Literal

from cxm_sdk.adapters.base import Adapter
from cxm_sdk.errors import AdapterError

__all__ = ["NPS", "Scale", "Score", "ScoringAdapter", "scales"]

Measure = Literal["nps", "csat", "ces", "custom"]


@dataclass(frozen=True, slots=True)
class Score:
    """A score on a scale where more is better: as properties of ``SurveyResponded`` and ``TicketRated``.

    Attributes:
        value: The score.
        low: The lowest score there is.
        high: The highest score there is.

    Example:
        >>> Score(4.0, 1.0, 5.0).properties()
        {'score': 4.0, 'scale_min': 1.0, 'scale_max': 5.0}
    """

    value: float
    low: float
    high: float

    def properties(self) -> dict[str, float]:
        """The score and its scale."""
        return {"score": self.value, "scale_min": self.low, "scale_max": self.high}


@dataclass(frozen=True, slots=True)
class Scale:
    """How a question is coded.

    Attributes:
        measure: What the question measures.
        worst: The number of the worst answer.
        best: The number of the best answer; below ``worst`` where surveys count from the best.

    Example:
        >>> Scale("csat", 5.0, 1.0).score(Decimal(1))
        Score(value=5.0, low=1.0, high=5.0)
    """

    measure: Measure
    worst: float
    best: float

    def score(self, number: Decimal | None) -> Score | None:
        """Puts a number on a scale where more is better.

        Args:
            number: As the source codes it; None where there is none.

        Returns:
            The score, on the same numbers; None for what is not on the scale.
        """
        if number is None:
            return None
        value = float(number)
        if self.worst <= value <= self.best:
            return Score(value, self.worst, self.best)
        if self.best <= value <= self.worst:
            return Score(self.best + self.worst - value, self.best, self.worst)
        return None


NPS = Scale("nps", 0, 10)
"""How likely it is that somebody would recommend, from 0 to 10."""


def scales(questions: Mapping[str, str] | None) -> dict[str, Scale]:
    """Reads how questions are coded.

    Args:
        questions: By id: ``nps``, or what is measured (``csat``, ``ces``, ``custom``), the number of the worst answer
            and that of the best: ``csat 5..1``. For ``ces`` the best is the least effort.

    Returns:
        The scale of each question.

    Raises:
        AdapterError: When one is written in another way.

    Example:
        >>> scales({"QID2": "csat 5..1"})["QID2"].best
        1.0
    """
    return {name: _scale(name, told) for name, told in (questions or {}).items()}


def _scale(name: str, told: str) -> Scale:
    if told == "nps":
        return NPS
    number = r"(-?\d{1,6}(?:\.\d{1,3})?)"
    found = fullmatch(rf"(csat|ces|custom) {number}\.\.{number}", told)
    if found is None or float(found[2]) == float(found[3]):
        raise AdapterError(
            f"questions: expected nps, or csat, ces or custom with its worst and best number, for {name}.",
            hint="such as csat 1..5, or csat 5..1 where 1 is the best answer",
        )
    return Scale(found[1], float(found[2]), float(found[3]))  # type: ignore[arg-type]  # one of the three


class ScoringAdapter(Adapter):
    """An adapter of a system whose questions must be declared: their numbers do not say what they mean.

    Args:
        questions: How questions are coded, as ``scales`` reads it.
        **options: What ``Adapter`` takes.

    Raises:
        AdapterError: An option cannot be used.

    Example:
        >>> from cxm_sdk import adapters
        >>> adapters.get("surveymonkey", tenant="t", questions={"652286715": "csat 1..5"}).tenant
        't'
    """

    def __init__(self, *, questions: Mapping[str, str] | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.questions = scales(questions)
