# SPDX-License-Identifier: Apache-2.0
"""Times Outflow beside its peers: connection logs grouped by source and destination, with sums.

Called by script/bench. Every tool reads the same generated file on the same machine, in turns. The figures are the CPU
time (user and system) of the tool's own process, the median of the rounds, and its largest resident set in any round.
All tools must arrive at the same sum of bytes, which the generator knows, or there is no table.

Outflow does more than its peers here: it also rejects damaged lines, tells duplicates apart, keeps evidence, and writes
a report. The peers are asked for the grouping alone.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Zeek's default conn fields, in the order in which the generator writes them.
FIELDS = (
    "ts uid orig_h orig_p resp_h resp_p proto service duration orig_bytes resp_bytes conn_state local_orig local_resp "
    "missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents"
).split()

# Each peer is a program of its own that prints the number of groups and the sum of bytes.
DUCKDB = """
import duckdb, sys
path, form, threads = sys.argv[1:]
if form == "tsv":
    columns = "{" + ", ".join(f"'{n}': 'VARCHAR'" for n in %r) + "}"
    table = (f"read_csv('{path}', delim='\\t', header=false, comment='#', quote='', escape='', nullstr='-', "
             f"auto_detect=false, columns={columns})")
    source, destination = "orig_h", "resp_h"
else:
    table = (f"read_json('{path}', format='newline_delimited', "
             "columns={'id.orig_h': 'VARCHAR', 'id.resp_h': 'VARCHAR', 'orig_bytes': 'UBIGINT'})")
    source, destination = '"id.orig_h"', '"id.resp_h"'
base = duckdb.connect(config={"threads": threads})
base.execute("SET enable_progress_bar = false")  # It would stand among the answer.
print(*base.execute(f'''select count(*), sum(bytes) from (
    select {source}, {destination}, count(*), sum(orig_bytes::UBIGINT) as bytes
    from {table} group by 1, 2)''').fetchall()[0])
""" % (FIELDS,)

POLARS = """
import os, sys
path, form, threads = sys.argv[1:]
os.environ["POLARS_MAX_THREADS"] = threads
import polars as pl
if form == "tsv":
    table = pl.scan_csv(path, separator="\\t", has_header=False, comment_prefix="#", quote_char=None, null_values="-",
                        schema={n: pl.UInt64 if n == "orig_bytes" else pl.String for n in %r})
    keys = ["orig_h", "resp_h"]
else:
    table = pl.scan_ndjson(path, schema={"id.orig_h": pl.String, "id.resp_h": pl.String, "orig_bytes": pl.UInt64})
    keys = ["id.orig_h", "id.resp_h"]
groups = table.group_by(keys).agg(pl.len().alias("count"), pl.col("orig_bytes").sum()).collect(engine="streaming")
print(groups.height, groups["orig_bytes"].sum())
""" % (FIELDS,)

MAWK = """BEGIN { FS = "\\t" }
!/^#/ { key = $3 " " $5; count[key]++; bytes[key] += $10 }
END { for (key in bytes) { groups++; sum += bytes[key] } printf "%.0f %.0f\\n", groups, sum }"""


def run(command):
    """Runs a command; gives its output, CPU seconds (user and system), largest resident set in MB, and wall seconds."""
    with tempfile.TemporaryFile("w+") as captured:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=captured)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"bench: {command[0]} ended with status {process.returncode}")
        captured.seek(0)
        text = captured.read()
    return text, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, wall


class Outflow:
    """The program under test. Its report lands in a folder of its own, from which the sum is read."""

    def __init__(self, program, threads, folder, alone=False):
        self.name = "Outflow" + (", ledger alone" if alone else "") + (f", {threads} threads" if threads > 1 else "")
        self.command = [program, "scan", "--quiet", "--local", "10.0.0.0/8", "--threads", str(threads)]
        if alone:
            self.command += ["--alarms", "none", "--no-own-rules"]
        self.report = os.path.join(folder, f"report-{threads}-{alone}")
        self.forms = ("tsv", "json")

    def measure(self, path, form):
        shutil.rmtree(self.report, ignore_errors=True)
        _, cpu, memory, wall = run(self.command + ["--out", self.report, path])
        with open(os.path.join(self.report, "report.json"), encoding="utf-8") as file:
            routes = json.load(file)["totals"]["by_route"]
        # DNS is a route of its own; the peers know connections only. A route whose bytes on the wire are not known to
        # the byte (questions that a sensor saw twice, say) has none: then its bounds must hold the truth.
        return (sum(wire(route, "at_least") for route in routes.values()),
                sum(wire(route, "at_most") for route in routes.values())), cpu, memory, wall


def wire(route, bound):
    """What crossed the wire on a route, to the byte where it is known, else a bound of what left."""
    return route["bytes"][bound] if route["on_wire"] is None else route["on_wire"]


class Peer:
    """Another tool, which prints the number of groups and the sum."""

    def __init__(self, name, command, forms=("tsv", "json")):
        self.name, self.command, self.forms = name, command, forms

    def measure(self, path, form):
        text, cpu, memory, wall = run(self.command(path, form))
        total = int(text.split()[1])
        return (total, total), cpu, memory, wall


# Reads every event of the files as JSON, on one thread, and prints how many there were; those it cannot read do not
# count.
EVTX = """
import evtx, sys
count = 0
for path in sys.argv[1:]:
    events = evtx.PyEvtxParser(path, number_of_threads=1).records_json()
    while True:
        try:
            next(events)
            count += 1
        except StopIteration:
            break
        except RuntimeError:
            pass
