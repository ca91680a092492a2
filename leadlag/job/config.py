"""The configuration of a report: what a TOML file may say, checked before anything is run."""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Mapping
from glob import glob
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from leadlag.errors import ConfigurationError, listing, unknown_name
from leadlag.job.problems import as_sentence, mend, misplaced, problems_of
from leadlag.monitor.alerts import RULES, Rule

__all__ = ["Alerts", "Config", "Line", "Output", "PastExperiments", "Source", "read_config"]

Text = Annotated[str, Field(min_length=1)]
Kind = Literal["csv", "parquet", "duckdb", "sqlite", "postgres", "python"]
# What each kind of source needs, and what it may have besides.
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "csv": ("path",),
    "parquet": ("path",),
    "duckdb": ("query",),
    "sqlite": ("path", "query"),
    "postgres": ("dsn_env", "query"),
    "python": ("function",),
}
_MAY_HAVE: Mapping[str, tuple[str, ...]] = {
    "parquet": ("time_zone",),
    "duckdb": ("path", "time_zone"),
    "postgres": ("time_zone",),
}


# With a target, a segment and suffixes a file's name has at most 255.
_MOST_BYTES = 40


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Source(_Strict):
    """Where the data are.

    Parameters
    ----------
    kind : str
        "csv", "parquet", "duckdb", "sqlite", "postgres" or "python".
    path : str, optional
        A file; for Parquet also a pattern such as "weeks/*.parquet". Beside the configuration.
    query : str, optional
        SQL that gives one row a period.
    dsn_env : str, optional
        The environment variable that holds the address of the server, with its password.
    function : str, optional
        "module:function" that returns a dataframe.
    time_zone : str, optional
        Whose days those of moments with a time zone are, such as "Europe/Berlin". By default the
        zone that a Parquet column names, and UTC for what a query gives.
    """

    kind: Kind
    path: Text | None = None
    query: Text | None = None
    dsn_env: Text | None = None
    function: Text | None = None
    time_zone: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> Source:
        needs = _NEEDS[self.kind]
        lacking = [name for name in needs if not getattr(self, name)]
        if lacking:
            raise ValueError(f"a {self.kind} source needs {listing(lacking)}")
        known = {*needs, *_MAY_HAVE.get(self.kind, ())}
        optional = ("path", "query", "dsn_env", "function", "time_zone")
        extra = [name for name in optional if getattr(self, name) and name not in known]
        if extra:
            raise ValueError(f"a {self.kind} source has no {listing(extra)}")
        if "://" in (self.path or ""):
            raise ValueError("path is the name of a file, not an address")
        if self.dsn_env is not None and not self.dsn_env.isidentifier():
            # An address typed here would be a password in a file.
            raise ValueError("dsn_env is the name of an environment variable, not an address")
        if self.time_zone is not None and self.time_zone not in available_timezones():
            zones = sorted(available_timezones())
            wrong = unknown_name("", self.time_zone, zones, show=0)
            raise ValueError(
                f"time_zone {self.time_zone!r} is no time zone such as 'Europe/Berlin'. {wrong.do}"
            )
        return self


class Output(_Strict):
    """Where the report goes.

    Parameters
    ----------
    folder : str
        Beside the configuration; it is made if it is not there.
    name : str
        Of the files, without a suffix.
    markdown, text : bool
        Whether these are written as well.
    """

    folder: str = "report"
    name: str = Field(default="report", pattern=r"^\w[\w.-]*$")
    markdown: bool = False
    text: bool = False

    @model_validator(mode="after")
    def _short(self) -> Output:
        if len(self.name.encode()) > _MOST_BYTES:
            raise ValueError(
                f"name is longer than {_MOST_BYTES} bytes, which leaves no room for a target's "
                "and a segment's behind it"
            )
        return self


class PastExperiments(_Strict):
    """Effects of past experiments.

    Parameters
    ----------
    path : str
        CSV or Parquet, as `leadlag.experiments` reads it. Beside the configuration.
    noise_correlation : float or dict, optional
        Correlation over users of a metric with the target, one for all or by metric.
    """

    path: Text
    noise_correlation: float | dict[str, float] | None = None


class Line(_Strict):
    """Lines of one kind of alert, where they are not the usual ones.

    Parameters
    ----------
    enter, leave : float, optional
    runs, cool_off : int, optional
    on : bool
        False leaves this kind out.
    """

    enter: float | None = Field(default=None, gt=0)
    leave: float | None = Field(default=None, gt=0)
    runs: int | None = Field(default=None, ge=1)
    cool_off: int | None = Field(default=None, ge=0)
    on: bool = True


