"""What a competent agent aims at next, given how far it has come with the wishes at hand."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from synthesis.engine.participants.track import Track

AimKind = Literal["give_up", "complain", "declined", "ask", "which", "call", "do", "propose", "refuse", "report"]


class Aim(msgspec.Struct):
    """The next aim: its kind, the steps it is about as (wish, step), and for questions the fact keys."""

    kind: AimKind
    steps: list[tuple[int, int]] = []
    keys: list[str] = []


def next_aim(tracks: Sequence[Track], *, parallel: bool, confirms: bool) -> Aim:
    """The next aim over ``tracks``, which are served together.

    Trouble first, then what can be looked up, then what must be asked; a proposal comes when nothing is left before the first write that
    needs a yes; a refusal or a report when every step is done. ``parallel``: independent calls go out in one message. What the user has to
    do on its own side (``do``) is asked for one at a time, once nothing can be called before it.
    """
    trouble = _trouble(tracks)
    if trouble:
        return trouble
    ready = [(track, i) for track in tracks for i in track.ready()]
    undecided = next((track for track in tracks if track.undecided), None)
    if undecided and undecided.done and all(t.steps[i].effect == "write" or t.steps[i].side == "user" for t, i in ready):
        key = undecided.words.wish.choice.key if undecided.words.wish.choice else ""
        return Aim("which", [(t.index, i) for t, i in ready] or [(undecided.index, len(undecided.steps) - 1)], [key])
    if not ready:
        refusing = next((track for track in tracks if track.refusal), None)
        return Aim("refuse", [(refusing.index, -1)]) if refusing else Aim("report")
    free = [(t, i) for t, i in ready if not (t.steps[i].confirm and confirms and not t.confirmed)]
    told = [(t, i) for t, i in free if not t.missing(t.steps[i])]
    callable_now = [(t, i) for t, i in told if t.steps[i].side == "agent"]
    doable = [(t, i) for t, i in told if t.steps[i].side == "user"]
    if parallel and callable_now:
        return Aim("call", [(t.index, i) for t, i in callable_now])
    waiting = [(t, i) for t, i in ready if t.missing(t.steps[i])]
    if not parallel and callable_now and (not waiting or _first(callable_now) < _first(waiting)):
        return Aim("call", [(callable_now[0][0].index, callable_now[0][1])])
    if doable and (not waiting or _first(doable) < _first(waiting)) and (not callable_now or _first(doable) < _first(callable_now)):
        return Aim("do", [_first(doable)])
    if waiting:
        return _question(waiting)
    if callable_now:
        return Aim("call", [(callable_now[0][0].index, callable_now[0][1])])
    return Aim("propose", [(t.index, i) for t, i in ready])


def _trouble(tracks: Sequence[Track]) -> Aim | None:
    """What must be said before anything else: that it does not work, that nothing was done, that a value is wrong."""
    for track in tracks:
        if track.hopeless:
            return Aim("give_up")
        if track.declined:
            return Aim("declined")
        if track.trouble:
            wrong = track.words.wish.wrong
            return Aim("complain", [(track.index, wrong.step if wrong else 0)], [track.trouble.key])
    return None


def _first(steps: Sequence[tuple[Track, int]]) -> tuple[int, int]:
    return min((track.index, i) for track, i in steps)


def _question(waiting: Sequence[tuple[Track, int]]) -> Aim:
    """Ask for what the waiting steps lack: which record, a valid value for a malformed one, or facts."""
    steps = [(track.index, i) for track, i in waiting]
    for track, i in waiting:
        for key in track.missing(track.steps[i]):
            if track.malformed(key):
                return Aim("complain", [(track.index, i)], [key])
    keys = [key for track, i in waiting for key in track.missing(track.steps[i])]
    return Aim("ask", steps, list(dict.fromkeys(keys)))
