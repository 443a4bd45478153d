// Command pulumi-resource-kubernetes stands in for the kubernetes provider plugin where it cannot be downloaded.
package main

import (
	"course/plugins/internal/kubernetes"
	"course/plugins/internal/standin"
)

func main() { standin.Main(kubernetes.New) }
