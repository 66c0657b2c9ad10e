"""Condenses a provider schema into the table of what the provider fills in by itself.

    python tools/provider_defaults.py SCHEMA.json > policypack/gcp/data/provider_defaults.json

SCHEMA.json lists, for each resource type (`types`), its `properties` by path with `default`, `filled` and `unless`,
and which property is `autoname`; `source` says where it was read. Only what a policy needs at preview is kept: the
auto-named properties and the static defaults that the provider's Check puts into the inputs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def condense(schema: dict[str, Any]) -> dict[str, Any]:
    """Give the table: sources, and for each type what is filled in.

    Args:
        schema: The whole schema, as read from JSON.
    """
    types = {token: facts for token, described in schema["types"].items() if (facts := _facts(described))}
    return {"source": _sources(schema["source"]), "types": dict(sorted(types.items()))}


def _sources(source: dict[str, Any]) -> dict[str, str]:
    provider, naming, bridge, sdk = (source[key] for key in ("provider", "naming", "bridge", "sdk"))
    return {
        "defaults": f"{provider['repository']} @ {provider['commit']} ({provider['commitDate']})",
        "names": f"{naming['repository']} @ {naming['commit']}",
        "filledByCheck": f"{bridge['module']} {bridge['version']}",
        "properties": f"{sdk['package']} {sdk['version']}",
    }


def _facts(described: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, dict[str, Any]] = described["properties"]
    autonamed = sorted(path for path, facts in properties.items() if facts.get("presence") == "autoname")
    filled = {path: facts for path, facts in properties.items() if "default" in facts and facts.get("filled", True)}
    facts: dict[str, Any] = {}
    if autonamed:
        facts["autoname"] = autonamed
    if filled:
        facts["defaults"] = {path: filled[path]["default"] for path in sorted(filled)}
    unless = {path: facts["unless"] for path, facts in sorted(filled.items()) if facts.get("unless")}
    if unless:
        facts["unless"] = unless
    return facts


def _layout(table: dict[str, Any]) -> str:
    """Write one type per line, so that a change of the table can be reviewed."""
    lines = [f"  {json.dumps(token)}: {json.dumps(facts)}" for token, facts in table["types"].items()]
    source = json.dumps(table["source"], indent=2).replace("\n", "\n ")
    return f'{{\n "source": {source},\n "types": {{\n' + ",\n".join(lines) + "\n }\n}\n"


def main() -> int:
    """Read the schema that the command line names and write the table to stdout."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python tools/provider_defaults.py SCHEMA.json > TABLE.json\n")
        return 2
    schema = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    sys.stdout.write(_layout(condense(schema)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
