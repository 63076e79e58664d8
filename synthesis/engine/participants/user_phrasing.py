"""What a scripted user says: openings, answers, corrections and goodbyes, composed from the pack's lines and the persona's ways."""

import random
import re
from collections.abc import Mapping, Sequence

from synthesis.engine.language.grammar import capitalised
from synthesis.engine.language.grounding import Variant, WishWords
from synthesis.engine.language.values import mentions
from synthesis.engine.language.wording import LanguageWording
from synthesis.engine.packs.holes import holes
from synthesis.engine.participants.cast import Persona
from synthesis.engine.participants.speech import Speaker, Typing

_GREETING = re.compile(
    r"^(?:(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening|day)|morning|afternoon|evening)(?: there| again)?\b[,.!]?"
    r"|(?:네 )?안녕하(?:세요|십니까)[,.!~]*|저기요[,.!]*|수고 ?(?:많으세요|하십니다)[,.!]*)\s*",
    re.IGNORECASE,
)
_JOINABLE = re.compile(r"^(?:It's|My|The|That's|That|This|They|There's|You|We|We're|It|Please|As|For|On|With|An|A) ?\b")

_LOWERABLE = re.compile(
    r"^(?:Could|Can|Would|We|My|It|The|That|This|There|Do|Does|Is|Are|What|When|How|Which|Please|Something|Somebody|Any|Quick|One|Our|You|Your|Where|Who|Why)\b"
)
_ANSWERS_NO = re.compile(r"^(?:no|nope|nah)\b|^(?:아니|아뇨|네 없|없어|더 여쭤|없습)", re.IGNORECASE)


