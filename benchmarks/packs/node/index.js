// As many policies as the pack has, each of which reads one property and says nothing.
"use strict";

const policy = require("@pulumi/policy");

const resources = Number(process.env.BENCH_RESOURCE_POLICIES || 40);
const stacks = Number(process.env.BENCH_STACK_POLICIES || 20);

const policies = [];
for (let index = 0; index < resources; index++) {
    policies.push({
        name: `resource-${index}`,
        description: "Reads a property of a resource.",
        enforcementLevel: "advisory",
        validateResource: (args, report) => {
            if (args.props.name === "never") {
                report("never");
            }
        },
    });
}
for (let index = 0; index < stacks; index++) {
    policies.push({
        name: `stack-${index}`,
        description: "Reads a property of every resource.",
        enforcementLevel: "advisory",
        validateStack: (args, report) => {
            for (const resource of args.resources) {
                if (resource.props.name === "never") {
                    report("never", resource.urn);
                }
            }
        },
    });
}

new policy.PolicyPack("node", { policies });
