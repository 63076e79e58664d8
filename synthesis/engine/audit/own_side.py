"""The words of the user's side work: every request is taken for one, for its own tool and no other, and nothing else is."""

from collections.abc import Iterator

from synthesis.engine.audit.report import Findings
from synthesis.engine.language import reading
from synthesis.engine.packs.holes import HOLE
from synthesis.engine.packs.model import LANGUAGES, Intent, Pack, Tool
from synthesis.engine.participants.own_side import asks_for
from synthesis.engine.scenarios.scenario import Fact


def audit_own_side(pack: Pack, findings: Findings) -> None:
    """Report lines that a scripted user would take for another request, or for none."""
    for position, tool in enumerate(pack.tools.values()):
        if tool.of_user:
            for language in LANGUAGES:
                _asks(pack, tool, language, f"tools.{position}.asks.{language}", findings)
                _reports(tool, language, f"tools.{position}.reports.{language}", findings)
    if pack.user_tools:
        _others(pack, findings)


def _asks(pack: Pack, tool: Tool, language: str, where: str, findings: Findings) -> None:
    for j, line in enumerate(tool.lines("asks", language)):
        plain = _plain(line)
        if not asks_for(plain, tool, language):
            remedy = "Ask for it in one sentence that holds a word of asked_as: 'Please ...', 'Could you ...?'."
            findings.error(f"{where}.{j}", f"'{line}' is not taken for a request for {tool.name}.", remedy)
        for other in pack.user_tools.values():
            if other is not tool and asks_for(plain, other, language):
                findings.error(
                    f"{where}.{j}", f"'{line}' is taken for a request for {other.name}, too.", "Word it otherwise, or mend asked_as."
                )
        for intent in _serving(pack, tool):
            if asked := reading.asks(plain, _facts(intent), language):
                problem = f"'{line}' also asks for {', '.join(sorted(asked))} of {intent.id}."
                findings.error(f"{where}.{j}", problem, "Avoid the words by which facts are asked for.")


def _reports(tool: Tool, language: str, where: str, findings: Findings) -> None:
    words = tool.lines("asked_as", language)
    for j, line in enumerate(tool.lines("reports", language)):
        if not any(match[1] for match in HOLE.finditer(line)) and not reading.mentions_any(line, words, language):
            findings.error(f"{where}.{j}", f"'{line}' does not show what it is about.", "Tell a value, or name it by a word of asked_as.")


def _others(pack: Pack, findings: Findings) -> None:
    """Proposals, reports and refusals ask for nothing on the user's side."""
    for place, line, language in _said(pack):
        for tool in pack.user_tools.values():
            if asks_for(_plain(line), tool, language):
                findings.error(place, f"'{line}' is taken for a request for {tool.name}.", "Word it otherwise: nothing is asked for here.")


def _said(pack: Pack) -> Iterator[tuple[str, str, str]]:
    for i, intent in enumerate(pack.intents.values()):
        for language, phrases in intent.phrases.items():
            for part in ("propose", "report"):
                for j, line in enumerate(getattr(phrases, part)):
                    yield f"intents.{i}.phrases.{language}.{part}.{j}", line, language
    for i, rule in enumerate(pack.policy):
        for language, lines in rule.refuse.items():
            for j, line in enumerate(lines):
                yield f"policy.{i}.refuse.{language}.{j}", line, language


def _serving(pack: Pack, tool: Tool) -> Iterator[Intent]:
    return (intent for intent in pack.intents.values() if any(call.call == tool.name for call in intent.gold))


def _facts(intent: Intent) -> list[Fact]:
    return [Fact(key, "", knowledge.kind, knowledge.label, knowledge.asked_as) for key, knowledge in intent.knows.items()]


def _plain(line: str) -> str:
    """A line with something harmless in place of its holes."""
    return HOLE.sub("x", line)
