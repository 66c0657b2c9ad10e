"""What a deployment is, with no Pulumi in it: resources, the graph, references, three-valued logic."""
