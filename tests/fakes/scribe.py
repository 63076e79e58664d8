"""A worker that writes logs on request: commands come as JSON lines on standard input, answers go out the same way.

It stands in for a slice where a test needs other processes (servers, browsers) to see events that were committed elsewhere:
``python -m tests.fakes.scribe`` with the settings of the studio in question.
"""

import json
import sys
import time
from typing import Any

import django


def main() -> None:
    """Answer until the input ends."""
    django.setup()
    from studio.models import Role
    from tests.builders_runs import a_run, install, queued
    from tests.people import make_person, signed_in

    install()
    cookie = signed_in(make_person("reader", Role.OWNER)).cookies["sessionid"].value
    run = a_run(24)
    queued(run)
    _answer({"cookie": cookie})
    unused = iter(_ids(run))
    for line in sys.stdin:
        command = json.loads(line)
        _answer({"episode": next(unused)} if command["do"] == "open" else _do(command))


def _ids(run: Any) -> list[int]:
    from synthesis.models import Episode

    Episode.objects.filter(run=run).update(status="playing")
    return list(Episode.objects.filter(run=run).order_by("index").values_list("pk", flat=True))


def _do(command: dict[str, Any]) -> dict[str, Any]:
    """``append`` commits events and hints like a worker, ``step`` one call or its result, ``fill`` a long log; ``close`` ends the
    episode. ``model`` seats a model as the agent; ``write`` streams its words to whoever watches, and tells whether anybody does.
    """
    from django.db import transaction
    from django.utils import timezone

    from studio import broadcast
    from synthesis.models import Episode
    from synthesis.services.watches import watch_write
    from tests.builders_logs import append, close

    episode = Episode.objects.get(pk=command["episode"])
    with transaction.atomic():
        watched = None
        if command["do"] == "close":
            close(episode)
        elif command["do"] == "model":
            episode.cast["seats"] = {**episode.cast["seats"], "agent": "model:m"}
            episode.save(update_fields=["cast"])
        elif command["do"] == "write":
            watched = watch_write(episode_id=episode.pk, seat="agent", text=command["text"], now=timezone.now())
        else:
            append(episode, *_events(command))
    committed = time.time()
    broadcast.publish(f"episode:{episode.pk}")
    return {"committed": committed, "watched": watched}


def _events(command: dict[str, Any]) -> list[dict[str, Any]]:
    from tests.builders_logs import call, result, says

    if command["do"] == "append":
        return list(command["events"])
    if command["do"] == "fill":
        return long_log(command["count"])
    number = command["number"]
    asked = says("agent", f"line {number}", call("find_pet", f"c{number}", n=number))
    return [asked if number % 2 else result(f"c{number - 1}", {"n": number})]


def long_log(count: int) -> list[dict[str, Any]]:
    """``count`` events as long talks have them: a question, a call with a table as its result, an answer, again and again."""
    from tests.builders_logs import call, result, says, start

    table = [{"order_id": f"FW-{n:05d}", "placed_on": "2026-08-31", "status": "placed", "total": 22500 + n} for n in range(6)]
    change = {"table": "orders", "key": "FW-00052", "before": {"status": "placed"}, "after": {"status": "sent"}}
    events = [start()]
    while len(events) < count:
        turn = len(events) // 4 + 1
        four = [
            says("user", f"Turn {turn}: could you look at my orders and send the newest one to my other address? Thank you very much."),
            says("agent", "One moment, I am looking.", call("find_pet", f"c{turn}", customer_id="C-0023", turn=turn)),
            result(f"c{turn}", table, delta=[change]),
            says("agent", f"There are six of them; the newest is FW-{turn:05d}. Shall I send it to 232 Abbott Plain?"),
        ]
        events += [event | {"turn": turn} for event in four]
    return events[:count]


def _answer(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
