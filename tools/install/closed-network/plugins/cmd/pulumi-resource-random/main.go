// Command pulumi-resource-random stands in for the random provider plugin where it cannot be downloaded.
package main

import (
	"course/plugins/internal/random"
	"course/plugins/internal/standin"
)

func main() { standin.Main(random.New) }
