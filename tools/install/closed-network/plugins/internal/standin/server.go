package standin

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// Resource creates, reads, changes and removes one type of object. The states that come in and go out are plain
// property maps in the shape of the schema; the server completes them.
type Resource interface {
	Schema() *Schema
	// Create makes the object. When it fails after the object exists, it returns the id along with the error.
	Create(ctx context.Context, call Call, planned Values) (id string, err error)
	// Read brings the state up to date, in place. It returns the id, "" when the object is gone.
	Read(ctx context.Context, call Call, id string, state Values) (string, error)
	// Update changes the object in place.
	Update(ctx context.Context, call Call, id string, old, planned Values) error
	// Delete removes the object. It is no error when there is none.
	Delete(ctx context.Context, call Call, id string, state Values) error
}

// Call is what a resource may want to know of the operation it is part of.
type Call struct {
	URN  resource.URN
	Host *Host
}

// Native is a resource that speaks the provider protocol itself.
type Native interface {
	Check(context.Context, *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error)
	Diff(context.Context, *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error)
	Create(context.Context, *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error)
	Read(context.Context, *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error)
	Update(context.Context, *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error)
	Delete(context.Context, *pulumirpc.DeleteRequest) (*emptypb.Empty, error)
}

// Server is a provider made of resources. It does not accept secrets: the engine keeps every output secret whose
// input is, and the plugin cannot give one away.
//
// See https://pulumi-developer-docs.readthedocs.io/latest/docs/references/proto/provider.html
type Server struct {
	pulumirpc.UnimplementedResourceProviderServer
	Name, Version string
	Host          *Host
	Resources     []Resource
	Natives       map[string]Native
	// ConfigFields describe the provider's own settings.
	ConfigFields []*Field
	// OnConfigure receives the settings, once.
	OnConfigure func(context.Context, Values) error
	// LogErrors repeats the error of an operation as a diagnostic of the resource, in the words of the bridge.
	LogErrors bool
}

// GetPluginInfo returns the version of the original this plugin stands in for.
func (s *Server) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: s.Version}, nil
}

// GetSchema returns the name and version only: the packages for programs come from the original.
func (s *Server) GetSchema(context.Context, *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	return &pulumirpc.GetSchemaResponse{Schema: fmt.Sprintf(`{"name":%q,"version":%q}`, s.Name, s.Version)}, nil
}

// Cancel does nothing, like the original: an operation under way is finished.
func (s *Server) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// Invoke has no functions to offer.
func (s *Server) Invoke(_ context.Context, req *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	return nil, fmt.Errorf("the stand-in %s plugin has no function %q", s.Name, req.Tok)
}

// Check validates a resource's inputs and fills in defaults.
func (s *Server) Check(ctx context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	res, native, err := s.lookup(req.Urn)
	if err != nil {
		return nil, err
	} else if native != nil {
		return native.Check(ctx, req)
	}
	olds, news, err := unmarshalBoth(req.Olds, req.News)
	if err != nil {
		return nil, err
	}
	c := &checker{
		schema: res.Schema(), name: resource.URN(req.Urn).Name(), seed: req.RandomSeed, naming: req.Autonaming,
	}
	inputs, err := marshal(c.check(news, olds))
	if err == nil {
		err = c.err
	}
	if err != nil {
		return nil, err
	}
	resp := &pulumirpc.CheckResponse{Inputs: inputs}
	for _, reason := range c.failures {
		resp.Failures = append(resp.Failures, &pulumirpc.CheckFailure{Reason: reason})
	}
	return resp, nil
}

