"""The analyzer service: what the engine asks, and how the pack answers."""

from __future__ import annotations

import contextlib
import gc
import operator
import threading
from collections import defaultdict
from typing import TYPE_CHECKING, Final

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2

from policypack import __version__
from policypack.engine.deployment import laid_out
from policypack.engine.evaluator import Running, attempt, evaluate_resource
from policypack.engine.judgement import fixed_in, stale_in
from policypack.engine.settings import Settings, UnreadableSettings
from policypack.engine.standing import ALL_OPEN, Standings
from policypack.engine.verdict import Status
from policypack.model.records import cached_property, dataclass
from policypack.rules.contract import Level, Phase
from policypack.sources.crossguard.configuration import settings_or_refusal, unread
from policypack.sources.crossguard.diagnostics import Speaker, Unconcerned, fitting
from policypack.sources.crossguard.metadata import analyzer_info
from policypack.sources.crossguard.reading import PropertyReader
from policypack.sources.crossguard.requests import Told, analyzed, deployed, gives_nothing
from policypack.sources.hiding import config_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from policypack.engine.baseline import Fixed
    from policypack.engine.verdict import Verdict
    from policypack.model.graph import Graph
    from policypack.model.resource import Resource
    from policypack.model.values import Value
    from policypack.rules.contract import Rule
    from policypack.topology import Deployment


@dataclass(frozen=True)
class Stack:
    """What the engine tells of the stack before it asks about resources.

    Attributes:
        project: Name of the project; "" where the engine does not tell.
        name: Name of the stack.
        secrets: Secret values of its configuration.
    """

    project: str = ""
    name: str = ""
    secrets: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Heard:
    """What one resource was when the engine asked about it alone.

    Attributes:
        inputs: Its inputs.
        bare: Whether no property was given at all.
        undecided: Verdicts that are still to be said.
        failed: Rules that found a fault in it: rules over the stack may yield to them.
        secrets: Every text inside secrets of its inputs and of its provider.
        said: What was found in it, where waivers or a baseline make it matter once more.
    """

    inputs: Mapping[str, Value] | None
    bare: bool
    undecided: tuple[Verdict, ...]
    failed: frozenset[str]
    secrets: frozenset[str]
    said: tuple[Verdict, ...] = ()


class Configured:
    """A configuration, and what follows from it for every request. Nothing in it changes."""

    def __init__(self, settings: Settings, resource_rules: Sequence[Rule], stack_rules: Sequence[Rule]) -> None:
        """Take the configuration, and the rules of both phases."""
        self.settings = settings
        self.unconcerned = Unconcerned(settings, resource_rules)
        self._stack_rules = stack_rules

    @cached_property
    def stack_rules(self) -> Running:
        """The rules over the stack that run."""
        return Running(self._stack_rules, self.settings)


