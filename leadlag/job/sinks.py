"""Who is told of alerts: a file of JSON lines, a web address."""

from __future__ import annotations

import http.client
import json
import os
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from leadlag.job.config import Config

__all__ = ["tell"]

_PATIENCE = 20.0
_SCHEMES = ("https://", "http://")


def tell(config: Config, records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Pass on the alerts that fired.

    Parameters
    ----------
    config : Config
    records : sequence of mapping
        Run records of this job.

    Returns
    -------
    list of str
        What could not be told, a sentence each: an alert that can't be passed on ends no job, and
        where one way fails the other is tried.
    """
    told = [
        {"run": record["run"]["id"], "target": record["target"]["name"],
         "through": record["target"]["through"], **alert}
        for record in records
        for alert in record["alerts"]["fired"]
    ]  # fmt: skip
    if not told:
        return []
    problems = []
    if config.alerts.file is not None:
        problems += _append(config.alerts.file, config.beside(config.alerts.file), told)
    if config.alerts.webhook_env is not None:
        problems += _post(config.alerts.webhook_env, told)
    return problems


def _append(name: str, path: Path, told: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in told)
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(lines)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return [f"Alerts were not written to alerts.file '{name}': {reason}."]
    return []


def _post(name: str, told: Sequence[Mapping[str, Any]]) -> list[str]:
    address = os.environ.get(name, "")
    if not address.startswith(_SCHEMES):
        return [f"Alerts were not posted: the environment variable {name} holds no web address."]
    text = "\n".join(f"{one['target']}: {one['text']}" for one in told)
    body = json.dumps({"text": text, "alerts": list(told)}, ensure_ascii=False).encode()
    try:
        request = urllib.request.Request(
            address, data=body, headers={"Content-Type": "application/json"}, method="POST"
        )
        with urllib.request.urlopen(request, timeout=_PATIENCE):
            return []
    except (OSError, http.client.HTTPException, ValueError) as error:
        # The address is a secret, and errors quote it: what went wrong is said without their text.
        reason = getattr(error, "code", None) or type(error).__name__
        return [f"Alerts were not posted to the address in {name}: {reason}."]