class UserPhrasing:
    """The words of one persona."""

    def __init__(self, persona: Persona, wording: LanguageWording, style_rng: random.Random) -> None:
        self.persona, self.language = persona, persona.language
        self.speaker = Speaker(wording, "user", persona.formality, style_rng)
        self.typing = Typing(persona, style_rng)

    def adopt(self, persona: Persona, style_rng: random.Random) -> None:
        """Go on in the ways of another persona, who speaks the same language."""
        self.persona, self.speaker.manner, self.typing = persona, persona.formality, Typing(persona, style_rng)

    def manner(self, act: str) -> str:
        """The manner in which this persona does ``act``: terse people are terse where there are lines for it, grumpy ones grumpy."""
        manners = self.speaker.wording.lines["user"][act]
        for manner in (self.persona.brevity, self.persona.mood, self.persona.formality):
            if manner in manners and (manner != self.persona.mood or act in {"aside", "accept_refusal"}):
                return manner
        return "any"

    def say(self, act: str, rng: random.Random, **values: str) -> str:
        """One line for ``act``."""
        return self.speaker.act(act, rng, self.manner(act), **values)

    def closing(self, rng: random.Random, *, asked: bool) -> str:
        """Thanks and goodbye; a no only where the agent ``asked`` whether there is anything else."""
        lines = self.speaker.wording.choices("user", "closing", self.manner("closing"))
        fitting = [line for line in lines if asked or not _ANSWERS_NO.match(line)]
        return self.speaker.fresh(fitting or lines, rng)

    def join(self, parts: Sequence[str]) -> str:
        """The parts as one message in this person's way of typing."""
        return self.typing.habit(" ".join(part for part in parts if part))

    def greeted(self, opening: str, rng: random.Random) -> str:
        """``opening`` after a greeting, unless it greets by itself or the person does not bother."""
        bother = {"terse": 0.35, "normal": 0.75, "chatty": 0.95}[self.persona.brevity]
        if _GREETING.match(opening) or rng.random() > bother:
            return opening
        greeting = self.say("greeting", rng)
        if greeting.endswith(",") and self.language == "en":
            if _LOWERABLE.match(opening):
                opening = opening[0].lower() + opening[1:]
            elif not re.match(r"I\b", opening):
                greeting = greeting[:-1] + "."
        return f"{greeting} {opening}"

    def aside(self, rng: random.Random) -> str:
        """A remark of somebody's mood, or now and then a reason of a chatty one."""
        if self.persona.brevity == "chatty" and rng.random() < 0.4:
            return self.say("reason", rng)
        chance = {"neutral": 0.1, "friendly": 0.3}.get(self.persona.mood, 0.5)
        if self.persona.brevity == "terse" or rng.random() > chance:
            return ""
        return self.say("aside", rng)

    def opening(self, words: WishWords, rng: random.Random, *, first: bool, avoid: Sequence[tuple[object, str]], preference: bool) -> str:
        """The line that brings up a wish. ``avoid`` lists values (with kinds) that it must not give away."""
        lines = words.phrases.opening
        if preference and words.intent.preference:
            lines = words.intent.preference.opening[self.language]
        variants: dict[str, Variant] = {words.wish.wrong.key: "wrong"} if words.wish.wrong else {}
        text = self.speaker.line(
            lines,
            words,
            rng,
            variants=variants,
            literal=self.typing.literal(rng),
            accept=lambda line: not any(mentions(line, v, k) for v, k in avoid),
            order=self._length,
        )
        if text is None:
            text = self._plain_opening(lines, words, rng, variants)
        if text[-1] not in ".!?…~":
            text += "."
        return text if first else capitalised(_GREETING.sub("", text))

    def _plain_opening(self, lines: Sequence[str], words: WishWords, rng: random.Random, variants: Mapping[str, Variant]) -> str:
        """An opening although none keeps its secrets: one that at least names no fact, else what the person wants."""
        bare = [line for line in lines if not any(holes(line))]
        text = self.speaker.line(bare or lines, words, rng, variants=variants, literal=self.typing.literal(rng))
        return text or words.wish.wants[self.language]

    def _length(self, line: str) -> float:
        """How little a line suits this persona's brevity, in coarse steps so that there is still a choice."""
        return {"terse": len(line) // 45, "normal": 0, "chatty": -min(len(line) // 60, 2)}[self.persona.brevity]

    def answer(self, words: WishWords, key: str, variant: Variant, rng: random.Random, forbidden: Sequence[tuple[object, str]] = ()) -> str:
        """A sentence that tells fact ``key`` in ``variant``; ``forbidden`` are values it must not mention."""
        fact = words.facts[key]
        lines = words.phrases.answers.get(key, [])
        if self.persona.brevity == "terse" and fact.kind not in {"text", "number"} and not fact.said and rng.random() < 0.5:
            lines = [f"{{{key}}}."]
        if variant == "wrong":
            lines = [line for line in lines if any(hole.path == key for hole in holes(line))]

        def tells(text: str) -> bool:
            return words.told(text, changed=variant == "changed").get(key) == variant and not any(
                mentions(text, v, k) for v, k in forbidden
            )

        changed = variant == "changed"
        text = self.speaker.line(lines, words, rng, variants={key: variant}, changed=changed, accept=tells, order=self._length)
        if text is None:
            plain = self.speaker.wording.choices("user", "state_fact")
            text = self.speaker.line(
                [line.replace("{value}", f"{{{key}}}") for line in plain], words, rng, variants={key: variant}, changed=changed
            )
        assert text
        return text

    def sentences(self, parts: Sequence[str], rng: random.Random) -> str:
        """Facts as people string them together: now and then a joining word, terse people with commas."""
        if self.persona.brevity == "terse":
            return " ".join(parts)
        joined = [parts[0]] if parts else []
        joiners = rng.sample(self.speaker.wording.choices("user", "join"), 2)
        for part in parts[1:]:
            if joiners and rng.random() < 0.4 and (self.language == "ko" or _JOINABLE.match(part)):
                joiner = joiners.pop()
                part = f"{joiner} {part if self.language == 'ko' else part[0].lower() + part[1:]}"
            joined.append(part)
        return " ".join(joined)
