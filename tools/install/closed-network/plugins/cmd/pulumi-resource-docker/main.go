// Command pulumi-resource-docker stands in for the docker provider plugin where it cannot be downloaded.
package main

import (
	"course/plugins/internal/docker"
	"course/plugins/internal/standin"
)

func main() { standin.Main(docker.New) }
