"""What each situation teaches: what goes wrong in naive practice, and what we do about it.

A situation `null_…` has its twin's lesson.
"""

from __future__ import annotations

__all__ = ["LESSONS"]

LESSONS = {
    "independent_ar": (
        "A series with a long memory has few independent values, so two strangers correlate far"
        " beyond ±1.96/√n, and the best of 42 lags looks certain. Each side's own past is taken"
        " out first, and one table of the null pays for the search over lags."
    ),
    "random_walks": (
        "Two random walks wander together for as long as one likes: their correlation does not"
        " shrink as they grow longer, and F tests on their levels have no F distribution. A column"
        " with a unit root is differenced, by a test of its own, and the joint tests carry a free"
        " extra lag (Toda and Yamamoto)."
    ),
    "shared_variance": (
        "Wild and calm times that all columns share make large values meet large values; plain"
        " standard errors take that for evidence. Surprises are divided by their local size before"
        " they are compared, so that a wild month counts no more than a calm one."
    ),
    "weekly_season": (
        "Everything rises on Mondays and falls on Christmas Day: any two columns correlate, best at"
        " lags of 7, 14 or 21. Weekdays, month ends and holidays are regressors inside every test;"
        " what is left is compared."
    ),
    "moving_season": (
        "A weekday pattern that changes over two years survives weekday dummies, and filters that"
        " follow it look ahead. The season enters the test times slow cosines, so that it may"
        " change slowly, and nothing looks into the future."
    ),
    "shared_growth": (
        "Two columns that grow along smooth curves predict each other at every lag; a straight"
        " trend leaves the bends. Columns in levels have slow cosines beside the trend, differenced"
        " ones a drift that bends."
    ),
    "sharp_lead": (
        "The easy case: one lag carries the whole effect. Largest correlations find it, but name"
        " unrelated metrics as well, and put the memory of a metric's own neighbours into the lag."
        " Innovations are compared with innovations, and the lag comes with its interval."
    ),
    "gamma_lead": (
        "No single lag of a spread-out effect stands out, and the target's own past tells the rest"
        " of it once its beginning was seen: the lag looks too short. Windows of lags are tested"
        " beside single ones, and the lag comes from a transfer function with noise of its own."
    ),
    "lagging": (
        "What follows the target correlates with it just as well, and a scan that looks at positive"
        " lags alone calls it a leader wherever it has memory. Both directions are tested, and the"
        " role goes by how much each past predicts."
    ),
    "coincident": (
        "Metrics that move with the target in the same period correlate at neighbouring lags as"
        " well. What both show in the same period is taken out of the news before its past is put"
        " to the test."
    ),
    "lag_zero_too": (
        "A leader with a strong correlation at lag 0 is filed as coincident by whoever takes the"
        " largest correlation, and loses its lead. Lag 0 has a test of its own and never stands"
        " against a past that helps."
    ),
    "feedback": (
        "Where each side moves the other, a one-sided test calls it a lead or, from the other side,"
        " a lag. Both directions must be shown, and their gains be comparable, before a metric is"
        " called feedback."
    ),
    "driver_observed": (
        "What follows a driver ahead of the target leads it too, and may look better than the"
        " driver. Each is ranked by its own lead; the second look holds the stronger ones constant,"
        " and `redundant_with` names the driver."
    ),
    "driver_control": (
        "With the driver declared as a control, its followers have nothing of their own to tell,"
        " but still correlate with the target. Controls and their past values are held constant in"
        " every test."
    ),
    "driver_hidden": (
        "Spend, weather or a launch that is no column moves a metric first and the target later."
        " In time the metric leads, and is called so: precedence is what a series can show, not"
        " what a change of the metric would do."
    ),
    "log_growth": (
        "A product that grows by per cents has a level that correlates with everything that grows,"
        " and differences whose size grows too. A likelihood chooses the logarithm, a unit-root"
        " test the difference, column by column, and the result says which."
    ),
    "missing_random": (
        "Dropping rows with a gap anywhere shifts every lag after it and, with a dozen columns,"
        " leaves a quarter of the rows; filling with zero invents events. Lags are calendar"
        " periods, a gap in one column costs the others nothing, and bridged values are never"
        " observations."
    ),
    "missing_blocks": (
        "Weeks without recording, filled or dropped, end in a jump that looks like an event."
        " Nothing is filled: the filter bridges a gap from the past alone, and the rows after it"
        " wait until there is a past again."
    ),
    "heavy_tails": (
        "Zeros where the recording failed, on the same day in every column, and a few huge values"
        " make or break any correlation. Outage zeros and lone spikes count as missing and are"
        " named by date; surprises are scaled locally and cut at four of their sizes."
    ),
    "breaking": (
        "A relation that ended last spring still shows in two years of data. It is found where it"
        " was strong enough, and `stability` says that it does not hold over time: it stays below"
        " T3."
    ),
    "reversal": (
        "A relation that changes its sign adds up to nearly nothing over the whole sample, and is"
        " missed or, worse, reported with the sign of its longer half. The test also asks for leads"
        " that end, begin or turn round; `stability` says that they don't last."
    ),
    "short_weekly": (
        "Two years of weeks are 104 rows: 26 lags, 52 weekday terms or a deep lag search eat them"
        " up, and asymptotic p-values are too small. Orders shrink with the rows, windows are paid"
        " for at their degrees of freedom, and `detectable_effect` says what could not be seen."
    ),
    "many_metrics": (
        "Among 500 metrics 25 pass at 5 % by chance, and simulated nulls with 999 draws cannot give"
        " a p-value small enough to survive the correction. The null is tabulated far into its tail"
        " once for each number of lags, and the false discovery rate is held across metrics."
    ),
    "near_duplicates": (
        "Three versions of one metric fill the first three places, or a joint model splits the"
        " effect among them and shows none. Each is tested by itself; `redundant_with` says which"
        " tell the same."
    ),
    "negative_leaders": (
        "Churn, latency and complaints lead downwards; who looks at the largest positive"
        " correlation never sees them. Tests are two-sided, and the effect carries the sign."
    ),
    "growing_variance": (
        "Where the noise grows with the level, the last months outweigh all others and standard"
        " errors are wrong. A logarithm where the likelihood asks for it, and division by the local"
        " size of the surprises, give each month its weight."
    ),
    "retention_cohort": (
        "A 30-day retention dated by its cohort is not known for another 30 days: it leads on paper"
        " and comes too late to act on, and its last 30 values do not exist yet. The lag is"
        " measured as dated, and `usable_lead` subtracts what has to be waited for, once."
    ),
    "retention_availability": (
        "The same retention dated when it is known has a shorter lag and the same usable lead;"
        " subtracting the window again would make it useless. The catalogue says which date it is,"
        " and nothing is subtracted twice."
    ),
    "threshold": (
        "A metric that counts only above some level has a weaker straight-line relation than its"
        " importance suggests, so linear tests see less of it. What lies above a bend, and what"
        " below one, is tested beside the values themselves."
    ),
    "saturating": (
        "Where more of a metric adds less and less, the largest values say the least and pull a"
        " fitted line down. Cutting surprises limits their pull; the line through the rest is what"
        " is tested."
    ),
    "yearly_monthly": (
        "Two yearly cycles with phases of their own look like a lead of some months, every year"
        " again. Months and yearly waves are regressors inside the test, once there are three"
        " years of them."
    ),
    "aggregated": (
        "A lead of three days, seen in weeks, is mostly a correlation at lag 0 with a little at"
        " lag 1, and looks coincident or two-sided. The past is tested beside lag 0 and keeps its"
        " own verdict; what a week hides can't be dated more finely."
    ),
    "annual": (
        "Fifty years are fifty rows: deep orders fit them perfectly and find nothing, asymptotic"
        " tests find too much. Few lags, few own lags and small-sample tests; what is not shown may"
        " still be there."
    ),
    "mixed": (
        "Season, holidays, growth, gaps, spikes and outages at once: every one of them breaks some"
        " step that works on clean data, and cleaning by hand tunes the answer. All of it is"
        " handled in every ranking, without options."
    ),
    "counts": (
        "Small counts have many ties and a variance that is their mean; logarithms of zeros do not"
        " exist. A logarithm with an offset in the column's own units competes with the level, and"
        " zeros that are common stay what they are. The oracle is told the level behind the counts,"
        " which nobody who has the counts can know: part of its distance is out of reach."
    ),
    "level_shifts": (
        "A new definition or a migration moves a column to another level for good; two such jumps"
        " in two columns make a strong, false lead. A jump is one surprise among hundreds, cut at"
        " four sizes, and moves little."
    ),
    "mixed_weekly": (
        "Three or four years of weeks with a yearly cycle, growth and gaps leave little once all of"
        " it is modelled, and naive scans find a lead everywhere. Terms enter only where the rows"
        " can pay for them."
    ),
}
