"""Rounds that alternate between cases, so that a slow minute of the machine meets all of them."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

import django
from django.core.management import call_command
from django.db import connection

from bench import cpu, load
from portal import demo_env

MOST_FOREIGN = 0.1  # a share of the machine's CPU


@dataclass(frozen=True)
class Round:
    result: load.Result
    shares: cpu.Shares

    @property
    def rate(self):
        return self.result.rate

    @property
    def p50(self):
        return median(self.result.latencies) * 1000

    @property
    def p99(self):
        return quantiles(self.result.latencies, n=100)[98] * 1000


def main(description, bench):
    """Calls `bench(folder, options)` with a folder of its own, and ends with what it returns."""
    parser = argparse.ArgumentParser(prog="make bench", description=description)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4, help="of each round")
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        sys.exit(bench(Path(folder), options))


def prepare(folder, port):
    """A demo of its own, with a fresh database and the starter content."""
    os.environ.update(DATA_DIR=str(folder), PORT=str(port), DJANGO_SETTINGS_MODULE="portal.settings")
    demo_env.write(folder)
    django.setup()
    if connection.introspection.table_names():
        sys.exit("DATABASE_URL names a database that has tables already. Give an empty one: it will be filled.")
    print("Preparing a database.")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_starter_content", verbosity=0)
    bare = "migrate --run-syncdb --verbosity 0 --settings bench.bare.settings".split()
    subprocess.run([sys.executable, "-m", "django", *bare], check=True)


def alternate(ports, options):
    rounds = {case: [] for case in ports}
    for number in range(1, options.rounds + 1):
        for case, port in ports.items():
            entry = measure(case, port, options.seconds)
            rounds[case].append(entry)
            print(f"round {number}, {case.name}: {entry.rate:.0f}/s, others used {entry.shares.others:.0%} of the CPU")
    return rounds


def measure(case, port, seconds):
    sources = case.sources(seconds)
    helpers = ["postgres"] if connection.vendor == "postgresql" else []
    before = cpu.read(helpers)
    result = load.run(port, sources, case.expected, seconds, case.same_length)
    return Round(result, cpu.shares(before, cpu.read(helpers)))


def quiet(entries):
    """The rounds that others left alone, or all of them when there was none."""
    return [entry for entry in entries if entry.shares.others <= MOST_FOREIGN] or entries


def show(rounds):
    print(f"\n{'':14}{'a second':>10}{'from – to':>14}{'p50 ms':>8}{'p99 ms':>8}{'CPU':>6}{'others':>8}{'rounds':>8}")
    for case, entries in rounds.items():
        show_case(case, quiet(entries), len(entries))
    noisy = sum(entry.shares.others > MOST_FOREIGN for entries in rounds.values() for entry in entries)
    if noisy:
        print(
            f"In {noisy} rounds others used more than {MOST_FOREIGN:.0%} of the CPU: left out where quiet ones remain."
        )
    for case in rounds:
        if case.aim:
            show_ratio(rounds, case)


def show_ratio(rounds, case):
    """A missed aim is no failure."""
    reference, aim = case.aim
    rates = {each.name: median(entry.rate for entry in quiet(entries)) for each, entries in rounds.items()}
    ratio = rates[case.name] / rates[reference]
    print(f"{case.name} / {reference}: {ratio:.2f}, aim {aim} {'met' if ratio >= aim else 'missed'}")


def wrong_answers(*groups):
    """Of all rounds, by status."""
    entries = (entry for group in groups for entries in group.values() for entry in entries)
    wrong = sum((entry.result.wrong for entry in entries), Counter())
    print(f"Wrong answers: {dict(wrong) or 'none'}.")
    return wrong


def show_case(case, entries, all_rounds):
    rates = [entry.rate for entry in entries]
    span, used = f"{min(rates):.0f} – {max(rates):.0f}", f"{len(entries)}/{all_rounds}"
    p50, p99 = median(entry.p50 for entry in entries), median(entry.p99 for entry in entries)
    own, others = median(entry.shares.own for entry in entries), median(entry.shares.others for entry in entries)
    print(f"{case.name:<14}{median(rates):>10.0f}{span:>14}{p50:>8.1f}{p99:>8.1f}{own:>6.0%}{others:>8.0%}{used:>8}")
