"""Who is told of alerts: a file of JSON lines, a web address."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

from leadlag.errors import InputError
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
        What could not be told, a sentence each: an alert that can't be posted ends no job.

    Raises
    ------
    InputError
        If the file of alerts can't be written.
    """
    told = [
        {"run": record["run"]["id"], "target": record["target"]["name"],
         "through": record["target"]["through"], **alert}
        for record in records
        for alert in record["alerts"]["fired"]
    ]  # fmt: skip
    if not told:
        return []
    if config.alerts.file is not None:
        path = config.beside(config.alerts.file)
        lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in told)
        try:
            with path.open("a", encoding="utf-8") as file:
                file.write(lines)
        except OSError as error:
            raise InputError(
                f"alerts can't be written to '{path}'",
                got=error.strerror or str(error),
                do="Check alerts.file",
            ) from error
    if config.alerts.webhook_env is not None:
        return _post(config.alerts.webhook_env, told)
    return []


def _post(name: str, told: Sequence[Mapping[str, Any]]) -> list[str]:
    address = os.environ.get(name, "")
    if not address.startswith(_SCHEMES):
        return [f"Alerts were not posted: the environment variable {name} holds no web address."]
    text = "\n".join(f"{one['target']}: {one['text']}" for one in told)
    body = json.dumps({"text": text, "alerts": list(told)}, ensure_ascii=False).encode()
    request = urllib.request.Request(
        address, data=body, headers={"Content-Type": "application/json"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE):
            return []
    except (urllib.error.URLError, OSError) as error:
        # The address is a secret: what went wrong is said without it.
        reason = getattr(error, "code", None) or type(error).__name__
        return [f"Alerts were not posted to the address in {name}: {reason}."]
