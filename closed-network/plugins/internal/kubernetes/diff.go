package kubernetes

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Diff compares new inputs with the part of the live object that the old inputs gave: what somebody else changed of
// it is a difference, too, and what the cluster added is none.
func (p *provider) Diff(ctx context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	state, news, err := unmarshalBoth(req.Olds, req.News)
	if err != nil {
		return nil, err
	}
	given, live := parseState(state)
	inputs := normalize(toObject(news))
	namespaced, err := p.cluster.namespaced(ctx, inputs.GroupVersionKind())
	if err != nil {
		return nil, err
	}
	before := identified(pruned(live, normalize(given)), live, inputs, namespaced)
	d := &differ{fields: p.settings.immutableFields(inputs), ignored: req.IgnoreChanges,
		changes: map[string]*pulumirpc.PropertyDiff{}}
	d.compare(nil, before.Object, inputs.Object)
	if d.err != nil {
		return nil, d.err
	}
	resp := &pulumirpc.DiffResponse{
		Changes: pulumirpc.DiffResponse_DIFF_NONE, DetailedDiff: d.changes, HasDetailedDiff: true,
	}
	for path, change := range d.changes {
		resp.Changes = pulumirpc.DiffResponse_DIFF_SOME
		if replaces(change.Kind) || path == "metadata" && change.Kind == pulumirpc.PropertyDiff_DELETE {
			resp.Replaces = append(resp.Replaces, path)
		}
	}
	sort.Strings(resp.Replaces)
	// Two objects cannot both have a name that the program chose.
	resp.DeleteBeforeReplace = len(resp.Replaces) > 0 && inputs.GetName() != "" &&
		inputs.GetAnnotations()[autonamedAnnotation] != "true" &&
		inputs.GetName() == live.GetName() && inputs.GetNamespace() == live.GetNamespace()
	return resp, nil
}

// identified completes what the old inputs left open and the new ones may say: the identity of the object.
func identified(before, live, inputs *object, namespaced bool) *object {
	if before.GroupVersionKind().Empty() {
		before.SetGroupVersionKind(inputs.GroupVersionKind())
	}
	if inputs.GetName() != "" {
		before.SetName(live.GetName())
	}
	for _, o := range []*object{before, inputs} {
		switch {
		case !namespaced:
			o.SetNamespace("")
		case at(o, "metadata", "namespace") == nil:
			o.SetNamespace("default")
		}
	}
	return before
}

func replaces(kind pulumirpc.PropertyDiff_Kind) bool {
	switch kind {
	case pulumirpc.PropertyDiff_ADD_REPLACE, pulumirpc.PropertyDiff_DELETE_REPLACE,
		pulumirpc.PropertyDiff_UPDATE_REPLACE:
		return true
	}
	return false
}

// differ collects the changes from one value to another, by path.
type differ struct {
	fields  [][]string
	ignored []string
	changes map[string]*pulumirpc.PropertyDiff
	err     error
}

func (d *differ) compare(path []any, before, after any) {
	switch a := after.(type) {
	case nil:
		if before != nil {
			d.add(path, pulumirpc.PropertyDiff_DELETE, nil)
		}
		return
	case map[string]any:
		if b, ok := before.(map[string]any); ok {
			for key := range union(a, b) {
				d.compare(append(path[:len(path):len(path)], key), b[key], a[key])
			}
			return
		}
	case unknown:
		// Nothing of it may be left: so the engine finds out what must be replaced along with what it depends on.
		if b, ok := before.(map[string]any); ok {
			for key := range b {
				d.compare(append(path[:len(path):len(path)], key), b[key], nil)
			}
			return
		}
	case []any:
		if b, ok := before.([]any); ok {
			for i := range max(len(a), len(b)) {
				d.compare(append(path[:len(path):len(path)], i), element(b, i), element(a, i))
			}
			return
		}
	}
	switch {
	case before == nil:
		d.add(path, pulumirpc.PropertyDiff_ADD, after)
	case !same(before, after):
		d.add(path, pulumirpc.PropertyDiff_UPDATE, after)
	}
}

func union(a, b map[string]any) map[string]bool {
	keys := map[string]bool{}
	for key := range a {
		keys[key] = true
	}
	for key := range b {
		keys[key] = true
	}
	return keys
}

func element(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nil
}

func (d *differ) add(path []any, kind pulumirpc.PropertyDiff_Kind, value any) {
	name := pathName(path)
	if ignored, err := isIgnored(name, d.ignored); err != nil {
		d.err = err
		return
	} else if ignored {
		return
	}
	change := &pulumirpc.PropertyDiff{Kind: kind, InputDiff: kind == pulumirpc.PropertyDiff_DELETE}
	for _, field := range d.fields {
		if touches(path, value, field) {
			switch kind {
			case pulumirpc.PropertyDiff_ADD:
				change.Kind = pulumirpc.PropertyDiff_ADD_REPLACE
			case pulumirpc.PropertyDiff_DELETE:
				change.Kind = pulumirpc.PropertyDiff_DELETE_REPLACE
			case pulumirpc.PropertyDiff_UPDATE:
				change.Kind = pulumirpc.PropertyDiff_UPDATE_REPLACE
			}
		}
	}
	d.changes[name] = change
}

func isIgnored(path string, ignored []string) (bool, error) {
	if len(ignored) == 0 {
		return false, nil
	}
	changed, err := resource.ParsePropertyPath(path)
	if err != nil {
		return false, err
	}
	for _, text := range ignored {
		ignore, err := resource.ParsePropertyPath(text)
		if err != nil {
			return false, fmt.Errorf("ignoreChanges: %w", err)
		}
		if ignore.Contains(changed) {
			return true, nil
		}
	}
	return false, nil
}

// pathName writes a path as programs do: spec.ports[0].nodePort, data["a.b"].
func pathName(path []any) string {
	var name strings.Builder
	for _, key := range path {
		switch k := key.(type) {
		case int:
			fmt.Fprintf(&name, "[%d]", k)
		case string:
			switch {
			case strings.ContainsAny(k, `."[]`):
				fmt.Fprintf(&name, `["%s"]`, strings.ReplaceAll(k, `"`, `\"`))
			case name.Len() > 0:
				name.WriteString("." + k)
			default:
				name.WriteString(k)
			}
		}
	}
	return name.String()
}
