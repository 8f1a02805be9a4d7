#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times `outflow match` beside what Zircolite is made of, on the same events and rules: pySigma with its SQLite backend and
the pipelines that bind rules to channels and event ids, and `evtx`, which turns event logs into JSON.

Events are those of the corpus, repeated with later times until there are as many as asked for. pySigma's part is its own: the
rules become SQL, the events a table with a column for each field, and every query runs once over the table. Its matches are
compared with Outflow's rule by rule, and the records that `evtx` reads with those that Outflow does.
"""

import argparse
import gzip
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tarfile
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

PEER = r"""
import json, sqlite3, sys, time
from sigma.backends.sqlite import sqliteBackend
from sigma.collection import SigmaCollection
from sigma.pipelines.sysmon import sysmon_pipeline
from sigma.pipelines.windows import windows_logsource_pipeline
began = time.process_time()
backend, queries, failed = sqliteBackend(sysmon_pipeline() + windows_logsource_pipeline()), [], 0
collection = SigmaCollection.load_ruleset([sys.argv[1]], collect_errors=True)
for rule in collection.rules:
    try:
        queries += [(str(rule.id), query.replace("<TABLE_NAME>", "logs")) for query in backend.convert_rule(rule)]
    except Exception:
        failed += 1
loaded = time.process_time()
rows, columns = [], {}
def flat(value, name, row):
    if isinstance(value, dict):
        for key, inner in value.items():
            flat(inner, name + "." + key if name else key, row)
    else:
        row[name] = value if isinstance(value, (str, int, float, type(None))) else json.dumps(value)
for line in open(sys.argv[2], encoding="utf-8"):
    row = {}
    flat(json.loads(line), "", row)
    rows.append(row)
    for name in row:
        columns.setdefault(name.lower(), name)
base = sqlite3.connect(":memory:")
names = list(columns)
base.create_function("regexp", 2, lambda p, v: 1 if v is not None and __import__("re").search(p, str(v)) else 0)
base.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, 32767) if hasattr(base, "setlimit") else None
names = names[:1990]
base.execute("create table logs (%s)" % ", ".join('"%s" collate nocase' % columns[n] for n in names))
places = {name: index for index, name in enumerate(names)}
def values(row):
    out = [None] * len(names)
    for name, value in row.items():
        if name.lower() in places:
            out[places[name.lower()]] = value
    return out
base.executemany("insert into logs values (%s)" % ",".join("?" * len(names)), map(values, rows))
filled = time.process_time()
hits, broken = {}, 0
for rule, query in queries:
    try:
        found = len(base.execute(query).fetchall())
        if found:
            hits[rule] = hits.get(rule, 0) + found
    except sqlite3.Error:
        broken += 1  # Mostly: a field that no event has.
done = time.process_time()
print(json.dumps({"rules": len(queries), "failed": failed, "broken": broken, "events": len(rows), "hits": hits,
                  "load": loaded - began, "parse": filled - loaded, "match": done - filled}))
"""


EVTX = r"""
import os, sys
from evtx import PyEvtxParser
count = 0
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        if name.lower().endswith(".evtx"):
            try:
                for record in PyEvtxParser(os.path.join(folder, name), number_of_threads=1).records_json():
                    count += 1
            except Exception:
                pass  # A damaged record ends a file here.