class Alerts(_Strict):
    """Who is told of alerts, and where their lines are.

    Parameters
    ----------
    file : str, optional
        Each alert is appended to it as a line of JSON. Beside the configuration.
    webhook_env : str, optional
        The environment variable that holds the address that alerts are posted to.
    lines : dict
        By kind of alert, such as ``"leader moved"``.
    """

    file: Text | None = None
    webhook_env: str | None = Field(default=None, pattern=r"^[A-Za-z_]\w*$")
    lines: dict[str, Line] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known(self) -> Alerts:
        for name, line in self.lines.items():
            if name not in RULES:
                wrong = unknown_name("", name, RULES, plural="kinds of alert")
                raise ValueError(f"'lines.{name}' is no alert: need {wrong.need}. {wrong.do}")
            usual = RULES[name]
            leave, enter = line.leave or usual.leave, line.enter or usual.enter
            if leave > enter:
                raise ValueError(
                    f"'lines.{name}': leave lies above enter, got {leave:g} and {enter:g}"
                )
        return self

    def rules(self) -> dict[str, Rule]:
        """The lines by kind of alert, those that are on."""
        made = {}
        for name, usual in RULES.items():
            line = self.lines.get(name, Line())
            if line.on:
                made[name] = Rule(
                    enter=line.enter or usual.enter,
                    leave=line.leave or usual.leave,
                    runs=line.runs or usual.runs,
                    cool_off=usual.cool_off if line.cool_off is None else line.cool_off,
                    words=usual.words,
                    event=usual.event,
                )
        return made


class Config(_Strict):
    """All of a configuration; the arguments of `leadlag.rank` have their names.

    Parameters
    ----------
    source : Source
    target : str or list of str
    output : Output
    alerts : Alerts
    title : str, optional
    goal : dict
        By target: what it is wanted to be, per period.
    margin : dict
        By counterweight: the change for the worse that is tolerated, in its units.
    experiments : PastExperiments, optional
    folder : Path
        Where the file lies: paths in it are beside it.
    """

    source: Source
    target: str | list[str] = Field(min_length=1)
    time: Text | None = None
    metrics: str | list[str] | None = None
    controls: str | list[str] | None = None
    catalog: Text | None = None
    freq: str | None = None
    aggregate: str | dict[str, str | list[str]] | None = None
    holidays: str | list[str] | None = None
    max_lag: int | None = None
    alpha: float = Field(default=0.10, gt=0, lt=1)
    model: Literal["screen", "full"] = "screen"
    seed: int = Field(default=0, ge=0)
    segment: Text | None = None
    title: str | None = None
    goal: dict[str, float] = Field(default_factory=dict)
    margin: dict[str, float] = Field(default_factory=dict)
    experiments: PastExperiments | None = None
    output: Output = Output()
    alerts: Alerts = Alerts()
    folder: Path = Field(default=Path(), exclude=True)

    @model_validator(mode="after")
    def _goals(self) -> Config:
        for name, wanted in self.goal.items():
            if name not in self.targets:
                wrong = unknown_name("", name, self.targets)
                raise ValueError(
                    f"goal.{name} is of no target: {listing(self.targets)}. {wrong.do}"
                )
            if not math.isfinite(wanted):
                raise ValueError(f"goal.{name} is {wanted:g}: it has to be a number")
        for name, most in self.margin.items():
            if not 0 < most < math.inf:
                raise ValueError(f"margin.{name} is {most:g}: it has to lie above 0")
        if len(set(self.targets)) < len(self.targets):
            raise ValueError("a target is named twice")
        return self

    @property
    def targets(self) -> list[str]:
        """The targets as a list."""
        return [self.target] if isinstance(self.target, str) else list(self.target)

    def beside(self, path: str) -> Path:
        """A path of the configuration, from where the configuration lies."""
        return self.folder / path

    def files(self, path: str) -> list[Path]:
        """The files that a path or a pattern names, in order.

        Parameters
        ----------
        path : str
            Beside the configuration; ``**`` stands for folders at any depth. A file that has the
            signs of a pattern in its name is that file.

        Returns
        -------
        list of Path
        """
        if self.beside(path).exists():
            return [self.beside(path)]
        # Of the folder, which nobody wrote into the configuration, no sign is one of a pattern.
        return [
            self.beside(one) for one in sorted(glob(path, root_dir=self.folder, recursive=True))
        ]


def read_config(path: str | os.PathLike[str]) -> Config:
    """Read and check a configuration.

    Parameters
    ----------
    path : str or path
        A TOML file.

    Returns
    -------
    Config

    Raises
    ------
    ConfigurationError
        With everything that is wrong, unknown keys with the nearest one suggested.
    """
    file = Path(path)
    try:
        # Some editors begin a file with a mark that TOML does not know.
        text = file.read_text(encoding="utf-8-sig")
        values = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"configuration '{file}' can't be read",
            got=getattr(error, "strerror", None) or "text that is not UTF-8",
            need="a TOML file",
            do="leadlag init DATA writes one with comments",
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            f"configuration '{file}' is not TOML", got=str(error), do=mend(str(error), text)
        ) from error
    # Where the file lies is kept beside what it says.
    problems = [misplaced("folder", (), Config)] if values.pop("folder", None) is not None else []
    try:
        config = Config.model_validate({**values, "folder": file.resolve().parent})
    except ValidationError as error:
        problems += problems_of(error, Config)
    if problems:
        raise ConfigurationError(
            as_sentence(file.name, problems), do="Mend it, then try leadlag report --check"
        )
    return config


def as_values(config: Config) -> dict[str, Any]:
    """A configuration as plain values, without where it lies."""
    return config.model_dump(exclude_none=True, exclude={"folder"})
