"""What ``synthesize`` takes about a new run."""

from argparse import SUPPRESS, ArgumentParser
from decimal import Decimal, InvalidOperation
from typing import Any

from judging.engine.formats.registry import FORMATS
from synthesis.engine.scenarios.scenario import VARIATIONS

SEATS = ("user", "agent", "tools")
NEW_RUN_ONLY = (
    "episodes", "domains", "variations", "slips", "teams", "two_domains", "seed", "threshold", *SEATS, "simulate", "agent_seats", "plays",
    "budget", "judges", "rubric", "out", "format",
)  # fmt: skip
DEFAULTS: dict[str, Any] = {"domains": [], "variations": [], "slips": 0.0, "seed": 0, "threshold": 4.5, "out": None, "format": ["openai"]}
DEFAULTS |= {**dict.fromkeys(SEATS, "scripted"), "agent_seats": [], "plays": 1}
DEFAULTS |= {"teams": 0.0, "two_domains": 0.0, "simulate": None, "budget": None, "judges": [], "rubric": ""}


def names(text: str) -> list[str]:
    """A comma-separated list."""
    return list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def money(text: str) -> Decimal:
    """An amount. Raises ValueError, which the parser turns into words."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    if not amount.is_finite():
        raise ValueError(text)
    return amount


def add_new_run(parser: ArgumentParser) -> None:
    """The arguments, as a group. Defaults are suppressed, so that --resume notices what was given."""
    new = parser.add_argument_group("a new run")
    new.add_argument("--episodes", type=int, default=SUPPRESS, metavar="N", help="how many episodes to play")
    new.add_argument("--domains", type=names, default=SUPPRESS, metavar="A,B", help="only these domains (default: all)")
    new.add_argument(
        "--variations", type=names, default=SUPPRESS, metavar="X,Y", help=f"only these of {', '.join(VARIATIONS)} (default: all)"
    )
    new.add_argument(
        "--slips",
        type=float,
        default=SUPPRESS,
        metavar="SHARE",
        help="share of episodes in which the agent slips on purpose (default 0)",
    )
    new.add_argument(
        "--teams",
        type=float,
        default=SUPPRESS,
        metavar="SHARE",
        help="share of episodes that agents with colleagues serve, who hand the conversation over (default 0)",
    )
    new.add_argument(
        "--two-domains",
        type=float,
        default=SUPPRESS,
        metavar="SHARE",
        help="share of scenarios whose user wants something of another of the domains as well, where an agent of its own serves, among "
        "those that can have such a wish (default 0)",
    )
    new.add_argument("--seed", type=int, default=SUPPRESS, metavar="S", help="the same seed gives the same files (default 0)")
    new.add_argument("--threshold", type=float, default=SUPPRESS, metavar="Q", help="least quality of a kept episode, 0-5 (default 4.5)")
    for seat in SEATS:
        new.add_argument(
            f"--{seat}", default=SUPPRESS, metavar="WHO", help=f"who plays the {seat}: scripted (default), or model:NAME of an endpoint"
        )
    new.add_argument(
        "--agent-seats",
        "--agents-seats",
        type=names,
        default=SUPPRESS,
        metavar="A,B",
        help="several agents in place of --agent: each plays every scenario, with the same users and seeds; beside what --agent takes, "
        "profile:NAME is the scripted agent with the character of that profile",
    )
    new.add_argument(
        "--plays",
        type=int,
        default=SUPPRESS,
        metavar="K",
        help="how often each agent plays each scenario (default 1); --episodes counts all plays",
    )
    new.add_argument(
        "--simulate",
        default=SUPPRESS,
        metavar="all",
        help="all: the model in the tools seat answers for tools that have programs, too",
    )
    new.add_argument(
        "--budget",
        type=money,
        default=SUPPRESS,
        metavar="MONEY",
        help="what all models of the run may cost, in the currency of their endpoints (default: no limit)",
    )
    new.add_argument(
        "--judges",
        type=names,
        default=SUPPRESS,
        metavar="A,B",
        help="endpoints that judge beside the checks: one, or several as a panel (default: none)",
    )
    new.add_argument(
        "--rubric",
        default=SUPPRESS,
        metavar="NAME",
        help="the rubric to answer, by name or by digest (default: what scenarios and domains want, else the starter's)",
    )
    new.add_argument("--out", default=SUPPRESS, metavar="DIR", help="folder for the files (default: exports/run-N in the data folder)")
    new.add_argument(
        "--format",
        type=names,
        default=SUPPRESS,
        metavar="F",
        help=f"formats of {', '.join(FORMATS)} (default openai; trajectories always)",
    )
