"""Sandbox processes: where programs of packs run, away from everything that matters."""

from synthesis.adapters.sandbox.pool import SandboxPool as SandboxPool
from synthesis.adapters.sandbox.process import SandboxLimits as SandboxLimits
