// Package shim opens a door to the Docker provider of Terraform: its own package is internal, and this one lies below it.
package shim

import "github.com/terraform-providers/terraform-provider-docker/internal/provider"

// New makes a provider of that version.
var New = provider.New