// Diff compares the state with new inputs.
func (s *Server) Diff(ctx context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	res, native, err := s.lookup(req.Urn)
	if err != nil {
		return nil, err
	} else if native != nil {
		return native.Diff(ctx, req)
	}
	state, inputs, err := unmarshalBoth(req.Olds, req.News)
	if err != nil {
		return nil, err
	}
	schema := res.Schema()
	schema.derive(inputs)
	d := diff(schema, state, inputs)
	resp := &pulumirpc.DiffResponse{
		Changes:  pulumirpc.DiffResponse_DIFF_NONE,
		Diffs:    sortedNames(d.diffs),
		Replaces: sortedNames(d.replaces),
	}
	if len(d.diffs) > 0 {
		resp.Changes = pulumirpc.DiffResponse_DIFF_SOME
	}
	if !schema.Plain {
		resp.DetailedDiff, resp.HasDetailedDiff = d.changes, true
	}
	resp.DeleteBeforeReplace = len(d.replaces) > 0 && (schema.DeleteBeforeReplace || keepsName(schema, state, inputs))
	return resp, nil
}

// keepsName says that the program chose the name, and that it is still the same: two objects cannot both have it.
func keepsName(schema *Schema, state, inputs resource.PropertyMap) bool {
	for _, f := range schema.Fields {
		if !f.AutoName {
			continue
		}
		chosen := true
		if list := inputs[defaultsKey]; list.IsArray() {
			for _, e := range list.ArrayValue() {
				chosen = chosen && e.StringValue() != f.Name
			}
		}
		if chosen && inputs[f.Key()].DeepEquals(state[f.Key()]) {
			return true
		}
	}
	return false
}

// Create makes a resource, or says what it would look like.
func (s *Server) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	res, native, err := s.lookup(req.Urn)
	if err != nil {
		return nil, err
	} else if native != nil {
		return native.Create(ctx, req)
	}
	inputs, err := unmarshal(req.Properties)
	if err != nil {
		return nil, err
	}
	res.Schema().derive(inputs)
	planned := plan(res.Schema(), nil, inputs)
	if req.Preview {
		properties, err := marshal(planned)
		return &pulumirpc.CreateResponse{Properties: properties}, err
	}
	call := Call{resource.URN(req.Urn), s.Host}
	id, err := res.Create(ctx, call, Values{planned})
	if err != nil && id == "" {
		return nil, s.failure(ctx, call, err)
	}
	if err == nil {
		var found string
		if found, err = res.Read(ctx, call, id, Values{planned}); err == nil && found == "" {
			return nil, s.failure(ctx, call, fmt.Errorf("%s is gone right after its creation", id))
		} else if err == nil {
			id = found
		}
	}
	state := settle(res.Schema(), planned)
	state["id"] = resource.NewStringProperty(id)
	properties, marshalErr := marshal(state)
	if marshalErr != nil {
		return nil, marshalErr
	}
	if err != nil {
		return nil, partial(id, properties, "creating", call, s.failure(ctx, call, err))
	}
	return &pulumirpc.CreateResponse{Id: id, Properties: properties}, nil
}

// Read brings a resource's state up to date, or adopts an existing object by its id.
func (s *Server) Read(ctx context.Context, req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	res, native, err := s.lookup(req.Urn)
	if err != nil {
		return nil, err
	} else if native != nil {
		return native.Read(ctx, req)
	}
	state, inputs, err := unmarshalBoth(req.Properties, req.Inputs)
	if err != nil {
		return nil, err
	}
	call, schema := Call{resource.URN(req.Urn), s.Host}, res.Schema()
	importing := len(state) == 0
	if importing {
		if schema.NoImport {
			return nil, fmt.Errorf("resource %s doesn't support import", schema.Token)
		}
		state = imported(schema)
	}
	id, err := res.Read(ctx, call, req.Id, Values{state})
	if err != nil {
		return nil, s.failure(ctx, call, err)
	}
	if id == "" {
		return &pulumirpc.ReadResponse{}, nil
	}
	state = settle(schema, state)
	inputs = readInputs(schema, inputs, state, importing)
	state["id"] = resource.NewStringProperty(id)
	resp := &pulumirpc.ReadResponse{Id: id}
	if resp.Properties, err = marshal(state); err != nil {
		return nil, err
	}
	resp.Inputs, err = marshal(inputs)
	return resp, err
}

