#!/usr/bin/env python
"""Django's commands: ``./bin/studio manage <command>``."""

import os
import sys


def main() -> None:
    """Run the command of the command line with the embedded settings unless the environment says otherwise."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings.embedded")
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - settings module first

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
