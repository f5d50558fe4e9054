"""Whose the CPU time was: figures taken while other programs worked say little."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Reading:
    """Clock ticks of all cores since the machine started."""

    everything: int
    busy: int
    own: int


@dataclass(frozen=True)
class Shares:
    """Of the machine's CPU time."""

    own: float
    others: float


def read(helpers=()):
    """`helpers` names programs that work for us outside our own tree of processes."""
    user, nice, system, idle, iowait, irq, softirq, steal = _machine()
    busy = user + nice + system + steal
    # Interrupts are nobody's: those of the loopback network are ours.
    return Reading(busy + idle + iowait + irq + softirq, busy, _own(helpers))


def shares(before, after):
    everything = max(1, after.everything - before.everything)
    own = after.own - before.own
    return Shares(own / everything, max(0, after.busy - before.busy - own) / everything)


def _machine():
    return [int(ticks) for ticks in Path("/proc/stat").read_text().split(maxsplit=9)[1:9]]


def _own(helpers):
    processes = dict(_processes())
    return sum(
        ticks for pid, (name, _parent, ticks) in processes.items() if name in helpers or _is_ours(pid, processes)
    )


def _processes():
    """(pid, (name, parent, ticks)) of each process."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            name, _end, rest = (entry / "stat").read_text().partition("(")[2].rpartition(")")
        except OSError:  # it has just ended
            continue
        columns = rest.split()
        yield int(entry.name), (name, int(columns[1]), int(columns[11]) + int(columns[12]))


def _is_ours(pid, processes):
    # 2 is the parent of the kernel's threads: those that write to the disk do it for us.
    while pid in processes:
        if pid in (os.getpid(), 2):
            return True
        pid = processes[pid][1]
    return False
