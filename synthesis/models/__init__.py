"""Tables of synthesis: the catalogue, runs, episodes and their logs. One module per aggregate."""

from synthesis.models.domain import Domain, DomainRelation
from synthesis.models.endpoint import Budget, EndpointTraffic, ModelEndpoint, ModelUsage, Reservation
from synthesis.models.endpoint_use import OPEN_CHECKS, CheckStatus, DefaultSeat, EndpointCheck
from synthesis.models.episode import OPEN_STATUSES, Episode, EpisodeStatus, EpisodeTruth, Event
from synthesis.models.evolution import (
    ENDED_STAGES,
    OPEN_EVOLUTIONS,
    DraftKind,
    DraftStage,
    Evolution,
    EvolutionDraft,
    EvolutionStatus,
)
from synthesis.models.fidelity import OPEN_MEASUREMENTS, FidelityReport, FidelityStatus
from synthesis.models.pack_audit import OPEN_AUDITS, PackAudit, PackAuditStatus
from synthesis.models.people import AgentProfile, Origin, Persona
from synthesis.models.prompt import PinnedPrompt, PromptVersion
from synthesis.models.release import Release
from synthesis.models.run import Run, RunPart, RunStatus, Slice, SliceStatus
from synthesis.models.scenario import Scenario
from synthesis.models.text_vector import TextVector
from synthesis.models.tool import Tool, ToolUse
from synthesis.models.watch import Watch

__all__ = [
    "ENDED_STAGES",
    "OPEN_AUDITS",
    "OPEN_CHECKS",
    "OPEN_EVOLUTIONS",
    "OPEN_MEASUREMENTS",
    "OPEN_STATUSES",
    "AgentProfile",
    "Budget",
    "CheckStatus",
    "DefaultSeat",
    "Domain",
    "DomainRelation",
    "DraftKind",
    "DraftStage",
    "EndpointCheck",
    "EndpointTraffic",
    "Episode",
    "EpisodeStatus",
    "EpisodeTruth",
    "Event",
    "Evolution",
    "EvolutionDraft",
    "EvolutionStatus",
    "FidelityReport",
    "FidelityStatus",
    "ModelEndpoint",
    "ModelUsage",
    "Origin",
    "PackAudit",
    "PackAuditStatus",
    "Persona",
    "PinnedPrompt",
    "PromptVersion",
    "Release",
    "Reservation",
    "Run",
    "RunPart",
    "RunStatus",
    "Scenario",
    "Slice",
    "SliceStatus",
    "TextVector",
    "Tool",
    "ToolUse",
    "Watch",
]
