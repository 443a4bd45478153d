package standin

import "github.com/pulumi/pulumi/sdk/v3/go/common/resource"

// imported is the state an adopted object starts from: the defaults, because some settings (mustRun, waitTimeout)
// belong to the program and are nowhere to be read.
func imported(s *Schema) resource.PropertyMap {
	state := resource.PropertyMap{}
	for _, f := range s.Fields {
		if f.Default != nil {
			state[f.Key()] = ToProperty(f.Default)
		}
	}
	return state
}

// readInputs derives inputs from a state that was read. After a refresh these are the inputs there were, with the
// values of now; a default that is no longer in force is not a default any more. For an adopted object they are all
// its settings.
func readInputs(s *Schema, inputs, state resource.PropertyMap, importing bool) resource.PropertyMap {
	if importing {
		return importedInputs(s, state)
	}
	return refreshed(s.Fields, inputs, state)
}

func refreshed(fields []*Field, inputs, state resource.PropertyMap) resource.PropertyMap {
	out := resource.PropertyMap{}
	for key, input := range inputs {
		f := Lookup(fields, key)
		value := plain(state[key])
		switch {
		case key == defaultsKey || f == nil:
			continue
		case value.IsNull():
			if isZero(input) {
				out[key] = input
			}
		case f.Kind == Object && input.IsObject() && value.IsObject():
			out[key] = resource.NewObjectProperty(refreshed(f.Fields, input.ObjectValue(), value.ObjectValue()))
		case unchanged(f, value, input):
			out[key] = input
		default:
			out[key] = value
		}
	}
	if list := inputs[defaultsKey]; list.IsArray() {
		kept := []string{}
		for _, e := range list.ArrayValue() {
			name := resource.PropertyKey(e.StringValue())
			if value, ok := out[name]; ok && value.DeepEquals(inputs[name]) {
				kept = append(kept, string(name))
			}
		}
		out[defaultsKey] = ToProperty(kept)
	}
	return out
}

// unchanged compares a value of the state with the input it came from, whatever the order of a set.
func unchanged(f *Field, value, input resource.PropertyValue) bool {
	d := diff(&Schema{Fields: []*Field{f}},
		resource.PropertyMap{f.Key(): value}, resource.PropertyMap{f.Key(): input})
	return len(d.diffs) == 0
}

func importedInputs(s *Schema, state resource.PropertyMap) resource.PropertyMap {
	out := resource.PropertyMap{}
	for _, f := range s.Fields {
		value := plain(state[f.Key()])
		if f.Output || isZero(value) {
			continue
		}
		out[f.Key()] = value
	}
	if !s.Plain {
		out[defaultsKey] = ToProperty([]string{})
	}
	return out
}

func plain(v resource.PropertyValue) resource.PropertyValue {
	if v.IsSecret() {
		return v.SecretValue().Element
	}
	return v
}
