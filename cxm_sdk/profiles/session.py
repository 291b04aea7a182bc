"""A store, opened with the configuration that decides what its evidence means."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from cxm_sdk.errors import InputError, StoreError
from cxm_sdk.identity.resolver import Resolver
from cxm_sdk.profiles.config import GraphConfig
from cxm_sdk.profiles.items import Reader
from cxm_sdk.profiles.naming import Names
from cxm_sdk.profiles.reading import View
from cxm_sdk.profiles.sqlite import SqliteStore
from cxm_sdk.profiles.updating import Update

__all__ = ["Session", "uncollected"]


class Session:
    """A store and its configuration, which is kept in it, and what both make together.

    Args:
        path: The file, made when it is not there; ``:memory:`` keeps everything in memory.
        config: The configuration of a new store; None takes the default, or the one that is kept.
        read_only: Whether nothing may be written.

    Raises:
        StoreError: When the file cannot be opened, is no store, or was written by a newer release.
        InputError: When another configuration is kept than the one given.

    Attributes:
        store: The store.
        config: The configuration.
        resolver: The person layer of the configuration.
        reader: Reads items.
        view: Reads people out of the store.
        names: Finds out whom a name means.
        until: The time at which it stands, microseconds since 1970; None where time goes on.
    """

    until: int | None = None

    def __init__(self, path: str | os.PathLike[str], config: GraphConfig | None, *, read_only: bool) -> None:
        self.store = SqliteStore(path, read_only=read_only)
        try:
            with self.store.reading():
                kept = self.store.meta("config")
            if kept is None:
                config = config or GraphConfig()
                if not read_only:
                    self._found(config)
            else:
                wanted, config = config, GraphConfig.model_validate_json(kept)
                if wanted is not None and wanted != config:
                    raise InputError(
                        "expected the configuration that this graph was made with, got another one.",
                        hint="open it without one, look at `dry_run(config)`, and then `apply(config)`",
                    )
            self.use(config or GraphConfig())
        except BaseException:
            self.store.close()
            raise

    def _found(self, config: GraphConfig) -> None:
        """Writes what a new store needs, unless another process was quicker."""
        with self.store.transaction():
            if self.store.meta("config") is None:
                self.store.set_meta("config", config.model_dump_json())
                self.store.set_meta("model", config.model_digest)
                self.store.set_meta("secret", os.urandom(32).hex())

    def use(self, config: GraphConfig) -> None:
        """Reads and writes by another configuration from now on.

        Args:
            config: The configuration; keeping it is up to the caller.
        """
        self.config = config
        self.resolver = Resolver(config.matching, config.namespaces)
        self.reader = Reader(config)
        self.view = View(self.store, config, self.resolver, self.now)
        self.names = Names(self.view, self.reader)
        self.written = config.model_dump_json()

    def update(self, at: int) -> Update:
        """Begins a batch, in a transaction.

        Args:
            at: Microseconds since 1970, for the change feed.

        Returns:
            The batch.
        """
        return Update(self.store, self.config, self.resolver, self.reader, at)

    @contextmanager
    def writing(self) -> Iterator[Update]:
        """A transaction, and the batch in it.

        Yields:
            The batch; its time is now.

        Raises:
            StoreError: When the store cannot be written to.
        """
        if self.store.read_only:
            raise StoreError("the store was opened for reading only.", hint="open it without read_only")
        with self.store.transaction():
            self._keep_up()
            yield self.update(self.now())

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One moment of the store, read as its configuration says.

        Yields:
            Nothing.
        """
        with self.store.reading():
            self._keep_up()
            yield

    def _keep_up(self) -> None:
        """Takes over the configuration that another process may have applied."""
        kept = self.store.meta("config")
        if kept is not None and kept != self.written:
            self.use(GraphConfig.model_validate_json(kept))

    def now(self) -> int:
        """The time as of which everything is.

        Returns:
            Microseconds since 1970.
        """
        return time.time_ns() // 1000 if self.until is None else self.until


@contextmanager
def uncollected() -> Iterator[None]:
    """Keeps the collector of cycles from looking at what a batch makes: much, free of cycles, and soon gone.

    What was made has to be gone when it ends, so a function that makes it is called inside, and not open around it.

    Yields:
        Nothing.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
