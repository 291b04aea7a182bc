"""The description of the interface is true: what it says can be sent is answered as it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from cxm_sdk.capture.collector.openapi import description
from cxm_sdk.capture.collector.routes import _FIXED, route


def test_every_path_is_described_and_leads_somewhere() -> None:
    described = description()["paths"]
    for path in _FIXED:
        assert any(
            re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", known.rstrip("/")), path) for known in described
        ), path
    for path, methods in described.items():
        found = route(re.sub(r"\{\w+\}", "x", path))
        assert found is not None, path
        assert {method.upper() for method in methods if method != "parameters"} == set(found.methods)


@pytest.mark.parametrize("examples", [3, pytest.param(40, marks=pytest.mark.slow)])
def test_generated_requests_are_answered_as_described(make: Callable[..., Any], examples: int) -> None:
    schemathesis = pytest.importorskip("schemathesis")
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import strategies as st
    from schemathesis.specs.openapi.checks import negative_data_rejection

    ask = make(["wk-1"])
    # the collector forgives clients more than it describes
    lenient = [negative_data_rejection]
    schema = schemathesis.openapi.from_asgi("/openapi.json", ask.collector)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 20
    for operation in operations:
        modes = list(schemathesis.GenerationMode)
        cases = st.one_of([operation.as_strategy(generation_mode=mode) for mode in modes])

        @given(case=cases)
        @settings(
            max_examples=examples,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            database=None,
        )
        def answered(case: Any) -> None:
            response = case.call(headers={"Authorization": "Basic d2stMTo="})
            case.validate_response(response, excluded_checks=lenient)

        answered()
