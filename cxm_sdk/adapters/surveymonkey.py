"""SurveyMonkey: responses with the details of their survey, and the notices that there is one."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from cxm_sdk._native.paths import find
from cxm_sdk.adapters.base import Kind
from cxm_sdk.adapters.item import Item
from cxm_sdk.adapters.reading import Many, Reading
from cxm_sdk.adapters.surveys import NPS, Scale, ScoringAdapter
from cxm_sdk.events.catalog.survey import SurveyResponded

__all__ = ["SurveyMonkey"]

_RESPONSE = "surveymonkey.{tenant}.response"
_RECIPIENT = Many("surveymonkey.{tenant}.recipient", none=("0",))
_IGNORED = (
    "href", "edit_url", "analyze_url", "ip_address", "logic_path", "page_path", "total_time", "collector_id",
    "date_created", "quiz_results", "collection_mode", "pages", "pages.id",
)  # fmt: skip


class SurveyMonkey(ScoringAdapter):
    """Reads what SurveyMonkey sends and what its API answers.

    Args:
        questions: How questions are coded, by id: ``nps``, or measure, worst and best weight: ``csat 1..5``. Needed
            for all but the NPS of responses that come with the details of their survey.
        tenant: The account.
        timezone: Zone of times that name none.
        received: Time of items that name none.
        own: The company's own addresses and domains.
        identifiers: Namespace by path, for custom values such as ``metadata.contact.custom_value1.value``.
        attributes: Role by path.

    Raises:
        AdapterError: An option cannot be used.

    Example:
        >>> answer = {"choice_id": "5", "choice_metadata": {"weight": "4"}}
        >>> response = {"id": "1", "survey_id": "9", "response_status": "completed", "email_address": "a@example.com",
        ...             "date_modified": "2026-01-01T00:00:00+00:00", "collection_mode": "default",
        ...             "pages": [{"questions": [{"id": "7", "answers": [answer]}]}]}
        >>> parsed = SurveyMonkey(tenant="t", questions={"7": "csat 1..5"}).parse(response)
        >>> parsed.events[0].to_wire()["properties"]["score"]
        4.0
    """

    name = "surveymonkey"
    title = "SurveyMonkey"
    about = (
        "Responses of the API v3, alone, in lists, and as `response` beside the `survey_details` that say what was"
        " asked; webhooks. The tenant is the account."
    )
    kinds = (
        Kind(
            name="preview",
            has=("response_status", "survey_id"),
            equal={"collection_mode": ("preview", "survey_preview")},
            source=_RESPONSE,
            ignored=("*",),
        ),
        Kind(
            name="response",
            has=("id", "survey_id", "response_status", "collection_mode"),
            source=_RESPONSE,
            id="id",
            times=("date_modified", "date_created"),
            identifiers={
                "email_address": "email",
                "metadata.contact.email.value": "email",
                "metadata.contact.phone_number.value": "phone",
                "recipient_id": _RECIPIENT,
            },
            attributes={
                "first_name": "first_name",
                "last_name": "last_name",
                "metadata.contact.first_name.value": "first_name",
                "metadata.contact.last_name.value": "last_name",
            },
            ignored=(
                *_IGNORED,
                *(
                    f"metadata.contact.{name}.type"
                    for name in ("email", "first_name", "last_name", "phone_number")
                ),
            ),
            read="response",
            events=("Survey Responded",),
        ),
        Kind(
            name="deletion of a response",
            has=("object_id", "resources"),
            equal={"event_type": ("response_deleted",), "object_type": ("response",)},
            source=_RESPONSE,
            id="object_id",
            times=("event_datetime",),
            ignored=("name", "filter_type", "filter_id", "event_id", "resources"),
            read="deleted",
        ),
        Kind(
            name="other notice",
            has=("event_type", "object_type", "object_id", "filter_type"),
            source=_RESPONSE,
            ignored=("*",),
        ),
    )
    envelopes = ("response", "data")
    envelope_ignored = ("survey_details", "per_page", "page", "total", "links")
    signature = "surveymonkey"
    pitfalls = (
        "A webhook holds ids only: fetch the response (`/responses/ID/details`), and give it as `response` beside"
        " `survey_details`, without which nobody knows what a choice means.",
        "The weight of an NPS is its group (-100, 0, 100) and never the score: that is the text of the choice, from 0"
        " to 10, in the details of the survey. Without them it is an answer.",
        "Other questions have weights: declare them in `questions` with the worst and the best.",
        "`recipient_id` may be empty text or `0`, which stand for none.",
        "`partial` is not `completed`: such a response is marked as partial. Later versions of it replace the record.",
        "Previews are left out. A response that names nobody is rejected: map the custom value that does"
        " (`identifiers`).",
        "`response_completed` and `response_updated` come again for one response; only the deletion is acted on.",
    )

    def deleted(self, reading: Reading) -> None:
        """Says that a response is gone."""
        reading.delete(_RESPONSE, reading.id or "")

    def response(self, reading: Reading) -> None:
        """Makes a record of who answered, and an event of each question with a score."""
        item = reading.item
        partial = item.text("response_status") != "completed"
        survey = item.need("survey_id")
        if not reading.identifiers:
            raise item.refusal("", "names_nobody", "expected who answered, got an anonymous response")
        reading.record()
        asked = _asked(item)
        scored, answers, comment = [], [], None
        for question in (one for page in item.each("pages") for one in page.each("questions")):
            name = question.id("id")
            given = question.each("answers")
            if name is None or not given:
                continue
            details = asked.get(name, {})
            scale = self.questions.get(name) or (NPS if _is_nps(details) else None)
            score = scale.score(_number(given[0], scale, details)) if scale is not None else None
            if scale is not None and score is not None:
                scored.append((name, scale.measure, score))
                continue
            values = [one for one in (_told(answer, details) for answer in given) if one is not None]
            written = [text for text in (answer.text("text") for answer in given) if text is not None]
            if details.get("family") == "open_ended" and written:
                comment = comment or written[0]
            if values:
                answers.append({"question_id": name, "value": values if len(values) > 1 else values[0]})
        told: dict[str, Any] = {"survey_id": survey, "response_id": reading.id, "is_partial": partial}
        rest: dict[str, Any] = {"answers": answers or None, "comment": comment}
        for name, measure, score in scored:
            one = {"survey_type": measure, "question_id": name, **score.properties()}
            reading.event(SurveyResponded, {**told, **one, **rest}, key=(reading.id, name))
            rest = {}  # said once
        if not scored:
            reading.event(SurveyResponded, {**told, "survey_type": "custom", **rest}, key=(reading.id,))


def _asked(item: Item) -> dict[str, Mapping[str, Any]]:
    """The questions by id, where the details of the survey are beside the response."""
    pages = find(item.parent.data, "survey_details.pages") if item.parent is not None else None
    found = {}
    for page in pages if isinstance(pages, list) else ():
        questions = find(page, "questions")
        for one in questions if isinstance(questions, list) else ():
            name = find(one, "id")
            if isinstance(name, str):
                found[name] = one
    return found


def _choice(details: Mapping[str, Any], choice: str | None) -> str | None:
    """The text of a choice; None where the details of the survey do not have it."""
    choices = find(details, "answers.choices")
    for one in choices if isinstance(choices, list) else ():
        text = find(one, "text")
        if choice is not None and find(one, "id") == choice and isinstance(text, str):
            return text
    return None


def _is_nps(details: Mapping[str, Any]) -> bool:
    return bool(find(details, "display_options.display_type") == "nps")


def _number(answer: Item, scale: Scale, details: Mapping[str, Any]) -> Decimal | None:
    """The score of an NPS is the text of the choice; of other questions, its weight."""
    choice = answer.id("choice_id")
    answer.seen.add("row_id")
    weight = answer.number("choice_metadata.weight")
    if scale is not NPS:
        return weight
    text = _choice(details, choice)
    return (
        Decimal(text) if text is not None and text.isdecimal() and text.isascii() and len(text) < 3 else None
    )


def _told(answer: Item, details: Mapping[str, Any]) -> str | None:
    """What was answered: the text that was written, else the text of the choice, else its id."""
    answer.seen.update(("row_id", "col_id", "other_id", "tag_data", "choice_metadata"))
    choice = answer.id("choice_id")
    return answer.text("text") or _choice(details, choice) or choice
