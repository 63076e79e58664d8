"""Which role may do what: one table. ``docs/access.md`` tells it to people; a test compares the two."""

from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from studio.models import Role

Action = Literal[
    "home.view",
    "catalogue.view",
    "catalogue.try",
    "catalogue.edit",
    "catalogue.publish",
    "catalogue.measure",
    "rubrics.view",
    "rubrics.edit",
    "runs.view",
    "runs.start",
    "runs.control",
    "episodes.view",
    "judgements.view",
    "judges.calibrate",
    "judgements.rejudge",
    "review.view",
    "review.score",
    "review.adjudicate",
    "review.manage",
    "datasets.view",
    "datasets.edit",
    "datasets.export",
    "models.view",
    "models.edit",
    "monitor.view",
    "profile.edit",
    "tokens.own",
    "tokens.manage",
    "members.manage",
    "audit.view",
]

O, A, P, R, V = Role.OWNER, Role.AUTHOR, Role.OPERATOR, Role.REVIEWER, Role.VIEWER  # noqa: E741 - a table is read by column

TABLE: dict[Action, frozenset[Role]] = {
    "home.view": frozenset({O, A, P, R, V}),
    # The catalogue: domains, tools, scenarios, personas, agents. Trying a tool plays in a world of its own and changes nothing.
    "catalogue.view": frozenset({O, A, P, R, V}),
    "catalogue.try": frozenset({O, A, P}),
    "catalogue.edit": frozenset({O, A}),
    "catalogue.publish": frozenset({O, A}),
    # Measuring a simulator spends money at an endpoint.
    "catalogue.measure": frozenset({O, A, P}),
    "rubrics.view": frozenset({O, A, P, R, V}),
    "rubrics.edit": frozenset({O, A}),
    # Authors start runs to see their domains played.
    "runs.view": frozenset({O, A, P, R, V}),
    "runs.start": frozenset({O, A, P}),
    "runs.control": frozenset({O, A, P}),
    "episodes.view": frozenset({O, A, P, R, V}),
    # Scores, reasons, verdicts of judges and of other people. Reviewers meet them only where they have sealed their own.
    "judgements.view": frozenset({O, A, P, V}),
    # Damages passing episodes and puts a judge before them (which costs, if it is a model), and opens the part that is kept for testing.
    "judges.calibrate": frozenset({O, P}),
    # It costs money, and what is adopted changes what datasets keep.
    "judgements.rejudge": frozenset({O, A, P}),
    "review.view": frozenset({O, A, P, R}),
    "review.score": frozenset({O, A, P, R}),
    # Whoever settles what others dispute reads their answers, so reviewers, who still have items to come, do not.
    "review.adjudicate": frozenset({O, A, P}),
    "review.manage": frozenset({O, P}),
    # Datasets and the monitor show what judges thought, so reviewers do not see them.
    "datasets.view": frozenset({O, A, P, V}),
    "datasets.edit": frozenset({O, P}),
    "datasets.export": frozenset({O, P}),
    "models.view": frozenset({O, A, P}),
    "models.edit": frozenset({O, P}),
    "monitor.view": frozenset({O, A, P, V}),
    # Each person's own name, password, language, tokens.
    "profile.edit": frozenset({O, A, P, R, V}),
    "tokens.own": frozenset({O, A, P, R, V}),
    # Other people's.
    "tokens.manage": frozenset({O}),
    "members.manage": frozenset({O}),
    "audit.view": frozenset({O}),
}

ROLE_MEANINGS: dict[Role, str | Promise] = {
    O: _("Everything, and alone: members, tokens of others, the audit trail"),
    A: _("Write domains, tools and rubrics, publish them, start runs, review"),
    P: _("Start and steer runs, keep models and keys, manage reviews, build and download datasets"),
    R: _("Review episodes, blind: judges' scores appear once one's own are sealed"),
    V: _("Read everything but settings"),
}
