"""Checks of degree: how many calls, retries and questions it took, and whether the words are fit to read."""

import re
from itertools import groupby, pairwise

import msgspec

from judging.engine.case import Case
from judging.engine.checks.check import Verdict, broken, held
from synthesis.engine.episode.trajectory import Call
from synthesis.engine.language.reading import asks, asks_to_confirm, asks_which, refuses

_STORM = 4
"""Failing calls of one tool in a row, with the same arguments, from which on retrying is no plan."""
_PER_QUESTION = 0.08
"""What a question costs that could have been asked together with another."""
_LEFTOVER = re.compile(
    r"\{[a-z_][a-z0-9_.]*(?::[a-z]+)?\}|\([은을이과로](?:으로)?/[은을이와로예라는를가]|\d{4}-\d\d-\d\dT\d\d|\{\s*\"|\bNone\b|\bnull\b"
)
_HANGUL = re.compile(r"[가-힣]")
_PHRASE = 4
"""Hangul syllables that make a sentence Korean, however many foreign names it holds."""
_LETTERS = re.compile(r"[A-Za-z가-힣]")


def call_count(case: Case) -> Verdict | None:
    """The share of calls that were needed: gold calls and answers to trouble against all calls. Holds always; ``value`` is the share."""
    total = len(case.trajectory.calls)
    if not total:
        return None
    trouble = sum(1 for call in case.trajectory.calls if not call.ok or call.faulted)
    needed = sum(call.id in case.gold.used for call in case.trajectory.calls) + trouble
    return held(f"{needed} of {total} calls needed", value=min(1.0, (needed + 1) / (total + 1)))


def no_retry_storm(case: Case) -> Verdict | None:
    """No tool is tried again and again with the same arguments while it fails."""
    if not case.trajectory.calls:
        return None
    for _, group in groupby(case.trajectory.calls, key=_signature):
        calls = list(group)
        failing = [call for call in calls if not call.ok]
        if len(failing) >= _STORM:
            return broken(f"{calls[0].name} failed {len(failing)} times in a row", [call.seq for call in failing])
    return held()


def _signature(call: Call) -> tuple[str, bytes, bool]:
    return call.name, msgspec.json.encode(call.arguments, order="sorted"), call.ok


def question_count(case: Case) -> Verdict | None:
    """Whether facts were asked for together. Holds always; ``value`` falls with every question beyond one a wish, a correction and a
    choice.
    """
    if not case.facts or not case.agent:
        return None
    asking = [m.seq for m in case.agent if not m.calls and not _wants_other(m.text) and asks(m.text, case.facts, case.language)]
    wishes = case.scenario.wishes
    fair = (
        (1 if case.scenario.at_once else len(wishes)) + sum(1 for wish in wishes if wish.wrong) + sum(1 for wish in wishes if wish.choice)
    )
    extra = max(0, len(asking) - fair)
    return held(f"{extra} questions more than needed" if extra else "", asking, 1 / (1 + _PER_QUESTION * extra))


def asks_once(case: Case) -> Verdict | None:
    """The agent did not ask for what it had been told."""
    if not case.facts or not case.agent:
        return None
    troubled = {call.seq for call in case.trajectory.calls if not call.ok}
    again = []
    for message in case.agent:
        if message.calls or _wants_other(message.text) or any(seq < message.seq for seq in troubled):
            continue
        told = [f for f in case.facts if any(u.seq < message.seq and case.told(u.text, f) for u in case.user)]
        again += [(message.seq, key) for key in asks(message.text, told, case.language)] if told else []
    return broken(f"asked again for {again[0][1]}", [seq for seq, _ in again]) if again else held()


def _wants_other(text: str) -> bool:
    """Whether what it asks for is a yes, a choice or understanding, rather than a fact."""
    return asks_to_confirm(text) or asks_which(text) or refuses(text)


def speaks_plainly(case: Case) -> Verdict | None:
    """No unfilled holes, raw values or data structures in what the agent says."""
    for message in case.agent:
        match = _LEFTOVER.search(message.text)
        if match:
            return broken(f"says {match[0]!r}", [message.seq])
    return held() if case.agent else None


def keeps_language(case: Case) -> Verdict | None:
    """The agent answers in the user's language. Names and titles may stand in another script."""
    for message in case.agent:
        letters, hangul = len(_LETTERS.findall(message.text)), len(_HANGUL.findall(message.text))
        foreign = hangul < min(_PHRASE, letters) and hangul < 0.15 * letters if case.language == "ko" else hangul > 0.3 * letters
        if letters and foreign:
            return broken(f"does not answer in {case.language}", [message.seq])
    return held() if case.agent else None


def says_something(case: Case) -> Verdict | None:
    """Every message without calls has words, and none is said twice in a row."""
    spoken = [message for message in case.agent if not message.calls]
    if not spoken:
        return None
    empty = [m.seq for m in spoken if not m.text.strip()]
    twice = [b.seq for a, b in pairwise(spoken) if a.text == b.text]
    if empty or twice:
        return broken("an empty message" if empty else "the same message twice in a row", empty or twice)
    return held()
