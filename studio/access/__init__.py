"""Who may do what: ``can`` and the table behind it, members, tokens, sign-in links, the audit trail. See README.md of this folder."""
