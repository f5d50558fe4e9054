"""How many articles a second the portal serves, kept and made anew, beside bare views on the same server."""

import gc

from bench import rounds
from bench.servers import free_ports, serving


def bench(folder, options):
    bare_port, portal_port = free_ports(2)
    rounds.prepare(folder, portal_port)
    from bench import cases  # only now is Django ready

    gc.freeze()
    with (
        serving("bench.bare.wsgi:application", bare_port, folder / "bare.log"),
        serving("portal.wsgi:application", portal_port, folder / "portal.log"),
    ):
        cases.seed_rows(bare_port)
        kept = cases.Kept(portal_port)
        ports = {
            cases.Page(kept.length): bare_port,
            kept: portal_port,
            cases.Template(): bare_port,
            cases.Cold(): portal_port,
        }
        warm_up = {case: [rounds.measure(case, port, 1)] for case, port in ports.items()}
        measured = rounds.alternate(ports, options)
    rounds.show(measured)
    return int(bool(rounds.wrong_answers(warm_up, measured)))


if __name__ == "__main__":
    rounds.main(__doc__, bench)
