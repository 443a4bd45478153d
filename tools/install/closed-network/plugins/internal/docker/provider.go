// Package docker is the docker provider: containers, networks, volumes and the rest are those of Terraform's provider, by
// way of the bridge, as in the original. Only docker.Image, which the original makes itself, has a stand-in here.
//
// See https://www.pulumi.com/registry/packages/docker/
package docker

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/docker/docker/client"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	sdkv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/pkg/v3/resource/provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/terraform-providers/terraform-provider-docker/shim"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// version is that of the npm package, and of the original.
const version = "5.2.0"

// New is the whole provider.
func New(host *provider.HostClient) (pulumirpc.ResourceProviderServer, error) {
	ctx, info := context.Background(), bridge()
	// Terraform's provider tells much of what it does, to whoever asks for it with TF_LOG.
	info.P.InitLogging(ctx)
	bridged := tfbridge.NewProvider(ctx, host, info.Name, info.Version, info.P, info, nil)
	return &server{ResourceProviderServer: bridged, images: &images{host: host}}, nil
}

// bridge says how the resources of Terraform's provider are called in a program.
func bridge() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:    sdkv2.NewProvider(shim.New(version)()),
		Name: "docker", Version: version,
		EnableRawStateDelta: true,
		Resources: map[string]*tfbridge.ResourceInfo{
			"docker_config": {Tok: "docker:index/serviceConfig:ServiceConfig"},
			"docker_container": {
				Tok:                 "docker:index/container:Container",
				DeleteBeforeReplace: true,
				Fields: map[string]*tfbridge.SchemaInfo{
					"command":           {Name: "command"},
					"networks_advanced": {Name: "networksAdvanced"},
				},
			},
			// Its name is an image's, and not made up.
			"docker_image": {
				Tok:    "docker:index/remoteImage:RemoteImage",
				Fields: map[string]*tfbridge.SchemaInfo{"name": {Default: &tfbridge.DefaultInfo{}}},
			},
		},
	}
	info.MustComputeTokens(tokens.SingleModule("docker_", "index", tokens.MakeStandard("docker")))
	info.SetAutonaming(255, "-")
	return info
}

// server is the bridged provider with a stand-in for one resource more.
type server struct {
	pulumirpc.ResourceProviderServer
	images *images
}

// GetSchema returns the name and version only: the packages for programs come from the original.
func (*server) GetSchema(context.Context, *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	return &pulumirpc.GetSchemaResponse{Schema: fmt.Sprintf(`{"name":"docker","version":%q}`, version)}, nil
}

// elsewhere are settings that lead to a Docker on which docker.Image would not build.
var elsewhere = []string{"context", "sshOpts", "caMaterial", "certMaterial", "keyMaterial", "certPath"}

// CheckConfig refuses provider settings that docker.Image cannot honour.
func (s *server) CheckConfig(ctx context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	resp, err := s.ResourceProviderServer.CheckConfig(ctx, req)
	if err != nil {
		return nil, err
	}
	settings, err := unmarshal(req.News)
	for _, name := range elsewhere {
		if value := settings[resource.PropertyKey(name)]; value.HasValue() && value.V != "" && value.V != "[]" {
			resp.Failures = append(resp.Failures, &pulumirpc.CheckFailure{Reason: fmt.Sprintf(
				"the provider setting %q is not supported by the stand-in plugin: it talks to the Docker Engine of "+
					"this machine only; set host instead", name)})
		}
	}
	return resp, err
}

// Configure connects to the host that is set, else to DOCKER_HOST, else to the usual socket, and like the original fails
// at once when nobody answers.
//
// See https://www.pulumi.com/registry/packages/docker/installation-configuration/
func (s *server) Configure(
	ctx context.Context, req *pulumirpc.ConfigureRequest,
) (*pulumirpc.ConfigureResponse, error) {
	options := []client.Opt{client.FromEnv, client.WithAPIVersionNegotiation()}
	host := req.Variables["docker:config:host"] //nolint:staticcheck // the flat map is enough for one text
	if strings.HasPrefix(host, "ssh://") {
		return nil, fmt.Errorf("the host %q is not supported by the stand-in plugin: it has no ssh connections", host)
	}
	if host != "" {
		options = append(options, client.WithHost(host))
	}
	connection, err := client.NewClientWithOpts(options...)
	if err != nil {
		return nil, fmt.Errorf("connecting to Docker at %q: %w", host, err)
	}
	if _, err := connection.Ping(ctx); err != nil {
		return nil, fmt.Errorf("failed to connect to any docker daemon")
	}
	s.images.Client = connection
	return s.ResourceProviderServer.Configure(ctx, req)
}

// of is who has a resource's type.
func (s *server) of(urn string) interface {
	Check(context.Context, *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error)
	Diff(context.Context, *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error)
	Create(context.Context, *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error)
	Read(context.Context, *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error)
	Update(context.Context, *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error)
	Delete(context.Context, *pulumirpc.DeleteRequest) (*emptypb.Empty, error)
} {
	if resource.URN(urn).Type() == "docker:index/image:Image" {
		return s.images
	}
	return s.ResourceProviderServer
}

func (s *server) Check(ctx context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	resp, err := s.of(req.Urn).Check(ctx, req)
	dropZeros(resp.GetInputs().GetFields())
	return resp, err
}

// dropZeros takes defaults out of inputs that are the zero of their kind: the recordings of the original have none.
func dropZeros(inputs map[string]*structpb.Value) {
	for _, value := range inputs {
		dropZeros(value.GetStructValue().GetFields())
		for _, element := range value.GetListValue().GetValues() {
			dropZeros(element.GetStructValue().GetFields())
		}
	}
	if defaults := inputs["__defaults"].GetListValue(); defaults != nil {
		defaults.Values = slices.DeleteFunc(defaults.Values, func(name *structpb.Value) bool {
			switch inputs[name.GetStringValue()].AsInterface() {
			case false, 0.0, "":
				delete(inputs, name.GetStringValue())
				return true
			}
			return false
		})
	}
}

func (s *server) Diff(ctx context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return s.of(req.Urn).Diff(ctx, req)
}

func (s *server) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	return s.of(req.Urn).Create(ctx, req)
}

func (s *server) Read(ctx context.Context, req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	return s.of(req.Urn).Read(ctx, req)
}

func (s *server) Update(ctx context.Context, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	return s.of(req.Urn).Update(ctx, req)
}

func (s *server) Delete(ctx context.Context, req *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	return s.of(req.Urn).Delete(ctx, req)
}
