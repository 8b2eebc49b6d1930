#!/usr/bin/python3
"""What distance costs a session: each party behind a relay that delays every byte, for every opening and several distances.

    distances.py [--openings key,shares,masks] [--delays 0,1.3,…] [--repeat N] [--json] [--report FOLDER]

`./run bench --distances` builds what it needs, runs it, and draws the picture. The board, and with it the server's side of key and
masks, stands in one place; owners, servers of shares and the opener are each at the given one-way delay from it. Everything
goes over TLS, as it would. With --first the parties run before all else on the machine, as the relay does anyway where it may (both take
root), so that other work does not count.

A session's time is from the start of all its parties, at once, to the end of the last of them. What it is compared with is

    rounds × round trip + the time of the same session without a distance

`rounds` are counted from the protocol (ROUNDS below). Sessions of all delays are run in turn, so that a slow moment of the machine
slows all of them; of the repetitions the median counts.
"""

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "relay"))
from relay import Relay  # noqa: E402

VEILSUM = os.path.abspath(os.environ.get("VEILSUM", os.path.join(ROOT, "build", "veilsum")))
RELAY = os.path.abspath(os.environ.get("RELAY", os.path.join(ROOT, "build", "tests", "delay_relay")))
OWNERS = 5
DELAYS_MS = [0, 1.3, 1.66, 3, 5, 20]
PATIENCE_S = 120

# Round trips that follow one on the other, until the last party is done. To begin: TCP, TLS, and the question which plan it is.
BEGIN = 3
ROUNDS = {
    # The contribution to the board, the total from it to the opener; its record to the board, and the answer.
    "key": BEGIN + 2,
    # An owner's shares to the board and on to the servers; their lists, to each other; their counts to the opener, and what the
    # counts leave to be opened; their values; the opener's record, and the answer.
    "shares": BEGIN + 5,
    # Keys, shares of secrets, the masked cells, the list that is agreed on, what unmasks: each to the server, and its answer.
    "masks": BEGIN + 5,
}


def go_first():
    """Before all that is not as urgent; equals take turns."""
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))


class Session:
    """One run of an opening, in a folder that prepare.sh has made."""

    def __init__(self, opening, folder, relay_delay_ms, first):
        self.opening = opening
        self.folder = folder
        self.delay_ms = relay_delay_ms
        self.first = first
        self.processes = []

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def start(self, name, arguments, **options):
        with open(self.path(name + ".log"), "wb") as log:
            process = subprocess.Popen([VEILSUM, *arguments], stdin=subprocess.DEVNULL, stderr=log,
                                       stdout=options.get("stdout", subprocess.DEVNULL),
                                       env=dict(os.environ, OMP_WAIT_POLICY="passive"),
                                       preexec_fn=go_first if self.first else None)
        self.processes.append((name, process))
        return process

    def settings(self):
        with open(self.path("settings"), encoding="utf-8") as file:
            return dict(line.rstrip("\n").split("=", 1) for line in file)

    def start_board(self):
        arguments = ["serve", "--listen", "127.0.0.1:0", "--state", self.path("board", "state", "board"),
                     "--certificate", self.path("board", "board.crt"),
                     "--certificate-key", self.path("board", "board.key"),
                     "--period", self.settings()["VEILSUM_PERIOD"], "--wait", "2m", self.path("plan.json")]
        if self.opening != "shares":
            arguments[1:1] = ["-i", self.path("board", "me.id")]
        board = self.start("board", arguments)
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and board.poll() is None:
            with open(self.path("board.log"), encoding="utf-8") as log:
                if found := re.search(r"the board is at https://127\.0\.0\.1:(\d+)", log.read()):
                    return int(found.group(1))
            time.sleep(0.02)
        raise RuntimeError(self.trouble("the board did not start"))

    def parties(self):
        """Name and arguments of each party but the board."""
        key = self.opening == "key"
        for i in range(1, OWNERS + 1):
            own = f"owner-{i}"
            yield own, ["-r", self.path("opener", "holder.pub")] if key else [], [self.path(own, "data.csv")]
        for i in range(1, 4) if self.opening == "shares" else []:
            yield f"server-{i}", ["--wait", "2m"], []
        opens = ["-k", self.path("opener", "holder.key"), "--openings", self.path("opener", "state", "openings")]
        yield "opener", opens if key else [], []

    def run(self):
        """The session's time in seconds, its result, and what each party's relay has counted."""
        try:
            port = self.start_board()
            parties = list(self.parties())
            with Relay(RELAY, "127.0.0.1", port, self.delay_ms, len(parties)) as relay:
                begun = time.monotonic()
                running = [self.join(name, relay.ports[i], *rest) for i, (name, *rest) in enumerate(parties)]
                for name, process in running:
                    if process.wait(timeout=PATIENCE_S) != 0:
                        raise RuntimeError(self.trouble(f"{name} ended with status {process.returncode}"))
                seconds = time.monotonic() - begun
                counts = dict(zip((name for name, *_ in parties), relay.count()))
            with open(self.path("result.csv"), encoding="utf-8") as file:
                return seconds, file.read(), counts
        finally:
            for _, process in self.processes:
                if process.poll() is None:
                    process.terminate()
                    process.wait()

    def join(self, name, port, options, data):
        arguments = ["join", "-p", self.path("plan.json"), "-i", self.path(name, "me.id"), "--threads", "1",
                     "--journal", self.path(name, "state", "journal"), "--pin", self.settings()["VEILSUM_PIN"],
                     *options, f"https://127.0.0.1:{port}", *data]
        with open(self.path("result.csv" if name == "opener" else name + ".csv"), "wb") as out:
            return name, self.start(name, arguments, stdout=out)

    def trouble(self, what):
        lines = [f"{self.opening} at {self.delay_ms} ms: {what}"]
        for name, _ in self.processes:
            with open(self.path(name + ".log"), encoding="utf-8", errors="replace") as log:
                lines += [f"  {name}: {line}" for line in log.read().splitlines()[-4:]]
        return "\n".join(lines)


