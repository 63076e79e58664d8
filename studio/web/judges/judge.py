"""One judge: what it catches, criterion by criterion and damage by damage, beside what people do."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from judging.engine.calibration.report import Bucket, OfCriterion, OfKind, Part
from judging.engine.calibration.sample import Split
from judging.engine.statistics.rates import Confusion
from judging.engine.statistics.result import Estimate
from judging.engine.statistics.threshold import Threshold, threshold_for
from judging.models import Calibration
from judging.selectors import trust
from judging.selectors.canaries import rounds_of
from studio.access.doors import allow, found, person
from studio.web.areas import tabs
from studio.web.judges.canaries import summary
from studio.web.judges.forms import CalibrateForm, ThresholdForm
from studio.web.judges.words import DAMAGES, KINDS, SILENCES, Told, told, told_badge
from studio.web.review.tabs import TABS
from synthesis.selectors import endpoints


class Line(NamedTuple):
    """One criterion, told."""

    criterion: str
    counts: Confusion
    tnr: Told
    tpr: Told
    balanced: Told
    kappa: Told
    weighted: Told
    ac1: Told
    ac2: Told
    lopsided: bool
    people: Told
    gap: Told


class Damage(NamedTuple):
    """One kind of damage, told."""

    kind: str
    label: Any
    found: Told
    named: Told
    seen: int
    missed: int


LOPSIDED = 0.85
"""A class more frequent than this makes kappa misleading: AC1 counts more then."""


@allow("judgements.view")
@require_safe
def judge(request: HttpRequest, version: str) -> HttpResponse:
    """``/judges/<hash>/``; ``?part=test`` for whoever opened it."""
    row = found(trust.judge_version(version))
    calibrations = trust.calibrations_of(version)
    counted = trust.newest_done(version)
    looks = trust.looks(counted.pk) if counted else []
    opened = any(look.by == person(request).get_username() for look in looks)
    split: Split = "test" if opened and request.GET.get("part") == "test" else "dev"
    context = {
        "tabs": tabs(request, TABS),
        "crumbs": [(_("Judges"), reverse("judges:index"))],
        "row": row,
        "kind": KINDS.get(row.judge, row.judge),
        "badge": told_badge(trust.badges([version])[version]),
        "calibrations": calibrations,
        "under_way": next((c for c in calibrations if c.status in {"queued", "working"}), None),
        "counted": counted,
        "looks": looks,
        "opened": opened,
        "split": split,
        "calibrate": CalibrateForm(),
        "price": _price(row),
        "canaries": next((summary(one) for one in rounds_of(version) if one.status == "done"), None),
    }
    if counted:
        context |= _numbers(counted, split, request)
    return render(request, "judges/judge.html", context)


class Price(NamedTuple):
    """What damaging takes of a judge that asks models: ``calls`` and millionths (None: unknown) for one episode, and for ``usual`` many."""

    calls: float
    each: int | None
    usual: int
    usual_calls: int
    usual_cost: int | None
    currency: str


def _price(row: trust.JudgeVersionRow) -> Price | None:
    """Said before anything is asked for; None for checks, which cost nothing."""
    known = trust.judge_known(row.judge_version)
    if row.judge == "programmatic" or known is None:
        return None
    asked = list(known.identity.get("endpoints", []))
    cost, usual = trust.examination_cost(row.judge_version), int(CalibrateForm.base_fields["damage"].initial)
    each = None if cost.each is None else round(cost.each * cost.copies)
    currency = ", ".join(sorted({endpoint.currency for endpoint in endpoints.by_slug(asked).values()}))
    calls = cost.copies * len(asked)
    return Price(calls, each, usual, round(calls * usual), None if each is None else each * usual, currency)


def _numbers(calibration: Calibration, split: Split, request: HttpRequest) -> dict[str, Any]:
    report = trust.report_of(calibration)
    part: Part = report.parts[split]
    form = ThresholdForm(request.GET if "precision" in request.GET else None)
    lines, damages = [_line(one) for one in part.criteria], [_damage(one) for one in part.damage]
    return {
        "lines": lines,
        "labelled": any(any(msgspec.structs.astuple(line.counts)) for line in lines),
        "numbered": any(line.tnr.text or line.tpr.text for line in lines),
        "silence": _silence(lines),
        "tnr_spans": [(line.criterion or _("The whole episode"), line.tnr) for line in lines],
        "damages": damages,
        "damage_spans": [(one.label, one.found) for one in damages],
        "damage_found": told(part.damage_found),
        "whole": told(part.whole),
        "state": told(report.state),
        "note": report.note,
        "biases": _biases(part),
        "threshold_form": form,
        "threshold": _threshold(calibration, split, form),
    }


def _silence(lines: Sequence[Line]) -> str | Promise:
    """Why there is no number of any criterion beside people, where it is one reason for all of them; else ""."""
    told = [number for line in lines for number in (line.kappa, line.weighted, line.ac1, line.ac2, line.people, line.gap)]
    reasons = {str(number.words) for number in told}
    return reasons.pop() if len(reasons) == 1 and not any(number.text for number in told) else ""


def _line(one: OfCriterion) -> Line:
    return Line(
        criterion=one.criterion,
        counts=one.counts,
        tnr=told(one.rates.tnr),
        tpr=told(one.rates.tpr),
        balanced=told(one.rates.balanced),
        kappa=told(one.kappa, share=False),
        weighted=told(one.weighted, share=False),
        ac1=told(one.ac1, share=False),
        ac2=told(one.ac2, share=False),
        lopsided=one.frequent > LOPSIDED,
        people=told(one.ceiling.people, share=False),
        gap=told(one.ceiling.gap, share=False),
    )


def _damage(one: OfKind) -> Damage:
    seen = round(one.found.value * one.found.n) if isinstance(one.found, Estimate) else 0
    return Damage(one.kind, DAMAGES.get(one.kind, one.kind), told(one.found), told(one.named), seen, one.found.n - seen)


def _biases(part: Part) -> list[tuple[str, list[tuple[str, Told]]]]:
    """Where the judge sees less: in long episodes, late in an episode."""
    tables = [
        (_("Bad episodes caught, by number of events"), _buckets(part.caught_by_length, 0)),
        (_("Damage found, by number of events"), _buckets(part.lengths, 0)),
        (_("Damage found, by where it begins (0 is the beginning, 1 the end)"), _buckets(part.places, 2)),
    ]
    return [(name, rows) for name, rows in tables if rows]


def _buckets(buckets: Sequence[Bucket], digits: int) -> list[tuple[str, Told]]:
    return [(f"{bucket.low:.{digits}f}–{bucket.high:.{digits}f}", told(bucket.result)) for bucket in buckets]


def _threshold(calibration: Calibration, split: Split, form: ThresholdForm) -> dict[str, Any] | None:
    """The score from which on episodes are good as often as is wanted."""
    if not form.is_bound or not form.is_valid():
        return None
    answer = threshold_for(form.cleaned_data["precision"] / 100, trust.scored(calibration, split))
    if not isinstance(answer, Threshold):
        return {"words": SILENCES[answer.why], "n": answer.n}
    return {"at": answer.at, "precision": told(answer.precision), "kept": told(answer.kept), "recall": told(answer.recall)}
