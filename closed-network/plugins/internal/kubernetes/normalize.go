package kubernetes

import (
	"encoding/base64"
	"reflect"

	"k8s.io/apimachinery/pkg/runtime"
)

// readOnly are the fields of the metadata that only the API server sets.
var readOnly = []string{
	"creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields",
	"resourceVersion", "uid",
}

// normalize brings inputs into the form that the API server would give them, so that "0.5" and "500m" are no
// difference. What the program did not give is not added.
func normalize(inputs *object) *object {
	if !hasUnknown(inputs.Object) {
		inputs = canonical(inputs)
	}
	if metadata, ok := inputs.Object["metadata"].(map[string]any); ok {
		for _, key := range readOnly {
			delete(metadata, key)
		}
	}
	return inputs
}

func canonical(inputs *object) *object {
	kind := inputs.GroupVersionKind()
	if isSecret(kind) {
		return canonicalSecret(inputs)
	}
	typed, err := builtIn.New(kind)
	if err != nil {
		return inputs // of a kind of its own, whose fields are not known here
	}
	// What cannot be read is for the API server to refuse, in its own words.
	if runtime.DefaultUnstructuredConverter.FromUnstructured(inputs.Object, typed) != nil {
		return inputs
	}
	values, err := runtime.DefaultUnstructuredConverter.ToUnstructured(typed)
	if err != nil {
		return inputs
	}
	return &object{Object: prune(values, inputs.Object).(map[string]any)}
}

// canonicalSecret moves what is given as text to where the API server keeps it, in base64.
func canonicalSecret(inputs *object) *object {
	data := map[string]any{}
	if given, ok := inputs.Object["data"].(map[string]any); ok {
		for key, v := range given {
			data[key] = v
			if encoded, ok := v.(string); ok {
				if content, err := base64.StdEncoding.DecodeString(encoded); err == nil {
					data[key] = base64.StdEncoding.EncodeToString(content)
				}
			}
		}
	}
	texts, _ := inputs.Object["stringData"].(map[string]any)
	for key, v := range texts {
		s, ok := v.(string)
		if !ok {
			return inputs // for the API server to refuse
		}
		data[key] = base64.StdEncoding.EncodeToString([]byte(s))
	}
	if len(data) > 0 {
		inputs.Object["data"] = data
	}
	if len(texts) > 0 {
		delete(inputs.Object, "stringData")
	}
	return inputs
}

// prune takes of a live value what has a counterpart in the program's: the rest is the cluster's business. Elements of
// lists are counterparts by their place.
func prune(live, given any) any {
	switch l := live.(type) {
	case map[string]any:
		g, ok := given.(map[string]any)
		if !ok {
			return live
		}
		out := map[string]any{}
		for key, v := range l {
			if counterpart, ok := g[key]; ok {
				out[key] = prune(v, counterpart)
			}
		}
		return out
	case []any:
		g, ok := given.([]any)
		if !ok {
			return live
		}
		out := []any{}
		if len(l) > 0 && len(g) > 0 && reflect.TypeOf(l[0]) != reflect.TypeOf(g[0]) {
			return live
		}
		for i := range min(len(l), len(g)) {
			out = append(out, prune(l[i], g[i]))
		}
		return out
	}
	return live
}

func pruned(live, given *object) *object {
	return &object{Object: prune(live.Object, given.Object).(map[string]any)}
}
