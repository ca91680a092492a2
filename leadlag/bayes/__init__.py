"""Bayesian lag models: the only room that knows PyMC and ArviZ."""
