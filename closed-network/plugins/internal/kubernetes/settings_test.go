package kubernetes

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// kubeconfig has a context a of cluster 1, b and c of cluster 2.
func kubeconfig(port int) string {
	return fmt.Sprintf(`{"apiVersion": "v1", "kind": "Config", "current-context": "a",
		"clusters": [{"name": "1", "cluster": {"server": "https://127.0.0.1:%d"}},
			{"name": "2", "cluster": {"server": "https://127.0.0.1:2"}}],
		"users": [{"name": "u", "user": {"token": "t"}}],
		"contexts": [{"name": "a", "context": {"cluster": "1", "user": "u"}},
			{"name": "b", "context": {"cluster": "2", "user": "u", "namespace": "labs"}},
			{"name": "c", "context": {"cluster": "2", "user": "u"}}]}`, port)
}

func of(values map[string]string) func(string) (string, bool) {
	return func(key string) (string, bool) { v, ok := values[key]; return v, ok }
}

func TestSettingsPreferTheProgramOverTheEnvironment(t *testing.T) {
	s, err := readSettings(
		of(map[string]string{"context": "x", "deleteUnreachable": "false", "kubeClientSettings": `{"timeout": 3}`}),
		of(map[string]string{"PULUMI_K8S_DELETE_UNREACHABLE": "true", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS": "true"}))
	if err != nil {
		t.Fatal(err)
	}
	if s.context != "x" || s.deleteUnreachable || !s.upsert || s.mutableSecrets || *s.client.Timeout != 3 {
		t.Errorf("got %+v", s)
	}
}

func TestSettingsThatCannotBeHonouredAreNamed(t *testing.T) {
	_, err := readSettings(of(map[string]string{"renderYamlToDirectory": "x"}),
		of(map[string]string{"PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY": "false"}))
	if err == nil || !strings.Contains(err.Error(), "renderYamlToDirectory") ||
		!strings.Contains(err.Error(), "enableServerSideApply") {
		t.Errorf("got %v", err)
	}
	if _, err := readSettings(of(map[string]string{"enableServerSideApply": "true", "alwaysRender": "false"}),
		of(nil)); err != nil {
		t.Errorf("what asks for nothing: %v", err)
	}
}

func TestConnect(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	path := filepath.Join(os.Getenv("HOME"), "config")
	if err := os.WriteFile(path, []byte(kubeconfig(1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		s                  settings
		namespace, problem string
	}{
		{settings{kubeconfig: kubeconfig(1)}, "default", ""},
		{settings{kubeconfig: path}, "default", ""},
		{settings{kubeconfig: "~/config", context: "b"}, "labs", ""},
		{settings{kubeconfig: path, context: "b", namespace: "mine"}, "mine", ""},
		{settings{kubeconfig: path, context: "nosuch"}, "default", "unable to load Kubernetes client configuration from " +
			"kubeconfig file. Make sure you have: \n\n \t • set up the provider as per https://www.pulumi.com/registry/" +
			"packages/kubernetes/installation-configuration/ \n\n context \"nosuch\" does not exist"},
	} {
		got := connect(c.s)
		if got.problem != c.problem {
			t.Errorf("%+v: %q", c.s, got.problem)
		}
		if c.problem == "" && got.namespace != c.namespace {
			t.Errorf("%+v: namespace %q", c.s, got.namespace)
		}
	}
	t.Setenv("KUBECONFIG", path)
	if got := connect(settings{context: "b"}); got.namespace != "labs" || got.problem != "" {
		t.Errorf("KUBECONFIG: %q, %q", got.namespace, got.problem)
	}
	if got := connect(settings{kubeconfig: "/no/such/file"}); !strings.Contains(got.problem, "cannot be read") {
		t.Errorf("no file: %q", got.problem)
	}
}

func TestAnUnreachableClusterIsToldOnce(t *testing.T) {
	c := connect(settings{kubeconfig: kubeconfig(1)})
	first := c.unreachable(context.Background())
	if !strings.Contains(first, "the API server does not answer") || !strings.Contains(first, "127.0.0.1:1") {
		t.Errorf("got %q", first)
	}
}

func TestDiffConfig(t *testing.T) {
	set := func(values ...string) resource.PropertyMap {
		m := resource.PropertyMap{}
		for i := 0; i < len(values); i += 2 {
			m[resource.PropertyKey(values[i])] = resource.NewStringProperty(values[i+1])
		}
		return m
	}
	one := kubeconfig(1)
	computed := set("context", "a")
	computed["kubeconfig"] = resource.MakeComputed(resource.NewStringProperty(""))
	for _, c := range []struct {
		name       string
		olds, news resource.PropertyMap
		diffs      []string
		replaces   []string
	}{
		{"nothing", set("kubeconfig", one), set("kubeconfig", one), nil, nil},
		{"another context of another cluster", set("kubeconfig", one, "context", "a"),
			set("kubeconfig", one, "context", "b"), []string{"context"}, []string{"context"}},
		{"another context of the same cluster", set("kubeconfig", one, "context", "b"),
			set("kubeconfig", one, "context", "c"), []string{"context"}, nil},
		{"another address", set("kubeconfig", one), set("kubeconfig", kubeconfig(3)),
			[]string{"kubeconfig"}, []string{"kubeconfig"}},
		{"no kubeconfig to compare", set("context", "a"), set("context", "b"), []string{"context"}, nil},
		{"something else", set("kubeconfig", one), set("kubeconfig", one, "namespace", "n"), []string{"namespace"}, nil},
		{"not known yet", set("kubeconfig", one, "context", "a"), computed,
			[]string{"kubeconfig"}, []string{"kubeconfig"}},
		{"named cluster, the same", set("kubeconfig", one, "clusterIdentifier", "x"),
			set("kubeconfig", kubeconfig(3), "clusterIdentifier", "x"), []string{"kubeconfig"}, nil},
		{"named cluster, another", set("clusterIdentifier", "x"), set("clusterIdentifier", "y"),
			[]string{"clusterIdentifier"}, []string{"clusterIdentifier"}},
	} {
		resp, err := diffSettings(c.olds, c.news)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(resp.Diffs, c.diffs) || !reflect.DeepEqual(resp.Replaces, c.replaces) {
			t.Errorf("%s: diffs %v, replaces %v", c.name, resp.Diffs, resp.Replaces)
		}
	}
}
