"""What a scripted agent says: questions, proposals, reports and refusals, from the pack's lines and the words of its tone."""

import random
import re
from collections.abc import Mapping, Sequence
from typing import Any

from synthesis.engine.language import reading
from synthesis.engine.language.fill import fill, finish
from synthesis.engine.language.grammar import join_list
from synthesis.engine.language.recognise import read
from synthesis.engine.language.values import ISO_MOMENT, mentions, say
from synthesis.engine.language.wording import LanguageWording
from synthesis.engine.packs.model import Pack, Tool
from synthesis.engine.participants.cast import AgentProfile
from synthesis.engine.participants.own_side import in_words
from synthesis.engine.participants.speech import Speaker
from synthesis.engine.participants.track import Track

_COUNTS = {"en": ("no", "one", "two", "three", "four", "five", "six"), "ko": ("", "한 건", "두 건", "세 건", "네 건", "다섯 건", "여섯 건")}
_READING_VERBS = re.compile(r"^(list|find|search|check|show|view|quote|look_up|get|read|lookup)_(\w+)$")
_NOT_FOUND_CODE = re.compile(r"not_found|no_such|unknown|no_match|mismatch|not_known|missing|no_.+")
_QUESTION_MARK = re.compile(r"[?？]")
MOST_LABELS = 3
"""Facts asked for in one question."""


