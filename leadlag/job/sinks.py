"""Who is told of alerts: a file of JSON lines, a web address; each alert once."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from leadlag.errors import LeadLagError
from leadlag.job.config import Config
from leadlag.job.history import History

__all__ = ["fired", "sinks_of", "tell"]

Alert = Mapping[str, Any]

# How long an answer may take, and the waits before it is tried again, in seconds.
_PATIENCE = 20.0
_WAITS = (1.0, 4.0)
_SCHEMES = ("https://", "http://")
# Answers that may be others a moment later, beside those of a server that broke.
_PASSING = (408, 425, 429)


def sinks_of(config: Config) -> list[str]:
    """Name the sinks of a configuration, as the history knows them.

    Parameters
    ----------
    config : Config

    Returns
    -------
    list of str
    """
    return list(_sinks(config))


def fired(record: Mapping[str, Any], report: str) -> list[dict[str, Any]]:
    """Write the alerts of a run as those who are told read them.

    Parameters
    ----------
    record : mapping
        A run record.
    report : str
        Its target, and what tells it from other reports on it.

    Returns
    -------
    list of dict
    """
    about = {
        "run": record["run"]["id"],
        "report": report,
        "target": record["target"]["name"],
        "through": record["target"]["through"],
    }
    return [{**about, **alert} for alert in record["alerts"]["fired"]]


def tell(config: Config, history: History, runs: Mapping[str, str]) -> list[str]:
    """Pass on the alerts that fired and were not passed on yet.

    Parameters
    ----------
    config : Config
    history : History
        It knows what is owed to whom.
    runs : mapping of str to str
        Ids of the runs of this job, by stream; none where the report failed.

    Returns
    -------
    list of str
        What could not be told, a sentence each: an alert that can't be passed on ends no job, and
        where one way fails the other is tried.

    Notes
    -----
    Two jobs at once take turns, so that neither tells what the other does. A job that is killed
    between telling and noting it tells again: an alert may come twice, and is never lost.
    """
    problems = []
    for sink, pass_on in _sinks(config).items():
        told = False
        try:
            with history.turn() as turn:
                owed = turn.deliveries.owed(sink, runs)
                if not owed:
                    continue
                late = [one.run not in runs.values() for one in owed]
                problem = pass_on([one.alert for one in owed], late)
                told = problem is None
                if problem is None:
                    turn.deliveries.told(owed)
                else:
                    problems.append(f"{problem} The next run tells them.")
        except LeadLagError as error:
            what = "told, and may be told again" if told else "not told"
            problems.append(f"The alerts for {sink} were {what}: {error}")
    return problems


def _sinks(config: Config) -> dict[str, Callable[[Sequence[Alert], Sequence[bool]], str | None]]:
    """How each sink is told: a function that says what went wrong."""
    file, name = config.alerts.file, config.alerts.webhook_env
    found: dict[str, Callable[[Sequence[Alert], Sequence[bool]], str | None]] = {}
    if file is not None:
        found[f"alerts.file {file}"] = lambda told, _: _append(file, config.beside(file), told)
    if name is not None:
        found[f"alerts.webhook_env {name}"] = lambda told, late: _post(name, told, late)
    return found


def _append(name: str, path: Path, told: Iterable[Alert]) -> str | None:
    lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in told)
    try:
        with path.open("ab", buffering=0) as file:
            size = file.tell()
            try:
                left = lines.encode()
                while left:
                    left = left[file.write(left) :]
            except OSError:
                # Half a line is none that a reader of JSON understands.
                with contextlib.suppress(OSError):
                    file.truncate(size)
                raise
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return f"Alerts were not written to alerts.file '{name}': {reason}."
    return None


def _post(name: str, told: Sequence[Alert], late: Sequence[bool]) -> str | None:
    address = os.environ.get(name, "").strip()
    if not address.startswith(_SCHEMES):
        return f"Alerts were not posted: the environment variable {name} holds no web address."
    text = "\n".join(map(_line, told, late))
    body = json.dumps({"text": text, "alerts": list(told)}, ensure_ascii=False).encode()
    for wait in (*_WAITS, None):
        reason, passing = _posted_in_time(address, body)
        if reason is None:
            return None
        if not passing or wait is None:
            break
        time.sleep(wait)
    return f"Alerts were not posted to the address in {name}: {reason}."


def _line(one: Alert, late: bool) -> str:
    when = f" (data through {one['through']})" if late else ""
    return f"{one['report']}{when}: {one['text']}"


class _NoDetour(urllib.request.HTTPRedirectHandler):
    """An alert that follows a redirection would arrive as a request without it."""

    def redirect_request(self, *_: Any) -> None:
        """Go nowhere else."""


def _posted_in_time(address: str, body: bytes) -> tuple[str | None, bool]:
    """Post once, and wait for no server that answers byte by byte: others wait for this turn."""
    told: list[tuple[str | None, bool]] = []
    thread = threading.Thread(target=lambda: told.append(_posted(address, body)), daemon=True)
    thread.start()
    # A little longer than each of its steps may take, so that its own words come first.
    thread.join(1.1 * _PATIENCE)
    return told[0] if told else ("no answer", True)


def _posted(address: str, body: bytes) -> tuple[str | None, bool]:
    """Post once: what went wrong, if anything did, and whether it may pass."""
    try:
        request = urllib.request.Request(
            address, data=body, headers={"Content-Type": "application/json"}, method="POST"
        )
        opener = urllib.request.build_opener(_NoDetour)
        with opener.open(request, timeout=_PATIENCE):
            return None, False
    except urllib.error.HTTPError as error:
        error.close()
        if 300 <= error.code < 400:
            return f"{error.code}, it sends on to another address: name that one", False
        return str(error.code), error.code >= 500 or error.code in _PASSING
    except (ValueError, http.client.InvalidURL) as error:
        # The address is a secret, and errors quote it: what went wrong is said without their text.
        return type(error).__name__, False
    except (OSError, http.client.HTTPException) as error:
        return _plainly(error), True


def _plainly(error: Exception) -> str:
    cause = getattr(error, "reason", error)
    if isinstance(cause, ConnectionError | socket.gaierror | TimeoutError):
        return cause.strerror or "no answer"
    return type(cause).__name__
