"""The commands and their options."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from policypack import __version__
from policypack.cli.output import FORMATS, Wanted
from policypack.engine.profiles import PROFILES

if TYPE_CHECKING:
    from collections.abc import Callable

_EXIT_CODES = """exit codes:
  0  nothing mandatory was found (advisory findings and undecided rules are shown)
  1  something mandatory was found
  2  no verdict was possible: something is wrong with the input
     (audit: with one file or more; the others are judged all the same)
"""

_TRACE = "show Python's traceback when something goes wrong (it may quote values of the stack)"


def parser() -> argparse.ArgumentParser:
    """Make the parser of the whole command line; `run` of what it gives is the command to call."""
    top = argparse.ArgumentParser(
        prog="multiregion-guard",
        description="Judges multi-region, load-balanced deployments on Google Cloud along the path of a request.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"multiregion-guard {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _check(_command(commands, "check", "run a Pulumi program dry and judge what it would deploy", _run_check))
    _audit(_command(commands, "audit", "judge stack exports, previews as JSON, and whole backends", _run_audit))
    _rules(_command(commands, "rules", "list the rules", _run_rules))
    _explain(_command(commands, "explain", "show the page of a rule", _run_explain))
    _frameworks(
        _command(commands, "frameworks", "list frameworks of controls, and what rules say of them", _run_frameworks)
    )
    _doctor(_command(commands, "doctor", "tell whether `pulumi preview --policy-pack` can use the pack", _run_doctor))
    _waivers(
        _command(commands, "waivers", "list the waivers of a policy configuration, with the days left", _run_waivers)
    )
    _config(_command(commands, "config", "check a policy configuration, and show what holds", _run_config))
    _new_rule(_command(commands, "new-rule", "write a new rule and its page, in a checkout", _run_new_rule))
    return top


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    about: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    command = commands.add_parser(
        name,
        help=about,
        description=f"{about[0].upper()}{about[1:]}.",
        epilog=_EXIT_CODES if name in {"check", "audit"} else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("--no-color", action="store_true", help="no colour, also on a terminal")
    command.add_argument("--trace", action="store_true", help=_TRACE)
    command.set_defaults(run=run)
    return command


def _check(command: argparse.ArgumentParser) -> None:
    command.add_argument("program", type=Path, metavar="PROGRAM", help="folder with a Pulumi.yaml, or a Python file")
    command.add_argument("--stack", metavar="NAME", help="stack whose Pulumi.NAME.yaml the program gets")
    command.add_argument(
        "--config",
        action=_Config,
        default=[],
        metavar="KEY=VALUE|FILE",
        help="stack config, may be repeated; what has no = is --policy-pack-config",
    )
    _policy_pack_config(command)
    _known(command)
    _report(command)
    command.add_argument("--python", metavar="INTERPRETER", help="interpreter that runs the program")
    command.add_argument(
        "--timeout", type=_seconds, default=120.0, metavar="SECONDS", help="time the program may take (default: 120)"
    )
    command.add_argument(
        "--fix-hints", action="store_true", help="show what to write, for findings with one right answer"
    )
    command.add_argument(
        "--answers", type=Path, metavar="FILE", help="results of the provider functions that the program calls"
    )


def _audit(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="what `pulumi stack export` or `pulumi preview --json` wrote, of a program in any language; for one "
        "report of many stacks: a folder, a pattern in quotes, or the URL of a bucket, self-managed backends included",
    )
    _policy_pack_config(command, "--config")
    _known(command)
    _report(command)
    command.add_argument(
        "--organisation", action="store_true", help="give one report of all stacks, also where each file is named"
    )
    command.add_argument(
        "--each",
        action="append",
        type=_wanted,
        default=[],
        metavar="FORMAT=DIR",
        help="write a report of each of many stacks into DIR as well; may be repeated",
    )
    command.add_argument(
        "--jobs", type=_count, metavar="N", help="processes that judge many stacks (default: by processors and work)"
    )


def _report(command: argparse.ArgumentParser) -> None:
    command.add_argument("--format", choices=FORMATS, default="text", help="form of the report")
    command.add_argument(
        "--output", type=Path, metavar="FILE", help="write the report to FILE, and the text to the terminal as well"
    )
    command.add_argument(
        "--report",
        action="append",
        type=_wanted,
        default=[],
        metavar="FORMAT=FILE",
        help="write the report to FILE in another form as well; may be repeated",
    )
    command.add_argument(
        "--since",
        type=Path,
        metavar="FILE",
        help="a former JSON report: the HTML, and every report of many stacks, shows what has changed since",
    )


def _wanted(text: str) -> Wanted:
    form, equals, file = text.partition("=")
    if form not in FORMATS or not equals or not file:
        raise argparse.ArgumentTypeError(f"{text!r} is not FORMAT=FILE, with one of the formats {', '.join(FORMATS)}")
    return Wanted(form, Path(file))


def _rules(command: argparse.ArgumentParser) -> None:
    command.add_argument("--format", choices=("text", "json"), default="text", help="form of the list")


def _explain(command: argparse.ArgumentParser) -> None:
    command.add_argument("rule", metavar="RULE", help="name of the rule")


def _frameworks(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--framework", metavar="NAME", help="show one: each control with its rules, and what no rule speaks to"
    )
    command.add_argument("--format", choices=("text", "json"), default="text", help="form of the list")


def _doctor(command: argparse.ArgumentParser) -> None:
    command.add_argument("--pack", type=Path, metavar="DIR", help="the pack's folder, the one with PulumiPolicy.yaml")
    _policy_pack_config(command)


def _new_rule(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "area", metavar="AREA", help="area of the rule: tls, health, firewall, …; its folder is made if need be"
    )
    command.add_argument("name", metavar="NAME", help="name of the rule: two or more words joined by hyphens")
    command.add_argument(
        "--type",
        default="BackendService",
        metavar="TYPE",
        help="what it looks at: class, such as Subnetwork, or type token (default: BackendService)",
    )
    command.add_argument(
        "--property",
        metavar="PROPERTY",
        help="what its first version asks for, spelled as in logConfig (default: description, else labels)",
    )


def _known(command: argparse.ArgumentParser) -> None:
    command.add_argument("--baseline", type=Path, metavar="FILE", help="known findings: shown, and not counted")
    command.add_argument(
        "--write-baseline", type=Path, metavar="FILE", help="write what is found to FILE, to be known from now on"
    )
    command.add_argument(
        "--ratchet",
        action="store_true",
        help="fail if the baseline could shrink; with --write-baseline, do nothing but shrink it",
    )
    _as_of(command)


def _waivers(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="FILE", help="the policy configuration, JSON or YAML")
    command.add_argument(
        "--within", type=_days, metavar="DAYS", help="exit with 1 if one has expired, or will within so many days"
    )
    command.add_argument("--format", choices=("text", "json"), default="text", help="form of the list")
    _as_of(command)


def _config(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(title="actions", metavar="ACTION", required=True)
    validate = _action(actions, "validate", "name every mistake in policy configurations")
    validate.add_argument("files", type=Path, nargs="+", metavar="FILE", help="JSON or YAML, or the name of a profile")
    validate.add_argument("--format", choices=("text", "json"), default="text", help="form of the answer")
    show = _action(actions, "show", "show the level and the parameters of each rule, and where they come from")
    show.add_argument("file", type=Path, nargs="?", metavar="FILE", help="JSON or YAML, or the name of a profile")
    show.add_argument("--rule", metavar="RULE", help="show one rule only")
    show.add_argument("--format", choices=("text", "json"), default="text", help="form of the answer")
    bundle = _action(actions, "bundle", "write the one JSON document that Pulumi and its policy groups can take")
    bundle.add_argument("file", type=Path, metavar="FILE", help="JSON or YAML, or the name of a profile")
    bundle.add_argument("--baseline", type=Path, metavar="BASELINE", help="known findings to put into it")
    bundle.add_argument("--output", type=Path, metavar="FILE", help="write it to FILE")
    _action(actions, "schema", "print the JSON schema of such a document")
    for action in (validate, show, bundle):
        _as_of(action)


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser], name: str, about: str
) -> argparse.ArgumentParser:
    action = actions.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
    action.set_defaults(action=name)
    action.add_argument("--no-color", action="store_true", help="no colour, also on a terminal")
    action.add_argument("--trace", action="store_true", help=_TRACE)
    return action


def _as_of(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--as-of",
        type=_day,
        metavar="DAY",
        help="hold waivers against this day, as YYYY-MM-DD (default: today, UTC)",
    )


def _policy_pack_config(command: argparse.ArgumentParser, *names: str) -> None:
    command.add_argument(
        "--policy-pack-config",
        *names,
        type=Path,
        metavar="FILE",
        help="levels and parameters of the rules: the JSON (or YAML) that pulumi takes by the same option, or the "
        "name of a profile",
    )


class _Config(argparse.Action):
    """Takes stack config (KEY=VALUE), and the file of a policy configuration."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        """Put the value where it belongs."""
        del option_string
        text = str(values)
        if "=" not in text and text.strip():
            if not Path(text).exists() and text not in PROFILES:
                parser.error(f"argument --config: {text!r} is not of the form KEY=VALUE, and there is no such file")
            namespace.policy_pack_config = Path(text)
            return
        try:
            namespace.config = [*namespace.config, _pair(text)]
        except argparse.ArgumentTypeError as error:
            parser.error(f"argument --config: {error}")


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:4]) <= 999:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes above 0")
    return int(text)


def _days(text: str) -> int:
    if not text.isdecimal() or len(text) > 5:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days")
    return int(text)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:  # newer Pythons read other forms, too
        raise argparse.ArgumentTypeError(f"{text!r} is no day of the form YYYY-MM-DD")
    return day


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form KEY=VALUE")
    return key.strip(), value


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return seconds


# A command is imported when it is called: --help and --version need nothing beyond the standard library.
def _run_check(chosen: argparse.Namespace) -> int:
    from policypack.cli.check import check

    return check(chosen)


def _run_audit(chosen: argparse.Namespace) -> int:
    from policypack.cli.audit import audit

    return audit(chosen)


def _run_rules(chosen: argparse.Namespace) -> int:
    from policypack.cli.catalogue import rules

    return rules(chosen)


def _run_explain(chosen: argparse.Namespace) -> int:
    from policypack.cli.catalogue import explain

    return explain(chosen)


def _run_frameworks(chosen: argparse.Namespace) -> int:
    from policypack.cli.frameworks import frameworks

    return frameworks(chosen)


def _run_doctor(chosen: argparse.Namespace) -> int:
    from policypack.cli.doctor import doctor

    return doctor(chosen)


def _run_waivers(chosen: argparse.Namespace) -> int:
    from policypack.cli.waivers import waivers

    return waivers(chosen)


def _run_config(chosen: argparse.Namespace) -> int:
    from policypack.cli import config

    actions = {"validate": config.validate, "show": config.show, "bundle": config.bundle, "schema": config.schema}
    return actions[chosen.action](chosen)


def _run_new_rule(chosen: argparse.Namespace) -> int:
    from policypack.cli.new_rule import new_rule

    return new_rule(chosen)
