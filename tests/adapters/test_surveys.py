"""One score means one thing, whoever recorded it."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxm_sdk import AdapterError
from cxm_sdk.adapters.registry import get
from cxm_sdk.adapters.surveys import scales

RESPONSE = {
    "responseId": "R_1",
    "labels": {},
    "values": {"recordedDate": "2026-01-01T00:00:00Z", "recipientEmail": "ada@example.com", "Q1": 1, "Q9": 2},
}


@given(st.integers(-9, 9), st.integers(-9, 9), st.integers(-9, 9))
def test_the_best_answer_has_the_highest_score_whichever_way_a_survey_counts(
    worst: int, best: int, given_: int
) -> None:
    if worst == best:
        with pytest.raises(AdapterError):
            scales({"q": f"csat {worst}..{best}"})
        return
    scale = scales({"q": f"csat {worst}..{best}"})["q"]
    low, high = min(worst, best), max(worst, best)
    top, bottom, score = scale.score(Decimal(best)), scale.score(Decimal(worst)), scale.score(Decimal(given_))
    assert top is not None
    assert bottom is not None
    assert (top.value, bottom.value) == (high, low)
    assert (score is None) == (not low <= given_ <= high)
    if score is not None:
        assert low <= score.value <= high


@pytest.mark.parametrize("told", ["", "NPS", "csat", "csat 1-5", "nps 0..10", "csat 1..", "stars 1..5"])
def test_a_scale_that_cannot_be_read_is_an_error(told: str) -> None:
    with pytest.raises(AdapterError, match="for Q1"):
        scales({"Q1": told})


def test_a_number_without_a_declared_scale_is_an_answer_and_no_score() -> None:
    parsed = get("qualtrics", tenant="b", survey="SV_1", questions={"Q1": "csat 5..1"}).parse(RESPONSE)
    assert [event.to_wire()["properties"]["score"] for event in parsed.events] == [5.0]
    assert parsed.unmapped == ("values.Q9",)


def test_a_response_without_its_survey_is_a_record_and_says_what_is_missing() -> None:
    parsed = get("qualtrics", tenant="b").parse(RESPONSE)
    assert (len(parsed.records), parsed.events) == (1, ())
    assert [(one.reason, one.whole) for one in parsed.rejected] == [("no_survey", False)]


def test_a_notice_comes_as_a_form_that_is_signed() -> None:
    message = json.dumps({"SurveyID": "SV_1", "ResponseID": "R_1", "BrandID": "b", "Status": "Complete"})
    seal = hmac.new(b"key", message.encode(), hashlib.sha512).hexdigest()
    body = urlencode(
        {"MSG": message, "HMAC": seal, "Topic": "b.surveyengine.completedResponse.SV_1"}
    ).encode()
    adapter = get("qualtrics")
    assert adapter.verify({}, body, "key", now=datetime(2026, 1, 1, tzinfo=UTC))
    parsed = adapter.parse(body)
    assert (parsed.rejected, parsed.unmapped) == ((), ())
    with pytest.raises(AdapterError, match="expected JSON"):
        adapter.parse(b"neither a form nor JSON")
