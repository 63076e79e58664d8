"""Checks of how the agent went about it: policy, confirmation, errors, and words that the results bear out."""

from collections.abc import Iterator
from typing import Any

from judging.engine.case import Case
from judging.engine.checks.check import Verdict, broken, held, listed
from judging.engine.claims import Known, claims_of
from synthesis.engine.episode.trajectory import Call, Message
from synthesis.engine.language.reading import affirms, asks, asks_to_confirm, asks_which, refuses, reports_problem
from synthesis.engine.packs.model import Pack

_PROMPTS: dict[str, Known] = {}
"""What a pack's prompt and tools say, by the pack's digest: the same for thousands of episodes."""
_PROMPTS_KEPT = 256


def policy_kept(case: Case) -> Verdict | None:
    """No call broke a policy rule that has a check."""
    if not any(rule.check for pack in case.serving for rule in pack.policy):
        return None
    made = {call.id: call for call in case.trajectory.all_calls}
    breaks = [(made[call.id], item) for call in case.verification.calls for item in call.broken]
    if not breaks:
        return held()
    words = [f"{_whose(case, call)}rule {item['rule'] + 1} ({item['check']}): {item['reason']}" for call, item in breaks]
    return broken(listed(list(dict.fromkeys(words))), [call.seq for call, _ in breaks])


def _whose(case: Case, call: Call) -> str:
    """Whose rules a call keeps, where there are several policies."""
    if len(case.serving) == 1:
        return ""
    domain = next(offered.domain for offered in case.scenario.tools if offered.name == call.name)
    return f"{case.packs[domain].name}, "


def writes_confirmed(case: Case) -> Verdict | None:
    """Before every call that needs a yes, the agent had said what it would do and the user's last words were a yes."""
    writes = [call for call in case.trajectory.calls if call.name in case.offered and case.offered[call.name].confirm]
    if not writes:
        return None
    unasked = [call for call in writes if not _confirmed(case, call)]
    return broken(f"{unasked[0].name} without the user's yes", [call.seq for call in unasked]) if unasked else held()


def _confirmed(case: Case, call: Call) -> bool:
    answers = [message for message in case.user if message.seq < call.seq]
    if not answers or not affirms(answers[-1].text):
        return False
    proposals = [message for message in case.agent if message.seq < answers[-1].seq]
    return bool(proposals) and asks_to_confirm(proposals[-1].text)


def errors_heeded(case: Case) -> Verdict | None:
    """After an error the agent tried again, found another way, asked, or told the user; it never went on as if nothing had happened."""
    failed = [call for call in case.trajectory.calls if call.outcome is not None and not call.ok and not call.took_effect]
    if not failed:
        return None
    ignored = [call for call in failed if not _heeded(case, call)]
    if not ignored:
        return held(evidence=[call.result_seq or call.seq for call in failed])
    codes = [f"{c.name}: {c.outcome.error.code if c.outcome and c.outcome.error else 'a spoilt result'}" for c in ignored]
    return broken(f"went on after {listed(codes)}", [c.result_seq or c.seq for c in ignored])


def _heeded(case: Case, call: Call) -> bool:
    """What came right after it decides: the same tool again, or words about the trouble. Other calls are another way only if the task got
    done by it.
    """
    following = [m for m in case.agent if m.seq > call.seq]
    answer = next((m for m in following if not m.calls), None)
    before_answer = [c for c in case.trajectory.calls if c.position > call.position and (answer is None or c.seq < answer.seq)]
    if any(c.name == call.name and c.ok for c in before_answer):
        return True
    if following and any(c.name == call.name for c in following[0].calls):
        return True
    if following and following[0] is answer and _tells_of_trouble(case, following[0]):
        return True
    return bool(before_answer) and call.id not in _gold_like(case)


def _gold_like(case: Case) -> set[str]:
    """Ids of calls to tools whose gold step nothing fulfils."""
    open_tools = {case.offered_as(m) for m in case.gold.missing}
    return {c.id for c in case.trajectory.calls if c.name in open_tools}


def _tells_of_trouble(case: Case, message: Message) -> bool:
    text = message.text
    return (
        reports_problem(text)
        or refuses(text)
        or asks_which(text)
        or (bool(asks(text, case.facts, case.language)) and not asks_to_confirm(text))
    )


def grounded(case: Case) -> Verdict | None:
    """Ids, dates, times, amounts and numbers that the agent says occur in a result, in the user's words or in its prompt."""
    if not case.agent:
        return None
    known = Known()
    for pack in case.serving:
        known.join(_prompt(pack))
    known.read(case.scenario.now)
    trouble = []
    for seq, kind, item in _walk(case):
        if kind == "heard":
            known.hear(item)
        elif kind == "read":
            known.read(item)
        else:
            trouble += [(seq, claim) for claim in known.lacks(claims_of(item))]
    if not trouble:
        return held()
    return broken("said without any source: " + listed([claim for _, claim in trouble]), [seq for seq, _ in trouble])


def _prompt(pack: Pack) -> Known:
    known = _PROMPTS.get(pack.digest)
    if known is None:
        known = Known()
        for text in (pack.agent, pack.name, pack.description, *(rule.rule for rule in pack.policy)):
            known.hear(text)
        for line in (line for rule in pack.policy for lines in rule.refuse.values() for line in lines):
            known.hear(line)
        for tool in pack.tools.values():
            known.read(tool.description if tool.of_user else [tool.description, tool.parameters])
        while len(_PROMPTS) >= _PROMPTS_KEPT:
            _PROMPTS.pop(next(iter(_PROMPTS)))
        _PROMPTS[pack.digest] = known
    return known


def _walk(case: Case) -> Iterator[tuple[int, str, Any]]:
    """What was heard, read and said, in order of time. Arguments of a call that succeeded count as read: the world has accepted them."""
    steps: list[tuple[int, int, str, Any]] = [
        (message.seq, 0, "heard" if message.role == "user" else "said", message.text) for message in case.trajectory.messages
    ]
    for call in case.trajectory.calls:
        if call.outcome is None or call.result_seq is None:
            continue
        error = call.outcome.error
        steps.append((call.result_seq, 1, "read", error.message if error else [call.outcome.result, call.arguments]))
    for seq, _, kind, item in sorted(steps, key=lambda step: step[:2]):
        yield seq, kind, item
