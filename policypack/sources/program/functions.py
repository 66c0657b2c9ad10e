"""Answers to the provider functions that a program calls (`get_project`, `get_zones`, …).

A dry run asks no cloud. The functions that programs use most have the same plain answer in every run; anything else
must be answered by the user's file of answers, or the run ends: a made-up answer would give a made-up graph.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from policypack.model.values import Secret, Value, is_list, reveal
from policypack.sources.bounded import TooLarge, content_of
from policypack.sources.program.errors import ProgramError
from policypack.sources.program.lookups import LOOKUPS, MissingPart
from policypack.sources.wire import REDACTED
from policypack.sources.yaml_text import BadYaml, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from policypack.model.resource import Provider

PLACEHOLDER_PROJECT: Final = "project-of-the-dry-run"
"""The project that functions answer for where the stack's config names none."""

PROJECT_NUMBER: Final = "123456789012"

_USUAL_ZONES: Final = "abc"
_OTHER_ZONES: Final = {"europe-west1": "bcd", "us-east1": "bcd", "us-central1": "abcf"}
"""The letters of a region's zones, where they are not a, b and c."""

_GOOGLE_RANGES: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "health-checkers": (("35.191.0.0/16", "130.211.0.0/22"), ()),
    "legacy-health-checkers": (("35.191.0.0/16", "209.85.152.0/22", "209.85.204.0/22"), ()),
    "iap-forwarders": (("35.235.240.0/20",), ()),
    "dns-forwarders": (("35.199.192.0/19",), ()),
    "private-googleapis": (("199.36.153.8/30",), ("2600:2d00:0002:2000::/64",)),
    "restricted-googleapis": (("199.36.153.4/30",), ("2600:2d00:0002:1000::/64",)),
}
"""IPv4 and IPv6 ranges that Google documents as fixed; the other kinds are looked up at run time."""


@dataclass(frozen=True)
class Call:
    """One call of a function.

    Attributes:
        token: The function: `gcp:compute/getZones:getZones`.
        args: What it was called with; absent arguments are left out.
        provider: The provider that would answer.
    """

    token: str
    args: Mapping[str, Value]
    provider: Provider

    def setting(self, name: str) -> str | None:
        """Give an argument, or else what the provider is configured with; None if neither is a known text."""
        for source in (self.args, self.provider.inputs):
            value = reveal(source.get(name))
            if isinstance(value, str) and value:
                return value
        return None


class Functions:
    """Answers calls: from the user's file first, then from what is built in."""

    def __init__(self, answers: Mapping[str, Value] | None = None) -> None:
        self._answers = {_canonical(token): answer for token, answer in (answers or {}).items()}
        self._assumed_project = False
        self._looked_up: set[str] = set()

    def notes(self) -> Iterator[str]:
        """Say what the answers assume."""
        if self._assumed_project:
            yield f"gcp:project is not set; functions answered for the project {PLACEHOLDER_PROJECT!r}"
        if self._looked_up:
            yield (
                f"answered from the arguments alone: {', '.join(sorted(self._looked_up))}; "
                "what only the cloud knows of these things is unknown"
            )

    def answer(self, call: Call) -> Mapping[str, Value]:
        """Give what a function returns.

        Raises:
            ProgramError: Nothing answers this call.
        """
        token = _canonical(call.token)
        if token in self._answers:
            return self._from_file(call, self._answers[token])
        built_in = _BUILT_IN.get(token)
        if built_in is not None:
            return built_in(self, call)
        lookup = LOOKUPS.get(token)
        if lookup is None:
            raise _unanswered(call, "no answer is known for it")
        try:
            answer = lookup.answer(self, call)
        except MissingPart as missing:
            raise _unanswered(call, f"neither the call nor the stack's config says the {missing}") from None
        self._looked_up.add(token.rpartition(":")[2])
        return answer

    def project(self, call: Call) -> str:
        """Give the project that a call is about."""
        found = call.setting("project")
        if found is None:
            self._assumed_project = True
        return found or PLACEHOLDER_PROJECT

    def _from_file(self, call: Call, answer: Value) -> Mapping[str, Value]:
        cases = answer if is_list(answer) else [{"args": {}, "result": answer}]
        for case in cases:
            if not isinstance(case, Mapping):
                continue
            wanted, result = case.get("args") or {}, case.get("result")
            if isinstance(wanted, Mapping) and isinstance(result, Mapping) and _fits(call.args, wanted):
                return result
        raise _unanswered(call, "the file of answers has no case for these arguments")


