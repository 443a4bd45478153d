package kubernetes

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"sort"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"k8s.io/client-go/tools/clientcmd/api"
)

// whereabouts are the settings that say which cluster it is.
var whereabouts = []string{"kubeconfig", "context", "cluster"}

// DiffConfig replaces the provider, and with it all that it made, when its settings lead to another cluster. Whether
// it is another one is only asked of the kubeconfigs: they must both hold the cluster, and hold it differently.
func (p *provider) DiffConfig(_ context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	olds, news, err := unmarshalBoth(req.Olds, req.News)
	if err != nil {
		return nil, err
	}
	return diffSettings(olds, news)
}

const clusterIdentifier = "clusterIdentifier"

func diffSettings(olds, news resource.PropertyMap) (*pulumirpc.DiffResponse, error) {
	changed := olds.Diff(news)
	if changed == nil {
		return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
	}
	resp := &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_SOME}
	for _, key := range changed.ChangedKeys() {
		resp.Diffs = append(resp.Diffs, string(key))
	}
	sort.Strings(resp.Diffs)

	// Who names the cluster decides alone whether it is another one.
	if changed.Updated(clusterIdentifier) {
		resp.Replaces = []string{clusterIdentifier}
	}
	if changed.Same(clusterIdentifier) && news.HasValue(clusterIdentifier) {
		return resp, nil
	}
	for _, key := range whereabouts {
		if news[resource.PropertyKey(key)].IsComputed() {
			resp.Diffs, resp.Replaces = []string{key}, append(resp.Replaces, key)
			return resp, nil
		}
	}
	before, err := chosenCluster(olds)
	if err != nil {
		return nil, err
	}
	after, err := chosenCluster(news)
	if err != nil {
		return nil, err
	}
	if before != nil && after != nil && !reflect.DeepEqual(before, after) {
		for _, key := range whereabouts {
			if slices.Contains(resp.Diffs, key) {
				resp.Replaces = append(resp.Replaces, key)
			}
		}
	}
	return resp, nil
}

// chosenCluster is the entry of the kubeconfig that the settings lead to, nil when they name no kubeconfig or the
// kubeconfig has no such entry.
func chosenCluster(settings resource.PropertyMap) (*api.Cluster, error) {
	var content string
	switch v := settings["kubeconfig"]; {
	case v.IsString():
		content = v.StringValue()
	case v.IsObject():
		asJSON, err := json.Marshal(v.ObjectValue().Mappable())
		if err != nil {
			return nil, err
		}
		content = string(asJSON)
	}
	if content == "" {
		return nil, nil
	}
	config, err := parseKubeconfig(content)
	if err != nil {
		return nil, fmt.Errorf("failed to parse kubeconfig: %w", err)
	}
	name := config.CurrentContext
	if v := settings["context"]; v.IsString() {
		name = v.StringValue()
	}
	context := config.Contexts[name]
	if context == nil {
		return nil, nil
	}
	name = context.Cluster
	if v := settings["cluster"]; v.IsString() {
		name = v.StringValue()
	}
	return config.Clusters[name], nil
}
