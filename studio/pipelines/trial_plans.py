"""What a trial of a rubric would be: who is asked, about which episodes, at what cost; before anybody says yes."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import msgspec

from judging.engine.judges.spec import JudgeSpec
from judging.engine.rewording import MOST_TOKENS
from judging.engine.rubric import Rubric
from judging.engine.rubric_lint import read_draft
from judging.engine.worksheet import Worksheet, to_markdown
from judging.models import Criterion, RubricDraft, RubricVersion
from judging.selectors import worksheets
from judging.selectors.rejudging import mean_length_of
from judging.selectors.rubric_drafts import newest_of
from judging.selectors.rubric_trial import NUMBER, sampled
from judging.services.rubric_trials import TrialRefused
from studio.pipelines.judge_choice import judge_chosen
from studio.pipelines.rejudge_estimate import CHARACTERS, HIGH, LOW, Estimate, foreseen, questions_of
from synthesis.models import ModelEndpoint
from synthesis.selectors import endpoints
from synthesis.services.run_error import RunError

MOST = 60
"""Episodes of one trial."""
MEASURED = 12
"""Episodes whose lengths an estimate rests on."""


class Plan(NamedTuple):
    """What was chosen, and what it is foreseen to cost. Of a wording: the disputed ``criterion``, its ``sheet`` and who words it anew."""

    published: RubricVersion
    spec: JudgeSpec
    episodes: list[int]
    estimate: Estimate
    draft: int = 0
    body: Rubric | None = None
    criterion: Criterion | None = None
    sheet: Worksheet | None = None
    author: str = ""

    def facts(self) -> dict[str, Any]:
        """The columns of a trial."""
        return {
            "published": self.published,
            "spec": self.spec.body(),
            "episodes": self.episodes,
            "estimate": msgspec.to_builtins(self.estimate),
            "draft": self.draft,
            "body": msgspec.to_builtins(self.body, str_keys=True) if self.body else None,
            "criterion": self.criterion,
            "sheet": msgspec.to_builtins(self.sheet, str_keys=True) if self.sheet else None,
            "author": self.author,
        }


def plan_draft(*, draft: RubricDraft, judges: Sequence[str], hidden: Collection[int], number: int = NUMBER) -> Plan:
    """A draft before model judges, about ``number`` episodes of every kind, without ``hidden`` ones. Raises TrialRefused."""
    rubric, _findings = read_draft(draft.text, draft.slug)
    published = newest_of(draft.slug)
    if rubric is None:
        raise TrialRefused("The draft has errors. Mend them, then try it.")
    if published is None:
        raise TrialRefused("A draft is tried beside the newest version, and there is none yet. Publish the first one.")
    if not any(criterion.answered_by == "judge" for criterion in rubric.criteria):
        raise TrialRefused("Checks answer every question of it, so there is nothing to ask a model.")
    spec = _spec(judges, published)
    chosen = list(sampled(hidden=hidden, number=min(number, MOST)))
    said = foreseen(spec=spec, number=len(chosen), questions=questions_of(rubric), length=lambda: mean_length_of(chosen[:MEASURED]))
    return Plan(published, spec, chosen, said, draft=draft.version, body=rubric)


def plan_wording(*, criterion: Criterion, author: str, judges: Sequence[str], viewer_id: int) -> Plan:
    """Another wording of a disputed question by the model at ``author``, before model judges, on the disputed episodes that the viewer may
    see. Raises TrialRefused.
    """
    able = {row.slug: row for row in endpoints.for_purpose("author")}
    if author not in able:
        raise TrialRefused(f"No endpoint in use that may write is called {author!r}. There are: {', '.join(able) or 'none'}.")
    sheet = worksheets.worksheet(criterion, viewer_id=viewer_id)
    if not sheet.cases:
        raise TrialRefused("Nobody disputes this question, so there is nothing to word it anew from.")
    spec = _spec(judges, criterion.version)
    chosen = list(dict.fromkeys(case.episode for case in sheet.cases))[:MOST]
    judged = foreseen(spec=spec, number=len(chosen), questions=1, length=lambda: mean_length_of(chosen[:MEASURED]), by_past=False)
    return Plan(criterion.version, spec, chosen, _with_author(judged, able[author], sheet), criterion=criterion, sheet=sheet, author=author)


def _with_author(judged: Estimate, row: ModelEndpoint, sheet: Worksheet) -> Estimate:
    """The wording is read from the worksheet and written once."""
    read = (len(to_markdown(sheet)) + 3000) / CHARACTERS
    cost = (read * row.price_prompt + MOST_TOKENS / 4 * row.price_completion) / 1_000_000
    currency = ", ".join(sorted({row.currency, *filter(None, judged.currency.split(", "))}))
    return Estimate(
        judged.episodes,
        judged.expected + round(cost),
        judged.low + round(cost * LOW),
        judged.high + round(cost * HIGH),
        currency,
        judged.basis,
    )


def _spec(judges: Sequence[str], version: RubricVersion) -> JudgeSpec:
    if not judges:
        raise TrialRefused("Choose a model that is to judge, or several as a panel.")
    try:
        return judge_chosen(judges=judges, rubric=version.digest)
    except RunError as error:
        raise TrialRefused(f"{error.problem[:1].upper()}{error.problem[1:]}. {error.remedy}") from error
