// Package random stands in for the random provider: passwords and identifiers that are made once and kept.
//
// See https://www.pulumi.com/registry/packages/random/
package random

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"

	"course/plugins/internal/standin"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Version is the version of the original this plugin stands in for.
const Version = "4.21.2"

// New is the whole provider.
func New(host *standin.Host) pulumirpc.ResourceProviderServer {
	return &standin.Server{
		Name: "random", Version: Version, Host: host,
		Resources: []standin.Resource{passwords{}, ids{}},
	}
}

// kept is a resource that exists in the state only: nothing changes it in place and there is nothing to remove.
type kept struct{}

func (kept) Update(_ context.Context, call standin.Call, _ string, _, _ standin.Values) error {
	return fmt.Errorf("%s cannot be changed in place", call.URN)
}

func (kept) Delete(context.Context, standin.Call, string, standin.Values) error { return nil }

// input is a property that replaces the resource when it changes.
func input(name string, kind standin.Kind, changes ...func(*standin.Field)) *standin.Field {
	return standin.Field{Name: name, Kind: kind, ForceNew: true}.With(changes...)
}

func output(name string, changes ...func(*standin.Field)) *standin.Field {
	return standin.Field{Name: name, Kind: standin.String, Output: true}.With(changes...)
}

func required(f *standin.Field) { f.Required = true }
func secret(f *standin.Field)   { f.Secret = true }

func byDefault(value any) func(*standin.Field) {
	return func(f *standin.Field) { f.Default = value }
}

func atLeast(name string, least int) func(*standin.Field) {
	return func(f *standin.Field) {
		f.Validate = func(v resource.PropertyValue) string {
			if int(v.NumberValue()) >= least {
				return ""
			}
			return fmt.Sprintf("Attribute %s value must be at least %d, got: %d", name, least, int(v.NumberValue()))
		}
	}
}

// below is a random number from 0 to n-1, of cryptographic quality.
func below(n int) (int, error) {
	v, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		return 0, err
	}
	return int(v.Int64()), nil
}
