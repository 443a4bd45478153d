package standin

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// CheckConfig refuses provider settings that the plugin does not know or cannot honour.
func (s *Server) CheckConfig(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	news, err := unmarshal(req.News)
	if err != nil {
		return nil, err
	}
	resp := &pulumirpc.CheckResponse{Inputs: req.News}
	for _, problem := range s.configProblems(news) {
		resp.Failures = append(resp.Failures, &pulumirpc.CheckFailure{Reason: problem})
	}
	return resp, nil
}

// DiffConfig reports changed provider settings; none of them replaces what the provider made.
func (s *Server) DiffConfig(_ context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	olds, news, err := unmarshalBoth(req.Olds, req.News)
	if err != nil {
		return nil, err
	}
	resp := &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}
	if d := olds.Diff(news); d != nil {
		resp.Changes = pulumirpc.DiffResponse_DIFF_SOME
		for _, key := range d.Keys() {
			resp.Diffs = append(resp.Diffs, string(key))
		}
	}
	return resp, nil
}

// Configure receives the provider's settings.
func (s *Server) Configure(ctx context.Context, req *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	config := resource.PropertyMap{}
	for key, value := range req.Variables { //nolint:staticcheck // the flat map is enough for these settings
		config[resource.PropertyKey(strings.TrimPrefix(key, s.Name+":config:"))] = resource.NewStringProperty(value)
	}
	if problems := s.configProblems(config); len(problems) > 0 {
		return nil, fmt.Errorf("%s", strings.Join(problems, "; "))
	}
	if s.OnConfigure != nil {
		if err := s.OnConfigure(ctx, Values{config}); err != nil {
			return nil, err
		}
	}
	return &pulumirpc.ConfigureResponse{SupportsPreview: true}, nil
}

func (s *Server) configProblems(config resource.PropertyMap) []string {
	var problems []string
	for _, key := range sortedKeys(config) {
		if key == "version" || key == "pluginDownloadURL" || strings.HasPrefix(string(key), "__") {
			continue
		}
		f, value := Lookup(s.ConfigFields, key), config[key]
		switch {
		case f == nil:
			problems = append(problems, fmt.Sprintf("the provider %s has no setting %q", s.Name, key))
		case f.Refused != "" && asksForSomething(value):
			problems = append(problems, fmt.Sprintf("the provider setting %q is not supported by the stand-in plugin: %s",
				key, f.Refused))
		}
	}
	return problems
}

// asksForSomething is false for a setting left empty; lists and booleans arrive as JSON text.
func asksForSomething(v resource.PropertyValue) bool {
	if !v.IsString() {
		return !isZero(v)
	}
	var decoded any
	if json.Unmarshal([]byte(v.StringValue()), &decoded) == nil {
		switch t := decoded.(type) {
		case nil:
			return false
		case bool:
			return t
		case []any:
			return len(t) > 0
		}
	}
	return v.StringValue() != ""
}
