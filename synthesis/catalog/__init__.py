"""The starter catalogue: domain packs, wordings, personas and agent profiles. Data."""
