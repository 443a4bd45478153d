package kubernetes

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

func checkOf(t *testing.T, kind string, olds, news resource.PropertyMap) (resource.PropertyMap, error) {
	t.Helper()
	old, err := marshal(olds)
	if err != nil {
		t.Fatal(err)
	}
	inputs, err := marshal(news)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := offline().Check(context.Background(), &pulumirpc.CheckRequest{
		Urn: "urn:pulumi:s::p::kubernetes:" + kind + "::name", Olds: old, News: inputs, RandomSeed: []byte("seed"),
	})
	if err != nil {
		return nil, err
	}
	checked, err := unmarshal(resp.Inputs)
	if err != nil {
		t.Fatal(err)
	}
	return checked, nil
}

func properties(t *testing.T, text string) resource.PropertyMap { return toProperties(parse(t, text)) }

func TestCheckNamesWhatHasNoName(t *testing.T) {
	first, err := checkOf(t, "core/v1:ConfigMap", nil, properties(t, `{"apiVersion": "v1", "kind": "ConfigMap"}`))
	if err != nil {
		t.Fatal(err)
	}
	o := toObject(first)
	if !regexp.MustCompile(`^name-[0-9a-f]{8}$`).MatchString(o.GetName()) {
		t.Errorf("name: %q", o.GetName())
	}
	if o.GetNamespace() != "default" || o.GetAnnotations()["pulumi.com/autonamed"] != "true" {
		t.Errorf("metadata: %v", o.Object["metadata"])
	}
	second, err := checkOf(t, "core/v1:ConfigMap", first, properties(t, `{"apiVersion": "v1", "kind": "ConfigMap"}`))
	if err != nil {
		t.Fatal(err)
	}
	if !second.DeepEquals(first) {
		t.Errorf("the second time: %v, first: %v", second, first)
	}
}

func TestCheckPutsNothingIntoANamespaceThatBelongsToNone(t *testing.T) {
	checked, err := checkOf(t, "core/v1:Namespace", nil, properties(t, namespaceText))
	if err != nil {
		t.Fatal(err)
	}
	if o := toObject(checked); o.GetNamespace() != "" {
		t.Errorf("namespace: %q", o.GetNamespace())
	}
}

func TestCheckMovesTheTextOfASecretToItsData(t *testing.T) {
	checked, err := checkOf(t, "core/v1:Secret", nil, properties(t, `{"apiVersion": "v1", "kind": "Secret",
		"metadata": {"name": "s"}, "data": {"a": "YQ=="}, "stringData": {"b": "b"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := checked["stringData"]; ok || !checked["data"].IsSecret() {
		t.Errorf("got %v", checked)
	}
	if o := toObject(checked); str(o, "data", "a") != "YQ==" || str(o, "data", "b") != "Yg==" {
		t.Errorf("data: %v", o.Object["data"])
	}
}

func TestCheckWritesValuesAsTheClusterDoes(t *testing.T) {
	checked, err := checkOf(t, "core/v1:PersistentVolumeClaim", nil,
		toProperties(changed(t, claimText, `{"spec": {"resources": {"requests": {"storage": "1024Mi"}}}}`)))
	if err != nil {
		t.Fatal(err)
	}
	if got := str(toObject(checked), "spec", "resources", "requests", "storage"); got != "1Gi" {
		t.Errorf("storage: %q", got)
	}
}

func TestCheckKeepsWhatIsNotKnownYet(t *testing.T) {
	secret := properties(t, secretText)
	notKnown := resource.MakeComputed(resource.NewStringProperty(""))
	secret["metadata"].ObjectValue()["namespace"] = notKnown
	secret["stringData"] = resource.NewObjectProperty(resource.PropertyMap{"x": resource.MakeSecret(notKnown)})
	checked, err := checkOf(t, "core/v1:Secret", nil, secret)
	if err != nil {
		t.Fatal(err)
	}
	if !checked["metadata"].ObjectValue()["namespace"].IsComputed() {
		t.Errorf("namespace: %v", checked["metadata"])
	}
	texts := checked["stringData"]
	if !texts.IsSecret() || !texts.SecretValue().Element.ObjectValue()["x"].IsComputed() {
		t.Errorf("stringData: %v", texts)
	}
}

func TestCheckRefusesByName(t *testing.T) {
	for kind, text := range map[string]string{
		"core/v1:ConfigMapPatch": `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}`,
		"core/v1:ConfigMapList":  `{"apiVersion": "v1", "kind": "ConfigMapList"}`,
		"core/v1:ConfigMap":      `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "c-"}}`,
		"core/v1:Pod": `{"apiVersion": "v1", "kind": "Pod",
			"metadata": {"name": "p", "annotations": {"pulumi.com/waitFor": "x"}}}`,
	} {
		if checked, err := checkOf(t, kind, nil, properties(t, text)); err == nil || !strings.Contains(err.Error(), "is not supported by the stand-in kubernetes plugin") {
			t.Errorf("%s: %v, %v", kind, checked, err)
		}
	}
}
