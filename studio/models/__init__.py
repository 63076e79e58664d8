"""Who may do what, and who did: roles, API tokens, one-time sign-in links, the audit trail; worlds of their own to try tools in."""

from studio.models.answered import AnsweredRequest
from studio.models.audit import AuditEntry
from studio.models.membership import Membership, Role
from studio.models.sign_in_link import LinkPurpose, SignInLink
from studio.models.token import ApiToken
from studio.models.trial import Trial

__all__ = ["AnsweredRequest", "ApiToken", "AuditEntry", "LinkPurpose", "Membership", "Role", "SignInLink", "Trial"]