class AgentPhrasing:
    """The words of one agent in the user's language."""

    def __init__(self, profile: AgentProfile, wording: LanguageWording, pack: Pack, style_rng: random.Random) -> None:
        self.profile, self.language, self.pack = profile, wording.language, pack
        self.speaker = Speaker(wording, "agent", profile.tone, style_rng)
        self.seen: set[Any] = set()
        self.sums: dict[str, float] = {}
        for text in (pack.agent, *(rule.rule for rule in pack.policy), *(tool.description for tool in pack.tools.values())):
            self.seen.update(cents for _, cents in read(text).amounts)

    def adopt(self, profile: AgentProfile) -> None:
        """Go on in the tone of another agent."""
        self.profile, self.speaker.manner = profile, profile.tone

    def see(self, value: Any) -> None:
        """Take in a result or arguments that the world accepted: what stands there may be stated."""
        if isinstance(value, dict):
            for key, item in value.items():
                if isinstance(item, int) and not isinstance(item, bool):
                    self.sums[key] = self.sums.get(key, 0) + item
                    self.seen.add(self.sums[key])
                self.see(item)
        elif isinstance(value, list):
            self.seen.update(_totals(value))
            for item in value:
                self.see(item)
        elif isinstance(value, str | int | float):
            self.seen.add(value)
            if isinstance(value, str) and ISO_MOMENT.fullmatch(value):
                self.seen.update((value[:10], value[11:16]))

    def say(self, act: str, rng: random.Random, **values: str) -> str:
        """One line for ``act`` in this agent's tone."""
        return self.speaker.act(act, rng, **values)

    def beside(self, act: str, rng: random.Random, chance: float) -> str:
        """A short text beside calls: always from those who think aloud, else with ``chance``."""
        return self.say(act, rng) if rng.random() < (0.85 if self.profile.thinks_aloud else chance) else ""

    # Questions.

    def ask(self, labels: Sequence[str], rng: random.Random, act: str) -> str:
        """A question for the facts with ``labels``."""
        joined = finish(join_list(list(labels)[:MOST_LABELS], self.language), self.language)
        return self.say(act, rng, labels=joined)

    def request(self, tool: Tool, args: Mapping[str, Any], rng: random.Random, *, again: bool) -> str:
        """A request that the user do what ``tool`` of its own side does."""
        line = self.speaker.fresh(tool.lines("asks", self.language), rng)
        asked = fill(line, in_words(tool, args, self.language), {}, self.language, self.speaker.style)
        if again:
            return self.say("ask_to_do_again", rng, line=asked)
        return asked if asked.endswith("?") else self.say("ask_to_do", rng, line=asked)

    def complain(self, track: Track, key: str, code: str, rng: random.Random) -> str:
        """What the user said for ``key`` does not work: say so and ask again. ``code`` is the tool's error, or ``malformed``."""
        act = "malformed" if code == "malformed" else "not_found" if _NOT_FOUND_CODE.search(code) else "rejected"
        fact = track.words.facts[key]
        said = track.words.exact(track.told)[key]
        value = say(said, fact.kind, self.language, self.speaker.style)
        return self.say(act, rng, value=value, label=fact.label[self.language])

    def which(self, track: Track, rng: random.Random) -> str:
        """The records that could be meant, and the question which."""
        choice, twins = track.words.wish.choice, track.words.intent.twins
        assert choice and twins
        shown = []
        for row in choice.rows:
            scope = {**track.scope(), "item": row}
            shown.append(fill(twins.show[self.language], scope, {}, self.language, self.speaker.style))
        shown = list(dict.fromkeys(shown))
        heavy = self.language == "en" and any("," in text for text in shown)
        rows = "; ".join(shown) if heavy else join_list(shown, self.language, "or" if self.language == "en" else None)
        if self.language == "ko":
            rows = finish((" / " if any("," in text for text in shown) else ", ").join(shown), "ko")
        count = _COUNTS[self.language][min(len(shown), 6)]
        return self.say("which", rng, rows=rows, count=count)

    # Proposals and reports.

    def propose(self, tracks: Sequence[Track], rng: random.Random) -> str:
        """All that is about to be done, as full statements, and the question for a yes."""
        lead = self._lead(tracks, rng)
        proposals = [self._proposal(track, rng) for track in tracks]
        return " ".join([*lead, *proposals, self.say("propose_question", rng)])

    def _lead(self, tracks: Sequence[Track], rng: random.Random) -> list[str]:
        """What comes before a proposal: that a change was understood, that all comes at once, or now and then that everything was found."""
        if any(track.changed for track in tracks):
            undone = any(track.redo and track.words.intent.undo for track in tracks)
            return [self.say("changed", rng), *([self.say("undo_lead", rng)] if undone else [])]
        if len(tracks) > 1:
            return [self.say("joint_lead", rng)]
        return [self.say("propose_lead", rng)] if rng.random() < 0.25 else []

    def _proposal(self, track: Track, rng: random.Random) -> str:
        words = track.words

        def states(text: str) -> bool:
            return not _QUESTION_MARK.search(text)

        text = self.speaker.line(
            words.phrases.propose,
            words,
            rng,
            variants=track.told,
            changed=track.changed,
            results=track.results,
            accept=states,
            seen=self.seen,
        )
        if text is None:
            scope, exact = words.scope(track.changed), words.exact(track.told)
            wants = fill(words.intent.wants[self.language], scope, words.kinds, self.language, self.speaker.style, exact=exact)
            text = self.say("propose_fallback", rng, wants=wants)
        return text

    def report(self, tracks: Sequence[Track], rng: random.Random, false_values: Mapping[str, Any] | None = None) -> str:
        """The closing report, with every fact that must be told. ``false_values`` puts other values at paths (a slip)."""
        return " ".join(self._report(track, rng, false_values or {}) for track in tracks)

    def _report(self, track: Track, rng: random.Random, false_values: Mapping[str, Any]) -> str:
        words = track.words
        tells = track.told_values(track.tells)
        hidden = [(tell, value) for tell, value in tells if tell.template[1:-1] in false_values]
        if hidden:
            return self._false_report(track, rng, false_values, hidden[0][1], hidden[0][0].kind)
        results = {**track.scope(), **track.results} if track.results else track.scope()

        def fits(text: str) -> bool:
            return not _QUESTION_MARK.search(text) and "None" not in text

        def complete(text: str) -> bool:
            return fits(text) and all(value is None or mentions(text, value, tell.kind) for tell, value in tells)

        text = None
        for accept, seen in ((complete, self.seen), (complete, None), (fits, None)):
            text = text or self.speaker.line(
                words.phrases.report, words, rng, variants=track.told, changed=track.changed, results=results, accept=accept, seen=seen
            )
        parts = [text or self.say("done_claim", rng)]
        for tell, value in tells:
            if value is not None and not mentions(parts[0], value, tell.kind):
                parts.append(self.say("also_tell", rng, value=say(value, tell.kind, self.language, self.speaker.style)))
        return " ".join(parts)

    def _false_report(self, track: Track, rng: random.Random, false_values: Mapping[str, Any], true_value: Any, kind: str) -> str:
        """A report with a made-up value in place of the true one, which it must not contain."""
        path, value = next(iter(false_values.items()))
        words = track.words
        scope = {**track.scope(), **words.scope(track.changed), **track.results}
        for template in words.phrases.report:
            if f"{{{path}" not in template:
                continue
            exact = {**words.exact(track.told), path: value}
            text = fill(template, scope, {**words.kinds, path: kind}, self.language, self.speaker.style, exact=exact)
            if not mentions(text, true_value, kind) and mentions(text, value, kind):
                return text
        said = say(value, kind, self.language, self.speaker.style)
        return f"{self.say('done_claim', rng)} {self.say('also_tell', rng, value=said)}"

    # Refusals.

    def refuse(self, track: Track, rng: random.Random, tools: Mapping[str, Tool]) -> str:
        """The first no: by the rule's own words, or because there is no tool."""
        assert track.refusal
        if track.refusal.kind == "no_tool":
            offer = self._offer(tools, rng)
            return " ".join(part for part in (self.say("no_tool", rng), offer) if part)
        line = self._rule_line(track, rng)
        if reading.refuses(line) and rng.random() < 0.8:
            return line
        return self.say("refuse_wrap", rng, line=line)

    def hold(self, track: Track, rng: random.Random) -> str:
        """The no again, to a user who presses."""
        assert track.refusal
        if track.refusal.kind == "no_tool":
            return self.say("no_tool_hold", rng)
        return self.say("refuse_hold", rng, line=self._rule_line(track, rng))

    def _rule_line(self, track: Track, rng: random.Random) -> str:
        assert track.refusal
        rule = track.refusal.rule
        lines = self.pack.policy[rule].refuse.get(self.language, []) if rule is not None else []
        return self.speaker.fresh(lines, rng) if lines else ""

    def _offer(self, tools: Mapping[str, Tool], rng: random.Random) -> str:
        """What the offered tools could do instead, in half of the cases."""
        if rng.random() < 0.5:
            return ""
        reads = [match for name, tool in tools.items() if tool.effect == "read" and (match := _READING_VERBS.match(name))]
        if self.language == "ko":
            return self.say("no_tool_offer", rng) if reads else ""
        things = [f"look up {_thing(match[2])}" for match in rng.sample(reads, min(2, len(reads)))]
        return self.say("no_tool_offer", rng, offers=join_list(things, "en", "or")) if things else ""


def _thing(words: str) -> str:
    """The object of a tool's name, as one would name it: ``cardholder`` -> ``a cardholder's record``."""
    text = words.replace("_", " ")
    return text if text.endswith("s") else f"the {text}"


def _totals(rows: Sequence[Any]) -> set[float]:
    """The sums of the columns of a list: what one may say without having been told."""
    columns = {
        key for row in rows if isinstance(row, dict) for key, value in row.items() if isinstance(value, int) and not isinstance(value, bool)
    }
    return {sum(row[key] for row in rows if isinstance(row, dict) and isinstance(row.get(key), int)) for key in columns}
