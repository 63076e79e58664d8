"""The model judge: a rubric answered by a language model, with evidence that is verified to exist.

It sees the transcript as JSON inside a fence that is new for every call, with rules before and after; it has no tools; it never sees the
names of models, earlier scores or the truth about slips. What checks can decide, checks decide: a criterion that they answer is never
scored above what they leave (design page judging.md). Its own failure is an error, never a score of 0.
"""

import hashlib
import random
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from judging.engine.aggregation import hard_fails, overall
from judging.engine.attribution import Failure
from judging.engine.case import Case
from judging.engine.judges.programmatic import Judged, applies
from judging.engine.judges.transcript import Entry, Quotes, entries_of
from judging.engine.rubric import Criterion, CriterionScore, Rubric
from synthesis.engine.chat.errors import Unusable
from synthesis.engine.chat.model import ChatModel, ChatRequest, ReplySchema, Usage
from synthesis.engine.packs.model import Pack

KIND = "model"
TRIES = 3
"""One question and two re-asks."""
SHORTEST_QUOTE = 3
TEMPERATURE = 0.0


class JudgePrompt(msgspec.Struct, frozen=True):
    """What stands before and after the transcript; holes are ``{fence}`` and ``{criteria}``."""

    before: str
    after: str

    @property
    def digest(self) -> str:
        """The first 16 digits of its sha256."""
        return hashlib.sha256(msgspec.json.encode([self.before, self.after])).hexdigest()[:16]


class ModelVerdict(msgspec.Struct, frozen=True):
    """What a model said of one episode: scores by criterion, or the reason why there are none; and what asking took."""

    scores: list[CriterionScore]
    usage: Usage = Usage()
    error: str | None = None


def questions_for(case: Case, rubric: Rubric) -> Rubric:
    """What a model is asked of ``rubric``: the criteria that judges answer and that apply to ``case``; of a rubric that leaves nothing to
    judges, all that apply.
    """
    applying = [criterion for criterion in rubric.criteria if applies(criterion, case)]
    for_judges = [criterion for criterion in applying if criterion.answered_by == "judge"]
    left = for_judges if any(criterion.answered_by == "judge" for criterion in rubric.criteria) else applying
    return msgspec.structs.replace(rubric, criteria=left)


async def ask_model(case: Case, rubric: Rubric, model: ChatModel, prompt: JudgePrompt, rng: random.Random) -> ModelVerdict:
    """Have ``model`` answer ``rubric`` for ``case``. ``rng`` draws the fence.

    An answer whose form or evidence is wrong is asked for again with what is wrong, twice; then the verdict is an error. Errors of the
    endpoint pass through as ChatErrors, since another try later may succeed.
    """
    entries = entries_of(case.trajectory)
    request = request_of(case, rubric, entries, prompt, rng)
    quotes, usage, problem = Quotes(entries), Usage(attempts=0), ""
    for _ in range(TRIES):
        try:
            reply = await model.reply(request)
        except Unusable as unusable:
            usage, problem, said = usage.plus(unusable.usage), unusable.problem, unusable.said
        else:
            assert reply.value is not None
            usage, problem, said = usage.plus(reply.usage), problem_of(reply.value, rubric, quotes), reply.text
            if not problem:
                return ModelVerdict([_score(criterion, reply.value[criterion.id]) for criterion in rubric.criteria], usage)
        turn = [{"role": "assistant", "content": said}] if said else []
        again = {"role": "user", "content": f"{problem} Answer again, with the whole object."}
        request = msgspec.structs.replace(request, messages=[*request.messages, *turn, again])
    return ModelVerdict([], usage, f"no usable answer in {TRIES} tries: {problem}")


def request_of(case: Case, rubric: Rubric, entries: Sequence[Entry], prompt: JudgePrompt, rng: random.Random) -> ChatRequest:
    """The question. The fence is random, so that nothing in the transcript can close it."""
    fence = f"transcript-{rng.getrandbits(64):016x}"
    policy = "\n\n".join(_policy(pack, case) for pack in case.serving)
    wants = "\n".join(f"- {wish.wants.get(case.language) or next(iter(wish.wants.values()))}" for wish in case.scenario.wishes)
    material = msgspec.json.encode(entries).decode()
    criteria = "\n".join(_asked(criterion) for criterion in rubric.criteria)
    body = (
        f"The agent's policy:\n{policy}\n\nWhat the user wanted:\n{wants}\n\n--- {fence} ---\n{material}\n--- {fence} ---\n\n"
        + prompt.after.replace("{criteria}", criteria)
    )
    messages = [{"role": "system", "content": prompt.before.replace("{fence}", fence)}, {"role": "user", "content": body}]
    answer = ReplySchema("grades", schema_of(rubric))
    return ChatRequest(
        "judge", messages, answer=answer, max_tokens=400 + 250 * len(rubric.criteria), temperature=TEMPERATURE, prompt=prompt.digest
    )


