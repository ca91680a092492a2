"""What was measured, in results.json: a part that is measured again replaces its own numbers."""

import dataclasses
import json
from pathlib import Path
from typing import Any

PATH = Path(__file__).with_name("results.json")


def _read() -> dict[str, dict[str, Any]]:
    return json.loads(PATH.read_text(encoding="utf-8")) if PATH.exists() else {}


def put(kind: str, key: tuple[object, ...], found: object) -> None:
    kept = _read()
    value = dataclasses.asdict(found) if dataclasses.is_dataclass(found) else found
    kept.setdefault(kind, {})[" | ".join(map(str, key))] = value
    PATH.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def entries(kind: str) -> list[Any]:
    return list(_read().get(kind, {}).values())


def section(name: str) -> str:
    return str(_read().get("sections", {}).get(name, ""))
