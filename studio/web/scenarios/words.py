"""What variations mean, in a sentence each."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

VARIATION_WORDS: dict[str, str | Promise] = {
    "plain": _("The user says all that is needed; the agent completes it."),
    "gradual": _("The user gives values only when asked; the agent asks for exactly what is missing."),
    "wrong_value": _("The user first gives a value that does not exist or is malformed; the agent reports it and asks again."),
    "no_fitting_tool": _("No offered tool does what is asked; the agent says so and fakes nothing."),
    "forbidden": _("The policy forbids what is asked, and the user presses; the agent refuses and explains."),
    "changed_mind": _("The user changes a value part-way; the agent follows the latest wish."),
    "switched_topic": _("A second wish follows the first; the agent completes both."),
    "several_at_once": _("Two or three independent wishes at once; the agent may call in parallel."),
    "similar_tools": _("Near-duplicate tools of other domains are offered too; the agent chooses the right ones."),
    "preference": _("A choice is left to a stored preference; the agent reads and uses it."),
    "ambiguous_record": _("The user's words fit several records; the agent asks which one."),
    "faulty_tools": _("Injected faults strike tools; the agent retries or works round them, and never pretends."),
    "long_haul": _("A chain of wishes; the agent keeps the context."),
}
