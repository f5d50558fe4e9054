"""How many steps and submits a second the portal takes, beside a bare insert on the same server and database."""

import gc

from bench import rounds
from bench.servers import free_ports, serving


def bench(folder, options):
    bare_port, portal_port = free_ports(2)
    rounds.prepare(folder, portal_port)
    from bench import cases  # only now is Django ready

    bare_log, portal_log = folder / "bare.log", folder / "portal.log"
    submit = cases.Submit()
    ports = {cases.Insert(): bare_port, cases.Step(): portal_port, submit: portal_port}
    gc.freeze()
    with (
        serving("bench.bare.wsgi:application", bare_port, bare_log),
        serving("portal.wsgi:application", portal_port, portal_log),
    ):
        warm_up = {case: [rounds.measure(case, port, 1)] for case, port in ports.items()}
        measured = rounds.alternate(ports, options)
    rounds.show(measured)
    wrong = rounds.wrong_answers(warm_up, measured)
    locked = sum(log.read_text(errors="replace").count("database is locked") for log in (bare_log, portal_log))
    sent = sum(entry.result.right for group in (warm_up, measured) for entry in group[submit])
    stored = cases.count_submissions()
    print(f"“database is locked” in the logs: {locked}. Forms sent: {sent}, stored: {stored}.")
    return int(bool(wrong or locked) or sent != stored)


if __name__ == "__main__":
    rounds.main(__doc__, bench)
