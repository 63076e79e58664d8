"""Commands with arguments that cannot work: one sentence with place and remedy, the right exit code, nothing changed."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from synthesis.adapters.starter_files import agent_profiles, personas
from synthesis.models import Run
from synthesis.services.people import people_install
from tests.builders_runs import PACKS, a_run, install

pytestmark = pytest.mark.django_db


def refused(*arguments: Any) -> tuple[int, str]:
    """Exit code and sentence of a refused command."""
    with pytest.raises(CommandError) as caught:
        call_command(*arguments, stdout=io.StringIO(), stderr=io.StringIO())
    return caught.value.returncode, str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "--episodes: it is missing. Say how many, for instance: ./bin/studio synthesize --episodes 100"),
        (["--episodes", "0"], "--episodes: 0 is not a number of episodes"),
        (["--episodes", "-5"], "--episodes: -5 is not"),
        (["--episodes", "ten"], "invalid int value: 'ten'"),
        (["--episodes", "5", "--domains", "vet_clinick"], "--domains: there is no domain 'vet_clinick'. Did you mean vet_clinic?"),
        (["--episodes", "5", "--domains", ","], "--domains: it names nothing"),
        (["--episodes", "5", "--variations", "plan"], "--variations: there is no variation 'plan'. There are: plain,"),
        (["--episodes", "5", "--variations", ""], "--variations: it names nothing"),
        (["--episodes", "5", "--slips", "2"], "--slips: 2.0 is not a share"),
        (["--episodes", "5", "--slips", "many"], "invalid float value: 'many'"),
        (["--episodes", "5", "--teams", "2"], "--teams: 2.0 is not a share"),
        (["--episodes", "5", "--two-domains", "0.5"], "--two-domains: there is only one domain in this run. Choose at least two domains."),
        (["--episodes", "5", "--threshold", "-1"], "--threshold: -1.0 is not on the quality scale"),
        (["--episodes", "5", "--threshold", "nan"], "--threshold: nan is not"),
        (["--episodes", "5", "--format", "parquett"], "--format: there is no format 'parquett'. There are: openai"),
        (["--episodes", "5", "--seed", str(2**70)], "--seed: "),
        (["--episodes", "5", "--out", "/proc/out"], "--out /proc/out: /proc cannot be written"),
        (["--episodes", "10000000"], "the disk has"),
        (["--episodes", "5", "--workers", "-1"], "--workers -1: give a whole number"),
        (["--resume", "7"], "--resume: there is no run '7'"),
        (["--resume", "x"], "--resume: there is no run 'x'"),
        (["--resume", "last"], "--resume: no run is unfinished"),
        (["--resume", "last", "--seed", "8"], "--resume: it cannot go with --seed"),
    ],
)
def test_synthesize(arguments: list[str], says: str, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    install()
    settings.STUDIO_DATA = tmp_path
    if "10000000" in arguments:
        monkeypatch.setattr("studio.pipelines.space.LOG_BYTES", 10**9)
    code, sentence = refused("synthesize", *arguments)
    assert says in sentence
    assert code == 2 or "invalid" in sentence  # argparse ends the process with 2 itself; call_command shows it as 1
    assert not Run.objects.exists()


def test_synthesize_without_a_catalogue() -> None:
    assert refused("synthesize", "--episodes", "5") == (
        2,
        "catalogue: no domain has a release. Install the starter catalogue: ./bin/studio manage install_catalog",
    )


def test_synthesize_passes_shares_on(monkeypatch: pytest.MonkeyPatch) -> None:
    install("airline_rebooking", "hotel_desk")
    people_install(personas=personas(), profiles=agent_profiles())
    monkeypatch.setattr("studio.pipelines.attend.attend", lambda **_: "paused")
    assert refused("synthesize", "--episodes", "4", "--teams", "0.25", "--two-domains", "1", "--workers", "0")[0] == 1
    options = Run.objects.get().options
    assert (options["teams"], options["two_domains"]) == (0.25, 1.0)


@pytest.mark.parametrize("verb", ["pause", "resume", "cancel"])
def test_runs(verb: str) -> None:
    assert refused("runs", verb) == (2, f"runs {verb}: which run? Give its number, for instance: runs {verb} 7")
    code, sentence = refused("runs", verb, "9")
    assert code == 2 and "there is no run 9" in sentence


def test_runs_are_listed_and_moved() -> None:
    install()
    run = a_run(3)
    for verb, words in (("pause", "is paused"), ("resume", "may go on"), ("cancel", "3 episodes will not be played")):
        out = io.StringIO()
        call_command("runs", verb, run.pk, stdout=out)
        assert words in out.getvalue()
    out = io.StringIO()
    call_command("runs", stdout=out)
    assert out.getvalue().split() == [str(run.pk), "cancelled", "seed", "7", "3", "episodes:", "3", "cancelled"]


def test_worker() -> None:
    assert refused("worker", "--queues", "simulte") == (2, "--queues 'simulte': give some of simulate, judge, author, export, tick.")
    assert refused("worker", "--concurrency", "0") == (2, "--concurrency 0: give 1 or more.")


def test_audit_packs_refuses_arguments_that_cannot_work() -> None:
    assert refused("audit_packs", "--seeds", "1")[0] == 2
    assert refused("audit_packs", "--seeds", "6", "--write")[0] == 2


def test_audit_packs_names_place_and_remedy_and_fails(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text((PACKS / "vet_clinic.yaml").read_text("utf-8").replace("complexity: 3", "complexity: 9", 1))
    out = io.StringIO()
    with pytest.raises(CommandError, match="2 of 2 packs have errors") as caught:
        call_command("audit_packs", str(broken), str(tmp_path / "missing.yaml"), stdout=out, stderr=io.StringIO())
    assert caught.value.returncode == 1
    text = out.getvalue()
    assert "broken.yaml: FAILED" in text and "complexity" in text
    assert "missing.yaml: the file cannot be read: No such file or directory." in text


def test_audit_packs_as_json(tmp_path: Path) -> None:
    import msgspec

    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("audit_packs", str(binary), "--json", stdout=out, stderr=io.StringIO())
    line = msgspec.json.decode(out.getvalue())
    assert line["passed"] is False and line["slug"] is None
    assert line["findings"][0]["problem"] == "byte 0 is not UTF-8."


def test_tick_tells_how_many_runs_it_looked_after() -> None:
    out = io.StringIO()
    call_command("tick", stdout=out)
    assert out.getvalue() == "looked after 0 runs\n"