def read_answers(path: Path) -> Mapping[str, Value]:
    """Read a file of answers: an object, from function token to result, or to a list of `{args, result}`.

    Raises:
        ProgramError: The file is missing, or is not such an object.
    """
    shape = "Write an object: function token to its result, or to a list of {args, result}."
    try:
        answers = _parsed(content_of(path).decode("utf-8"))
    except TooLarge:
        raise ProgramError("the file of answers has no end", f"{path}", "Check --answers.") from None
    except OSError as error:
        raise ProgramError(
            f"the file of answers cannot be read: {error.strerror}", f"{path}", "Check --answers."
        ) from error
    except UnicodeDecodeError as error:
        raise ProgramError("the file of answers is no UTF-8 text", f"{path}", shape) from error
    except BadYaml as bad:
        what = f"the file of answers is neither JSON nor YAML: {bad.problem}"
        raise ProgramError(what, f"{path}{bad.place}", shape) from None
    if not isinstance(answers, dict) or not all(
        isinstance(token, str) and isinstance(answer, (dict, list)) for token, answer in answers.items()
    ):
        raise ProgramError("the file of answers is no object of function tokens", f"{path}", shape)
    return answers


def _parsed(text: str) -> object:
    """Read JSON, which is quick, or else YAML.

    Raises:
        BadYaml: It is neither.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # no JSON, or none that can be read: as YAML it is told what is wrong
        return read(text)


def _canonical(token: str) -> str:
    """Bring `gcp:compute:getZones` and `gcp:compute/getZones:getZones` into one form."""
    package, _, rest = token.partition(":")
    module, _, name = rest.replace("/", ":", 1).partition(":")
    return f"{package}:{module}:{name.rpartition(':')[2]}"


def _fits(given: Mapping[str, Value], wanted: Mapping[str, Value]) -> bool:
    return all(reveal(given.get(name)) == value for name, value in wanted.items())


def _unanswered(call: Call, reason: str) -> ProgramError:
    args = json.dumps({name: _shown(value, hide=True) for name, value in call.args.items()}, sort_keys=True)
    return ProgramError(
        f"the program calls the function {call.token} with {args}, and {reason}",
        "",
        "A dry run asks no cloud. Give --answers FILE (YAML or JSON) with what it returns, such as\n"
        f"  {call.token}:\n    - args: {args}\n      result: {{…}}",
    )


def _shown(value: Value, *, hide: bool = False) -> object:
    """Give a value as JSON holds it; with `hide`, secrets by the mark that stands for them."""
    if hide and isinstance(value, Secret):
        return REDACTED
    value = reveal(value)
    if isinstance(value, Mapping):
        return {key: _shown(item, hide=hide) for key, item in value.items()}
    if is_list(value):
        return [_shown(item, hide=hide) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _get_project(functions: Functions, call: Call) -> Mapping[str, Value]:
    named = reveal(call.args.get("projectId"))
    project = named if isinstance(named, str) and named else functions.project(call)
    return {
        "autoCreateNetwork": False,
        "billingAccount": "000000-000000-000000",
        "deletionPolicy": "PREVENT",
        "effectiveLabels": {},
        "folderId": "",
        "id": f"projects/{project}",
        "labels": {},
        "name": project,
        "number": PROJECT_NUMBER,
        "orgId": "",
        "projectId": project,
        "pulumiLabels": {},
        "tags": {},
    }


def _get_client_config(functions: Functions, call: Call) -> Mapping[str, Value]:
    project = functions.project(call)
    region, zone = call.setting("region") or "", call.setting("zone") or ""
    return {
        "accessToken": "no-token-in-a-dry-run",
        "defaultLabels": {},
        "id": f'projects/"{project}"/regions/"{region}"/zones/"{zone}"',
        "project": project,
        "region": region,
        "zone": zone,
    }


def _get_zones(functions: Functions, call: Call) -> Mapping[str, Value]:
    region = call.setting("region")
    if region is None:
        raise _unanswered(call, "neither the call nor gcp:region in the stack's config names a region")
    names = [f"{region}-{letter}" for letter in _OTHER_ZONES.get(region, _USUAL_ZONES)]
    project = functions.project(call)
    return {"id": f"projects/{project}/regions/{region}", "names": names, "project": project, "region": region}


def _get_netblock_ip_ranges(functions: Functions, call: Call) -> Mapping[str, Value]:
    del functions  # the ranges are the same for every project
    wanted = reveal(call.args.get("rangeType"))
    ranges = _GOOGLE_RANGES.get(wanted) if isinstance(wanted, str) else None
    if ranges is None:
        raise _unanswered(call, "Google changes these ranges over time, so they are not built in")
    return {
        "cidrBlocks": [*ranges[0], *ranges[1]],
        "cidrBlocksIpv4s": list(ranges[0]),
        "cidrBlocksIpv6s": list(ranges[1]),
        "id": f"netblock-ip-ranges-{wanted}",
        "rangeType": wanted,
    }


def _service_account(address: str, *, key: str = "email") -> Callable[[Functions, Call], Mapping[str, Value]]:
    """Make the answer of a function that gives the address of one of Google's own service accounts."""

    def answer(functions: Functions, call: Call) -> Mapping[str, Value]:
        project, email = functions.project(call), address.format(number=PROJECT_NUMBER)
        return {
            key: email,
            "id": f"projects/{project}/serviceAccounts/{email}",
            "name": f"projects/{project}/serviceAccounts/{email}",
            "displayName": "",
            "uniqueId": PROJECT_NUMBER,
            "member": f"serviceAccount:{email}",
            "project": project,
        }

    return answer


