"""Why a change to members, tokens or links was refused."""


class AccessError(Exception):
    """Somebody asked for what the rules of access do not allow. The text is a sentence for people, already translated."""
