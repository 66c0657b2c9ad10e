"""The smallest pack that can be written on the SDK: one policy that says nothing."""

from pulumi_policy import PolicyPack, ResourceValidationPolicy


def silent(args, report_violation):
    """Say nothing."""


PolicyPack("one-policy", [ResourceValidationPolicy(name="silent", description="Says nothing.", validate=silent)])
