"""Two servers side by side, started as `make run` starts its own."""

import socket
import subprocess
import sys
import time
from contextlib import contextmanager

from portal.serve import WEB, start_guard, stop


def free_ports(count):
    probes = [socket.create_server(("127.0.0.1", 0)) for _number in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@contextmanager
def serving(application, port, log):
    command = [sys.executable, "-m", "granian", *WEB, "--port", str(port), application]
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, process_group=0
        )
    guard = start_guard(server)
    try:
        _wait_until_listening(server, port, log)
        yield
    finally:
        stop(server)
        guard.communicate(b"done\n")


def _wait_until_listening(server, port, log, patience=30):
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.1)
    sys.exit(f"A server did not start: {log.read_text()[-2000:]}")
