"""Data sets that come with the package: real ones with their provenance, and a simulated one.

========================  ==========================================================
`us_leading()`            monthly US series, 1959-2025; target `INDPRO`
`box_jenkins()`           Box-Jenkins Series M; target `sales`
`cdnow()`                 orders of the CDNOW customers of early 1997, one row an order
`subscription()`          a simulated subscription business and its truth
`renewals()`              simulated daily cohorts that renew on day 120, and versions before it
`provenance(name)`        where a data set comes from and under what terms
========================  ==========================================================
"""

from importlib import resources

import pandas as pd

from leadlag.data.datasets.business import SimulatedBusiness, subscription
from leadlag.data.datasets.renewing import SimulatedRenewals, renewals
from leadlag.errors import unknown_name

__all__ = [
    "SimulatedBusiness",
    "SimulatedRenewals",
    "box_jenkins",
    "cdnow",
    "provenance",
    "renewals",
    "subscription",
    "us_leading",
]

# data set -> file beside this module; a simulated one has none
_FILES: dict[str, str | None] = {
    "us_leading": "us_leading.csv",
    "box_jenkins": "box_jenkins.csv",
    "cdnow": "cdnow.csv.gz",
    "subscription": None,
    "renewals": None,
}


def us_leading() -> pd.DataFrame:
    """Read nine monthly US series, 1959 to 2025, from FRED-MD.

    The Conference Board's classes are a yardstick for a ranking with `INDPRO` as its target:
    `PERMIT`, `CLAIMSx` (inverted) and `T10YFFM` are components of its leading index, `PAYEMS` of
    its coincident index, `UEMPMEAN`, `BUSLOANS` and consumer prices of services of its lagging one.

    Returns
    -------
    DataFrame, shape (804, 9), monthly
        By month start: `INDPRO` industrial production (index), `PAYEMS` payroll employment
        (thousands), `PERMIT` building permits (thousands, a year's rate; first known 1960-01),
        `CLAIMSx` initial claims (a week), `T10YFFM` ten-year Treasury yield minus the federal funds
        rate (points), `UEMPMEAN` mean duration of unemployment (weeks), `BUSLOANS` commercial and
        industrial loans (billions of dollars), `CUSR0000SAS` consumer prices of services (index),
        `FEDFUNDS` federal funds rate (per cent). Nothing is transformed.

    Notes
    -----
    The year 2020 outweighs every other in these series; end a study at 2019, or say why not.

    References
    ----------
    McCracken, M. W. and Ng, S. (2016). FRED-MD: A monthly database for macroeconomic research.
    Journal of Business & Economic Statistics 34(4), 574-589.

    Examples
    --------
    >>> from leadlag import datasets
    >>> us = datasets.us_leading().loc["1959":"2019"]
    >>> us.shape
    (732, 9)
    >>> float(us["INDPRO"].iloc[0])
    21.9998
    """
    return _read("us_leading", index="date")


def box_jenkins() -> pd.DataFrame:
    """Read Box and Jenkins' Series M: sales, and a leading indicator three periods ahead.

    Returns
    -------
    DataFrame, shape (150, 2)
        `lead` and `sales`, by plain period 1 to 150; the unit of time was not published.

    Notes
    -----
    The published transfer function of the first differences is 4.82 B³ / (1 - 0.72 B): the lag and
    the onset are 3 periods, the mean delay 5.6.

    References
    ----------
    Box, G. E. P. and Jenkins, G. M. (1976). Time Series Analysis: Forecasting and Control, revised
    edition, Series M. Holden-Day.

    Examples
    --------
    >>> from leadlag import datasets
    >>> change = datasets.box_jenkins().diff()
    >>> round(float(change["sales"].corr(change["lead"].shift(3))), 3)
    0.728
    """
    return _read("box_jenkins", index="period")


def cdnow() -> pd.DataFrame:
    """Read the orders of the customers who first bought at CDNOW in early 1997.

    Returns
    -------
    DataFrame, shape (69659, 4)
        One row an order: `date`, `customer_id`, `quantity` (CDs), `revenue` (dollars); 23,570
        customers, all first seen 1997-01-01 to 1997-03-25, followed to 1998-06-30.

    Notes
    -----
    Everybody joins in the first quarter, so that the totals fall for a reason that is no behaviour:
    no new customers are let in.

    References
    ----------
    Fader, P. S. and Hardie, B. G. S. (2001). Forecasting repeat sales at CDNOW: a case study.
    Interfaces 31(3), S94-S107.

    Examples
    --------
    >>> from leadlag import datasets
    >>> orders = datasets.cdnow()
    >>> len(orders), orders["customer_id"].nunique()
    (69659, 23570)
    """
    return _read("cdnow", index=None)


def provenance(name: str) -> str:
    """Say where a data set comes from, under what terms, and what is known about it.

    Parameters
    ----------
    name : str
        A data set: "us_leading", "box_jenkins", "cdnow", "subscription" or "renewals".

    Returns
    -------
    str
        Its section of the file `PROVENANCE.md` that comes with the data.

    Raises
    ------
    ConfigurationError
        If there is no data set of that name.

    Examples
    --------
    >>> from leadlag import datasets
    >>> print(datasets.provenance("subscription").splitlines()[0])
    Simulated. No business stands behind these numbers.
    """
    if name not in _FILES:
        raise unknown_name(f"{name!r} is not a data set", name, _FILES, plural="Data sets")
    text = resources.files(__name__).joinpath("PROVENANCE.md").read_text(encoding="utf-8")
    sections = (part.partition("\n") for part in text.split("\n## ")[1:])
    return {title.strip(): body.strip() for title, _, body in sections}[name]


def _read(name: str, *, index: str | None) -> pd.DataFrame:
    source = resources.files(__name__).joinpath(str(_FILES[name]))
    with resources.as_file(source) as path:
        frame = pd.read_csv(path)
    if "date" in frame:
        frame["date"] = pd.to_datetime(frame["date"], format="%Y-%m-%d")
    if index is not None:
        frame = frame.set_index(index)
    frame.attrs["simulated"] = False
    return frame
