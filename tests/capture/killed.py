"""Processes that record events and are killed at random points, one after the other and some at a time.

Called as ``python killed.py URL SPOOL COUNTS KILLS SEED``. COUNTS is a file in which each process notes, in memory that
outlives it, for how many events the call has returned. The last process is not killed: it delivers what is left.
"""

from __future__ import annotations

import http.client  # noqa: F401  the first delivery would wait for it, longer than these processes live
import mmap
import os
import random
import signal
import struct
import sys
import time
from pathlib import Path

from cxm_sdk import Client

BATCH = 8
SIDE_BY_SIDE = 4


def record(url: str, spool: str, number: int, counts: mmap.mmap, seed: int) -> None:
    """Records events until it is killed."""
    chance = random.Random(f"{seed}-{number}")
    client = Client(url, spool=spool, batch_events=BATCH, interval=0.005, exit_timeout=0.0)
    pause = chance.choice((0.0, 0.0, 0.001))
    for event in range(2000):
        client.track(
            "Counted", {"text": "x" * chance.randrange(300)}, user_id="u-1", message_id=f"{number}-{event}"
        )
        counts[8 * number : 8 * number + 8] = struct.pack(
            "q", event + 1
        )  # at once: it may be the last thing done
        if pause:
            time.sleep(pause)
    time.sleep(60)


def main() -> None:
    url, spool, path, kills, seed = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
    chance = random.Random(seed)
    Client(url, durability="memory")  # whatever is imported late is imported before the first fork
    with Path(path).open("r+b") as file:
        counts = mmap.mmap(file.fileno(), 0)
    for first in range(0, kills, SIDE_BY_SIDE):
        children = []
        for number in range(first, min(first + SIDE_BY_SIDE, kills)):
            child = os.fork()
            if child == 0:
                record(url, spool, number, counts, seed)
            children.append(child)
        for number, child in enumerate(children, first):
            # by events and not by time alone: on a busy machine most would be killed before they did anything
            enough = chance.choice((0, chance.randrange(20), chance.randrange(150)))
            until = time.monotonic() + 0.5
            while struct.unpack_from("q", counts, 8 * number)[0] < enough and time.monotonic() < until:
                time.sleep(0.001)
            time.sleep(chance.uniform(0.0, 0.005))
            os.kill(child, chance.choice((signal.SIGKILL, signal.SIGTERM)))
        for child in children:
            os.waitpid(child, 0)
    client = Client(url, spool=spool)
    report = client.close(60)
    print(report.complete, report.spooled, client.stats().balanced, client.stats().dropped.get("torn", 0))


if __name__ == "__main__":
    main()
