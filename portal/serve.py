"""Serves the demo: the web server, the task worker and the clock, which live and die together.

Only the standard library, because its checks run before anything is installed.
"""

import errno
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from portal import demo_env

PATIENCE = 10  # seconds to finish what is being answered or mailed
WEB = "--interface wsgi --host 127.0.0.1 --workers 2 --blocking-threads 1 --no-ws --log-level warning".split()
WORKER = "db_worker --backend outbox --queue-name * --interval 1 --no-reload --verbosity 0".split()
CLOCK = ["keep_time"]


def main():
    port = chosen_port()
    folder = demo_env.data_dir()
    require_writable(folder)
    require_free(port)
    if "--check" in sys.argv:
        return
    os.environ.update(DATA_DIR=str(folder), PORT=str(port))
    signals = []
    listen(signals)
    demo_env.ensure(folder)
    prepare(signals)
    introduce(port, folder)
    sys.exit(supervise(port, signals))


def listen(signals):
    def note(number, frame):
        signals.append(number)

    signal.signal(signal.SIGINT, note)
    signal.signal(signal.SIGTERM, note)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # under nohup it is meant to go on
        signal.signal(signal.SIGHUP, note)


def chosen_port():
    value = os.environ.get("PORT") or "8000"
    if not re.fullmatch(r"[0-9]{1,5}", value) or not 0 < int(value) < 65536:
        sys.exit(f"PORT must be a number from 1 to 65535, and is “{value}”.")
    return int(value)


def require_writable(folder):
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        sys.exit(f"The data folder {folder} cannot be written to ({error.strerror}): set DATA_DIR to another folder.")


def require_free(port):
    """Granian takes an occupied port without a word, and “localhost” may mean either address."""
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                sys.exit(f"Port {port} is taken by another program: stop it, or choose another port with PORT=...")
            if error.errno == errno.EACCES:
                sys.exit(f"Port {port} may only be used by the administrator: choose one above 1023 with PORT=...")
            if family == socket.AF_INET:
                sys.exit(f"Port {port} cannot be used: {error.strerror}.")


def prepare(signals):
    work = start("-m", "portal.prepare")
    while not signals and work.poll() is None:
        time.sleep(0.05)
    stop(work)
    if signals or work.returncode:
        sys.exit(128 + signals[0] if signals else work.returncode)


def introduce(port, folder):
    print(f"Your data is in {folder}.")
    accounts = folder / "demo-accounts.txt"
    if accounts.exists():
        print(f"Sign in at http://localhost:{port}/accounts/login/ (from {accounts}):")
        for line in accounts.read_text().splitlines():
            username, password, role = line.split()
            print(f"  {role:<14}{username:<14}{password}")


def supervise(port, signals):
    """Run all until a signal comes, or one of them dies; return the exit code."""
    parent = Parent()
    processes = {
        "web server": start("-m", "granian", *WEB, "--port", str(port), "portal.wsgi:application"),
        "worker": start("manage.py", *WORKER),
        "clock": start("manage.py", *CLOCK),
    }
    guard = start_guard(*processes.values())
    ready = False
    while not signals and not ended(processes):
        if not ready and answers(port):
            ready = True
            print(f"Ready: http://localhost:{port} (Ctrl-C stops it)")
        if parent.wants_to_stop():
            signals.append(signal.SIGINT)
        time.sleep(0.1)
    if not signals:
        print(f"The {ended(processes)[0]} stopped by itself, so everything stops.")
    # A server that is still starting has nothing to finish, and may miss the signal.
    stop(*processes.values(), patience=PATIENCE if ready else 1)
    guard.communicate(b"done\n")
    if signals:
        print("Stopped.")
    return 128 + signals[0] if signals else 1


def ended(processes):
    return [name for name, process in processes.items() if process.poll() is not None]


def start(*command):
    # A process group of its own, so that what it starts can be stopped with it.
    return subprocess.Popen([sys.executable, *command], stdin=subprocess.DEVNULL, process_group=0)


def start_guard(*processes):
    """Nothing can catch kill -9: a shell that reads from this process sees its end, and stops the others."""
    groups = [f"-{process.pid}" for process in processes]
    alive = " || ".join(f"kill -s 0 -- {group}" for group in groups)
    script = f"""
        read done && exit
        kill -s TERM -- {" ".join(groups)}
        tries=0
        while {{ {alive}; }} && [ $tries -lt {PATIENCE * 10} ]; do sleep 0.1; tries=$((tries + 1)); done
        kill -s KILL -- {" ".join(groups)}
    """
    return subprocess.Popen(["sh", "-c", script], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, process_group=0)


def answers(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def stop(*processes, patience=PATIENCE):
    for process in processes:
        if process.poll() is None:
            process.terminate()
        else:
            signal_group(process, signal.SIGTERM)
    wait_for_end(processes, patience)
    for process in processes:
        signal_group(process, signal.SIGKILL)
    wait_for_end(processes, patience=1)


def wait_for_end(processes, patience):
    deadline = time.monotonic() + patience
    while any(signal_group(process, 0) for process in processes) and time.monotonic() < deadline:
        time.sleep(0.05)


def signal_group(process, number):
    """Return whether anybody of the process's group is left."""
    process.poll()
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


class Parent:
    """The `make` that waits for us: when it is killed, or interrupted alone, it passes nothing on."""

    def __init__(self):
        self.pid = os.getppid() if "MAKELEVEL" in os.environ else None
        self.caught = self.catches_interrupt()

    def wants_to_stop(self):
        return self.pid is not None and (os.getppid() != self.pid or self.caught != self.catches_interrupt())

    def catches_interrupt(self):
        """An interrupted make drops its handler and waits; Linux shows that among the signals it catches."""
        try:
            caught = re.search(r"SigCgt:\s*(\w+)", Path(f"/proc/{self.pid}/status").read_text())
        except OSError:
            return None
        return bool(int(caught[1], 16) & 1 << (signal.SIGINT - 1))


if __name__ == "__main__":
    main()
