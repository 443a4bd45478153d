// Command pulumi-resource-kubernetes is the original Kubernetes provider plugin. Its own main package embeds files that only
// its release has: the schema, which the engine asks for where a program in YAML is run, and names of old resources.
//
// See https://github.com/pulumi/pulumi-kubernetes/tree/master/provider/cmd/pulumi-resource-kubernetes
package main

import "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"

// version is set while it is linked.
var version string

func main() {
	provider.Serve("kubernetes", version, []byte(`{"name":"kubernetes"}`), []byte(`{}`))
}
