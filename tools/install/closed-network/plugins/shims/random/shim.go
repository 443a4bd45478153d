// Package shim opens a door to the random provider of Terraform: its own package is internal, and this one lies below it.
package shim

import "github.com/terraform-providers/terraform-provider-random/internal/provider"

// New makes a provider.
var New = provider.New