// Update changes a resource in place, or says what it would look like.
func (s *Server) Update(ctx context.Context, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	res, native, err := s.lookup(req.Urn)
	if err != nil {
		return nil, err
	} else if native != nil {
		return native.Update(ctx, req)
	}
	state, inputs, err := unmarshalBoth(req.Olds, req.News)
	if err != nil {
		return nil, err
	}
	schema := res.Schema()
	schema.derive(inputs)
	if len(diff(schema, state, inputs).diffs) == 0 {
		return &pulumirpc.UpdateResponse{Properties: req.Olds}, nil
	}
	planned := plan(schema, state, inputs)
	if req.Preview {
		properties, err := marshal(planned)
		return &pulumirpc.UpdateResponse{Properties: properties}, err
	}
	call := Call{resource.URN(req.Urn), s.Host}
	err = res.Update(ctx, call, req.Id, Values{state}, Values{planned})
	next := settle(schema, planned)
	next["id"] = resource.NewStringProperty(req.Id)
	properties, marshalErr := marshal(next)
	if marshalErr != nil {
		return nil, marshalErr
	}
	if err != nil {
		return nil, partial(req.Id, properties, "updating", call, s.failure(ctx, call, err))
	}
	return &pulumirpc.UpdateResponse{Properties: properties}, nil
}

// Delete removes a resource.
func (s *Server) Delete(ctx context.Context, req *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	res, native, err := s.lookup(req.Urn)
	if err != nil {
		return nil, err
	} else if native != nil {
		return native.Delete(ctx, req)
	}
	state, err := unmarshal(req.Properties)
	if err != nil {
		return nil, err
	}
	call := Call{resource.URN(req.Urn), s.Host}
	if err := res.Delete(ctx, call, req.Id, Values{state}); err != nil {
		return nil, fmt.Errorf("deleting %s: %w", call.URN, s.failure(ctx, call, err))
	}
	return &emptypb.Empty{}, nil
}

func (s *Schema) derive(inputs resource.PropertyMap) {
	if s.Derive != nil {
		s.Derive(inputs)
	}
}

func (s *Server) lookup(urn string) (Resource, Native, error) {
	token := string(resource.URN(urn).Type())
	if native, ok := s.Natives[token]; ok {
		return nil, native, nil
	}
	for _, res := range s.Resources {
		if res.Schema().Token == token {
			return res, nil, nil
		}
	}
	return nil, nil, fmt.Errorf("the stand-in %s plugin has no resource %q", s.Name, token)
}

// failure words an error as the bridge does, which says it twice: as a diagnostic and as the operation's result.
func (s *Server) failure(ctx context.Context, call Call, err error) error {
	if !s.LogErrors {
		return err
	}
	call.Host.Log(ctx, pulumirpc.LogSeverity_ERROR, call.URN, fmt.Sprintf(
		"  sdk-v2/provider2.go:571: sdk.helper_schema: %s: provider=%s@%s", err, s.Name, s.Version))
	return fmt.Errorf("1 error occurred:\n\t* %w\n\n", err)
}

// partial tells the engine that the object exists although the operation failed.
func partial(id string, properties *structpb.Struct, doing string, call Call, err error) error {
	reason := fmt.Sprintf("%s %s: %s", doing, call.URN, err)
	return rpcerror.WithDetails(rpcerror.New(codes.Unknown, reason), &pulumirpc.ErrorResourceInitFailed{
		Id: id, Properties: properties, Reasons: []string{reason},
	})
}

func unmarshal(s *structpb.Struct) (resource.PropertyMap, error) {
	return plugin.UnmarshalProperties(s, plugin.MarshalOptions{KeepUnknowns: true, RejectAssets: true, SkipNulls: true})
}

func unmarshalBoth(a, b *structpb.Struct) (resource.PropertyMap, resource.PropertyMap, error) {
	first, err := unmarshal(a)
	if err != nil {
		return nil, nil, err
	}
	second, err := unmarshal(b)
	return first, second, err
}

func marshal(m resource.PropertyMap) (*structpb.Struct, error) {
	return plugin.MarshalProperties(m, plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true})
}
