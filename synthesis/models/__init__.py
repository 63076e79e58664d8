"""Tables of synthesis: the catalogue, runs, episodes and their logs. One module per aggregate."""

from synthesis.models.domain import Domain, DomainRelation
from synthesis.models.episode import OPEN_STATUSES, Episode, EpisodeStatus, EpisodeTruth, Event
from synthesis.models.pack_audit import OPEN_AUDITS, PackAudit, PackAuditStatus
from synthesis.models.people import AgentProfile, Origin, Persona
from synthesis.models.release import Release
from synthesis.models.run import Run, RunPart, RunStatus, Slice, SliceStatus
from synthesis.models.scenario import Scenario
from synthesis.models.tool import Tool

__all__ = [
    "OPEN_AUDITS",
    "OPEN_STATUSES",
    "AgentProfile",
    "Domain",
    "DomainRelation",
    "Episode",
    "EpisodeStatus",
    "EpisodeTruth",
    "Event",
    "Origin",
    "PackAudit",
    "PackAuditStatus",
    "Persona",
    "Release",
    "Run",
    "RunPart",
    "RunStatus",
    "Scenario",
    "Slice",
    "SliceStatus",
    "Tool",
]
