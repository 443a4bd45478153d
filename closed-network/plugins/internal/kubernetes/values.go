package kubernetes

import (
	"reflect"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"google.golang.org/protobuf/types/known/structpb"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// object is a Kubernetes object, as JSON has it.
type object = unstructured.Unstructured

// unknown stands, within an object, for a value that will be known only once something else has been created.
type unknown struct{}

func unmarshal(s *structpb.Struct) (resource.PropertyMap, error) {
	return plugin.UnmarshalProperties(s, plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, RejectAssets: true})
}

// unmarshalBoth reads what most requests bring: what was, and what shall be.
func unmarshalBoth(one, other *structpb.Struct) (first, second resource.PropertyMap, err error) {
	if first, err = unmarshal(one); err != nil {
		return nil, nil, err
	}
	second, err = unmarshal(other)
	return first, second, err
}

func marshal(m resource.PropertyMap) (*structpb.Struct, error) {
	return plugin.MarshalProperties(m, plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true})
}

// x-kubernetes-… is no name of a property for programs: theirs is x_kubernetes_….
const dashes, underscores = "x-kubernetes-", "x_kubernetes_"

// toObject is what an object's properties say, without what the engine notes about them.
func toObject(properties resource.PropertyMap) *object {
	if properties == nil {
		return &object{Object: map[string]any{}}
	}
	return &object{Object: properties.MapRepl(
		func(key string) (string, bool) {
			return strings.ReplaceAll(key, "_", "-"), strings.HasPrefix(key, underscores)
		}, plain)}
}

func plain(v resource.PropertyValue) (any, bool) {
	switch {
	case v.IsSecret():
		return v.SecretValue().Element.MapRepl(nil, plain), true
	case v.IsOutput() && v.OutputValue().Known:
		return v.OutputValue().Element.MapRepl(nil, plain), true
	case v.IsComputed(), v.IsOutput():
		return unknown{}, true
	}
	return nil, false
}

// toProperties is the opposite of toObject.
func toProperties(o *object) resource.PropertyMap {
	return resource.NewPropertyMapFromMapRepl(o.Object,
		func(key string) (resource.PropertyKey, bool) {
			return resource.PropertyKey(strings.ReplaceAll(key, "-", "_")), strings.HasPrefix(key, dashes)
		},
		func(v any) (resource.PropertyValue, bool) {
			if v == (unknown{}) {
				return resource.MakeComputed(resource.NewStringProperty("")), true
			}
			return resource.PropertyValue{}, false
		})
}

// hasUnknown says that something of a value is not known yet.
func hasUnknown(v any) bool {
	switch t := v.(type) {
	case unknown:
		return true
	case map[string]any:
		for _, e := range t {
			if hasUnknown(e) {
				return true
			}
		}
	case []any:
		for _, e := range t {
			if hasUnknown(e) {
				return true
			}
		}
	}
	return false
}

// at is the value at a path of keys, nil when there is none.
func at(o *object, path ...string) any {
	var v any = o.Object
	for _, key := range path {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}

// str is the text at a path of keys, "" when there is none.
func str(o *object, path ...string) string {
	s, _ := at(o, path...).(string)
	return s
}

// number is the number at a path of keys, 0 when there is none.
func number(o *object, path ...string) int64 {
	n, _ := asNumber(at(o, path...))
	return int64(n)
}

func asNumber(v any) (float64, bool) {
	switch n := v.(type) {
	case int64:
		return float64(n), true
	case float64:
		return n, true
	case int:
		return float64(n), true
	}
	return 0, false
}

// same compares values that are neither maps nor lists: JSON has one kind of number, Go has two.
func same(a, b any) bool {
	x, isNumber := asNumber(a)
	if y, other := asNumber(b); isNumber && other {
		return x == y
	}
	return reflect.DeepEqual(a, b)
}

func isSecret(kind schema.GroupVersionKind) bool {
	return kind == schema.GroupVersionKind{Version: "v1", Kind: "Secret"}
}

// The id of an object is its name, after that of its namespace if it is in one.
func idOf(o *object) string {
	if o.GetNamespace() == "" {
		return o.GetName()
	}
	return o.GetNamespace() + "/" + o.GetName()
}

func parseID(id string) (namespace, name string) {
	if before, after, ok := strings.Cut(id, "/"); ok {
		return before, after
	}
	return "", id
}
