"""A target, what moves before it, what follows it, and what has nothing to do with it.

First the causes are named and sized, then the target exists, then everything that watches it. All
of it is linear in white shocks, so that the truth is computed, not measured.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from scipy.linalg import toeplitz

from leadlag.data.simulate.kernels import Draw, sharp
from leadlag.data.simulate.linear import (
    HORIZON,
    Process,
    autoregression_of,
    covariance,
    inverse_series,
    memory_weights,
)
from leadlag.data.simulate.links import Link, remainder, remainder_weights

__all__ = ["Row", "World"]

Floats = npt.NDArray[np.float64]

_ORDER = 30
_ROUNDS = 20
# Leaders together explain at most this much of the target: a short panel has no room for more.
_MOST_EXPLAINED = 0.85
# Sum of the weights of all feedback loops.
_MOST_ROUND = 0.7
# One leader in so many is weak: near what a test that is told everything can see.
_WEAK_SHARE = 0.12
_WEAK = (1.5, 3.5)


@dataclass(eq=False)
class _Cause:
    """Something that moves before the target."""

    own: Process
    link: Link | None
    signal: Process
    response: Floats
    strength: float
    sign: int
    back: tuple[int, float] | None
    size: float = 0.0


@dataclass(frozen=True, eq=False)
class Row:
    """One metric, and what is known about it by construction.

    Parameters
    ----------
    series : Process
    forward, reverse : bool, optional
        Whether each past helps the other side; None where the gains decide.
    response : ndarray, optional
        Of the target to the metric, by lag 0, 1, …; None where the projection decides.
    size : float
        Factor on the response, with its sign; NaN where the projection decides.
    back : ndarray, optional
        Response of the metric to the target.
    sign : int
    same : bool
        Whether the two share surprises of the same period.
    stem : str
        Beginning of its name.
    behind : int, optional
        Number of the row of which it is a proxy.
    link : Link, optional
        A bent response.
    held : float
        Share of the rows in which the relation holds.
    after : float
        What becomes of the relation afterwards: 0 it is gone, -1 it is reversed.
    delay : int, periods
        From the row's stamp to the moment the value is known.
    """

    series: Process
    forward: bool | None = False
    reverse: bool | None = False
    response: Floats | None = None
    size: float = float("nan")
    back: Floats | None = None
    sign: int = 0
    same: bool = False
    stem: str = "metric"
    behind: int | None = None
    link: Link | None = None
    held: float = 1.0
    after: float = 1.0
    delay: int = 0


@dataclass(eq=False)
class World:
    """Builds the linear core of one panel.

    Parameters
    ----------
    draw : Draw
    n : int, periods
        Length of the series.
    tails : float, optional
        Degrees of freedom of Student's t for all shocks; normal by default.
    effective : float, optional
        Rows that carry evidence, where that is fewer than `n`.
    breaks_at : float
        Share of the rows after which relations that break do so.
    """

    draw: Draw
    n: int
    tails: float | None = None
    effective: float | None = None
    breaks_at: float = 1.0
    rows: list[Row] = field(default_factory=list)
    target: Process = field(default_factory=lambda: Process({}))
    surprise: Process = field(default_factory=lambda: Process({}))
    _paths: dict[int, Floats] = field(default_factory=dict)
    _causes: list[_Cause] = field(default_factory=list)
    _kernels: list[Callable[[], Floats]] = field(default_factory=list)

    def fresh(self, memory: float) -> Process:
        """An autoregression of variance 1 with a shock of its own."""
        return Process({self._shock(): memory_weights(memory)})

    def _shock(self) -> int:
        length = self.n + 2 * HORIZON
        rng = self.draw.rng
        if self.tails is None:
            path = rng.standard_normal(length)
        else:
            path = rng.standard_t(self.tails, length) * np.sqrt(1 - 2 / self.tails)
        self._paths[len(self._paths)] = path
        return len(self._paths) - 1

    def strength(self, low: float, high: float) -> float:
        """How many standard errors an effect is worth to a test that is told everything."""
        weak = self.draw.rng.random() < _WEAK_SHARE
        return self.draw.between(*(_WEAK if weak else (low, high)))

    def cause(
        self,
        kernel: Floats,
        *,
        memory: float,
        strength: float,
        sign: int = 1,
        link: Link | None = None,
        back: tuple[int, float] | None = None,
        held: float = 1.0,
        after: float = 1.0,
        stem: str = "metric",
        seen: bool = True,
        own: Process | None = None,
    ) -> Process:
        """Something that the target responds to; a metric of its own unless hidden.

        Parameters
        ----------
        kernel : ndarray
            Response by lag 0, 1, …; its size is set by `strength`.
        memory : float
            First-order memory of the metric.
        strength : float, standard errors
        sign : int
        link : Link, optional
            Bends the response.
        back : tuple of int and float, optional
            Delay and strength of the metric's own response to the target: feedback.
        held, after : float
            See `Row`.
        stem : str
            Beginning of the metric's name.
        seen : bool
            Whether it is a column of the panel.
        own : Process, optional
            A series that exists already.

        Returns
        -------
        Process
            The cause, without what comes back from the target.
        """
        own = own if own is not None else self.fresh(memory)
        signal = own if link is None else self._bent(own, memory, link)
        response = kernel / np.abs(kernel).sum()
        cause = _Cause(own, link, signal, response, strength, sign, back)
        self._causes.append(cause)
        if seen:
            self.rows.append(
                Row(
                    own, forward=True, reverse=back is not None, response=response, sign=sign,
                    back=None if back is None else sharp(back[0]), link=link, held=held,
                    after=after, stem=stem,
                )
            )  # fmt: skip
        return own

    def _bent(self, own: Process, memory: float, link: Link) -> Process:
        """The link's line plus a remainder that no linear sum of the metric can show."""
        weights = remainder_weights(link, memory)
        line = own * link.slope
        path = remainder(link, self._series(own, HORIZON))
        number = len(self._paths)
        # White again: the remainder's path without its own memory.
        inverse = inverse_series(weights / weights[0])[: HORIZON // 2]
        white = np.convolve(path, inverse)[: path.size] / weights[0]
        self._paths[number] = np.concatenate([np.zeros(HORIZON), white])
        return line + Process({number: weights})

    def settle(self, *, noise: float) -> None:
        """Size every cause beside the others and the target's own noise, and let it all happen.

        Parameters
        ----------
        noise : float
            First-order memory of what no metric explains.
        """
        own = self.fresh(noise)
        signals = [cause.signal.filtered(cause.response) for cause in self._causes]
        shapes = [covariance(s, s, _ORDER)[_ORDER:] for s in signals]
        base = covariance(own, own, _ORDER)[_ORDER:]
        strengths = np.array([cause.strength for cause in self._causes])
        while self._explained(strengths) > _MOST_EXPLAINED:
            strengths = 0.95 * strengths
        for _ in range(_ROUNDS):
            sizes = [cause.size for cause in self._causes]
            for j, cause in enumerate(self._causes):
                rest = base + sum(
                    (
                        b**2 * s
                        for i, (b, s) in enumerate(zip(sizes, shapes, strict=True))
                        if i != j
                    ),
                    start=np.zeros(_ORDER + 1),
                )
                cause.size = self._size(shapes[j], rest, float(strengths[j]))
        for cause in self._causes:
            slope = 1.0 if cause.link is None else cause.link.slope
            for at, row in enumerate(self.rows):
                if row.series is cause.own:
                    self.rows[at] = replace(row, size=cause.size * cause.sign * slope)
        total = own
        for cause, signal in zip(self._causes, signals, strict=True):
            total = total + signal * (cause.size * cause.sign)
        self.target = self._closed(total)
        self._watch()

    def _explained(self, strengths: Floats) -> float:
        """Share of white noise that effects of these strengths would explain together."""
        ratio = strengths**2 / self.rows_that_count
        return float((ratio / (1 + ratio)).sum())

    def _closed(self, total: Process) -> Process:
        """The target with what comes back to it through feedback."""
        spread = np.sqrt(covariance(total, total, 1)[1])
        causes = [cause for cause in self._causes if cause.back is not None]
        backs = [
            sharp(cause.back[0]) * (cause.back[1] / np.sqrt(self.rows_that_count) / spread)
            for cause in causes
            if cause.back is not None
        ]
        rounds = [
            np.convolve(cause.response * cause.size * cause.sign, back)
            for cause, back in zip(causes, backs, strict=True)
        ]
        # What goes round a loop must fade: its weights, all together, stay below 1.
        total_round = sum(float(np.abs(there).sum()) for there in rounds)
        damped = min(1.0, _MOST_ROUND / total_round) if rounds else 1.0
        loop = np.eye(1, HORIZON)[0]
        for there in rounds:
            loop[: there.size] -= damped * there[:HORIZON]
        if not causes:
            return total
        target = total.filtered(inverse_series(loop))
        for number, cause in enumerate(causes):
            at = next(i for i, row in enumerate(self.rows) if row.series is cause.own)
            row = self.rows[at]
            seen = cause.own + target.filtered(damped * backs[number])
            self.rows[at] = replace(row, series=seen)
        return target

    def _watch(self) -> None:
        coefficients, variance = autoregression_of(
            covariance(self.target, self.target, 120)[120:], 120
        )
        kernel = np.concatenate([[1.0], -coefficients])
        self.surprise = self.target.filtered(kernel) * (1 / np.sqrt(variance))

    @property
    def rows_that_count(self) -> float:
        """Number of rows on which sizes are based."""
        return self.effective if self.effective is not None else float(self.n)

    def _size(self, signal: Floats, noise: Floats, strength: float) -> float:
        """Factor at which a signal in noise is worth so many standard errors."""
        coefficients, variance = autoregression_of(noise, _ORDER)
        kernel = np.concatenate([[1.0], -coefficients])
        visible = float(kernel @ toeplitz(signal) @ kernel)
        return strength * float(np.sqrt(variance / (self.rows_that_count * visible)))

    def sized(self, signal: Process, noise: Process, strength: float) -> Process:
        """A signal, sized to be worth so many standard errors in a noise."""
        covariances = [covariance(p, p, _ORDER)[_ORDER:] for p in (signal, noise)]
        return signal * self._size(covariances[0], covariances[1], strength)

    def lagging(self, lag: int, *, memory: float, strength: float, sign: int = 1) -> None:
        """A metric that follows the target after some periods."""
        own = self.fresh(memory)
        follows = self.sized(self.target.delayed(lag), own, strength)
        self.rows.append(Row(own + follows * sign, reverse=True, back=sharp(lag), sign=sign))

    def coincident(self, *, memory: float, strength: float, sign: int = 1) -> None:
        """A metric that shares the target's surprises of the same period, and nothing else.

        A noisy copy of the target would not do: where the target has memory, its past helps to
        predict the copy, which makes the copy lag.
        """
        share = strength / np.sqrt(self.rows_that_count)
        own = Process({self._shock(): np.eye(1, HORIZON)[0]})
        news = (own + self.surprise * (sign * share)) * (1 / np.sqrt(1 + share**2))
        series = news.filtered(memory_weights(memory)[: HORIZON // 2])
        self.rows.append(Row(series, same=True, sign=sign))

    def unrelated(self, *, memory: float, count: int = 1) -> None:
        """Metrics that have nothing to do with the target."""
        for _ in range(count):
            self.rows.append(Row(self.fresh(memory)))

    def path(self, process: Process) -> Floats:
        """Simulated values, shape (n,)."""
        return self._series(process, 0)

    def target_path(self) -> Floats:
        """The target, relations that break included."""
        path = self.path(self.target)
        later = np.arange(self.n) >= self.breaks_at * self.n
        for row in self.rows:
            if row.after != 1.0 and row.response is not None:
                cause = next(c for c in self._causes if c.own is row.series)
                part = self.path(cause.signal.filtered(cause.response)) * cause.size * cause.sign
                path = path + np.where(later, (row.after - 1) * part, 0.0)
        return path

    def _series(self, process: Process, before: int) -> Floats:
        out = np.zeros(self.n + before)
        for shock, weight in process.weights.items():
            path = self._paths[shock][-(self.n + before + HORIZON - 1) :]
            out += np.convolve(path, weight, "valid")
        return out
