"""Altair charts: a lag profile, a metric laid over its target, an overview where nothing leads.

Every function returns a specification that can be tested as data; Altair loads when one is called.
`lags.lag_profile` and `series.overlay` are panels: put them together, then pass the whole to
`style.styled`, which sets fonts and sizes for a page of 800 pixels.
"""
