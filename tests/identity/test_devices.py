"""Records that know a device or a browser and little else: who shares one is one person where others show that."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest

import cxm_sdk

NAMES = [
    head + tail
    for head in ("Al", "Ber", "Car", "Dan", "El", "Fer")
    for tail in ("a", "do", "ia", "na", "ton")
]


def company(shared_devices: float, seed: int) -> tuple[dict[str, pa.Table], pa.Table]:
    """Events of an app, some without a login, and a list of customers; a part of the devices are a couple's."""
    draw = random.Random(seed)
    app, crm, truth = [], [], []
    for home in range(600):
        device = f"{draw.getrandbits(128):032x}"
        for person in range(2 if draw.random() < shared_devices else 1):
            user, entity = f"u{draw.randint(10**6, 10**7)}", f"{home}-{person}"
            crm.append({"id": entity, "user_id": user, "name": f"{draw.choice(NAMES)} {draw.choice(NAMES)}"})
            truth.append((entity, entity))
            for event in range(3):
                login = user if draw.random() < 0.6 else None
                app.append({"id": f"e{entity}-{event}", "device_id": device, "user_id": login})
                truth.append((f"e{entity}-{event}", entity))
    tables = {"app": pa.Table.from_pylist(app), "crm": pa.Table.from_pylist(crm)}
    ids, entities = zip(*truth, strict=True)
    return tables, pa.table({"record_id": list(ids), "entity_id": list(entities)})


@pytest.mark.parametrize("seed", [1, 2])
def test_events_without_a_login_are_whose_the_device_is(seed: int) -> None:
    tables, truth = company(0.0, seed)
    result = cxm_sdk.resolve(tables, id_column="id")
    assert cxm_sdk.evaluate(result.assignments, truth).cluster_pairwise.f1 > 0.97


@pytest.mark.parametrize("shared_devices", [0.1, 0.5])
def test_who_share_devices_stay_two(shared_devices: float) -> None:
    tables, truth = company(shared_devices, 1)
    result = cxm_sdk.resolve(tables, id_column="id")
    assert cxm_sdk.evaluate(result.assignments, truth).cluster_pairwise.precision > 0.99
