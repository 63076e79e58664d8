"""Work is started once for a key, however the requests meet."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from studio.models import AnsweredRequest, Role
from studio.pipelines.once import Answer, KeyReused, once
from tests.people import make_person


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_time_start_one_thing() -> None:
    user, started, answers, gate = make_person("ann", Role.OWNER), list[int](), list[tuple[Answer, bool]](), Barrier(2)

    def work() -> Answer:
        started.append(1)
        return Answer(201, {"n": len(started)}, "/there/")

    def ask() -> None:
        gate.wait()
        answers.append(once(user=user, key="k", digest="d", now=timezone.now(), work=work))
        connection.close()

    threads = [Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(started) == 1
    assert sorted(again for _, again in answers) == [False, True]
    assert {str(answer) for answer, _ in answers} == {str(Answer(201, {"n": 1}, "/there/"))}


def ask(user: User, key: str, digest: str, **more: timedelta) -> tuple[Answer, bool]:
    return once(user=user, key=key, digest=digest, now=timezone.now() + more.get("later", timedelta()), work=lambda: Answer(201, {}))


@pytest.mark.django_db
def test_a_key_is_forgotten_after_a_day() -> None:
    user = make_person("ann", Role.OWNER)
    assert not ask(user, "k", "d")[1]
    assert ask(user, "k", "d")[1]
    with pytest.raises(KeyReused):
        ask(user, "k", "other")
    assert not ask(user, "k", "other", later=timedelta(days=1, seconds=1))[1]


@pytest.mark.django_db
def test_what_fails_is_not_remembered() -> None:
    def fail() -> Answer:
        raise ValueError

    with pytest.raises(ValueError):
        once(user=make_person("ann", Role.OWNER), key="k", digest="d", now=timezone.now(), work=fail)
    assert not AnsweredRequest.objects.exists()
