"""The live profile graph: evidence goes in, one item at a time or by the million, and people come out at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cxm_sdk.adapters.parsed import Parsed
from cxm_sdk.capture.batch import Batch, Delivered
from cxm_sdk.errors import InputError
from cxm_sdk.identity.explain import Explanation
from cxm_sdk.identity.model import MatchModel
from cxm_sdk.identity.record_blocks import identifier_key
from cxm_sdk.identity.sharing import MOST_HOLDERS
from cxm_sdk.profiles import explaining, exporting, ingesting, privacy, reconfiguring, retracting, splitting
from cxm_sdk.profiles.config import GraphConfig
from cxm_sdk.profiles.erasing import Erasing
from cxm_sdk.profiles.evidence import EVENTS, Rejection, Report, Steward, given_time, when
from cxm_sdk.profiles.health import Health, measure
from cxm_sdk.profiles.naming import Name, record_name
from cxm_sdk.profiles.profile import Profile
from cxm_sdk.profiles.reconfiguring import Move
from cxm_sdk.profiles.session import Session, uncollected
from cxm_sdk.profiles.store import Change, ProfileStore
from cxm_sdk.profiles.updating import Outcome

__all__ = ["ProfileGraph"]


class ProfileGraph:
    """A durable graph of people in one file.

    A profile is a function of the evidence and the configuration. In whatever order evidence comes, in whatever
    batches and however often, the same people come out, with the same ids, and taking evidence away leaves what would
    have been without it.

    Any number of processes may read beside one that writes; several that write take turns. An object may be used from
    several threads.

    Args:
        path: The file, made when it is not there; ``:memory:`` keeps everything in memory.
        config: What decides about people. An existing graph keeps its own; another one is refused here, see ``apply``.
        read_only: Whether nothing may be written.

    Raises:
        StoreError: When the file cannot be opened, is no store, or was written by a newer release.
        InputError: When the graph has another configuration.

    Example:
        >>> with ProfileGraph(":memory:") as graph:
        ...     report = graph.ingest([
        ...         {"type": "identify", "userId": "u-1", "traits": {"email": "Ada@Example.com"}, "timestamp": 1},
        ...         {"source": "crm", "record_id": "17", "observed_at": 2,
        ...          "identifiers": {"email": "ada@example.com"}, "attributes": {"first_name": "Ada"}},
        ...     ])
        ...     graph.profile("user_id", "u-1").golden["first_name"].value
        'Ada'
    """

    def __init__(
        self, path: str | os.PathLike[str], config: GraphConfig | None = None, *, read_only: bool = False
    ) -> None:
        self._session = Session(path, config, read_only=read_only)
        #: What a client that sends to the graph has to know: whether it ends with the process, and which one it is.
        self.volatile = os.fspath(path) == ":memory:"
        self.identity = f"graph:{Path(path).resolve()}"

    def __repr__(self) -> str:
        return f"ProfileGraph({':memory:' if self.volatile else self.identity.removeprefix('graph:')!r})"

    @property
    def store(self) -> ProfileStore:
        """The store that everything lies in."""
        return self._session.store

    @property
    def config(self) -> GraphConfig:
        """What decides about people."""
        return self._session.config

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file; everything ingested is in it."""
        self.store.close()

    @property
    def model(self) -> MatchModel:
        """The match model in use. ``Linker`` with it makes the same people of the same records."""
        return self._session.resolver.model

    # ------------------------------------------------------------------------------------------ in

    def ingest(self, items: object) -> Report:
        """Takes evidence in. When it returns, everything accepted is in the file and its effect is visible.

        A process that is killed afterwards loses none of it. A machine that loses power may lose the last calls, whole
        ones, and can be sent the same again.

        An item is a typed event, or a mapping shaped as an event of the Segment family (``type``, ``userId``,
        ``anonymousId``, ``traits``, ``context``, ``timestamp``, ``messageId``), or a record: ``source``,
        ``record_id``, ``observed_at``, ``identifiers`` (namespace to value or values) and ``attributes`` (role to
        value or values). Values may be what databases and data frames hold, see ``profiles.values``. Sending one again
        is harmless. Of versions of a record the latest counts; of events with one message id the earliest.

        What an adapter made of a payload is taken in as a whole: its events, records and consent changes are items; a
        merge is a decision that two ids are one person; a deletion takes the record away until a later version comes,
        and a demand to forget somebody erases the profile.

        Args:
            items: One item, or any number; they are taken in 500 at a time, each time as a whole. Or what an adapter
                made of a payload.

        Returns:
            What became of them.

        Raises:
            InputError: When it is a table.
            StoreError: When the store cannot be written to; what came before is safe.
        """
        if isinstance(items, Parsed):
            return self._act(items)
        return ingesting.take_in(self._session, items)

    def _act(self, parsed: Parsed) -> Report:
        """Takes in what an adapter made of a payload. Deletions come first, so that older parts do not come in."""
        report = Report()
        for deletion in parsed.deletions:
            name = (deletion.namespace, deletion.value)
            if deletion.erase:
                report.erased += self._forget(*name)
                continue
            at = when(deletion.at)
            changes, wrong = retracting.retract_deleted(
                self._session, deletion.source, deletion.record_id, at, name
            )
            report.retracted += not wrong
            report.changes += changes
            report.rejected += wrong
        items = parsed.items()
        told = self.ingest(items)
        told.rejected += report.rejected
        for number, merge in enumerate(parsed.merges, start=len(items)):
            one, other = (merge.namespace, merge.loser), (merge.namespace, merge.winner)
            try:
                self.assert_same(one, other, who=merge.source, why="merged in the source", at=merge.at)
                told.linked += 1
            except InputError as error:
                told.rejected.append(Rejection(number, "unusable_merge", str(error)))
        told.retracted, told.erased = report.retracted, report.erased
        told.changes += report.changes
        return told

    def _forget(self, namespace: str, value: str) -> bool:
        """Erases the person whom a source demands to forget, or keeps a tombstone of the id for when they come."""
        try:
            found = self.profiles(namespace, value)
            self.erase(*([found[0].id] if len(found) == 1 else []), (namespace, value))
        except InputError:  # an id that names nobody, or of no namespace: nobody can come in under it
            return False
        return bool(found)

    def send(self, batch: Batch) -> Delivered:
        """Takes events in as a sink of a client, ``Client(graph)``, or of a collector.

        Args:
            batch: Encoded events, and what adapters made of webhooks as ``cxm_sdk.serving.SystemWebhook`` writes it.

        Returns:
            Which of them were refused, and why. One whose identity part alone was refused counts as taken.

        Raises:
            StoreError: When the store cannot be written to; the client keeps the events and tries again.

        Example:
            >>> import cxm_sdk
            >>> with ProfileGraph(":memory:") as graph, cxm_sdk.Client(graph) as client:
            ...     client.identify("u-1", {"email": "Ada@Example.com"}, anonymous_id="dev-9")
            ...     _ = client.flush()
            ...     graph.profile("email", "ada@example.com").traits
            {'email': 'Ada@Example.com'}
        """
        items = batch.decoded()
        events = [at for at, item in enumerate(items) if item.get("type") != "webhook"]
        report = self.ingest([items[at] for at in events])
        refused = {events[one.index]: one.reason for one in report.rejected if not one.stored}
        for at, item in enumerate(items):
            if item.get("type") == "webhook":
                try:
                    self._act(Parsed.from_dict(item["parsed"]))
                except (InputError, KeyError, TypeError, ValueError):
                    refused[at] = "unreadable_webhook"
        return Delivered(refused)

    def retract(
        self, *, message_id: str | None = None, record: tuple[str, object] | str | None = None
    ) -> bool:
        """Takes one item away, as if it had never been sent.

        Args:
            message_id: Of an event.
            record: Source and id of a record, or ``"source:record_id"``.

        Returns:
            Whether it was there.

        Raises:
            InputError: When not exactly one of both is given, or the record is none.
        """
        if (message_id is None) == (record is None):
            raise InputError("expected a message_id or a record, got both or none.")
        return retracting.retract_item(
            self._session, *record_name((EVENTS, message_id) if record is None else record)
        )

    # ------------------------------------------------------------------------------------------ stewards

    def assert_same(self, a: Name, b: Name, *, who: str, why: str, at: object = None) -> None:
        """Says that two identifiers or records are one person. It is evidence, and may come before what it is about.

        It outweighs everything but ``assert_different``, and an identifier of which a person has one may then have both
        values.

        Args:
            a: ``("namespace", "value")``, or ``"source:record_id"``.
            b: The other.
            who: Who decided.
            why: And why.
            at: When, as ``evidence.when`` reads it; None is now. Of decisions on the same two the latest counts.

        Raises:
            InputError: When a namespace is unknown, a value names nobody, both are one, or the time is none.
        """
        self._decide(a, b, True, who, why, at)

    def assert_different(self, a: Name, b: Name, *, who: str, why: str, at: object = None) -> None:
        """Says that two identifiers or records are not one person; as ``assert_same``.

        Args:
            a: ``("namespace", "value")``, or ``"source:record_id"``.
            b: The other.
            who: Who decided.
            why: And why.
            at: When; None is now.

        Raises:
            InputError: When a namespace is unknown, a value names nobody, or both are one.
        """
        self._decide(a, b, False, who, why, at)

    def withdraw(self, a: Name, b: Name) -> None:
        """Takes a decision on two identifiers or records away, as if it had never been made.

        Args:
            a: One of them.
            b: The other.

        Raises:
            InputError: As ``assert_same``.
        """
        one, other = sorted((self._session.names.token(a), self._session.names.token(b)))
        with self._session.writing() as update:
            update.decisions.drop(one, other)
            update.finish(Outcome())

    def _decide(self, a: Name, b: Name, same: bool, who: str, why: str, at: object) -> None:
        one, other = sorted((self._session.names.token(a), self._session.names.token(b)))
        if one == other:
            raise InputError("expected two identifiers or records, got one twice.")
        with self._session.writing() as update:
            update.decisions.put(
                Steward(one, other, same, who, why, update.now if at is None else given_time(at))
            )
            update.finish(Outcome())

    # ------------------------------------------------------------------------------------------ out

    def profile(self, namespace: str, value: object = None) -> Profile:
        """Finds somebody.

        Args:
            namespace: A namespace; or, alone, ``"source:record_id"``, or a profile id, also one that was merged away.
            value: The identifier, text or a number. A device or cookie finds who owns it now.

        Returns:
            The profile.

        Raises:
            UnknownProfileError: When nobody has it, or several people share it.
            InputError: When the namespace is unknown, or the value names nobody.
        """
        with self._session.reading():
            if value is None:
                key = self._session.names.meant(namespace)
            else:
                key = self._session.names.holder(
                    *self._session.names.identifier(namespace, value), self._session.now()
                )
            return Profile(self._session.view, key, self._session.view.records(key))

    def profiles(self, namespace: str, value: object) -> list[Profile]:
        """Finds everybody who holds an identifier.

        Args:
            namespace: A namespace of people, accounts or households.
            value: The identifier.

        Returns:
            The profiles by id; at most those of 300 records.

        Raises:
            InputError: When the namespace is unknown, or the value names nobody.
        """
        namespace, form = self._session.names.identifier(namespace, value)
        with self._session.reading():
            nodes = self.store.holders(identifier_key(namespace, form), MOST_HOLDERS)
            people = sorted(set(self.store.profiles_of_nodes(nodes).values()))
            return [Profile(self._session.view, key, self._session.view.records(key)) for key in people]

    def changes(self, since: int = 0, *, limit: int = 1000) -> list[Change]:
        """What became of profiles, oldest first.

        Args:
            since: Number of the last entry that was seen.
            limit: Most entries.

        Returns:
            The entries. Those on links name their records, as far as they are still there.
        """
        with self._session.reading():
            return self._session.view.changes(since, limit)

    def explain(self, a: Name, b: Name) -> Explanation:
        """Says why two records are one person, or why not. Of people of several records the closest two are explained.

        Args:
            a: ``("namespace", "value")``, ``"source:record_id"``, or a profile id.
            b: The other.

        Returns:
            The terms in bits; they sum to the match weight.

        Raises:
            UnknownProfileError: When there is nobody of that name.
            InputError: When a namespace is unknown, a value names nobody, or both are one record.
        """
        with self._session.reading():
            return explaining.closest(
                self._session.view, self._session.names.records(a), self._session.names.records(b)
            )

    def what_splits(self, profile: str) -> splitting.Splitting | None:
        """Finds the fewest values without which a profile would be several, by trying.

        Args:
            profile: Its id.

        Returns:
            The values and the parts that would be left; None where no three values take it apart.

        Raises:
            UnknownProfileError: When there is no such profile.
        """
        with self._session.reading():
            records = self._session.view.records(self._session.names.live(profile))
            return splitting.what_splits(self._session.view, records)

    def as_of(self, time: object) -> ProfileGraph:
        """Builds the graph that the evidence up to a time makes: who was whom then, as far as it is known now.

        Of versions of a record only the latest is kept, so a record is there from the time of that one on. All evidence
        up to the time is read and resolved anew; to look at one person's past alone, ``timeline(until=…)`` is enough.

        Args:
            time: As ``evidence.when`` reads it; what was observed then counts.

        Returns:
            A graph in memory, to be closed like any other. Its time stands still: a device is whose it was then.

        Raises:
            InputError: When it is no time.

        Example:
            >>> with ProfileGraph(":memory:") as graph:
            ...     _ = graph.ingest([
            ...         {"type": "identify", "userId": "u-1", "timestamp": at, "traits": {"city": city}}
            ...         for at, city in ((1, "Ulm"), (5, "Bonn"))
            ...     ])
            ...     with graph.as_of(3) as past:
            ...         past.profile("user_id", "u-1").golden["city"].value
            'Ulm'
        """
        until = given_time(time)
        past = ProfileGraph(":memory:", self.config)
        past._session.until = until
        with self._session.reading(), past._session.writing() as update:
            reconfiguring.copy(self.store, update, until=update.now)
        return past

    # ------------------------------------------------------------------------------------------ configuration

    def dry_run(self, config: GraphConfig) -> list[Move]:
        """Lists the profiles that would merge or split under another configuration or model.

        Args:
            config: The configuration.

        Returns:
            The groups of profiles that would come out otherwise; none where nothing would change.
        """
        with self._session.reading(), ProfileGraph(":memory:", config) as other:
            with other._session.writing() as update:
                reconfiguring.copy(self.store, update)
            return reconfiguring.differences(
                reconfiguring.partition(self.store), reconfiguring.partition(other.store)
            )

    def apply(self, config: GraphConfig) -> list[Move]:
        """Resolves everything anew under another configuration or model, in one transaction.

        It needs memory for all records at once.

        Args:
            config: The configuration.

        Returns:
            What became of profiles, as ``dry_run`` lists it.
        """
        with uncollected(), self._session.writing() as former:
            before = reconfiguring.partition(self.store)
            self._session.use(config)
            reconfiguring.resolve_anew(self._session.update(former.now))
            self.store.set_meta("config", self._session.written)
            self.store.set_meta("model", config.model_digest)
            return reconfiguring.differences(before, reconfiguring.partition(self.store))

    # ------------------------------------------------------------------------------------------ privacy and health

    def export(self, profile: str) -> dict[str, Any]:
        """Puts everything held on a person into plain data.

        Args:
            profile: Its id.

        Returns:
            A mapping that ``json.dumps`` takes.

        Raises:
            UnknownProfileError: When there is no such profile.
        """
        return exporting.person(self.profile(profile))

    def erase(self, *names: Name) -> privacy.Certificate:
        """Takes everything of a person away for good.

        Evidence goes and everybody else is as if it had never been. Keyed tombstones keep items and identifiers that
        nobody else has from coming back. The store is rewritten where that is needed, and searched byte by byte.

        Args:
            names: Profile ids, ``("namespace", "value")`` or ``"source:record_id"``. Of a profile everything goes, with
                what was anonymous on devices while they were its own; of an identifier or record, what names it.

        Returns:
            What was done.

        Raises:
            UnknownProfileError: When there is nobody of a name.
            InputError: When a namespace is unknown or a value names nobody.
        """
        with self._session.writing() as update:
            erasing = Erasing(update, self._session.view)
            erasing.take(names, self._session.names)
            erasing.run()
        return erasing.certify()

    def health(self) -> Health:
        """Checks the store and counts what is in it.

        Returns:
            Integrity, sizes, shared values, and links that do not hold.
        """
        with self._session.reading():
            return measure(self._session.view)

    def snapshot(self) -> Iterator[dict[str, Any]]:
        """Everything that was made of the evidence, in an order that depends on nothing else.

        Equal evidence and configuration give equal snapshots.

        Returns:
            One after the other, a mapping for each profile, link, shared identifier and device.
        """
        with self._session.reading():
            yield from exporting.snapshot(self._session.view)
