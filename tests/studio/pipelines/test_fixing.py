"""Fixing from the first wrong message: on every kind of slip the repaired trajectory passes its checks."""

import asyncio
from typing import Any

import pytest
from django.utils import timezone

from judging.models import Judgement
from synthesis.engine.participants.cast import SLIPS
from synthesis.models import Episode, EpisodeTruth, Event, Run
from synthesis.services.fixes import episode_fix, fix_propose
from synthesis.services.people import people_install
from tests.builders_participants import PERSONAS, PROFILES
from tests.builders_runs import a_run, a_slice, install
from tests.studio.pipelines.test_forking import QUICK, RealStage, log_of, play

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("slip", SLIPS)
def test_every_kind_of_slip_is_repaired(slip: str) -> None:
    install("vet_clinic")
    people_install(personas=PERSONAS, profiles=PROFILES)
    run = a_run(12, variations=["plain", "gradual", "wrong_value", "forbidden", "switched_topic"], slip_rate=1.0)
    EpisodeTruth.objects.filter(episode__run=run).update(planned_slip=slip)
    play(run)
    failed = [j for j in Judgement.objects.filter(episode__run=run, passed=False) .select_related("episode")]
    made = [j for j in failed if (EpisodeTruth.objects.get(episode=j.episode).slip or {}).get("kind") == slip]
    print(slip, len(failed), len(made), [(j.failed_check, j.first_event, j.reason[:60]) for j in made[:4]])
    assert made
    bad = []
    for j in made:
        p = fix_propose(episode_id=j.episode_id, seq=j.first_event, seat="agent")
        fix = episode_fix(episode_id=j.episode_id, seq=p.mistake.seq, correction=p.correction, now=timezone.now())
        play(fix.run)
        fix.refresh_from_db()
        assert log_of(fix)[: p.mistake.seq] == log_of(j.episode)[: p.mistake.seq]
        got = Judgement.objects.get(episode=fix)
        if not got.passed:
            bad.append((j.episode.index, j.episode.variation, j.failed_check, j.first_event, p.mistake.seq, got.failed_check, got.reason)); print([e[3] for e in log_of(j.episode)]); print([e[3] for e in log_of(fix)])
    assert not bad, bad
