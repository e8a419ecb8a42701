"""Requests a second of Sécateur's server and of others, and what long runs of it show."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from statistics import median

from benchmarks.page import Result, measured_on, table

OURS = "secateur"
_HEAD = ["Server, network", "Requests/s at 1", "at 8", "at 32", "p50 at 1, ms", "p50 at 32",
         "p99 at 32", "CPU ms/request", "Memory, MB", "Failed"]  # fmt: skip


def lines(results: dict[str, Result]) -> list[str]:
    """The section; ``results`` by network, and those of long runs by their kind."""
    compared = {name: one for name, one in results.items() if "servers" in one}
    return [
        "## Serving",
        "",
        "Servers in turns on the same cores, each alone with wrk beside it: one image a request,",
        "closed loop over 1, 8 or 32 connections. Medians of the rounds, in brackets the least",
        "and the most. `xN` is N server processes; Sécateur and FastAPI have one by default.",
        "FastAPI runs the dense network in eager torch. BentoML and MLServer run the same ONNX",
        "file as Sécateur with their adaptive batching. Sécateur logs every request, the others do",
        "not. Weights are random, which changes no speed. CPU time and memory are those of all",
        "processes of a server, at 32 connections; shared pages count for each.",
        *(line for name, one in compared.items() for line in ("", *_compared(name, one))),
        *_soak(results.get("soak")),
        *_kill(results.get("kill")),
        "",
        *(f"- {name}: {measured_on(one['hardware'])}." for name, one in results.items()),
    ]


def spread(values: Iterable[float], digits: int = 0) -> str:
    """Median, and in brackets the least and the most where there are several."""
    found = sorted(values)
    text = f"{median(found):,.{digits}f}"
    if len(found) == 1:
        return text
    return f"{text} ({found[0]:,.{digits}f} to {found[-1]:,.{digits}f})"


def _compared(name: str, one: Result) -> list[str]:
    network, servers = one["network"], one["servers"]
    dense, child = (f"{count / 1e6:,.1f} M" for count in network["flops"])
    shape = "x".join(map(str, network["input_shape"]))
    ran = {known: server for known, server in servers.items() if server["rounds"]}
    return [
        f"### {name}",
        "",
        f"`{network['architecture']}` on {shape}: {dense} FLOPs an image, {child} with "
        f"{network['target']:.0%} cut by the uniform policy.",
        "",
        *table(_HEAD, (_row(known, server["rounds"]) for known, server in ran.items())),
        "",
        *_ratios(ran),
        *(
            f"- {known} could not be measured: {server['failed']}."
            for known, server in servers.items()
            if "failed" in server
        ),
        f"- Asked in: {'; '.join(_protocols(ran.values()))}.",
    ]


def _row(name: str, rounds: list[Result]) -> list[str]:
    def of(connections: int, field: str, scale: float = 1.0) -> list[float]:
        return [one[str(connections)][field] * scale for one in rounds]

    failed = sum(figures["failed"] for one in rounds for figures in one.values())
    return [
        name,
        spread(of(1, "rate")),
        spread(of(8, "rate")),
        spread(of(32, "rate")),
        spread(of(1, "p50"), 2),
        spread(of(32, "p50"), 1),
        spread(of(32, "p99"), 1),
        spread(of(32, "cpu_ms"), 2),
        spread(of(32, "resident_bytes", 1e-6)),
        str(failed),
    ]


def _ratios(servers: dict[str, Result]) -> list[str]:
    """Sécateur with one process and with one a core against every other, round by round."""
    found = [(name, one) for name, one in servers.items() if one["server"].startswith(OURS)]
    # The first is the network that the others run as well.
    found = [(name, one) for name, one in found if one["network"] == found[0][1]["network"]]
    return [
        f"- {name} against {other}: {_ratio(ours, one, '32', 'rate')} times the requests a "
        f"second at 32 connections, {_ratio(ours, one, '1', 'p50')} times the p50 at 1."
        for name, ours in found
        for other, one in servers.items()
        if not one["server"].startswith(OURS)
    ]


def _ratio(ours: Result, other: Result, connections: str, field: str) -> str:
    pairs = zip(ours["rounds"], other["rounds"], strict=False)
    return spread((a[connections][field] / b[connections][field] for a, b in pairs), 2)


def _protocols(servers: Iterable[Result]) -> list[str]:
    """One entry a server, however many processes of it were tried."""
    named = {one["server"].partition(" ")[0]: one["protocol"] for one in servers}
    return [f"{name} {protocol}" for name, protocol in named.items()]


def _soak(one: Result | None) -> list[str]:
    if one is None:
        return []
    before, after = (value / 1e6 for value in one["resident_bytes"])
    return [
        "",
        f"**Long run.** {one['minutes']:g} minutes of {one['network']} at {one['rate']:,.0f} "
        f"requests a second, {one['share']:.0%} of what a closed loop reached just before: "
        f"{one['sent']:,} requests, {_answers(one)}; p50 {one['p50']:.1f} ms and p99 "
        f"{one['p99']:.1f} ms from the moment that each was due. Memory of all processes: "
        f"{before:,.0f} MB in the first tenth after the warm-up, {after:,.0f} MB in the last "
        f"({after / before - 1:+.1%}).",
    ]


def _kill(one: Result | None) -> list[str]:
    if one is None:
        return []
    return [
        "",
        f"**A replica killed.** One of {one['replicas']} replicas was killed (SIGKILL) "
        f"{one['killed_at']:.0f} s into {60 * one['minutes']:.0f} s at {one['rate']:,.0f} "
        f"requests a second: of {one['sent']:,} requests {_answers(one)}. At the kill "
        f"{one['in_hand']} requests were out. The last failure came {one['failing_seconds']:.1f} s "
        f"after it (0 where there was none); the longest answer took {one['longest'] / 1e3:.1f} s.",
    ]


def _answers(one: Result) -> str:
    kinds: list[tuple[str, Callable[[Result], int]]] = [
        ("refused with an error status", lambda one: sum(one["statuses"].values())),
        ("cut off without an answer", lambda one: sum(one["broken"].values())),
        ("left hanging", lambda one: int(one["hung"])),
    ]
    return ", ".join(f"{count(one):,} {kind}" for kind, count in kinds)
