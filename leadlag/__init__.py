"""Find which product metrics move before a business outcome, by how many periods, how surely.

>>> import leadlag
>>> ranking = leadlag.rank(leadlag.datasets.box_jenkins(), target="sales")
>>> float(ranking.table.loc["lead", "lag"])
3.0
"""

from importlib.metadata import PackageNotFoundError, version

from leadlag.assign.coach import coach
from leadlag.assign.components import Components, components
from leadlag.assign.counterweights import Counterweight, counterweights
from leadlag.bayes.fit import fit_lag_model
from leadlag.bayes.pooling import PooledLagModels, pool_lag_models
from leadlag.bayes.result import LagModel
from leadlag.core.correlation import cross_correlation, cross_correlation_matrix
from leadlag.core.granger import granger
from leadlag.core.posterior import lag_posterior
from leadlag.data import datasets
from leadlag.data.catalog import Catalog, Metric
from leadlag.data.simulate import Simulated, simulate, situations
from leadlag.errors import LeadLagError, LeadLagWarning
from leadlag.iterations.behaving import Behaviours, behaviours
from leadlag.iterations.comparing import compare
from leadlag.iterations.comparison import Comparison
from leadlag.iterations.retained import Retention, retention
from leadlag.loading import load
from leadlag.pipeline import rank
from leadlag.planning.backward import Plan, plan
from leadlag.planning.move import RequiredMove, required_move
from leadlag.planning.past_experiments import Experiments, experiments
from leadlag.planning.stage_flow import Funnel, funnel
from leadlag.ranking import Ranking
from leadlag.report.write import write_report
from leadlag.segments import Segments, rank_by

try:
    __version__ = version("leadlag")
except PackageNotFoundError:  # run from a checkout that is not installed
    __version__ = "0+unknown"

__all__ = [
    "Behaviours",
    "Catalog",
    "Comparison",
    "Components",
    "Counterweight",
    "Experiments",
    "Funnel",
    "LagModel",
    "LeadLagError",
    "LeadLagWarning",
    "Metric",
    "Plan",
    "PooledLagModels",
    "Ranking",
    "RequiredMove",
    "Retention",
    "Segments",
    "Simulated",
    "__version__",
    "behaviours",
    "coach",
    "compare",
    "components",
    "counterweights",
    "cross_correlation",
    "cross_correlation_matrix",
    "datasets",
    "experiments",
    "fit_lag_model",
    "funnel",
    "granger",
    "lag_posterior",
    "load",
    "plan",
    "pool_lag_models",
    "rank",
    "rank_by",
    "required_move",
    "retention",
    "simulate",
    "situations",
    "write_report",
]
