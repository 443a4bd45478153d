// Command pulumi-resource-docker is the provider of Docker: bridged from Terraform's, with a stand-in for docker.Image.
package main

import (
	"fmt"
	"os"

	"course/plugins/internal/docker"
	"course/plugins/internal/parent"

	"github.com/pulumi/pulumi/pkg/v3/resource/provider"
)

func main() {
	parent.EndWith()
	if err := provider.Main("docker", docker.New); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
