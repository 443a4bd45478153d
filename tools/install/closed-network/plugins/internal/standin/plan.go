package standin

import (
	"sort"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/zclconf/go-cty/cty"
)

// plan is the state as it will be: the inputs, what is kept from the state there is (nil before creation), and
// unknowns for what only the server can say.
func plan(s *Schema, state, inputs resource.PropertyMap) resource.PropertyMap {
	out := resource.PropertyMap{}
	for _, f := range s.Fields {
		input, given := inputs[f.Key()]
		old, had := state[f.Key()]
		switch {
		case given && !f.Output:
			out[f.Key()] = planValue(f, old, input, true, state == nil)
		case f.Computed || f.Output:
			if state != nil {
				if !had {
					old = null
				}
				out[f.Key()] = old
			} else {
				out[f.Key()] = unknown
			}
		case f.EmptyKeeps && had:
			out[f.Key()] = old
		default:
			out[f.Key()] = empty(f, true)
		}
	}
	return out
}

func planValue(f *Field, old, input resource.PropertyValue, top, creating bool) resource.PropertyValue {
	if IsUnknown(input) {
		return input
	}
	if f.Same != nil && isPresent(old) && f.Same(old, input) {
		return old
	}
	switch f.Kind {
	case String:
		if f.EmptyKeeps && isZero(input) && old.IsString() {
			return old
		}
	case List, Set:
		if !isPresent(input) {
			return empty(f, top)
		}
		elements := input.ArrayValue()
		olds := matching(f, old, elements)
		out := make([]resource.PropertyValue, len(elements))
		for i, e := range elements {
			out[i] = planValue(f.Elem, olds[i], e, false, creating)
		}
		if f.Kind == Set {
			out = ordered(f.Elem, out)
		}
		return resource.NewArrayProperty(out)
	case Object:
		in, was := input.ObjectValue(), resource.PropertyMap{}
		if old.IsObject() {
			was = old.ObjectValue()
		}
		out := resource.PropertyMap{}
		for _, part := range f.Fields {
			value, given := in[part.Key()]
			before, had := was[part.Key()]
			switch {
			case given:
				out[part.Key()] = planValue(part, before, value, false, creating)
			case part.Computed && had:
				out[part.Key()] = before
			case part.Computed && creating:
				out[part.Key()] = unknown
			default:
				out[part.Key()] = empty(part, false)
			}
		}
		return resource.NewObjectProperty(out)
	}
	return input
}

// matching finds the old element of each new one: by position in a list, none in a set.
func matching(f *Field, old resource.PropertyValue, elements []resource.PropertyValue) []resource.PropertyValue {
	out := make([]resource.PropertyValue, len(elements))
	if f.Kind == List && old.IsArray() {
		copy(out, old.ArrayValue())
	}
	return out
}

// empty is how upstream writes a property without a value: blocks and computed collections as empty collections, the
// parts of a block as the empty value of their kind where it has one, everything else as null.
func empty(f *Field, top bool) resource.PropertyValue {
	if f.Kind == Bool && f.Default != nil {
		return ToProperty(f.Default)
	}
	if f.Kind == Int && f.Default != nil && isZero(ToProperty(f.Default)) {
		return resource.NewNumberProperty(0)
	}
	if top && !f.isBlock() && !f.Computed {
		return null
	}
	switch f.Kind {
	case List, Set:
		return resource.NewArrayProperty([]resource.PropertyValue{})
	case Map:
		return resource.NewObjectProperty(resource.PropertyMap{})
	case String:
		if !top {
			return resource.NewStringProperty("")
		}
	}
	return null
}

// settle completes a state that was read: nothing in it stays unknown, and what is empty is written as upstream does.
func settle(s *Schema, state resource.PropertyMap) resource.PropertyMap {
	out := resource.PropertyMap{}
	for _, f := range s.Fields {
		value := settleValue(f, state[f.Key()], true)
		if s.Plain && value.IsNull() {
			continue
		}
		if f.Secret && !value.IsNull() {
			value = resource.MakeSecret(value)
		}
		out[f.Key()] = value
	}
	return out
}

func settleValue(f *Field, value resource.PropertyValue, top bool) resource.PropertyValue {
	if IsUnknown(value) || !isPresent(value) {
		return empty(f, top)
	}
	switch f.Kind {
	case List, Set:
		out := make([]resource.PropertyValue, 0, len(value.ArrayValue()))
		for _, e := range value.ArrayValue() {
			out = append(out, settleValue(f.Elem, e, false))
		}
		if f.Kind == Set {
			out = ordered(f.Elem, out)
		}
		return resource.NewArrayProperty(out)
	case Object:
		out := resource.PropertyMap{}
		for _, part := range f.Fields {
			out[part.Key()] = settleValue(part, value.ObjectValue()[part.Key()], false)
		}
		return resource.NewObjectProperty(out)
	}
	return value
}

// ordered puts the elements of a set in the order in which upstream states list them, without doubles.
//
// See https://pkg.go.dev/github.com/zclconf/go-cty/cty#SetVal
func ordered(elem *Field, elements []resource.PropertyValue) []resource.PropertyValue {
	for _, e := range elements {
		if e.ContainsUnknowns() {
			return elements
		}
	}
	if len(elements) < 2 {
		return elements
	}
	values := make([]cty.Value, len(elements))
	for i, e := range elements {
		values[i] = toCty(elem, e)
	}
	out := make([]resource.PropertyValue, 0, len(elements))
	for _, v := range cty.SetVal(values).AsValueSlice() {
		for i := range values {
			if values[i].RawEquals(v) {
				out = append(out, elements[i])
				break
			}
		}
	}
	return out
}

func toCty(f *Field, v resource.PropertyValue) cty.Value {
	ty := ctyType(f)
	if v.IsNull() || IsUnknown(v) {
		return cty.NullVal(ty)
	}
	switch f.Kind {
	case String:
		return cty.StringVal(v.StringValue())
	case Int:
		return cty.NumberIntVal(int64(v.NumberValue()))
	case Bool:
		return cty.BoolVal(v.BoolValue())
	case List, Set:
		var values []cty.Value
		for _, e := range v.ArrayValue() {
			values = append(values, toCty(f.Elem, e))
		}
		switch {
		case f.Kind == List && len(values) == 0:
			return cty.ListValEmpty(ctyType(f.Elem))
		case f.Kind == List:
			return cty.ListVal(values)
		case len(values) == 0:
			return cty.SetValEmpty(ctyType(f.Elem))
		}
		return cty.SetVal(values)
	case Map:
		values := map[string]cty.Value{}
		for k, e := range v.ObjectValue() {
			values[string(k)] = toCty(&Field{Kind: String}, e)
		}
		if len(values) == 0 {
			return cty.MapValEmpty(cty.String)
		}
		return cty.MapVal(values)
	default:
		values := map[string]cty.Value{}
		for _, part := range f.Fields {
			values[part.UpstreamName()] = toCty(part, v.ObjectValue()[part.Key()])
		}
		return cty.ObjectVal(values)
	}
}

func ctyType(f *Field) cty.Type {
	switch f.Kind {
	case String:
		return cty.String
	case Int:
		return cty.Number
	case Bool:
		return cty.Bool
	case List:
		return cty.List(ctyType(f.Elem))
	case Set:
		return cty.Set(ctyType(f.Elem))
	case Map:
		return cty.Map(cty.String)
	default:
		parts := map[string]cty.Type{}
		for _, part := range f.Fields {
			parts[part.UpstreamName()] = ctyType(part)
		}
		return cty.Object(parts)
	}
}

func sortedNames(m map[string]bool) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
