"""Meta: what a person asks of the app comes as a signed request, and is a deletion of one kind or the other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cxm_sdk import AdapterError
from cxm_sdk.adapters.registry import detect, get

SIGNED = json.loads(
    (Path(__file__).parent / "payloads" / "meta_messaging" / "signed_request.json").read_text("utf-8")
)["signed_request"]
FORM = f"signed_request={SIGNED}".encode()
SECRET = "example-app-secret"


@pytest.mark.parametrize(("which", "erase"), [("deletion", True), ("deauthorization", False)])
def test_a_signed_request_is_the_deletion_that_its_address_stands_for(which: str, erase: bool) -> None:
    assert detect(FORM) == "meta_messaging"
    parsed = get("meta_messaging", tenant="77", signed_requests=which).parse(FORM)
    (gone,) = parsed.deletions
    assert (gone.namespace, gone.value, gone.erase) == ("meta.app.77.user", "10152000000000042", erase)
    assert gone.at.isoformat() == "2025-07-01T08:30:00+00:00"
    assert parsed.unmapped == ()


def test_a_signed_request_of_which_nobody_said_what_it_is_is_rejected() -> None:
    (rejected,) = get("meta_messaging", tenant="77").parse(FORM).rejected
    assert (rejected.path, rejected.reason, rejected.whole) == ("signed_request", "unknown_request", True)
    with pytest.raises(AdapterError, match="signed_requests"):
        get("meta_messaging", signed_requests="erase")


@pytest.mark.parametrize("odd", ["", ".", "a.b", "a.e30", "a.bnVsbA", "a.W10", "é.é", "a" * 600])
def test_a_signed_request_that_says_nothing_is_rejected(odd: str) -> None:
    parsed = get("meta_messaging", tenant="77", signed_requests="deletion").parse({"signed_request": odd})
    assert not parsed.deletions
    assert [one.whole for one in parsed.rejected] == [True]


def test_the_signature_of_a_signed_request_stands_in_it() -> None:
    adapter: Any = get("meta_messaging")
    assert adapter.verify({}, FORM, SECRET)
    assert not adapter.verify({}, FORM, "another")
    signature, _, written = SIGNED.partition(".")
    for forged in (f"{signature}.{written}A", f"{written}.{written}", f".{written}", "", ".", "é"):
        assert not adapter.verify({}, f"signed_request={forged}".encode(), SECRET)
