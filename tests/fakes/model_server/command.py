"""``./bin/studio fake-model``: the fake provider, started by hand beside a studio, for demonstrations, tests and benchmarks.

Options that belong to a model (latency, faults, how a judge grades) may also stand in the name of the model an endpoint asks for, and
count above these: ``fake:latency=500,noise=0.3``.
"""

import argparse
import asyncio
import contextlib
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from tests.fakes.model_server.faults import FAULTS
from tests.fakes.model_server.http import port_of

OPTIONS = {
    "latency": "milliseconds before every answer",
    "pace": "milliseconds between two pieces of a streamed answer",
    "faults": "share of the requests that the fault strikes (0-1); without it, all or the first --times",
    "times": "how often the fault strikes before all is well",
    "outage": "seconds from the start for which nothing is answered but that something broke",
    "slips": "share of the episodes in which the agent makes a mistake on purpose",
    "reasoning": "1: the agent thinks apart from its text",
    "strict": "points that the judge takes off every value; negative: adds",
    "noise": "share of the values that the judge moves by a point",
    "always": "the value that the judge always gives",
    "misfit": "share of the calls that the tool answers against its schema, until it is asked again",
    "contradict": "share of the calls that the tool answers against its tables, until it is asked again",
    "stubborn": "1: the tool answers no better when it is asked again",
    "quotes": "invented: the judge cites what nobody said; late: until it is asked again",
    "seed": "what slips and noise are drawn from",
}


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="./bin/studio fake-model", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--port", type=int, default=9009, help="default: 9009; 0 takes a free one")
    parser.add_argument("--fault", choices=sorted(FAULTS), help="a way to fail")
    for name, words in OPTIONS.items():
        parser.add_argument(f"--{name}", help=words)
    parser.add_argument("--log", type=Path, metavar="FILE", help="write a line there for every request")
    parser.add_argument("--record", type=Path, metavar="FILE", help="keep every good answer in FILE")
    parser.add_argument("--prepared", type=Path, metavar="FILE", help="answer from FILE what was recorded there")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Serve until somebody ends it."""
    given = arguments().parse_args(argv)
    if given.record and given.prepared:
        arguments().error("--record and --prepared exclude each other")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings.embedded")
    import django

    django.setup()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(given))
    return 0


async def serve(given: argparse.Namespace) -> None:
    """Serve over the studio's database, which is only ever read."""
    from django.db import connection
    from django.db.backends.signals import connection_created

    from synthesis.services.database import DatabaseThread
    from tests.fakes.model_server.library import Library
    from tests.fakes.model_server.prepared import Prepared
    from tests.fakes.model_server.provider import StudioProvider

    connection_created.connect(read_only)
    defaults = {name: str(value) for name in ("fault", *OPTIONS) if (value := getattr(given, name)) is not None}
    prepared = Prepared(given.record or given.prepared, record=bool(given.record)) if given.record or given.prepared else None
    over = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    async with DatabaseThread("fake-model") as database:
        provider = StudioProvider(Library(database), defaults, prepared, memory=False, log=given.log)
        server = await provider.start(given.port)
        say(f'The fake provider answers at http://127.0.0.1:{port_of(server)}/v1 as the model "fake"; Ctrl-C ends it.')
        name = connection.settings_dict["NAME"]
        say(f"It knows the scenarios of {name}: start it with the STUDIO_DATA or DATABASE_URL of the studio it serves.")
        await over.wait()
        server.close()
    used = resource.getrusage(resource.RUSAGE_SELF)
    known = f", {prepared.hits} of them prepared" if prepared else ""
    say(f"{provider.served} requests{known}; {used.ru_utime + used.ru_stime:.1f} s of CPU.")


def say(sentence: str) -> None:
    """A line for whoever started it."""
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


def read_only(connection: Any, **_: Any) -> None:
    """Make a new connection one that cannot write, whatever comes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "PRAGMA query_only = ON" if connection.vendor == "sqlite" else "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"
        )
