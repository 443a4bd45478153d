package standin

import (
	"fmt"
	"sort"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// checker turns a program's inputs into the inputs that are recorded, and collects what is wrong with them.
type checker struct {
	schema   *Schema
	name     string
	seed     []byte
	naming   *pulumirpc.CheckRequest_AutonamingOptions
	failures []string
	err      error
}

// Check refuses what the plugin does not know, fills in defaults, and keeps the values that an earlier run had
// filled in.
func (c *checker) check(news, olds resource.PropertyMap) resource.PropertyMap {
	return c.object(c.schema.Fields, news, olds, "", true)
}

func (c *checker) fail(path, format string, args ...any) {
	c.failures = append(c.failures, fmt.Sprintf("%s. Examine values at '%s%s'.", fmt.Sprintf(format, args...), c.name, path))
}

func (c *checker) object(fields []*Field, news, olds resource.PropertyMap, path string, top bool) resource.PropertyMap {
	out := resource.PropertyMap{}
	for _, key := range sortedKeys(news) {
		if key == defaultsKey {
			continue
		}
		at := path + "." + string(key)
		f := Lookup(fields, key)
		if f == nil {
			c.fail(at, "Invalid or unknown key")
			continue
		}
		if f.Output {
			c.fail(at, "%q is an output and cannot be set", f.Name)
			continue
		}
		value, err := coerce(f.Kind, news[key])
		if err != nil {
			c.fail(at, "%s", err)
			continue
		}
		if value.IsNull() {
			continue
		}
		if f.Refused != "" && (f.RefusedUnless == nil || !value.DeepEquals(ToProperty(f.RefusedUnless))) {
			c.fail(at, "%q is not supported by the stand-in plugin: %s", f.Name, f.Refused)
			continue
		}
		out[key] = c.value(f, value, olds[key], at)
	}
	c.defaults(fields, out, olds, path, top)
	return out
}

func (c *checker) value(f *Field, value, old resource.PropertyValue, path string) resource.PropertyValue {
	if IsUnknown(value) {
		return value
	}
	switch f.Kind {
	case List, Set:
		elements := value.ArrayValue()
		out := make([]resource.PropertyValue, len(elements))
		for i, e := range elements {
			at := fmt.Sprintf("%s[%d]", path, i)
			e, err := coerce(f.Elem.Kind, e)
			if err != nil {
				c.fail(at, "%s", err)
				continue
			}
			var oldElement resource.PropertyValue
			if old.IsArray() && i < len(old.ArrayValue()) {
				oldElement = old.ArrayValue()[i]
			}
			out[i] = c.value(f.Elem, e, oldElement, at)
		}
		value = resource.NewArrayProperty(out)
	case Map:
		out := resource.PropertyMap{}
		for _, key := range sortedKeys(value.ObjectValue()) {
			e, err := coerce(String, value.ObjectValue()[key])
			if err != nil {
				c.fail(path+"."+string(key), "%s", err)
				continue
			}
			if !e.IsNull() {
				out[key] = e
			}
		}
		value = resource.NewObjectProperty(out)
	case Object:
		if value.IsNull() {
			return value
		}
		var oldObject resource.PropertyMap
		if old.IsObject() {
			oldObject = old.ObjectValue()
		}
		value = resource.NewObjectProperty(c.object(f.Fields, value.ObjectValue(), oldObject, path, false))
	}
	if f.Validate != nil && !value.ContainsUnknowns() {
		if problem := f.Validate(value); problem != "" {
			// Upstream gives the same text as the problem's summary and as its detail.
			c.fail(path, "%s: %s", problem, problem)
		}
	}
	return value
}

// defaults fills in what the program left out. Zero defaults are left out of the inputs, as the bridge does.
func (c *checker) defaults(fields []*Field, out, olds resource.PropertyMap, path string, top bool) {
	if c.schema.Plain {
		c.require(fields, out, path)
		return
	}
	before := map[string]bool{}
	if list := olds[defaultsKey]; list.IsArray() {
		for _, e := range list.ArrayValue() {
			before[e.StringValue()] = true
		}
	}
	filled := []string{}
	for _, f := range fields {
		if _, given := out[f.Key()]; given || f.Output {
			continue
		}
		switch old, had := olds[f.Key()]; {
		case had && before[f.Name] && (f.Default != nil || f.AutoName):
			out[f.Key()] = old
		case f.AutoName:
			name, err := c.autoName()
			if err != nil {
				c.err = err
				return
			}
			if name == "" {
				continue
			}
			out[f.Key()] = resource.NewStringProperty(name)
		case f.Default != nil && !isZero(ToProperty(f.Default)):
			out[f.Key()] = ToProperty(f.Default)
		default:
			continue
		}
		filled = append(filled, f.Name)
	}
	c.require(fields, out, path)
	sort.Strings(filled)
	out[defaultsKey] = ToProperty(filled)
}

func (c *checker) require(fields []*Field, out resource.PropertyMap, path string) {
	for _, f := range fields {
		if _, given := out[f.Key()]; f.Required && !given {
			c.fail(path+"."+f.Name, "Missing required argument. The argument %q is required, but no definition was found.",
				f.UpstreamName())
		}
	}
}

// autoName is the resource's name and seven random hexadecimal digits, unless the project says otherwise.
//
// See https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming
func (c *checker) autoName() (string, error) {
	if c.naming != nil {
		switch c.naming.Mode {
		case pulumirpc.CheckRequest_AutonamingOptions_DISABLE:
			return "", nil
		default:
			return c.naming.ProposedName, nil
		}
	}
	return resource.NewUniqueName(c.seed, c.name+"-", 7, 255, []rune("0123456789abcdef"))
}

func sortedKeys(m resource.PropertyMap) []resource.PropertyKey {
	keys := make([]resource.PropertyKey, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i] < keys[j] })
	return keys
}