print(count)
"""


def find_event_logs(folder, given):
    """Real event logs below `given`, or those of OUTFLOW_CORPORA; none if there are none."""
    corpora = os.environ.get("OUTFLOW_CORPORA")
    if given is None and corpora:
        archive = os.path.join(corpora, "evtx", "evtx-attack-samples.tar.gz")
        if os.path.exists(archive):
            given = os.path.join(folder, "evtx")
            os.makedirs(given)
            subprocess.run(["tar", "-xzf", archive, "-C", given], check=True)
    if given is None:
        return []
    found = [os.path.join(place, name) for place, _, names in os.walk(given) for name in names
             if name.lower().endswith(".evtx")]
    return sorted(found)


def bench_events(program, python, folder, logs, rounds, size):
    """Event logs: Outflow's whole scan beside the `evtx` package, which turns each event into JSON and drops it."""
    copies = os.path.join(folder, "events")
    os.makedirs(copies)
    once = sum(os.path.getsize(log) for log in logs)
    paths = []
    for turn in range(max(1, round(size / max(once, 1)))):
        for number, log in enumerate(logs):
            paths.append(os.path.join(copies, f"{turn}-{number}.evtx"))
            shutil.copyfile(log, paths[-1])
    for path in paths:
        warm(path)
    total = sum(os.path.getsize(path) for path in paths)
    report = os.path.join(folder, "report-events")
    results = {"Outflow": [], "evtx": []}
    counts = {}
    for turn in range(rounds):
        for name in results:
            print(f"bench: events, round {turn + 1}, {name}", file=sys.stderr)
            if name == "evtx":
                text, cpu, memory, wall = run([python, "-c", EVTX] + paths)
                counts[name] = int(text)
            else:
                shutil.rmtree(report, ignore_errors=True)
                _, cpu, memory, wall = run([program, "scan", "--quiet", "--threads", "1", "--out", report, copies])
                with open(os.path.join(report, "report.json"), encoding="utf-8") as file:
                    counts[name] = sum(each["records"] for each in json.load(file)["inputs"])
            results[name].append((cpu, memory, wall))
    # Outflow also reads events of damaged chunks, so it may have more; fewer would be a lie about speed.
    if counts["Outflow"] < counts["evtx"]:
        sys.exit(f"bench: Outflow read {counts['Outflow']:,} events, evtx {counts['evtx']:,}")
    own = statistics.median(cpu for cpu, _, _ in results["Outflow"])
    print(f"### {counts['Outflow']:,} Windows events, EVTX, {total / 1e6:.0f} MB in {len(paths)} files\n")
    print("| tool | events | CPU s | MB a CPU s | CPU time against Outflow | largest RSS, MB | wall s |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, runs in results.items():
        cpu = statistics.median(cpu for cpu, _, _ in runs)
        memory = max(memory for _, memory, _ in runs)
        wall = statistics.median(wall for _, _, wall in runs)
        rate = total / 1e6 / cpu
        print(f"| {name} | {counts[name]:,} | {cpu:.2f} | {rate:.0f} | {cpu / own:.2f} | {memory:.0f} | {wall:.2f} |")
    print(flush=True)
    shutil.rmtree(copies)


def versions(python):
    """The peers' versions, for the table's caption."""
    def answer(*command):
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()

    peers = answer(python, "-c", "import importlib.metadata as m; "
                   "found = {d.name: d.version for d in m.distributions()}; "
                   "print(', '.join(f'{n} {found[n]}' for n in ('duckdb', 'polars', 'evtx') if n in found))")
    swift = next((line for line in answer("swift", "--version").splitlines() if "Swift version" in line), "Swift").strip()
    commit = answer("git", "-C", ROOT, "describe", "--always", "--dirty")
    return f"Outflow {commit or 'without git'}, {swift}; {peers}; mawk of this system"


def machine():
    """What this runs on: processor, cores, memory, system."""
    processor = platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            processor = next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{processor}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}"


def warm(path):
    """Brings the file into the page cache, so that no tool pays for the disk on behalf of the next."""
    with open(path, "rb", buffering=0) as file:
        while file.read(1 << 22):
            pass


