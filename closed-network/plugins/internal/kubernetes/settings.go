package kubernetes

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// settings are those of the provider resource, or of the stack's configuration.
//
// See https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/
type settings struct {
	// kubeconfig is a path or the file's contents; empty for what kubectl would use.
	kubeconfig, context, cluster, namespace string

	deleteUnreachable, skipUpdateUnreachable bool
	upsert, force                            bool
	mutableSecrets, mutableConfigMaps        bool

	client clientSettings
}

type clientSettings struct {
	QPS     *float32 `json:"qps"`
	Burst   *int     `json:"burst"`
	Timeout *int     `json:"timeout"` // seconds
}

// refusals are the settings that this plugin cannot honour, each with the value that asks for something.
var refusals = map[string]struct{ value, reason string }{
	"enableServerSideApply": {"false", "it always applies on the server side"},
	"renderYamlToDirectory": {"", "it only talks to clusters"},
	"alwaysRender":          {"true", "it only talks to clusters"},
	"strictMode":            {"true", "it does not tell default providers apart"},
}

// refused lists what is asked for in vain, sorted.
func refused(value func(key string) (string, bool)) []string {
	var out []string
	for key, refusal := range refusals {
		if set, ok := value(key); ok && set != "" && (refusal.value == "" || set == refusal.value) {
			out = append(out, fmt.Sprintf(
				"the provider setting %q is not supported by the stand-in plugin: %s", key, refusal.reason))
		}
	}
	sort.Strings(out)
	return out
}

// CheckConfig refuses settings that the plugin cannot honour.
func (p *provider) CheckConfig(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	news, err := unmarshal(req.News)
	if err != nil {
		return nil, err
	}
	resp := &pulumirpc.CheckResponse{Inputs: req.News}
	for _, reason := range refused(func(key string) (string, bool) { return text(news, key) }) {
		resp.Failures = append(resp.Failures, &pulumirpc.CheckFailure{Reason: reason})
	}
	return resp, nil
}

// text is a setting as the engine hands it to Configure: booleans and objects as JSON.
func text(settings resource.PropertyMap, key string) (string, bool) {
	switch v := settings[resource.PropertyKey(key)]; {
	case v.IsString():
		return v.StringValue(), true
	case v.IsBool():
		return strconv.FormatBool(v.BoolValue()), true
	case v.IsObject():
		content, err := json.Marshal(v.ObjectValue().Mappable())
		return string(content), err == nil
	}
	return "", false
}

// Configure receives the settings.
func (p *provider) Configure(
	_ context.Context, req *pulumirpc.ConfigureRequest,
) (*pulumirpc.ConfigureResponse, error) {
	value := func(key string) (string, bool) {
		v, ok := req.Variables["kubernetes:config:"+key] //nolint:staticcheck // the flat map is enough here
		return v, ok
	}
	var err error
	if p.settings, err = readSettings(value, os.LookupEnv); err != nil {
		return nil, err
	}
	p.cluster = connect(p.settings)
	return &pulumirpc.ConfigureResponse{
		AcceptSecrets: true, SupportsPreview: true, SupportsAutonamingConfiguration: true,
	}, nil
}

// readSettings prefers what the program sets over the environment.
func readSettings(value, environment func(string) (string, bool)) (settings, error) {
	if problems := refused(func(key string) (string, bool) {
		if v, ok := value(key); ok {
			return v, ok
		}
		return environment(variables[key])
	}); len(problems) > 0 {
		return settings{}, fmt.Errorf("%s", strings.Join(problems, "; "))
	}
	get := func(key string) string {
		if v, ok := value(key); ok {
			return v
		}
		if name := variables[key]; name != "" {
			v, _ := environment(name)
			return v
		}
		return ""
	}
	is := func(key string) bool { return get(key) == "true" }
	s := settings{
		kubeconfig: get("kubeconfig"), context: get("context"), cluster: get("cluster"), namespace: get("namespace"),
		deleteUnreachable: is("deleteUnreachable"), skipUpdateUnreachable: is("skipUpdateUnreachable"),
		upsert: is("upsertExistingObjects"), force: is("enablePatchForce"),
		mutableSecrets: is("enableSecretMutable"), mutableConfigMaps: is("enableConfigMapMutable"),
	}
	if client := get("kubeClientSettings"); client != "" {
		if err := json.Unmarshal([]byte(client), &s.client); err != nil {
			return s, fmt.Errorf("the provider setting kubeClientSettings is %q: %w", client, err)
		}
	}
	return s, nil
}

// variables are the environment's twins of the settings.
var variables = map[string]string{
	"deleteUnreachable":      "PULUMI_K8S_DELETE_UNREACHABLE",
	"skipUpdateUnreachable":  "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE",
	"enableServerSideApply":  "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY",
	"enablePatchForce":       "PULUMI_K8S_ENABLE_PATCH_FORCE",
	"upsertExistingObjects":  "PULUMI_K8S_UPSERT_EXISTING_OBJECTS",
	"enableConfigMapMutable": "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE",
	"enableSecretMutable":    "PULUMI_K8S_ENABLE_SECRET_MUTABLE",
}