print(count)
"""


def run(command, **more):
    """Runs a command; gives its output, its CPU seconds and its largest resident set in MB."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
    # Drained by threads of communicate(); the children's usage is read behind it.
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    output, errors = process.communicate()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode != 0:
        sys.exit(f"sigma: {command[0]} ended with status {process.returncode}: {errors.decode()[-500:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return output.decode(), errors.decode(), cpu, after.ru_maxrss / 1024


def later(line, turn):
    """The event, `turn` days later: the day in its ISO times moves on."""
    return re.sub(rb'"(20\d\d-\d\d-)(\d\d)([T ])', lambda m: b'"%s%02d%s' % (m[1], (int(m[2]) + turn) % 28 + 1, m[3]), line)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000, help="events for Outflow (1,000,000)")
    parser.add_argument("--peer-events", type=int, default=20_000, help="events for pySigma (20,000)")
    parser.add_argument("--corpora", default=os.environ.get("OUTFLOW_CORPORA"), help="folder of logs and rules")
    parser.add_argument("--outflow", help="program under test (the release build)")
    parser.add_argument("--no-peer", action="store_true", help="measure Outflow alone")
    choice = parser.parse_args()
    if not choice.corpora:
        parser.error("--corpora or OUTFLOW_CORPORA names the folder of logs and rules")
    program = choice.outflow
    if program is None:
        where = ["swift", "build", "--package-path", ROOT, "-c", "release", "--show-bin-path"]
        where = subprocess.run(where, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        program = os.path.join(where, "outflow")
    folder = tempfile.mkdtemp(prefix="outflow-sigma-")
    try:
        with tarfile.open(os.path.join(choice.corpora, "sigma", "rules.tar.gz")) as archive:
            archive.extractall(folder, filter="data")
        rules = os.path.join(folder, "rules", "windows")
        with gzip.open(os.path.join(choice.corpora, "windows-json", "otrf-hosts.jsonl.gz")) as file:
            lines = file.readlines()
        paths = {}
        for name, count in (("all", choice.events), ("few", choice.peer_events), ("one", 1)):
            paths[name] = os.path.join(folder, f"{name}.jsonl")
            with open(paths[name], "wb") as file:
                for index in range(count):
                    file.write(later(lines[index % len(lines)], index // len(lines)))
        match = [program, "match", "--threads", "1", "--rules", rules]
        _, _, load, _ = run(match + [paths["one"]])
        output, errors, cpu, _ = run(match + ["--timings", paths["all"]])
        # The largest child so far is not always this one: ask for it alone.
        memory = peak(match + [paths["all"]])
        ours, _, _, _ = run(match + [paths["few"]])
        size = os.path.getsize(paths["all"])
        print("| what | events | load s | CPU s | events per CPU s | MB/s | MB resident | matches |")
        print("|---|---|---|---|---|---|---|---|")
        print(
            f"| Outflow | {choice.events:,} | {load:.2f} | {cpu:.2f} | {choice.events / (cpu - load):,.0f} "
            f"| {size / 1e6 / (cpu - load):.0f} | {memory:.0f} | {output.count(chr(10)):,} |",
            flush=True)
        events = os.path.join(folder, "evtx")
        os.mkdir(events)
        with tarfile.open(os.path.join(choice.corpora, "evtx", "evtx-attack-samples.tar.gz")) as archive:
            archive.extractall(os.path.join(events, "1"), filter="data")
        for copy in range(2, 11):
            shutil.copytree(os.path.join(events, "1"), os.path.join(events, str(copy)))
        found, told_events, cpu, _ = run(match + [events])
        records = int(re.search(r" ([\d,]+) records", told_events)[1].replace(",", ""))
        print(
            f"| Outflow, event logs | {records:,} | {load:.2f} | {cpu:.2f} | {records / (cpu - load):,.0f} | | "
            f"| {found.count(chr(10)):,} |", flush=True)
        times = re.search(r"reading ([\d.]+), parsing ([\d.]+), matching ([\d.]+)", errors)
        reading, parsing, matching = (float(times[index]) for index in (1, 2, 3))
        whole = reading + parsing + matching
        print(
            f"\nOf the time behind loading: reading {reading / whole:.0%}, parsing {parsing / whole:.0%}, "
            f"matching {matching / whole:.0%}", flush=True)
        if choice.no_peer:
            return
        subprocess.run([sys.executable, "-m", "venv", os.path.join(folder, "venv")], check=True)
        python = os.path.join(folder, "venv", "bin", "python")
        pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run(pip + [
            "pysigma", "pysigma-backend-sqlite", "pysigma-pipeline-sysmon", "pysigma-pipeline-windows", "evtx"], check=True)
        output, _, cpu, _ = run([python, "-c", EVTX, events])
        count = int(output)
        print("\n| what | events | load s | CPU s | events per CPU s | MB/s | MB resident | matches |")
        print("|---|---|---|---|---|---|---|---|")
        print(f"| evtx, no rules | {count:,} | | {cpu:.2f} | {count / cpu:,.0f} | | | |", flush=True)
        if count > records:
            sys.exit(f"sigma: evtx reads {count} records, Outflow {records}")
        output, _, cpu, _ = run([python, "-c", PEER, rules, paths["few"]])
        told = json.loads(output.splitlines()[-1])
        print(
            f"| pySigma, SQLite | {told['events']:,} | {told['load']:.2f} | {cpu:.2f} "
            f"| {told['events'] / (told['parse'] + told['match']):,.0f} | | | {sum(told['hits'].values()):,} |")
        mine = {}
        for line in ours.splitlines():
            rule = json.loads(line)["rule"]
            mine[rule] = mine.get(rule, 0) + 1
        theirs = told.pop("hits")
        same = sum(1 for rule in mine if mine[rule] == theirs.get(rule))
        print(f"\npySigma: {json.dumps(told)}")
        print(
            f"Of the same {told['events']:,} events, Outflow matches {sum(mine.values()):,} by {len(mine)} rules, pySigma "
            f"{sum(theirs.values()):,} by {len(theirs)}; {same} rules match equally many.")
        for rule in sorted(set(mine) | set(theirs)):
            if mine.get(rule) != theirs.get(rule):
                print(f"  {rule}: {mine.get(rule, 0)} here, {theirs.get(rule, 0)} there")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def peak(command):
    """Largest resident set of a command in MB."""
    with open(os.devnull, "wb") as nowhere:
        process = subprocess.Popen(command, stdout=nowhere, stderr=nowhere)
        _, _, usage = os.wait4(process.pid, 0)
    return usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
