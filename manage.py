#!/usr/bin/env python
"""Django's command line. On a bare clone it first makes the keys of a demo."""

import os
import sys

from portal import demo_env


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("Django is not installed here: run `make run` once, or `pip install -r requirements.txt`.")
    demo_env.ensure(demo_env.data_dir())
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
