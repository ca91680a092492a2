"""How far lags are searched by default, and how many cohorts that takes."""

from __future__ import annotations

from leadlag.data.screen import DEFAULT_MAX_LAG, MIN_PAIRS, OTHER_MAX_LAG

__all__ = ["fewest_rows", "needed_rows", "usual_reach"]


def fewest_rows(reach: int, share: float = 0.3, alpha: float = 0.10) -> int:
    """Periods in which a plain lead would be found four times out of five.

    Parameters
    ----------
    reach : int, periods
        Lags searched.
    share : float
        Size of the lead: the correlation of the surprises of both sides.
    alpha : float
        P-value that counts as found.

    Returns
    -------
    int
        Twenty more than the longest lag at least.

    Examples
    --------
    >>> 100 < fewest_rows(26) < 250
    True
    """
    from leadlag.core.effect import detectable_share

    n = reach + 20
    while detectable_share(df=n - reach / 2, max_lag=max(reach, 1), alpha=alpha) > share:
        n += 5
    return n


def usual_reach(slowest: int, freq: str, n: int) -> int:
    """Longest lag from a cohort's row that is searched by default.

    Parameters
    ----------
    slowest : int, periods
        How long it takes until the slowest version is known.
    freq : str
        Letter of the calendar.
    n : int
        Rows.

    Returns
    -------
    int, periods

    Examples
    --------
    >>> usual_reach(90, "D", 600), usual_reach(90, "D", 200)
    (240, 100)
    """
    usual = DEFAULT_MAX_LAG.get(freq, OTHER_MAX_LAG)
    # An outcome may be a renewal, months after its cohort: four times the usual beyond the slowest
    # version, where that costs no more than two fifths.
    return max(min(slowest + 4 * usual, 2 * n // 5), min(slowest + usual, n // 2))


def needed_rows(slowest: int, freq: str, reach: int | None) -> int:
    """Cohorts in which a plain lead of the slowest version would be found four times out of five.

    Parameters
    ----------
    slowest : int, periods
        How long it takes until its value is known.
    freq : str
        Letter of the calendar.
    reach : int or None
        Longest lag that is searched; None for the default, which grows with the rows.

    Returns
    -------
    int
        So many that as many are enough for what is then searched.

    Examples
    --------
    >>> needed_rows(13, "W", 40) < needed_rows(13, "W", None) < needed_rows(60, "W", None)
    True
    """
    if reach is not None:
        return max(fewest_rows(reach), slowest + MIN_PAIRS)
    n = max(slowest + MIN_PAIRS, 2 * slowest + 2)
    while True:
        found = usual_reach(slowest, freq, n)
        # A search that ends before the slowest is known does not ask for its lead.
        wanted = max(fewest_rows(found), n + 1 if found <= slowest else 0)
        if wanted <= n:
            return n
        n = min(wanted, n + max(5, (wanted - n) // 2))