def _policy(pack: Pack, case: Case) -> str:
    """The rules of a domain, under its name where there are several."""
    rules = "\n".join(f"{number}. {rule.rule}" for number, rule in enumerate(pack.policy, 1))
    return f"{pack.name}:\n{rules}" if len(case.serving) > 1 else rules


def _asked(criterion: Criterion) -> str:
    scale = "\n".join(f"    {value}: {words}" for value, words in sorted(criterion.scale.items(), reverse=True))
    return f"- {criterion.id}: {criterion.question}\n{scale}"


def schema_of(rubric: Rubric) -> dict[str, Any]:
    """The JSON Schema of an answer: an object with an entry for every criterion."""
    entry = {
        "type": "object",
        "properties": {
            "value": {"type": ["integer", "null"], "minimum": 0, "maximum": 5},
            "reason": {"type": "string"},
            "event": {"type": "integer"},
            "quote": {"type": "string"},
        },
        "required": ["value", "reason", "event", "quote"],
        "additionalProperties": False,
    }
    ids = [criterion.id for criterion in rubric.criteria]
    return {"type": "object", "properties": dict.fromkeys(ids, entry), "required": ids, "additionalProperties": False}


def problem_of(value: Mapping[str, Any], rubric: Rubric, quotes: Quotes) -> str:
    """What is wrong with the evidence of an answer, in sentences; "" when all of it is there."""
    problems = (_unproven(criterion, value[criterion.id], quotes) for criterion in rubric.criteria)
    return " ".join(problem for problem in problems if problem)


def _unproven(criterion: Criterion, given: Mapping[str, Any], quotes: Quotes) -> str:
    if given["value"] is None or not criterion.evidence:
        return ""
    quote = given["quote"].strip()
    if not quotes.holds(given["event"], quote) or (len(quote) < SHORTEST_QUOTE and not quotes.is_all(given["event"], quote)):
        return f"{criterion.id}: the quote {quote[:120]!r} does not stand in event {given['event']}."
    return ""


def _score(criterion: Criterion, given: Mapping[str, Any]) -> CriterionScore:
    value = given["value"]
    if value is None:
        return CriterionScore(criterion.id, None, given["reason"][:1000] or "does not apply")
    evidence = [given["event"]] if given["event"] >= 0 else []
    return CriterionScore(criterion.id, float(value), given["reason"][:1000], evidence, criterion.hard and value < criterion.pass_at)


def judged_by(verdict: ModelVerdict, checked: Judged, rubric: Rubric, limits: Sequence[CriterionScore] | None = None) -> Judged:
    """The judgement of a model (or panel) beside the checks of the same episode.

    ``checked`` is what the programmatic judge found; ``limits`` (its scores, unless given) what checks leave of each criterion: it is worth
    at most that. Criteria that the model was not asked have the checks' answer. Outcome and blame are the checks', and the model's only
    where no check found anything.
    """
    if checked.error:
        return checked
    if verdict.error:
        broken = Failure("judge", "judge_error", "critical", "", verdict.error, None)
        return Judged(checked.results, [], None, False, [], checked.process_credit, broken, verdict.error)
    most = {score.criterion: score for score in (checked.scores if limits is None else limits)}
    given = {score.criterion: score for score in verdict.scores}
    by_checks = {score.criterion: score for score in checked.scores}
    scores = [
        _bounded(given[criterion.id], most.get(criterion.id), criterion)
        if criterion.id in given
        else by_checks.get(criterion.id, CriterionScore(criterion.id, None, "does not apply"))
        for criterion in rubric.criteria
    ]
    hard = hard_fails(scores)
    failure = checked.failure or next((_blame(score) for score in scores if score.criterion in hard), None)
    return Judged(checked.results, scores, overall(rubric, scores), failure is None, hard, checked.process_credit, failure)


def _bounded(score: CriterionScore, limit: CriterionScore | None, criterion: Criterion) -> CriterionScore:
    if limit is None or limit.value is None or (score.value is not None and score.value <= limit.value):
        return score
    if score.value is None and limit.value >= 5:
        return score
    return CriterionScore(criterion.id, limit.value, limit.reason, limit.evidence, criterion.hard and limit.value < criterion.pass_at)


def _blame(score: CriterionScore) -> Failure:
    first = score.evidence[0] if score.evidence else None
    return Failure("agent", score.criterion, "major", "", score.reason, first)
