package docker

import (
	"context"
	"fmt"

	"course/plugins/internal/standin"

	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"
)

// networkSchema lists the properties of docker.Network.
//
// See https://www.pulumi.com/registry/packages/docker/api-docs/network/
var networkSchema = &standin.Schema{
	Token: "docker:index/network:Network",
	Fields: []*standin.Field{
		boolean("attachable", forceNew),
		str("driver", forceNew, computed),
		boolean("ingress", forceNew),
		boolean("internal", forceNew, computed),
		blockSet("ipamConfigs", []*standin.Field{
			stringMap("auxAddress", forceNew),
			str("gateway", forceNew),
			str("ipRange", forceNew),
			str("subnet", forceNew),
		}, upstream("ipam_config"), forceNew, computed),
		str("ipamDriver", byDefault("default"), forceNew),
		stringMap("ipamOptions", forceNew),
		boolean("ipv6", forceNew),
		blockSet("labels", labelFields(), forceNew),
		str("name", required, forceNew, autoName),
		stringMap("options", forceNew, computed),
		str("scope", output),
	},
}

type networks struct{ engine *Engine }

func (*networks) Schema() *standin.Schema { return networkSchema }

func (n *networks) Create(ctx context.Context, _ standin.Call, in standin.Values) (string, error) {
	options := network.CreateOptions{
		Driver: in.Str("driver"), Options: in.StrMap("options"), Internal: in.Bool("internal"),
		Attachable: in.Bool("attachable"), Ingress: in.Bool("ingress"), Labels: labelMap(in.Objs("labels")),
		IPAM: &network.IPAM{Driver: in.Str("ipamDriver"), Options: in.StrMap("ipamOptions")},
	}
	if in.Bool("ipv6") {
		ipv6 := true
		options.EnableIPv6 = &ipv6
	}
	for _, config := range in.Objs("ipamConfigs") {
		options.IPAM.Config = append(options.IPAM.Config, network.IPAMConfig{
			Subnet: config.Str("subnet"), IPRange: config.Str("ipRange"), Gateway: config.Str("gateway"),
			AuxAddress: config.StrMap("auxAddress"),
		})
	}
	created, err := n.engine.NetworkCreate(ctx, in.Str("name"), options)
	if err != nil {
		return "", fmt.Errorf("Unable to create network: %w", err)
	}
	return created.ID, nil
}

func (n *networks) Read(ctx context.Context, _ standin.Call, id string, state standin.Values) (string, error) {
	found, err := n.engine.NetworkInspect(ctx, id, network.InspectOptions{})
	if client.IsErrNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("Unable to inspect network: %w", err)
	}
	state.Set("name", found.Name)
	state.Set("labels", labelObjects(found.Labels))
	state.Set("driver", found.Driver)
	state.Set("internal", found.Internal)
	state.Set("attachable", found.Attachable)
	state.Set("ingress", found.Ingress)
	state.Set("ipv6", found.EnableIPv6)
	state.Set("ipamDriver", found.IPAM.Driver)
	state.Set("ipamOptions", found.IPAM.Options)
	state.Set("options", found.Options)
	state.Set("scope", found.Scope)
	var configs []map[string]any
	for _, config := range found.IPAM.Config {
		configs = append(configs, map[string]any{
			"subnet": config.Subnet, "ipRange": config.IPRange, "gateway": config.Gateway, "auxAddress": config.AuxAddress,
		})
	}
	state.Set("ipamConfigs", configs)
	return id, nil
}

// Update is never needed: every change replaces a network.
func (*networks) Update(context.Context, standin.Call, string, standin.Values, standin.Values) error {
	return nil
}

func (n *networks) Delete(ctx context.Context, _ standin.Call, id string, _ standin.Values) error {
	return untilUnused(ctx, "has active endpoints", "pending", func() error { return n.engine.NetworkRemove(ctx, id) })
}