def _get_account(functions: Functions, call: Call) -> Mapping[str, Value]:
    named = reveal(call.args.get("accountId"))
    if not isinstance(named, str) or not named:
        raise _unanswered(call, "it names no account")
    project, account = functions.project(call), named.rsplit("/", 1)[-1]
    email = account if "@" in account else f"{account}@{project}.iam.gserviceaccount.com"
    name = f"projects/{project}/serviceAccounts/{email}"
    return {"email": email, "id": name, "member": f"serviceAccount:{email}", "name": name, "project": project}


def _get_image(functions: Functions, call: Call) -> Mapping[str, Value]:
    project = functions.project(call)
    family, named = (reveal(call.args.get(key)) for key in ("family", "name"))
    if not isinstance(family, str) and not isinstance(named, str):
        raise _unanswered(call, "it names neither a family nor an image")
    name = named if isinstance(named, str) else f"{family}-v20260101"
    path = f"projects/{project}/global/images/{name}"
    return {
        "family": family if isinstance(family, str) else "",
        "id": path,
        "name": name,
        "project": project,
        "selfLink": f"https://www.googleapis.com/compute/v1/{path}",
        "status": "READY",
    }


def _get_iam_policy(functions: Functions, call: Call) -> Mapping[str, Value]:
    del functions  # the answer is the arguments, written as JSON
    bindings: list[object] = []
    given = reveal(call.args.get("bindings"))
    for entry in given if is_list(given) else []:
        shown = _shown(entry)
        if isinstance(shown, dict):
            bindings.append({**shown, "members": sorted(shown.get("members") or [])})
    policy = json.dumps({"bindings": bindings}, separators=(",", ":"), sort_keys=True)
    return {"id": str(len(policy)), "policyData": policy}


_BIGQUERY: Final = "bq-{number}@bigquery-encryption.iam.gserviceaccount.com"
_COMPUTE: Final = "{number}-compute@developer.gserviceaccount.com"
_STORAGE: Final = "service-{number}@gs-project-accounts.iam.gserviceaccount.com"

_BUILT_IN: Final[Mapping[str, Callable[[Functions, Call], Mapping[str, Value]]]] = {
    "gcp:bigquery:getDefaultServiceAccount": _service_account(_BIGQUERY),
    "gcp:compute:getDefaultServiceAccount": _service_account(_COMPUTE),
    "gcp:compute:getImage": _get_image,
    "gcp:compute:getNetblockIPRanges": _get_netblock_ip_ranges,
    "gcp:compute:getZones": _get_zones,
    "gcp:organizations:getClientConfig": _get_client_config,
    "gcp:organizations:getIAMPolicy": _get_iam_policy,
    "gcp:organizations:getProject": _get_project,
    "gcp:serviceaccount:getAccount": _get_account,
    "gcp:storage:getProjectServiceAccount": _service_account(_STORAGE, key="emailAddress"),
}
