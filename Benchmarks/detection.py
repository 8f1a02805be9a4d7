#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""False cases and recall of Outflow's detectors on simulated estates.

Each run is one estate: `outflow simulate --evaluate`, which reads the logs as they are made and concludes once for each
alarm budget. Estates without thefts count false cases; estates with thefts count what is found. Results go
into a JSON file, a line a run, and are printed as Markdown; `--summary FILE` prints those of an earlier run.
"""

import argparse
import collections
import json
import os
import resource
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KINDS = ["university", "provider", "operator", "company"]

# Way, how long it goes on, sizes, further keys. One theft a size; starts are spread over ten days.
WAYS = [
    ("network", "to a new destination", "30 days", ["300 KB/day", "1 MB/day", "10 MB/day", "100 MB/day"], ""),
    ("network", "to a new destination", "1 hour", ["10 MB", "100 MB", "1 GB"], ""),
    ("network", "in office hours", "10 days", ["10 MB/day", "100 MB/day"], "cunning: [business-hours]"),
    ("network", "existing service", "30 days", ["1 MB/day", "10 MB/day", "100 MB/day", "1 GB/day"],
     "cunning: [existing-service]"),
    ("network", "by five hosts", "10 days", ["10 MB/day", "100 MB/day"], "cunning: [split-accounts], accounts: 5"),
    ("network", "below yesterday's", "20 days", ["10 MB/day"], "cunning: [below-yesterday]"),
    ("network", "a provider's tunnel", "10 days", ["10 MB/day", "100 MB/day"], "cunning: [provider-tunnel]"),
    ("dns", "in names", "30 days", ["300 B/hour", "1 KB/hour", "10 KB/hour"], ""),
    ("library", "one account", "1 day", ["50 papers", "300 papers"], ""),
    ("library", "by 20 accounts", "10 days", ["100 papers/day", "300 papers/day"],
     "cunning: [split-accounts], accounts: 20"),
    ("mail", "a whole mailbox", "10 minutes", ["1 mailbox"], ""),
    ("mail", "message by message", "3 days", ["100 messages", "1000 messages"], ""),
    ("cloud-object", "a pipeline's keys, from outside", "2 hours", ["100 objects", "1000 objects"], ""),
    ("cloud-object", "by five keys", "10 days", ["1000 objects"], "cunning: [split-accounts], accounts: 5"),
]


def thefts(kind, first):
    """The thefts of one estate as YAML, and by id what they are."""
    lines, known = ["thefts:"], {}
    for way, (route, how, over, sizes, more) in enumerate(WAYS):
        if route == "library" and kind != "university":
            continue
        for place, size in enumerate(sizes):
            name = f"w{way}-{place}"
            known[name] = (way, size)
            # Each in a night of its own.
            start = f"day {first + (way * 3 + place * 2) % 10} 02:30"
            lines.append(
                f"  - {{id: {name}, route: {route}, size: {size}, over: {over}, start: {start}"
                + (f", {more}" if more else "") + "}")
    return "\n".join(lines) + "\n", known


class Runner:
    """Runs outflow, and counts the processor time that it took."""

    def __init__(self, outflow):
        self.outflow = outflow

    @staticmethod
    def cpu():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    def __call__(self, *arguments):
        done = subprocess.run([self.outflow, *map(str, arguments)], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"outflow {' '.join(map(str, arguments))}\n{done.stderr}")
        return done.stdout


def run_estate(runner, options, kind, seed, with_thefts):
    """Simulates one estate, concludes at every budget, and scores that, all in one process without files between."""
    days = options.theft_days if with_thefts else options.days
    with tempfile.TemporaryDirectory(prefix="outflow-bench-", dir=options.scratch) as folder:
        result = {"kind": kind, "seed": seed, "thefts": with_thefts, "hosts": options.hosts, "days": days,
                  "detail": options.detail, "budgets": {}}
        arguments = ["simulate", "--kind", kind, "--hosts", options.hosts, "--days", days, "--seed", seed,
                     "--from", options.first, "--detail", options.detail, "--threads", options.threads,
                     "--out", folder, "--evaluate", ",".join(options.budgets)]
        known = {}
        if with_thefts:
            text, known = thefts(kind, days - 45)
            with open(f"{folder}/thefts.yaml", "w") as file:
                file.write(text)
            arguments += ["--thefts", f"{folder}/thefts.yaml"]
        before = runner.cpu()
        for judged in json.loads(runner(*arguments))["evaluations"]:
            entry = {"false": len(judged["false_cases"]), "alarms": judged["alarms"],
                     "observed_seconds": judged["observed_seconds"],
                     "by": {reason["findings"]: reason["cases"] for reason in judged["false_reasons"]}}
            if with_thefts:
                entry["thefts"] = [
                    {"way": known[theft["id"]][0], "size": known[theft["id"]][1], "outcome": theft["outcome"],
                     "delay": theft["delay_seconds"], "parts": theft["parts"], "parts_found": theft["parts_found"],
                     "bounds_hold": theft["bounds_hold"]}
                    for theft in judged["thefts"]]
            result["budgets"][judged["name"]] = entry
        result["cpu"] = round(runner.cpu() - before, 1)
        return result


def summary(runs):
    """The results as Markdown."""
    per_month = {"day": 30, "week": 30 / 7, "month": 1, "year": 30 / 365}
    budgets = sorted({budget for run in runs for budget in run["budgets"]},
                     key=lambda text: -int(text.split("/")[0]) * per_month[text.split("/")[1]])
    lines = []
    quiet = [run for run in runs if not run["thefts"]]
    if quiet:
        lines += ["### False cases", "", "Estates without thefts; cases of at least *likely*.", "",
                  "| kind | estate-years | " + " | ".join(f"{b}: cases, a month, of budget" for b in budgets) + " |",
                  "|---|---:|" + "---:|" * len(budgets)]
        groups = [(kind, [run for run in quiet if run["kind"] == kind]) for kind in KINDS] + [("all", quiet)]
        for kind, group in groups:
            if not group:
                continue
            cells = []
            for budget in budgets:
                cases = sum(run["budgets"][budget]["false"] for run in group)
                months = sum(run["budgets"][budget]["observed_seconds"] for run in group) / 86400 / 30
                count, period = budget.split("/")
                allowed = int(count) * per_month[period] * months
                cells.append(f"{cases}, {cases / months:.2f}, {cases / allowed:.2f}x")
            years = sum(run["days"] for run in group) / 365
            lines.append(f"| {kind} | {years:.1f} | " + " | ".join(cells) + " |")
        lines += ["", "What raised them:", ""]
        for budget in budgets:
            counts = collections.Counter()
            for run in quiet:
                counts.update(run["budgets"][budget]["by"])
            said = ", ".join(f"{name} {count}" for name, count in counts.most_common(12))
            lines.append(f"- {budget}: {said or 'none'}")
        lines.append("")
    loud = [run for run in runs if run["thefts"]]
    if loud:
        lines += ["### Recall", "",
                  "Found: a case of at least *likely* holds it. In brackets: told within 30 days of its first record.",
                  "", "| route | how | over | size | " + " | ".join(budgets) + " |",
                  "|---|---|---|---|" + "---:|" * len(budgets)]
        for way, (route, how, over, sizes, _) in enumerate(WAYS):
            for size in sizes:
                cells = []
                for budget in budgets:
                    found, soon, all_ = 0, 0, 0
                    for run in loud:
                        for theft in run["budgets"][budget]["thefts"]:
                            if theft["way"] == way and theft["size"] == size:
                                all_ += 1
                                isit = theft["outcome"] in ("likely", "very likely")
                                found += isit
                                soon += isit and theft["delay"] is not None and theft["delay"] <= 30 * 86400
                    cells.append(f"{found} of {all_} ({soon})" if all_ else "")
                lines.append(f"| {route} | {how} | {over} | {size} | " + " | ".join(cells) + " |")
        lines += ["", "False cases beside these thefts: " + ", ".join(
            f"{sum(run['budgets'][b]['false'] for run in loud)} at {b}" for b in budgets)
            + f", in {sum(run['days'] for run in loud) / 30:.0f} estate-months."]
        bounds = [theft["bounds_hold"] for run in loud for theft in run["budgets"][budgets[0]]["thefts"]]
        judged = [held for held in bounds if held is not None]
        lines += [f"Bounds of the ledger that hold the true size: {sum(judged)} of {len(judged)}.", ""]
    lines += [f"{len(runs)} estates, {sum(run['cpu'] for run in runs):.0f} CPU s to simulate, conclude and score them."]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--outflow", default=os.path.join(ROOT, ".build/release/outflow"), help="program to measure")
    parser.add_argument("--kinds", nargs="+", default=KINDS, choices=KINDS)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--hosts", type=int, default=500)
    parser.add_argument("--days", type=int, default=365, help="days of an estate without thefts")
    parser.add_argument("--theft-days", type=int, default=120, help="days of an estate with thefts; 0 for none")
    parser.add_argument("--first", default="2024-01-01", help="first day")
    parser.add_argument("--detail", type=int, default=10, help="records in percent of what is usual")
    parser.add_argument("--budgets", nargs="+", default=["1/week", "1/month", "1/year"])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--cpu-minutes", type=float, default=1e9, help="begin no further estate after so much")
    parser.add_argument("--out", default="detection.jsonl", help="results, a line an estate; added to what is there")
    parser.add_argument("--scratch", default=None, help="folder for partials and reports")
    parser.add_argument("--summary", nargs="+", metavar="FILE", help="print results of earlier runs, run nothing")
    options = parser.parse_args()
    if options.summary:
        runs = [json.loads(line) for path in options.summary for line in open(path)]
        print(summary(runs))
        return
    runner = Runner(options.outflow)
    runs = []
    for seed in options.seeds:
        for kind in options.kinds:
            for with_thefts in [True, False]:
                if (options.theft_days if with_thefts else options.days) <= 0:
                    continue
                if runner.cpu() > options.cpu_minutes * 60:
                    continue
                run = run_estate(runner, options, kind, seed, with_thefts)
                runs.append(run)
                with open(options.out, "a") as file:
                    file.write(json.dumps(run, sort_keys=True) + "\n")
                print(f"{kind} seed {seed} {'with' if with_thefts else 'without'} thefts: "
                      + ", ".join(f"{b}: {e['false']} false" for b, e in run["budgets"].items())
                      + f"; {runner.cpu():.0f} CPU s so far", file=sys.stderr, flush=True)
    print(summary(runs))


if __name__ == "__main__":
    main()
