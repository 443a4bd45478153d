package standin

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// change is what happens to one property.
type change int

const (
	added change = iota
	deleted
	updated
)

// differ compares the state of a resource with new inputs, property by property, with the results and the paths of
// the bridge's detailed diff.
//
// See https://github.com/pulumi/pulumi-terraform-bridge (detailed diff)
type differ struct {
	changes  map[string]*pulumirpc.PropertyDiff
	diffs    map[string]bool
	replaces map[string]bool
	top      *Field
}

func diff(s *Schema, state, inputs resource.PropertyMap) *differ {
	d := &differ{map[string]*pulumirpc.PropertyDiff{}, map[string]bool{}, map[string]bool{}, nil}
	for _, f := range s.Fields {
		if f.Output {
			continue
		}
		d.top = f
		d.field(resource.PropertyPath{f.Name}, f, state[f.Key()], inputs)
	}
	return d
}

// field compares one field of the resource, or of a block.
func (d *differ) field(path resource.PropertyPath, f *Field, old resource.PropertyValue, inputs resource.PropertyMap) {
	input, given := inputs[f.Key()]
	if !given || input.IsNull() {
		switch {
		case f.Computed || f.EmptyKeeps || isZero(old):
			return
		case f.Default != nil && old.DeepEquals(ToProperty(f.Default)):
			return
		case f.Default != nil:
			d.record(path, updated)
		default:
			d.record(path, deleted)
		}
		return
	}
	if f.EmptyKeeps && isZero(input) {
		return
	}
	d.value(path, f, old, input)
}

func (d *differ) value(path resource.PropertyPath, f *Field, old, input resource.PropertyValue) {
	switch {
	case !IsUnknown(input) && isZero(old) && isZero(input):
		return
	case !isPresent(old):
		d.record(path, added)
		return
	case !isPresent(input):
		if !f.Computed {
			d.record(path, deleted)
		}
		return
	case IsUnknown(input):
		d.record(path, updated)
		return
	case f.Same != nil && f.Same(old, input):
		return
	}
	switch f.Kind {
	case List:
		d.list(path, f, old.ArrayValue(), input.ArrayValue())
	case Set:
		d.set(path, f, old.ArrayValue(), input.ArrayValue())
	case Map:
		for _, key := range sortedKeys(union(old.ObjectValue(), input.ObjectValue())) {
			element := &Field{Name: string(key), Kind: String}
			d.value(extend(path, string(key)), element, old.ObjectValue()[key], input.ObjectValue()[key])
		}
	case Object:
		for _, part := range f.Fields {
			d.field(extend(path, part.Name), part, old.ObjectValue()[part.Key()], input.ObjectValue())
		}
	default:
		if !old.DeepEquals(input) {
			d.record(path, updated)
		}
	}
}

func (d *differ) list(path resource.PropertyPath, f *Field, olds, news []resource.PropertyValue) {
	for i := 0; i < max(len(olds), len(news)); i++ {
		switch at := extend(path, i); {
		case i >= len(olds):
			d.record(at, added)
		case i >= len(news):
			d.record(at, deleted)
		default:
			d.value(at, f.Elem, olds[i], news[i])
		}
	}
}

// set reports removed elements at their place in the state, new ones at their place in the program, and compares the
// two where the places are the same.
func (d *differ) set(path resource.PropertyPath, f *Field, olds, news []resource.PropertyValue) {
	for _, e := range news {
		if e.ContainsUnknowns() {
			d.record(path, updated)
			return
		}
	}
	for i := 0; i < max(len(olds), len(news)); i++ {
		gone := i < len(olds) && !contains(f.Elem, news, olds[i])
		came := i < len(news) && !contains(f.Elem, olds, news[i])
		switch at := extend(path, i); {
		case gone && came:
			d.value(at, f.Elem, olds[i], news[i])
		case gone:
			d.record(at, deleted)
		case came:
			d.record(at, added)
		}
	}
}

func contains(elem *Field, elements []resource.PropertyValue, wanted resource.PropertyValue) bool {
	for _, e := range elements {
		if !(elem.Kind == Object && e.IsObject() && wanted.IsObject()) {
			if e.DeepEquals(wanted) {
				return true
			}
			continue
		}
		if d := diffObject(elem, e, wanted); len(d.changes) == 0 {
			return true
		}
	}
	return false
}

func diffObject(elem *Field, a, b resource.PropertyValue) *differ {
	d := &differ{map[string]*pulumirpc.PropertyDiff{}, map[string]bool{}, map[string]bool{}, elem}
	for _, part := range elem.Fields {
		part := part.With(func(f *Field) { f.Computed = false })
		if _, given := b.ObjectValue()[part.Key()]; given {
			d.field(resource.PropertyPath{part.Name}, part, a.ObjectValue()[part.Key()], b.ObjectValue())
		} else {
			d.field(resource.PropertyPath{part.Name}, part, b.ObjectValue()[part.Key()], a.ObjectValue())
		}
	}
	return d
}

func (d *differ) record(path resource.PropertyPath, c change) {
	kinds := map[change][2]pulumirpc.PropertyDiff_Kind{
		added:   {pulumirpc.PropertyDiff_ADD, pulumirpc.PropertyDiff_ADD_REPLACE},
		deleted: {pulumirpc.PropertyDiff_DELETE, pulumirpc.PropertyDiff_DELETE_REPLACE},
		updated: {pulumirpc.PropertyDiff_UPDATE, pulumirpc.PropertyDiff_UPDATE_REPLACE},
	}[c]
	d.diffs[d.top.Name] = true
	kind := kinds[0]
	if d.top.ForceNew {
		d.replaces[d.top.Name] = true
		kind = kinds[1]
	}
	d.changes[path.String()] = &pulumirpc.PropertyDiff{Kind: kind}
}

func extend(path resource.PropertyPath, next any) resource.PropertyPath {
	out := make(resource.PropertyPath, 0, len(path)+1)
	return append(append(out, path...), next)
}

func union(a, b resource.PropertyMap) resource.PropertyMap {
	out := a.Copy()
	for k, v := range b {
		out[k] = v
	}
	return out
}
