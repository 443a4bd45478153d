package kubernetes

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// offline is a provider without a cluster: nothing here may ask for one.
func offline() *provider {
	p := New(nil).(*provider)
	p.cluster = &cluster{namespace: "default", problem: "there is none in this test"}
	return p
}

func parse(t *testing.T, text string) *object {
	t.Helper()
	o := &object{Object: map[string]any{}}
	if err := json.Unmarshal([]byte(text), &o.Object); err != nil {
		t.Fatal(err)
	}
	return o
}

// changed is an object with one more, or another, value.
func changed(t *testing.T, text, change string) *object {
	o := parse(t, text)
	merge(o.Object, parse(t, change).Object)
	return o
}

func merge(into, from map[string]any) {
	for key, v := range from {
		inner, ok := v.(map[string]any)
		target, both := into[key].(map[string]any)
		switch {
		case ok && both:
			merge(target, inner)
		case v == nil:
			delete(into, key)
		default:
			into[key] = v
		}
	}
}

const (
	claimText = `{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "c", "namespace": "n"},
		"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}`
	deploymentText = `{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d", "namespace": "n"},
		"spec": {"selector": {"matchLabels": {"app": "a"}}, "template": {"metadata": {"labels": {"app": "a"}},
		"spec": {"containers": [{"name": "c", "image": "i:1", "ports": [{"containerPort": 80}],
		"resources": {"requests": {"cpu": "500m"}}}]}}}}`
	serviceText = `{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "namespace": "n"},
		"spec": {"ports": [{"port": 80, "nodePort": 30080}], "type": "NodePort"}}`
	secretText = `{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "n"},
		"data": {"password": "YQ==", "a.b": "YQ=="}}`
	namespaceText = `{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}`
)

// added is what a cluster adds to every object.
const added = `{"metadata": {"uid": "u", "resourceVersion": "1", "creationTimestamp": "2026-01-01T00:00:00Z",
	"finalizers": ["x"]}, "status": {"phase": "Active"}}`

