"""One set of made-up customers and its result, shared by the tests that look at a whole run."""

from __future__ import annotations

import pytest

from cxm_sdk import Resolution, resolve
from cxm_sdk.testing import synthetic


@pytest.fixture(scope="session")
def customers() -> synthetic.SyntheticCustomers:
    """About four hundred people in five sources, and the truth about them."""
    return synthetic.generate(900, seed=11)


@pytest.fixture(scope="session")
def resolved(customers: synthetic.SyntheticCustomers) -> Resolution:
    """What a run without configuration makes of them; nobody may change it."""
    return resolve(customers.sources)
