"""A server that decodes every request once, and judges nothing: what reading the request costs."""

from __future__ import annotations

from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2

from benchmarks.servers.nothing import Nothing


class DecodeOnce(Nothing):
    """Decodes, and answers with nothing."""

    def Analyze(self, request, context):
        json_format.MessageToDict(request.properties)
        return analyzer_pb2.AnalyzeResponse()

    def AnalyzeStack(self, request, context):
        for resource in request.resources:
            json_format.MessageToDict(resource.properties)
        return analyzer_pb2.AnalyzeResponse()