class Analyzer(analyzer_pb2_grpc.AnalyzerServicer):
    """Answers the engine.

    Requests come on several threads. Rules and settings are immutable, and the one thing that changes, the memory of
    what was heard of each resource, is kept by URN: asking again replaces the answer, so the same requests give the
    same answers however often they come.
    """

    def __init__(self, rules: Iterable[Rule], today: date | None = None) -> None:
        """Take the rules, and the day that waivers are held against: the real one (UTC) unless given."""
        self._today = today
        self._rules = tuple(sorted(rules, key=lambda rule: rule.name))
        self._resource_rules = [rule for rule in self._rules if rule.phase is Phase.RESOURCE]
        self._stack_rules = [rule for rule in self._rules if rule.phase is Phase.STACK]
        self._by_type: dict[str, list[Rule]] = defaultdict(list)
        for rule in self._resource_rules:
            for token in rule.types:
                self._by_type[token].append(rule)
        self._configured = Configured(Settings(), self._resource_rules, self._stack_rules)
        self._stack = Stack()
        self._reader = PropertyReader()
        self._heard: dict[str, Heard] = {}
        self._lock = threading.Lock()

    def Handshake(
        self, request: analyzer_pb2.AnalyzerHandshakeRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzerHandshakeResponse:
        """Greet the engine."""
        del request, context
        return analyzer_pb2.AnalyzerHandshakeResponse()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """Tell the version of the pack."""
        del request, context
        return plugin_pb2.PluginInfo(version=__version__)

    def GetAnalyzerInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> analyzer_pb2.AnalyzerInfo:
        """Describe the pack and its policies."""
        del request, context
        return self._info

    @cached_property
    def _info(self) -> analyzer_pb2.AnalyzerInfo:
        return analyzer_info(self._rules)

    def ConfigureStack(
        self, request: analyzer_pb2.AnalyzerStackConfigureRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzerStackConfigureResponse:
        """Hear which stack it is. `pulumi policy analyze` leaves this call out."""
        del context
        secrets = (config_secrets(request.config[key]) for key in request.config_secret_keys if key in request.config)
        self._stack = Stack(request.project, request.stack, frozenset[str]().union(*secrets))
        return analyzer_pb2.AnalyzerStackConfigureResponse()

    def Configure(
        self, request: analyzer_pb2.ConfigureAnalyzerRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        """Take the configuration. Mistakes in it are findings later on, not errors now."""
        read: list[Settings | UnreadableSettings] = []
        crash = attempt(lambda: read.append(settings_or_refusal(request, self._rules, self._today)))
        settings = read[0] if crash is None else unread(crash)
        if isinstance(settings, UnreadableSettings):
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(settings))
        else:
            self._configured = Configured(settings, self._resource_rules, self._stack_rules)
        return empty_pb2.Empty()

    def Remediate(
        self, request: analyzer_pb2.AnalyzeRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.RemediateResponse:
        """Mend one resource before it is judged, where rules at level `remediate` have one right answer."""
        del context
        settings, stack = self._configured.settings, self._stack
        rules = self._by_type.get(request.type, [])
        answers = [analyzer_pb2.RemediateResponse()]
        if any(rule.remedy and settings.level(rule) is Level.REMEDIATE for rule in rules):
            crash = attempt(lambda: answers.append(self._remediate(request, rules, settings)))
            if crash is not None:
                said = Speaker(settings, stack.secrets).breakdown(crash, request.urn)
                answers[0].remediations.add(
                    policyName=said.policyName,
                    policyPackName=said.policyPackName,
                    policyPackVersion=said.policyPackVersion,
                    description=said.description,
                    diagnostic=said.message,
                )
        return answers[-1]

    def _remediate(
        self, request: analyzer_pb2.AnalyzeRequest, rules: Sequence[Rule], settings: Settings
    ) -> analyzer_pb2.RemediateResponse:
        # Loaded for those whose configuration remediates.
        from policypack.sources.crossguard.remediation import remediated

        resource = analyzed(request, self._reader).resource
        standings = self._standings(settings, evaluate_resource(resource, rules, settings), (resource,))
        return remediated(
            request.properties,
            resource,
            rules,
            settings,
            lambda verdict, finding: standings.of(verdict.rule.name, finding).accepted,
        )

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Hear that the engine is about to end the process: nothing here takes long enough to break off."""
        del request, context
        return empty_pb2.Empty()

    def Analyze(
        self, request: analyzer_pb2.AnalyzeRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzeResponse:
        """Judge one resource before it is made, and remember its inputs."""
        del context
        unconcerned, stack = self._configured.unconcerned, self._stack
        answers: list[analyzer_pb2.AnalyzeResponse] = []
        crash = attempt(lambda: answers.append(self._analyze(request, unconcerned, stack)))
        if crash is not None:
            said = Speaker(unconcerned.settings, stack.secrets).breakdown(crash, request.urn)
            return analyzer_pb2.AnalyzeResponse(diagnostics=[said])
        return answers[0]

    def _analyze(
        self, request: analyzer_pb2.AnalyzeRequest, unconcerned: Unconcerned, stack: Stack
    ) -> analyzer_pb2.AnalyzeResponse:
        told = analyzed(request, self._reader)
        resource = told.resource
        rules = self._by_type.get(resource.type, [])
        if not rules:
            self._remember(request, told, ())
            return unconcerned.answer(resource.type)
        settings = unconcerned.settings
        verdicts = evaluate_resource(resource, rules, settings)
        self._remember(request, told, verdicts, keep=bool(settings.waivers or settings.baseline))
        speaker = Speaker(settings, stack.secrets | told.secrets, self._standings(settings, verdicts, (resource,)))
        answer = analyzer_pb2.AnalyzeResponse()
        answer.CopyFrom(unconcerned.answer(resource.type))
        answer.diagnostics.extend(fitting([*speaker.faults(verdicts), *speaker.broken(verdicts)]))
        silent = speaker.silent(rules, verdicts)
        if silent:
            answer.not_applicable.extend(silent)
            answer.not_applicable.sort(key=_policy)
        return answer

    @staticmethod
    def _standings(settings: Settings, verdicts: Iterable[Verdict], resources: Iterable[Resource]) -> Standings:
        if not settings.waivers and settings.baseline is None:
            return ALL_OPEN
        former = {resource.urn: resource.options.aliases for resource in resources}
        return Standings(settings.waivers, settings.baseline, verdicts, lambda urn: former.get(urn, ()))

    def _remember(
        self, request: analyzer_pb2.AnalyzeRequest, told: Told, verdicts: Sequence[Verdict], *, keep: bool = False
    ) -> None:
        undecided = tuple(verdict for verdict in verdicts if verdict.status is Status.UNDECIDED)
        failed = frozenset(verdict.rule.name for verdict in verdicts if verdict.status is Status.FAIL)
        resource = told.resource
        bare = gives_nothing(request.properties)
        said = tuple(one for one in verdicts if one.status in {Status.FAIL, Status.ERROR}) if keep else ()
        heard = Heard(resource.inputs, bare, undecided, failed, told.secrets, said)
        with self._lock:
            self._heard[resource.urn] = heard

    def AnalyzeStack(
        self, request: analyzer_pb2.AnalyzeStackRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzeResponse:
        """Judge the whole stack, and say once what could not be decided and what is wrong in the configuration.

        In an update the engine leaves this call out after a mandatory fault in a resource: that fault is then all
        that is said. The preview before it hears everything.
        """
        configured, stack = self._configured, self._stack
        with self._lock:
            heard = dict(self._heard)
        answer = analyzer_pb2.AnalyzeResponse()
        with _no_collection(context):
            crash = attempt(lambda: answer.CopyFrom(self._analyze_stack(request, heard, configured, stack)))
        if crash is not None:
            speaker = Speaker(configured.settings, stack.secrets)
            answer.diagnostics.extend(fitting([speaker.breakdown(crash), *speaker.problems()]))
        return answer

    def _analyze_stack(
        self,
        request: analyzer_pb2.AnalyzeStackRequest,
        heard: Mapping[str, Heard],
        configured: Configured,
        stack: Stack,
    ) -> analyzer_pb2.AnalyzeResponse:
        settings = configured.settings
        deployment, secrets = self._deployment(request, heard, stack)
        spoken = {urn: said.failed for urn, said in heard.items() if said.failed}
        verdicts = configured.stack_rules.evaluate(deployment, spoken, briefly=True)
        graph = deployment.graph
        external = {one.urn for one in graph.resources if one.external}
        before = [said for urn, said in heard.items() if urn in graph.by_urn and urn not in external]
        waiting = [verdict for said in before for verdict in said.undecided if settings.enabled(verdict.rule)]
        everything = [*verdicts, *waiting, *(verdict for said in before for verdict in said.said)]
        standings = self._standings(settings, everything, graph.resources)
        speaker = Speaker(settings, stack.secrets | secrets, standings)
        diagnostics = [
            *speaker.faults(verdicts),
            *speaker.broken(verdicts),
            *speaker.undecided([*verdicts, *waiting], graph),
            *speaker.problems(),
            *speaker.stale(stale_in(deployment, self._rules, settings, standings, one_of_many=True)),
            *speaker.fixed(self._fixed(settings, graph, everything, heard)),
        ]
        return analyzer_pb2.AnalyzeResponse(
            diagnostics=fitting(diagnostics), not_applicable=speaker.silent(self._stack_rules, verdicts)
        )

    def _fixed(
        self, settings: Settings, graph: Graph, verdicts: Sequence[Verdict], heard: Mapping[str, Heard]
    ) -> tuple[Fixed, ...]:
        """Find what could leave the baseline; only where every resource was asked about, so that all was said."""
        if settings.baseline is None or any(one.urn not in heard for one in graph.resources if one.custom):
            return ()
        return fixed_in(graph, self._rules, settings, verdicts)

    def _deployment(
        self, request: analyzer_pb2.AnalyzeStackRequest, heard: Mapping[str, Heard], stack: Stack
    ) -> tuple[Deployment, frozenset[str]]:
        """Read the whole stack, and every text inside its secrets."""
        resources: list[Resource] = []
        secrets: set[frozenset[str]] = set()
        for message in request.resources:
            said = heard.get(message.urn, _UNHEARD)
            told = deployed(message, said.inputs, self._reader, bare=said.bare)
            resources.append(told.resource)
            secrets.add(said.secrets)
            secrets.add(told.secrets)
        self._reader.forget()  # the engine asks about the stack last
        name, project = stack.name, stack.project
        if not name and resources:
            # `urn:pulumi:STACK::PROJECT::…`: the one thing that tells, where the engine does not.
            first = min(one.urn for one in resources)
            name, project = [*first.removeprefix("urn:pulumi:").split("::"), ""][:2]
        return laid_out(resources, project=project, stack=name), frozenset[str]().union(*secrets)


@contextlib.contextmanager
def _no_collection(context: grpc.ServicerContext) -> Iterator[None]:
    """Keep Python from looking for garbage until the answer is sent: a large stack is a great many values that stay."""
    gc.disable()
    try:
        yield
    finally:
        if not context.add_callback(gc.enable):  # nobody waits for the answer any more
            gc.enable()


_UNHEARD: Final = Heard(None, bare=False, undecided=(), failed=frozenset(), secrets=frozenset())

_policy = operator.attrgetter("policy_name")
