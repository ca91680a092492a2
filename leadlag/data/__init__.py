"""What users have, turned into a Panel that the core can compute on."""
