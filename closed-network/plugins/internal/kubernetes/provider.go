// Package kubernetes stands in for the kubernetes provider: objects of any kind of a real cluster, applied on the
// server side and waited for, with the tokens and the behaviour of the original.
//
// See https://www.pulumi.com/registry/packages/kubernetes/
package kubernetes

import (
	"context"
	"fmt"

	"course/plugins/internal/standin"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Version is the version of the original this plugin stands in for.
const Version = "4.34.2"

// provider answers the engine. Nothing is asked of the cluster before an operation needs it.
type provider struct {
	pulumirpc.UnimplementedResourceProviderServer
	host *standin.Host
	// stop ends every wait that is under way.
	stopped context.Context
	stop    context.CancelFunc

	settings settings
	cluster  *cluster
}

// New is the whole provider.
func New(host *standin.Host) pulumirpc.ResourceProviderServer {
	stopped, stop := context.WithCancel(context.Background())
	return &provider{host: host, stopped: stopped, stop: stop}
}

// GetPluginInfo returns the version of the original.
func (p *provider) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: Version}, nil
}

// GetSchema returns the name and version only: the packages for programs come from the original.
func (p *provider) GetSchema(context.Context, *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	return &pulumirpc.GetSchemaResponse{Schema: fmt.Sprintf(`{"name":"kubernetes","version":%q}`, Version)}, nil
}

// Cancel ends every wait at once; what was made is kept in the state.
func (p *provider) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	p.stop()
	return &emptypb.Empty{}, nil
}

// Invoke has no functions to offer.
func (p *provider) Invoke(_ context.Context, req *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	return nil, fmt.Errorf("the stand-in kubernetes plugin has no function %q", req.Tok)
}

// Construct has no components to offer: those of yaml/v2, helm and kustomize are made by the original only.
func (p *provider) Construct(
	_ context.Context, req *pulumirpc.ConstructRequest,
) (*pulumirpc.ConstructResponse, error) {
	return nil, fmt.Errorf("the stand-in kubernetes plugin has no component %q", req.Type)
}

// operation is the context of one request: it also ends when the engine cancels the update.
func (p *provider) operation(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	release := context.AfterFunc(p.stopped, cancel)
	return ctx, func() { release(); cancel() }
}

// kindOf reads group, version and kind from a resource's type, such as kubernetes:apps/v1:Deployment.
func kindOf(urn resource.URN) (schema.GroupVersionKind, error) {
	version, err := schema.ParseGroupVersion(string(urn.Type().Module().Name()))
	if err != nil || version.Group == "" || urn.Type().Package() != "kubernetes" {
		return schema.GroupVersionKind{}, fmt.Errorf("the stand-in kubernetes plugin has no resource %q", urn.Type())
	}
	if version.Group == "core" {
		version.Group = ""
	}
	return version.WithKind(string(urn.Type().Name())), nil
}
