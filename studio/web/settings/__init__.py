"""Pages of the area Settings: one's own profile and tokens, members, the audit trail."""