def table(form, rows, size, tools, results):
    """The markdown table of one file."""
    own = statistics.median(cpu for cpu, _, _ in results[tools[0]])
    lines = [
        f"### {rows:,} connections, {form.upper()}, {size / 1e9:.2f} GB",
        "",
        f"| tool | CPU s | CPU time against {tools[0].name} | largest RSS, MB | wall s |",
        "|---|---:|---:|---:|---:|",
    ]
    for tool in tools:
        cpu = statistics.median(cpu for cpu, _, _ in results[tool])
        memory = max(memory for _, memory, _ in results[tool])
        wall = statistics.median(wall for _, _, wall in results[tool])
        lines.append(f"| {tool.name} | {cpu:.2f} | {cpu / own:.2f} | {memory:.0f} | {wall:.2f} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(
        prog="script/bench", description=__doc__.strip(), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000, help="connections to generate (10,000,000)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each tool runs; the median counts (3)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the generator (1)")
    parser.add_argument("--form", choices=["tsv", "json"], action="append", help="only this format; may be repeated")
    parser.add_argument("--only", action="append", metavar="TOOL", help="only tools so named; may be repeated")
    parser.add_argument("--evtx", metavar="FOLDER", help="Windows event logs to read (those of OUTFLOW_CORPORA)")
    parser.add_argument("--events-only", action="store_true", help="only the event logs")
    parser.add_argument("--outflow", help="program to test (the release build of this project)")
    choice = parser.parse_args()
    if choice.rows < 1 or choice.rounds < 1:
        parser.error("--rows and --rounds must be at least 1")

    # All tools run on one thread; where there is a second core, Outflow also runs on two.
    with tempfile.TemporaryDirectory(prefix="outflow-bench-") as folder:
        free = shutil.disk_usage(folder).free
        needed = 1_000_000_000 if choice.events_only else choice.rows * 400 + 1_500_000_000
        if free < needed:
            sys.exit(f"bench: {folder} has {free / 1e9:.1f} GB free of the {needed / 1e9:.1f} GB needed; "
                     "set TMPDIR to a folder on another disk")

        generator = os.path.join(folder, "generate-conn")
        compiler = next((name for name in ("cc", "clang") if shutil.which(name)), None)
        if compiler is None:
            sys.exit("bench: no C compiler (cc or clang) on PATH")
        source = os.path.join(ROOT, "Benchmarks", "generate-conn.c")
        subprocess.run([compiler, "-O2", "-o", generator, source], check=True)

        program = choice.outflow
        if program is None:
            where = ["swift", "build", "--package-path", ROOT, "-c", "release", "--show-bin-path"]
            where = subprocess.run(where, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
            program = os.path.join(where, "outflow")

        print("bench: installing the peers into a throwaway environment", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", os.path.join(folder, "venv")], check=True)
        python = os.path.join(folder, "venv", "bin", "python")
        pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run(pip + (["evtx"] if choice.events_only else ["duckdb", "polars", "evtx"]), check=True)

        tools = []
        for alone in (True, False):
            tools.append(Outflow(program, 1, folder, alone))
            if (os.cpu_count() or 1) > 1:
                tools.append(Outflow(program, 2, folder, alone))
        tools.append(Peer("DuckDB", lambda path, form: [python, "-c", DUCKDB, path, form, "1"]))
        tools.append(Peer("Polars, streaming", lambda path, form: [python, "-c", POLARS, path, form, "1"]))
        tools.append(Peer("mawk", lambda path, form: ["mawk", MAWK, path], forms=("tsv",)))
        if choice.only:
            tools = [tool for tool in tools if any(word.lower() in tool.name.lower() for word in choice.only)]
        if not tools:
            sys.exit("bench: no tool has such a name")

        print(f"Machine: {machine()}\n\nVersions: {versions(python)}\n")
        print(f"Rounds: {choice.rounds}, of which the median; one thread where nothing else is said.\n")
        logs = find_event_logs(folder, choice.evtx)
        if logs and not choice.only and not choice.form:
            bench_events(program, python, folder, logs, choice.rounds, 300_000_000)
        elif choice.events_only:
            sys.exit("bench: no event logs: name a folder with --evtx, or set OUTFLOW_CORPORA")
        for form in [] if choice.events_only else choice.form or ["tsv", "json"]:
            path = os.path.join(folder, f"conn.{form}")
            with open(path, "wb") as file:
                command = [generator, str(choice.rows), form, str(choice.seed)]
                made = subprocess.run(command, stdout=file, stderr=subprocess.PIPE, check=True)
            truth = int(made.stderr)
            warm(path)
            running = [tool for tool in tools if form in tool.forms]
            results = {tool: [] for tool in running}
            widest = 0
            for turn in range(choice.rounds):
                for tool in running:
                    print(f"bench: {form}, round {turn + 1}, {tool.name}", file=sys.stderr)
                    (least, most), cpu, memory, wall = tool.measure(path, form)
                    if not least <= truth <= most:
                        sys.exit(f"bench: {tool.name} says {least:,} to {most:,} bytes left, the generator wrote {truth:,}")
                    widest = max(widest, most - least)
                    results[tool].append((cpu, memory, wall))
            print(table(form, choice.rows, os.path.getsize(path), running, results), flush=True)
            agreed = "to the byte" if widest == 0 else f"Outflow with bounds {widest:,} bytes apart that hold it"
            print(f"All tools agree: {truth:,} bytes left, {agreed}.\n", flush=True)
            os.remove(path)


if __name__ == "__main__":
    main()