def run_session(opening, prepared, delay_ms, first):
    """A fresh copy of the prepared folder for each: a session is for once."""
    with tempfile.TemporaryDirectory(prefix="veilsum-distances.") as work:
        folder = os.path.join(work, opening)
        shutil.copytree(prepared, folder)
        return Session(opening, folder, delay_ms, first).run()


def measure(opening, delays_ms, repeat, first, say):
    with tempfile.TemporaryDirectory(prefix="veilsum-distances.") as work:
        prepared = os.path.join(work, opening)
        subprocess.run(["sh", os.path.join(ROOT, "containers", "prepare.sh"), opening, prepared, str(OWNERS)], check=True,
                       stdout=subprocess.DEVNULL, env=dict(os.environ, VEILSUM=VEILSUM))
        seconds = {delay_ms: [] for delay_ms in delays_ms}
        counts = None
        expected = None
        for turn in range(repeat):
            for delay_ms in delays_ms:
                took, result, counts = run_session(opening, prepared, delay_ms, first)
                expected = expected or result
                if not result or result != expected:
                    raise RuntimeError(f"{opening} at {delay_ms} ms: another result than before")
                seconds[delay_ms].append(took)
                say(f"{opening} at {delay_ms} ms, {turn + 1} of {repeat}: {took:.3f} s")
    return summarise(opening, seconds, counts)


def summarise(opening, seconds, counts):
    at_once = min(seconds)  # the smallest delay; its own round trips are taken off
    rounds = ROUNDS[opening]
    compute_s = statistics.median(seconds[at_once]) - rounds * 2 * at_once / 1000
    rows = []
    for delay_ms, times in seconds.items():
        session_s = statistics.median(times)
        bound_s = rounds * 2 * delay_ms / 1000 + compute_s
        trips = (session_s - compute_s) / (2 * delay_ms / 1000) if delay_ms else None
        rows.append({"delay_ms": delay_ms, "session_s": session_s, "bound_s": bound_s, "over_bound": session_s / bound_s,
                     "round_trips": trips, "samples_s": times})
    owners = [counts[f"owner-{i}"] for i in range(1, OWNERS + 1)]
    return {"opening": opening, "owners": OWNERS, "rounds": rounds, "compute_s": compute_s,
            "owner_bytes_sent": max(c[0] for c in owners), "owner_bytes_received": max(c[1] for c in owners),
            "owner_connections": max(c[2] for c in owners), "rows": rows}


def machine():
    model = "unknown"
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        if found := re.search(r"model name\s*: (.*)", file.read()):
            model = found.group(1)
    return {"processor": model, "processors": os.cpu_count(), "system": platform.platform()}


def table(results):
    lines = ["| opening | rounds | an owner sends | receives | one way | session | rounds × round trip + compute | over | round trips |",
             "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for r in results:
        for row in r["rows"]:
            trips = "" if row["round_trips"] is None else f"{row['round_trips']:.1f}"
            lines.append(f"| {r['opening']} | {r['rounds']} | {r['owner_bytes_sent']:,} B | {r['owner_bytes_received']:,} B "
                         f"| {row['delay_ms']:g} ms | {row['session_s']:.3f} s | {row['bound_s']:.3f} s "
                         f"| {100 * (row['over_bound'] - 1):+.0f}% | {trips} |")
    return "\n".join(lines)


def write_report(folder, report):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "distances.json"), "w", encoding="utf-8") as file:
        json.dump(report, file, indent=1)
        file.write("\n")
    with open(os.path.join(folder, "distances.csv"), "w", encoding="utf-8") as file:
        file.write("opening,delay_ms,session_s,bound_s\n")
        for r in report["results"]:
            for row in r["rows"]:
                file.write(f"{r['opening']},{row['delay_ms']},{row['session_s']:.6f},{row['bound_s']:.6f}\n")
    with open(os.path.join(folder, "distances.md"), "w", encoding="utf-8") as file:
        file.write(f"# Distances\n\n{report['machine']['processor']}, {report['machine']['processors']} processors.\n\n"
                   f"{table(report['results'])}\n\n![sessions by distance](distances.svg)\n")


def main():
    parser = argparse.ArgumentParser(description="sessions through relays that put distances between the parties")
    parser.add_argument("--openings", default=",".join(ROUNDS), help="some of key, shares, masks")
    parser.add_argument("--delays", default=",".join(map(str, DELAYS_MS)), help="one way, in milliseconds")
    parser.add_argument("--repeat", type=int, default=5, help="sessions of each kind; the median counts")
    parser.add_argument("--first", action="store_true", help="run the parties before all else on this machine (root)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--report", metavar="FOLDER", help="write distances.json, .csv and .md there")
    options = parser.parse_args()
    delays_ms = [float(text) for text in options.delays.split(",")]
    openings = options.openings.split(",")
    if options.repeat < 1 or any(o not in ROUNDS for o in openings) or any(d < 0 for d in delays_ms):
        parser.error("openings are key, shares and masks; delays and repetitions are positive")

    def say(text):
        print(text, file=sys.stderr)

    try:
        results = [measure(opening, delays_ms, options.repeat, options.first, say) for opening in openings]
    except (RuntimeError, subprocess.SubprocessError, OSError) as error:
        sys.exit(f"distances: error: {error}")
    report = {"veilsum_distances": 1, "machine": machine(), "results": results}
    if options.report:
        write_report(options.report, report)
    print(json.dumps(report, indent=1) if options.json else table(results))


if __name__ == "__main__":
    main()
