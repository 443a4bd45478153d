// Command pulumi-resource-random is the provider of random passwords and identifiers, bridged from Terraform's.
//
// See https://www.pulumi.com/registry/packages/random/
package main

import (
	"context"

	"course/plugins/internal/parent"

	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	"github.com/terraform-providers/terraform-provider-random/shim"
)

func main() {
	info := tfbridge.ProviderInfo{
		P:            pf.ShimProvider(shim.New()),
		Name:         "random",
		Version:      "4.21.2",
		MetadataInfo: tfbridge.NewProviderMetadata([]byte("{}")),
	}
	// What Terraform calls random_password is random.RandomPassword.
	named := func(module, name string) (string, error) { return tokens.MakeStandard("random")(module, "Random"+name) }
	info.MustComputeTokens(tokens.SingleModule("random_", "index", named))
	parent.EndWith()
	pf.Main(context.Background(), info.Name, info, pf.ProviderMetadata{PackageSchema: []byte(`{"name":"random"}`)})
}
