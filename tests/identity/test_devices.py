"""Events of devices, some without a login: whoever shares a device stays who they are."""

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


@pytest.mark.parametrize("shared_devices", [0.1, 0.5])
def test_who_share_devices_stay_two(shared_devices: float) -> None:
    tables, truth = company(shared_devices, 1)
    result = cxm_sdk.resolve(tables, id_column="id")
    assert cxm_sdk.evaluate(result.assignments, truth).cluster_pairwise.precision > 0.99


def test_systems_that_share_nothing_but_an_address_are_stitched_by_it() -> None:
    draw = random.Random(2)
    accounts, tickets, truth = [], [], []
    for person in range(800):
        name = f"{draw.choice(NAMES)} {draw.choice(NAMES)}sen"
        address = f"{name.replace(' ', '.').lower()}{person}@example.com"
        accounts.append(
            {"id": f"a{person}", "owner_email": address, "phone": f"20{draw.randint(10**7, 10**8)}"}
        )
        truth.append((f"a{person}", str(person)))
        for number in range(draw.randint(0, 2)):
            tickets.append({"id": f"t{person}-{number}", "requester": name, "requester_email": address})
            truth.append((f"t{person}-{number}", str(person)))
    tables = {"accounts": pa.Table.from_pylist(accounts), "tickets": pa.Table.from_pylist(tickets)}
    result = cxm_sdk.resolve(tables, id_column="id")
    ids, entities = zip(*truth, strict=True)
    scores = cxm_sdk.evaluate(
        result.assignments, pa.table({"record_id": list(ids), "entity_id": list(entities)})
    )
    assert scores.cluster_pairwise.f1 > 0.97
