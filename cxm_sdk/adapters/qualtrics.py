"""Qualtrics: responses to surveys, and the notices that a response is complete."""

from __future__ import annotations

from re import compile as pattern
from typing import Any

from cxm_sdk._native.paths import find
from cxm_sdk.adapters.base import Kind
from cxm_sdk.adapters.item import Item
from cxm_sdk.adapters.reading import Reading
from cxm_sdk.adapters.surveys import NPS, Scale, Score, ScoringAdapter
from cxm_sdk.events.catalog.survey import SurveyResponded

__all__ = ["Qualtrics"]

_GROUP = "_NPS_GROUP"
_ORDER = "_DO"
_TEXT = "_TEXT"
_QUESTION = pattern(r"QID\d")
"""How columns of questions begin, where they are called by their ids."""
_IGNORED = (
    "labels", "displayedFields", "displayedValues",
    "values._recordId", "values.startDate", "values.endDate", "values.recordedDate", "values.ipAddress",
    "values.progress", "values.duration", "values.locationLatitude", "values.locationLongitude",
)  # fmt: skip


class Qualtrics(ScoringAdapter):
    """Reads what Qualtrics sends and what its API answers.

    Args:
        survey: Id of the survey that responses are from, which they do not name themselves.
        questions: How questions are coded, by column: ``nps``, or measure, worst and best number: ``csat 5..1``.
            Columns with an ``_NPS_GROUP`` beside them need no entry.
        tenant: Brand, or the id of the directory of contacts.
        timezone: Zone of times that name none, which those of notices do not.
        received: Time of items that name none.
        own: The company's own addresses and domains.
        identifiers: Namespace by path, for embedded data such as ``values.customerId``.
        attributes: Role by path.

    Raises:
        AdapterError: An option cannot be used.

    Example:
        >>> values = {"finished": 1, "recordedDate": "2026-01-01T00:00:00Z", "recipientEmail": "ada@example.com",
        ...           "QID1": 9, "QID1_NPS_GROUP": 3, "QID2": 1}
        >>> adapter = Qualtrics(tenant="brand", survey="SV_1", questions={"QID2": "csat 5..1"})
        >>> parsed = adapter.parse({"responseId": "R_1", "values": values, "labels": {}})
        >>> [event.to_wire()["properties"]["score"] for event in parsed.events]
        [9.0, 5.0]
    """

    name = "qualtrics"
    title = "Qualtrics"
    about = (
        "Responses of the API v3, alone and exported, and notices of completed responses, as JSON or as the form that"
        " Qualtrics posts. The tenant is the brand."
    )
    kinds = (
        Kind(
            name="preview, test or spam",
            has=("responseId",),
            equal={"values.status": (1, 2, 8, "1", "2", "8")},
            source="qualtrics.{tenant}.response",
            ignored=("*",),
        ),
        Kind(
            name="response",
            has=("responseId", "values"),
            source="qualtrics.{tenant}.response",
            id="responseId",
            times=("values.recordedDate", "values.endDate", "values.startDate"),
            identifiers={
                "values.recipientEmail": "email",
                "values.externalDataReference": "qualtrics.{tenant}.external_id",
                "values.contactId": "qualtrics.{tenant}.contact",
                "values.phone": "phone",
            },
            attributes={
                "values.recipientFirstName": "first_name",
                "values.recipientLastName": "last_name",
                "values.userLanguage": "language",
            },
            ignored=_IGNORED,
            read="response",
            events=("Survey Responded",),
        ),
        Kind(
            name="signed notice of a completed response",
            has=("MSG", "HMAC"),
            source="qualtrics.response",
            ignored=("*",),
        ),
        Kind(
            name="notice of a completed response",
            has=("SurveyID", "ResponseID"),
            source="qualtrics.{tenant}.response",
            tenant="BrandID",
            ignored=("*",),
        ),
    )
    envelopes = ("result", "responses")
    envelope_ignored = ("meta",)
    signature = "qualtrics"
    pitfalls = (
        "A response does not name its survey: say it as `survey`, or no event comes of it.",
        "A question is an NPS where `_NPS_GROUP` stands beside it. What other numbers mean only the survey knows, and"
        " some count from the best answer: declare them in `questions`, or they are answers without a score.",
        "Status 1, 2 and 8 (preview, test, spam) are left out; 0, 4 and 16 count.",
        "A response to an anonymous link names nobody, unless embedded data do (option `identifiers`): it is"
        " rejected.",
        "`finished` is 1, true or `True`; an unfinished response is partial.",
        "`_DO` is the order in which choices were shown; `displayedFields`, `displayedValues` and `labels` are not"
        " answers.",
        "A notice of a completed response names nobody and scores nothing: fetch the response. Its `CompletedDate` has"
        " no zone. Where a key is shared its fields are in `MSG`, signed by `HMAC`.",
        "Columns are called by question id or by the tags that an author chose: give the ones that your export has.",
    )

    def __init__(self, *, survey: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.survey = survey

    def response(self, reading: Reading) -> None:
        """Makes a record of who answered, and an event of each question with a score."""
        item = reading.item
        status = item.id("values.status")
        if status not in (None, "0", "4", "16"):
            raise item.refusal("values.status", "unknown_status", "expected status 0, 4 or 16, got another")
        if not reading.identifiers:
            raise item.refusal("values", "names_nobody", "expected who answered, got an anonymous response")
        reading.record()
        if self.survey is None:
            item.note("", "no_survey", "expected the id of the survey as the option `survey`, got none")
            return
        scored = self._scored(item)
        answers, comment = _answers(item, {name for name, _, _ in scored})
        told = {
            "survey_id": self.survey,
            "response_id": reading.id,
            "is_partial": item.flag("values.finished") is False,
            "channel": {"email": "email", "sms": "sms"}.get(item.text("values.distributionChannel") or ""),
        }
        rest: dict[str, object] = {"answers": answers or None, "comment": comment}
        for name, scale, score in scored:
            one = {"survey_type": scale.measure, "question_id": name, **score.properties()}
            reading.event(SurveyResponded, {**told, **one, **rest}, key=(reading.id, name))
            rest = {}  # said once
        if not scored:
            reading.event(SurveyResponded, {**told, "survey_type": "custom", **rest}, key=(reading.id,))

    def _scored(self, item: Item) -> list[tuple[str, Scale, Score]]:
        """The questions with a score: those declared, and each with the group of an NPS beside it."""
        values = find(item.data, "values")
        found = []
        for name in values if isinstance(values, dict) else ():
            scale = self.questions.get(name) or (NPS if f"{name}{_GROUP}" in values else None)
            if scale is None:
                continue
            item.seen.add(f"values.{name}{_GROUP}")
            score = scale.score(item.number(f"values.{name}"))
            if score is not None:
                found.append((name, scale, score))
        return found


def _answers(item: Item, scored: set[str]) -> tuple[list[dict[str, object]], str | None]:
    """The answers without a score, choices by their labels; and the first text that was written."""
    values, labels = find(item.data, "values"), find(item.data, "labels")
    shown = find(item.data, "displayedFields")
    fields = {one for one in shown if isinstance(one, str)} if isinstance(shown, list) else set()
    answers: list[dict[str, object]] = []
    comment = None
    for name in values if isinstance(values, dict) else ():
        asked = name in fields or _QUESTION.match(name)
        if not asked or name in scored or name.endswith(_GROUP):
            continue
        texts = item.texts(f"values.{name}")
        if name.endswith(_ORDER) or not texts:
            continue
        if name.endswith(_TEXT):
            comment = comment or (texts[0] if name.count("_") == 1 else None)
            answers.append({"question_id": name, "type": "text", "value": texts[0]})
        else:
            told = find(labels, name)
            value = told if isinstance(told, str | list) and told else texts if len(texts) > 1 else texts[0]
            answers.append({"question_id": name, "type": "choice", "value": value})
    return answers, comment
