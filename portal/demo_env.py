"""Makes DATA_DIR/.env, the keys of a demo, on a bare clone.

Only the standard library, because it runs before anything is installed.
"""

import base64
import os
import secrets
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def data_dir():
    return (ROOT / (os.environ.get("DATA_DIR") or "var")).resolve()


def ensure(folder):
    """Write the demo's settings unless the environment says that this is no demo, and say so."""
    deployed = os.environ.get("SECRET_KEY") or os.environ.get("I_ACCEPT_NOT_READY") or os.environ.get("DEMO") == "0"
    try:
        made = not deployed and write(folder)
    except OSError as error:
        sys.exit(f"The data folder {folder} cannot be used ({error.strerror}): set DATA_DIR to another one.")
    if made:
        print(f"Made {folder / '.env'} with fresh keys for a demo. Keep it: it decrypts the answers.", file=sys.stderr)


def write(folder):
    """Return whether folder/.env was made. It appears whole or not at all, and one that exists is never touched."""
    target = folder / ".env"
    if target.exists():
        return False
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f".env.{secrets.token_hex(8)}"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(_content())
    try:
        os.link(draft, target)
    except FileExistsError:  # another start was faster
        return False
    finally:
        draft.unlink()
    return True


def _content():
    field_key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return f"SECRET_KEY={secrets.token_urlsafe(50)}\nFIELD_KEYS={field_key}\nDEMO=1\n"


if __name__ == "__main__":
    ensure(data_dir())
