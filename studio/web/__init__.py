"""The pages of the studio: one package an area, thin views."""
