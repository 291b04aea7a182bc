"""The slow, plain way from evidence to people: everything at once, from nothing, and nothing remembered."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from itertools import combinations, product
from typing import Any

import networkx as nx

from cxm_sdk.identity.clustering import FAINTEST_HOME, LOUDEST, UNSEEN
from cxm_sdk.identity.ownership import Ownership, ownership
from cxm_sdk.identity.person_records import Edge, Group, PersonRecord, Verdicts, people_of
from cxm_sdk.identity.resolver import OUTWEIGHED, Resolver
from cxm_sdk.profiles.config import AnonymousPast, GraphConfig
from cxm_sdk.profiles.evidence import Evidence, Steward, moment
from cxm_sdk.profiles.golden import golden_record, profile_id
from cxm_sdk.profiles.items import Reader
from cxm_sdk.profiles.verdicts import tokens

FAR = 2**60


def chosen(items: Iterable[Evidence]) -> list[Evidence]:
    """Of items of one key the one that counts."""
    best: dict[bytes, Evidence] = {}
    for item in items:
        rival = best.get(item.key)
        if rival is None:
            best[item.key] = item
        elif item.kind == "record":
            best[item.key] = max(item, rival, key=lambda one: one.version)
        else:
            best[item.key] = min(item, rival, key=lambda one: one.version)
    return list(best.values())


def decided(decisions: Iterable[Steward]) -> list[Steward]:
    best: dict[tuple[str, str], Steward] = {}
    for d in decisions:
        rival = best.get((d.a, d.b))
        if rival is None or (d.at, not d.same, d.who, d.why) > (
            rival.at,
            not rival.same,
            rival.who,
            rival.why,
        ):
            best[d.a, d.b] = d
    return [best[pair] for pair in sorted(best)]


def node_of(item: Evidence) -> tuple[str, str]:
    """Source and id of the record that stands for an item."""
    assert item.record is not None
    return item.record.source, item.record.record_id


def rebuild(
    bodies: Iterable[Mapping[str, Any]],
    config: GraphConfig,
    decisions: Iterable[Steward] = (),
    as_of: int = FAR,
) -> list[dict[str, Any]]:
    """Everything that evidence comes to, as ``ProfileGraph.snapshot`` gives it."""
    reader, resolver = Reader(config), Resolver(config.matching, config.namespaces)
    read, _ = reader.read(list(bodies), now=FAR)
    items = [item for item in chosen(read) if item.at <= as_of]
    telling: dict[tuple[str, str], list[Evidence]] = defaultdict(list)
    for item in items:
        if item.said:
            telling[node_of(item)].append(item)
    names = sorted(telling, key=lambda name: (name[0].encode(), name[1].encode()))
    records = [
        resolver.record(
            number,
            *name,
            {role: [tuple(value) for value in values] for role, values in telling[name][0].said.items()},
            min(item.at for item in telling[name]),
            max(item.at for item in telling[name]),
        )
        for number, name in enumerate(names)
    ]

    held: dict[int, set[int]] = defaultdict(set)
    role_of: dict[int, str] = {}
    for record in records:
        for role, _, key in record.identifiers:
            held[key].add(record.number)
            role_of[key] = role
    people = {
        key: people_of([records[n] for n in sorted(nodes)], role_of[key]) for key, nodes in held.items()
    }
    shared = {key: count for key, count in people.items() if count != 1}

    blocks: dict[int, set[int]] = defaultdict(set)
    for record in records:
        for key in resolver.joint_keys(record, shared):
            blocks[key].add(record.number)
    pairs = {
        pair
        for nodes in blocks.values()
        if len(nodes) <= resolver.largest_block
        for pair in combinations(sorted(nodes), 2)
    }
    for record in records:
        for key in resolver.single_keys(record, shared):  # at most MOST_HOLDERS hold it, else it is nobody's
            pairs |= {(min(n, record.number), max(n, record.number)) for n in held[key] if n != record.number}
    by_token: dict[str, set[int]] = defaultdict(set)
    for record in records:
        for token in tokens(record):
            by_token[token].add(record.number)
    stewards = decided(decisions)
    must = {
        (min(i, j), max(i, j))
        for d in stewards
        if d.same
        for i in by_token[d.a]
        for j in by_token[d.b]
        if i != j
    }
    listed = sorted(pairs | must)
    edges = {
        pair: edge
        for pair, edge in zip(listed, resolver.weigh(records, listed, shared), strict=True)
        if edge.kept or pair in must
    }
    strong = {pair for pair, edge in edges.items() if edge.weight >= resolver.cut or pair in must}

    graph = nx.Graph()
    graph.add_nodes_from(range(len(records)))
    graph.add_edges_from(strong)
    fates: dict[tuple[int, int], str] = {}
    clusters: list[list[PersonRecord]] = []
    weights = {pair: FAR if pair in must else edges[pair].weight for pair in strong}
    parts = [
        part
        for one in nx.connected_components(graph)
        for part in bounded(graph.subgraph(one), weights, resolver)
    ]
    part_of = {number: at for at, part in enumerate(parts) for number in part}
    fates.update({pair: "too_large" for pair in strong if part_of[pair[0]] != part_of[pair[1]]})
    for component in parts:
        members = sorted(component)
        place = {number: at for at, number in enumerate(members)}
        inside: dict[tuple[int, int], Edge] = {
            (place[i], place[j]): edge for (i, j), edge in edges.items() if i in place and j in place
        }
        same = frozenset((place[i], place[j]) for i, j in must if i in place and j in place)
        apart = tuple(
            (
                frozenset(place[n] for n in by_token[d.a] if n in place),
                frozenset(place[n] for n in by_token[d.b] if n in place),
            )
            for d in stewards
            if not d.same and by_token[d.a] & component and by_token[d.b] & component
        )
        if len(members) == 1:
            clusters.append([records[members[0]]])
            continue
        group = Group([records[n] for n in members], inside, Verdicts(same, apart))
        settled = resolver.settle([group], resolver.lay_out(group.records, shared))[0]
        clusters += [
            [records[members[at]] for at, one in enumerate(settled.labels) if one == label]
            for label in set(settled.labels)
        ]
        for i, j in strong:
            if i in place and j in place:
                x, y = place[i], place[j]
                together = settled.labels[x] == settled.labels[y]
                fates[i, j] = "kept" if together else settled.reasons.get((x, y), OUTWEIGHED)

    owner = {
        record.number: profile_id(min(cluster, key=lambda one: one.age))
        for cluster in clusters
        for record in cluster
    }
    out = [person(cluster, telling, config, held) for cluster in clusters]
    out.sort(key=lambda one: one["profile"])
    by_order = sorted(edges, key=lambda pair: (names[pair[0]], names[pair[1]]))
    for pair in by_order:
        edge = edges[pair]
        ends = [list(names[pair[0]]), list(names[pair[1]])]
        out.append(
            {"link": ends, "weight": edge.weight, "household": edge.household, "fate": fates.get(pair)}
        )
    out += [
        {"shared": f"{key & (2**64 - 1):016x}", "role": role_of[key], "people": shared[key]}
        for key in sorted(shared)
    ]
    number_of = {name: number for number, name in enumerate(names)}
    seen: dict[tuple[str, str], list[tuple[int, bytes]]] = defaultdict(list)
    for item in items:
        for device in item.devices:
            seen[device] += [(item.at, owner[number_of[node_of(item)]])] if item.said else []
    for device in sorted(seen):
        found = owned(seen[device], device[0], config)
        intervals = [[one.owner.hex(), one.since, one.until] for one in found.intervals]
        out.append({"device": list(device), "owners": found.owners, "intervals": intervals})
    return out


def bounded(
    component: nx.Graph, weights: Mapping[tuple[int, int], float], resolver: Resolver
) -> list[set[int]]:
    """A component as it is; of one that is too large, what is left of it without its weakest link, and so on."""
    if len(component) <= resolver.largest_component:
        return [set(component)]
    left = nx.Graph(component)
    ends = [(min(edge), max(edge)) for edge in left.edges]
    weakest = max(ends, key=lambda pair: (-round(weights[pair], 6), pair))
    left.remove_edge(*weakest)
    return [
        part
        for one in nx.connected_components(left)
        for part in bounded(left.subgraph(one), weights, resolver)
    ]


def owned(logins: list[tuple[int, bytes]], namespace: str, config: GraphConfig) -> Ownership[bytes]:
    rule = config.known.find(namespace)
    timeout = None if rule is None or rule.timeout is None else round(rule.timeout * 1e6)
    before = None if config.anonymous_past is AnonymousPast.CONVERT else timeout
    found = ownership(logins, timeout=timeout, before_first=before, most_owners=config.most_owners)
    if config.anonymous_past is AnonymousPast.ISOLATE:
        return Ownership((), found.owners, found.kiosk)
    return found


def person(
    cluster: list[PersonRecord],
    telling: Mapping[tuple[str, str], list[Evidence]],
    config: GraphConfig,
    everybody: Mapping[int, set[int]],
) -> dict[str, Any]:
    cluster = sorted(cluster, key=lambda record: record.order)
    items = [item for record in cluster for item in telling[record.source, record.record_id]]
    traits: dict[str, Any] = {}
    consent: dict[str, bool] = {}
    for item in sorted(items, key=lambda one: (one.at, one.key)):
        body = json.loads(item.body)
        context = body.get("context") if isinstance(body.get("context"), dict) else {}
        if item.kind in ("identify", "record"):
            for part in (
                context.get("traits"),
                body.get("traits" if item.kind == "identify" else "attributes"),
            ):
                traits.update(part or {})
        told = (context or body).get("consent") or {}
        told = dict(told.get("categoryPreferences", told))
        if body.get("event") == "Consent Updated":
            told |= body["properties"]["category_preferences"]
        for purpose, allowed in told.items():
            if config.consent == "latest" or consent.get(purpose, True):
                consent[purpose] = allowed
    identifiers = []
    priority = {namespace.name: namespace.priority for namespace in config.namespaces}
    held: dict[tuple[str, str], list[PersonRecord]] = defaultdict(list)
    keys: dict[tuple[str, str], int] = {}
    for record in cluster:
        for role, value, key in record.identifiers:
            if value in record.content.get(role, ()):
                held[role, value].append(record)
                keys[role, value] = key
    for role, value in sorted(held, key=lambda one: (priority[one[0]], *one)):
        first = moment(min(record.first for record in held[role, value]))
        last = moment(max(record.last for record in held[role, value]))
        others = bool(everybody[keys[role, value]] - {record.number for record in cluster})
        identifiers.append(
            {"namespace": role, "value": value, "first": first, "last": last, "shared": others}
        )
    return {
        "profile": profile_id(min(cluster, key=lambda one: one.age)).hex(),
        "records": [[r.source, r.record_id, moment(r.first), moment(r.last)] for r in cluster],
        "identifiers": identifiers,
        "golden": {name: asdict(field) for name, field in golden_record(cluster, config).items()},
        "traits": dict(sorted(traits.items())),
        "consent": dict(sorted(consent.items())),
    }


def homes(snapshot: Iterable[Mapping[str, Any]]) -> set[frozenset[str]]:
    """The profiles of each household, made of a snapshot: pairs of homes are joined while most speaks for it."""
    entries = list(snapshot)
    owner = {
        tuple(name[:2]): one["profile"] for one in entries if "profile" in one for name in one["records"]
    }
    bits: dict[frozenset[str], float] = {}
    for link in entries:
        if "link" in link and link["household"] >= FAINTEST_HOME:
            pair = frozenset(owner[tuple(end)] for end in link["link"])
            bits[pair] = max(min(link["household"], LOUDEST), bits.get(pair, -LOUDEST))
    by_record = sorted(owner, key=lambda name: (name[0].encode(), name[1].encode()))
    clusters = [[one] for one in dict.fromkeys(owner[name] for name in by_record)]
    while True:
        best: tuple[float, int, int] | None = None
        for (i, ours), (j, theirs) in combinations(enumerate(clusters), 2):
            said = [bits[frozenset(pair)] for pair in product(ours, theirs) if frozenset(pair) in bits]
            mean = (sum(said) + UNSEEN * (len(ours) * len(theirs) - len(said))) / (len(ours) * len(theirs))
            if said and mean > 0 and (best is None or (mean, -i, -j) > best):
                best = mean, -i, -j
        if best is None:
            return {frozenset(one) for one in clusters if len(one) > 1}
        clusters[-best[1]] += clusters.pop(-best[2])


def as_text(snapshot: Iterable[Mapping[str, Any]]) -> str:
    """A snapshot as text, one line an entry, to be compared byte by byte."""
    return "\n".join(json.dumps(entry, sort_keys=True, default=list) for entry in snapshot)