func diffOf(t *testing.T, p *provider, old, live, inputs *object, ignore ...string) *pulumirpc.DiffResponse {
	t.Helper()
	given := toProperties(old)
	olds, err := marshal(stateOf(old, live, given, notesOf(nil, old)))
	if err != nil {
		t.Fatal(err)
	}
	news, err := marshal(toProperties(inputs))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := p.Diff(context.Background(), &pulumirpc.DiffRequest{Olds: olds, News: news, IgnoreChanges: ignore})
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

func TestDiff(t *testing.T) {
	type kinds map[string]string
	for _, c := range []struct {
		name, text, live, inputs string
		want                     kinds
		deleteFirst              bool
	}{
		{"nothing", deploymentText, added, `{}`, kinds{}, false},
		{"another way to write it", deploymentText, added, `{"spec": {"template": {"spec": {"containers": [
			{"name": "c", "image": "i:1", "ports": [{"containerPort": 80}], "resources": {"requests": {"cpu": "0.5"}}}
			]}}}}`, kinds{}, false},
		{"what the cluster set", deploymentText, `{"spec": {"replicas": 3, "strategy": {"type": "Recreate"}}}`, `{}`,
			kinds{}, false},
		{"image", deploymentText, added, `{"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "i:2",
			"ports": [{"containerPort": 80}], "resources": {"requests": {"cpu": "500m"}}}]}}}}`,
			kinds{"spec.template.spec.containers[0].image": "UPDATE"}, false},
		{"one container more, one field less", deploymentText, added, `{"spec": {"template": {"spec": {"containers":
			[{"name": "c", "image": "i:1", "resources": {"requests": {"cpu": "500m"}}},
			{"name": "x", "image": "x"}]}}}}`, kinds{
			"spec.template.spec.containers[0].ports": "DELETE", "spec.template.spec.containers[1]": "ADD"}, false},
		{"replicas", deploymentText, `{"spec": {"replicas": 1}}`, `{"spec": {"replicas": 2}}`,
			kinds{"spec.replicas": "ADD"}, false},
		{"selector", deploymentText, added, `{"spec": {"selector": {"matchLabels": {"app": "b"}}}}`,
			kinds{"spec.selector.matchLabels.app": "UPDATE_REPLACE"}, true},
		{"edited by hand", deploymentText, `{"spec": {"template": {"spec": {"containers": [{"name": "c",
			"image": "i:1", "ports": [{"containerPort": 81}], "resources": {"requests": {"cpu": "500m"}}}]}}}}`, `{}`,
			kinds{"spec.template.spec.containers[0].ports[0].containerPort": "UPDATE"}, false},
		{"claim size", claimText, added, `{"spec": {"resources": {"requests": {"storage": "2Gi"}}}}`,
			kinds{"spec.resources.requests.storage": "UPDATE"}, false},
		{"access mode", claimText, added, `{"spec": {"accessModes": ["ReadOnlyMany"]}}`,
			kinds{"spec.accessModes[0]": "UPDATE_REPLACE"}, true},
		{"node port", serviceText, added, `{"spec": {"ports": [{"port": 80, "nodePort": 30081}]}}`,
			kinds{"spec.ports[0].nodePort": "UPDATE"}, false},
		{"fewer ports", serviceText, added, `{"spec": {"ports": []}}`, kinds{"spec.ports": "DELETE"}, false},
		{"Service type", serviceText, added, `{"spec": {"type": "ClusterIP"}}`, kinds{"spec.type": "UPDATE"}, false},
		{"cluster IP", serviceText, added, `{"spec": {"clusterIP": "None"}}`,
			kinds{"spec.clusterIP": "ADD_REPLACE"}, true},
		{"Secret", secretText, added, `{"data": {"password": "Yg==", "a.b": null}}`,
			kinds{"data.password": "UPDATE_REPLACE", `data["a.b"]`: "DELETE_REPLACE"}, true},
		{"name of a namespace", namespaceText, added, `{"metadata": {"name": "m"}}`,
			kinds{"metadata.name": "UPDATE_REPLACE"}, false},
		{"namespace", claimText, added, `{"metadata": {"namespace": "m"}}`,
			kinds{"metadata.namespace": "UPDATE_REPLACE"}, false},
		{"labels", namespaceText, added, `{"metadata": {"labels": {"a": "b"}}}`,
			kinds{"metadata.labels": "ADD"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			old := parse(t, c.text)
			live := changed(t, c.text, added)
			merge(live.Object, parse(t, c.live).Object)
			resp := diffOf(t, offline(), old, live, changed(t, c.text, c.inputs))
			got, replaced := kinds{}, 0
			for path, change := range resp.DetailedDiff {
				got[path] = change.Kind.String()
				if replaces(change.Kind) {
					replaced++
				}
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			if some := resp.Changes == pulumirpc.DiffResponse_DIFF_SOME; some != (len(c.want) > 0) {
				t.Errorf("changes: %v", resp.Changes)
			}
			if len(resp.Replaces) != replaced || resp.DeleteBeforeReplace != c.deleteFirst {
				t.Errorf("replaces %v, delete first: %v", resp.Replaces, resp.DeleteBeforeReplace)
			}
		})
	}
}

func TestDiffOfWhatIsNotKnownYet(t *testing.T) {
	old := parse(t, deploymentText)
	inputs := parse(t, deploymentText)
	inputs.Object["spec"].(map[string]any)["replicas"] = unknown{}
	inputs.Object["metadata"].(map[string]any)["namespace"] = unknown{}
	resp := diffOf(t, offline(), old, changed(t, deploymentText, added), inputs)
	if got := resp.DetailedDiff["metadata.namespace"].GetKind(); got != pulumirpc.PropertyDiff_UPDATE_REPLACE {
		t.Errorf("namespace: %v", got)
	}
	if got, ok := resp.DetailedDiff["spec.replicas"]; !ok || got.Kind != pulumirpc.PropertyDiff_ADD {
		t.Errorf("replicas: %v", got)
	}
}

// The engine asks so whether an object must be replaced along with another that its spec depends on.
func TestDiffOfAWholeSpecThatIsNotKnownYet(t *testing.T) {
	for text, want := range map[string][]string{deploymentText: {"spec.selector"}, serviceText: nil} {
		inputs := parse(t, text)
		inputs.Object["spec"] = unknown{}
		resp := diffOf(t, offline(), parse(t, text), changed(t, text, added), inputs)
		if !reflect.DeepEqual(resp.Replaces, want) || resp.Changes != pulumirpc.DiffResponse_DIFF_SOME {
			t.Errorf("replaces %v", resp.Replaces)
		}
	}
}

func TestDiffIgnoresWhatTheProgramIgnores(t *testing.T) {
	inputs := changed(t, deploymentText, `{"spec": {"replicas": 2, "paused": true}}`)
	resp := diffOf(t, offline(), parse(t, deploymentText), parse(t, deploymentText), inputs, "spec.replicas")
	if _, ok := resp.DetailedDiff["spec.paused"]; !ok || len(resp.DetailedDiff) != 1 {
		t.Errorf("got %v", resp.DetailedDiff)
	}
}

func TestDiffMakesTheNewBeforeTheOldWhenTheNameIsFree(t *testing.T) {
	text := `{"metadata": {"annotations": {"pulumi.com/autonamed": "true"}}}`
	old, live := changed(t, claimText, text), changed(t, claimText, text)
	inputs := changed(t, claimText, text)
	merge(inputs.Object, parse(t, `{"spec": {"volumeName": "v"}}`).Object)
	resp := diffOf(t, offline(), old, live, inputs)
	if len(resp.Replaces) != 1 || resp.DeleteBeforeReplace {
		t.Errorf("replaces %v, delete first: %v", resp.Replaces, resp.DeleteBeforeReplace)
	}
}

func TestSecretsMayBeMutable(t *testing.T) {
	for _, c := range []struct {
		mutable bool
		sealed  string
		want    int
	}{{false, `{}`, 1}, {true, `{}`, 0}, {true, `{"immutable": true}`, 1}} {
		p := offline()
		p.settings.mutableSecrets = c.mutable
		old := changed(t, secretText, c.sealed)
		inputs := changed(t, secretText, c.sealed)
		merge(inputs.Object, parse(t, `{"data": {"password": "Yg=="}}`).Object)
		if resp := diffOf(t, p, old, old, inputs); len(resp.Replaces) != c.want {
			t.Errorf("%+v: replaces %v", c, resp.Replaces)
		}
	}
}

func TestTouches(t *testing.T) {
	container := map[string]any{"name": "c", "image": "i"}
	for _, c := range []struct {
		path  []any
		value any
		field []string
		want  bool
	}{
		{[]any{"spec", "containers", 0, "image"}, "i", []string{"spec", "containers", "*", "image"}, true},
		{[]any{"spec", "containers", 0, "name"}, "i", []string{"spec", "containers", "*", "image"}, false},
		{[]any{"spec", "containers", 1}, container, []string{"spec", "containers", "*", "image"}, true},
		{[]any{"spec", "containers", 1}, nil, []string{"spec", "containers", "*", "image"}, false},
		{[]any{"spec"}, map[string]any{"containers": []any{container}}, []string{"spec", "containers", "*", "image"}, true},
		{[]any{"spec", "selector", "a"}, "x", []string{"spec", "selector"}, true},
		{[]any{"spec"}, map[string]any{"selector": "x"}, []string{"spec", "selector"}, true},
		{[]any{"spec"}, "x", []string{"spec", "selector"}, false},
	} {
		if got := touches(c.path, c.value, c.field); got != c.want {
			t.Errorf("%v of %v: %v", c.field, c.path, got)
		}
	}
}

func TestStateKeepsSecrets(t *testing.T) {
	given := resource.PropertyMap{
		"apiVersion": resource.NewStringProperty("v1"), "kind": resource.NewStringProperty("ConfigMap"),
		"data": resource.NewObjectProperty(resource.PropertyMap{
			"a": resource.MakeSecret(resource.NewStringProperty("b")), "c": resource.NewStringProperty("d"),
		}),
		"list": resource.NewArrayProperty([]resource.PropertyValue{resource.MakeSecret(resource.NewStringProperty("x"))}),
	}
	inputs := toObject(given)
	state := stateOf(inputs, inputs, given, notesOf(nil, inputs))
	for _, values := range []resource.PropertyMap{state, state[inputsKey].ObjectValue()} {
		if data := values["data"].ObjectValue(); !data["a"].IsSecret() || data["c"].IsSecret() {
			t.Errorf("data: %v", data)
		}
		if !values["list"].IsSecret() {
			t.Errorf("a list with a secret: %v", values["list"])
		}
	}
	secret := parse(t, secretText)
	state = stateOf(secret, secret, resource.PropertyMap{}, notesOf(nil, secret))
	if !state["data"].IsSecret() || !state[inputsKey].ObjectValue()["data"].IsSecret() {
		t.Errorf("data of a Secret: %v", state)
	}
	back, live := parseState(state)
	if !reflect.DeepEqual(back.Object, secret.Object) || !reflect.DeepEqual(live.Object, secret.Object) {
		t.Errorf("got %v and %v", back.Object, live.Object)
	}
	if again := notesOf(state, back); again.fieldManager != state[fieldManagerKey].StringValue() ||
		again.initialAPIVersion != "v1" {
		t.Errorf("notes: %v", again)
	}
}
