"""The judgement that counts, for those who compare people with it."""

from collections.abc import Collection

from judging.models import CriterionScore, Judgement


def deciding_of(episode_ids: Collection[int]) -> dict[int, int]:
    """The id of the deciding judgement of each of these episodes; those not judged are left out."""
    rows = Judgement.objects.filter(episode_id__in=episode_ids, decides=True)
    return dict(rows.values_list("episode_id", "pk"))


def scores_of(episode_ids: Collection[int], rubric_version_id: int) -> dict[int, dict[str, CriterionScore]]:
    """What the deciding judgement answered, by episode and criterion, where it answered this version of the rubric; two queries."""
    judgements = deciding_of(episode_ids)
    rows = CriterionScore.objects.filter(judgement_id__in=judgements.values(), judgement__rubric_version_id=rubric_version_id)
    found: dict[int, dict[str, CriterionScore]] = {}
    for score in rows.select_related("criterion", "judgement"):
        found.setdefault(score.judgement.episode_id, {})[score.criterion.slug] = score
    return found
