package standin

import (
	"fmt"
	"math"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// defaultsKey lists, beside the inputs of an object, those that the plugin filled in.
const defaultsKey = resource.PropertyKey("__defaults")

var (
	null    = resource.NewNullProperty()
	unknown = resource.MakeComputed(resource.NewStringProperty(""))
)

// IsUnknown says that a value will be known only once something else has been created.
func IsUnknown(v resource.PropertyValue) bool {
	return v.IsComputed() || (v.IsOutput() && !v.OutputValue().Known)
}

// isPresent is false for what upstream cannot tell from an absent value: null and the empty collection.
func isPresent(v resource.PropertyValue) bool {
	switch {
	case v.IsNull():
		return false
	case v.IsArray():
		return len(v.ArrayValue()) > 0
	case v.IsObject():
		return len(v.ObjectValue()) > 0
	}
	return true
}

// isZero is true of absent values and of the zero value of their kind.
func isZero(v resource.PropertyValue) bool {
	switch {
	case !isPresent(v):
		return true
	case v.IsString():
		return v.StringValue() == ""
	case v.IsNumber():
		return v.NumberValue() == 0
	case v.IsBool():
		return !v.BoolValue()
	}
	return false
}

// coerce turns a program's value into the field's kind, as the bridge does: "80" is as good a number as 80.
func coerce(kind Kind, v resource.PropertyValue) (resource.PropertyValue, error) {
	if IsUnknown(v) || v.IsNull() {
		return v, nil
	}
	wrong := func(want string) (resource.PropertyValue, error) {
		return v, fmt.Errorf("expected %s, got %s", want, v.TypeString())
	}
	switch kind {
	case String:
		switch {
		case v.IsString():
			return v, nil
		case v.IsNumber():
			return resource.NewStringProperty(strconv.FormatFloat(v.NumberValue(), 'f', -1, 64)), nil
		case v.IsBool():
			return resource.NewStringProperty(strconv.FormatBool(v.BoolValue())), nil
		}
		return wrong("a string")
	case Int:
		number := math.NaN()
		if v.IsNumber() {
			number = v.NumberValue()
		} else if v.IsString() {
			if n, err := strconv.ParseFloat(v.StringValue(), 64); err == nil {
				number = n
			}
		}
		if number != math.Trunc(number) || math.IsInf(number, 0) {
			return wrong("a whole number")
		}
		return resource.NewNumberProperty(number), nil
	case Bool:
		if v.IsBool() {
			return v, nil
		}
		if v.IsString() {
			if b, err := strconv.ParseBool(v.StringValue()); err == nil {
				return resource.NewBoolProperty(b), nil
			}
		}
		return wrong("true or false")
	case List, Set:
		if !v.IsArray() {
			return wrong("a list")
		}
	case Map, Object:
		if !v.IsObject() {
			return wrong("an object")
		}
	}
	return v, nil
}

// Values reads the properties of a resource or block by name; what is absent reads as the zero value.
type Values struct {
	resource.PropertyMap
}

// Str is the string property of that name.
func (v Values) Str(name string) string {
	if p := v.PropertyMap[resource.PropertyKey(name)]; p.IsString() {
		return p.StringValue()
	}
	return ""
}

// Int is the number property of that name.
func (v Values) Int(name string) int {
	if p := v.PropertyMap[resource.PropertyKey(name)]; p.IsNumber() {
		return int(p.NumberValue())
	}
	return 0
}

// Bool is the boolean property of that name.
func (v Values) Bool(name string) bool {
	p := v.PropertyMap[resource.PropertyKey(name)]
	return p.IsBool() && p.BoolValue()
}

// Has says that the property is known, and neither absent nor the zero value of its kind.
func (v Values) Has(name string) bool {
	p := v.PropertyMap[resource.PropertyKey(name)]
	return !IsUnknown(p) && !isZero(p)
}

// Strs is the list or set of strings of that name.
func (v Values) Strs(name string) []string {
	var out []string
	if p := v.PropertyMap[resource.PropertyKey(name)]; p.IsArray() {
		for _, e := range p.ArrayValue() {
			if e.IsString() {
				out = append(out, e.StringValue())
			} else {
				out = append(out, "")
			}
		}
	}
	return out
}

// StrMap is the map of strings of that name, nil when it is empty.
func (v Values) StrMap(name string) map[string]string {
	p := v.PropertyMap[resource.PropertyKey(name)]
	if !isPresent(p) || !p.IsObject() {
		return nil
	}
	out := map[string]string{}
	for k, e := range p.ObjectValue() {
		if e.IsString() {
			out[string(k)] = e.StringValue()
		}
	}
	return out
}

// Obj is the block of that name; its Values are nil when there is none.
func (v Values) Obj(name string) Values {
	if p := v.PropertyMap[resource.PropertyKey(name)]; p.IsObject() {
		return Values{p.ObjectValue()}
	}
	return Values{}
}

// Objs are the blocks of the list or set of that name.
func (v Values) Objs(name string) []Values {
	var out []Values
	if p := v.PropertyMap[resource.PropertyKey(name)]; p.IsArray() {
		for _, e := range p.ArrayValue() {
			if e.IsObject() {
				out = append(out, Values{e.ObjectValue()})
			}
		}
	}
	return out
}

// Set gives a property a plain Go value: string, integer, boolean, list or map.
func (v Values) Set(name string, value any) {
	v.PropertyMap[resource.PropertyKey(name)] = ToProperty(value)
}

// ToProperty converts a plain Go value.
func ToProperty(value any) resource.PropertyValue {
	switch t := value.(type) {
	case nil:
		return null
	case int:
		return resource.NewNumberProperty(float64(t))
	case int64:
		return resource.NewNumberProperty(float64(t))
	case []string:
		out := make([]resource.PropertyValue, 0, len(t))
		for _, s := range t {
			out = append(out, resource.NewStringProperty(s))
		}
		return resource.NewArrayProperty(out)
	case map[string]string:
		out := resource.PropertyMap{}
		for k, s := range t {
			out[resource.PropertyKey(k)] = resource.NewStringProperty(s)
		}
		return resource.NewObjectProperty(out)
	case map[string]any:
		out := resource.PropertyMap{}
		for k, e := range t {
			out[resource.PropertyKey(k)] = ToProperty(e)
		}
		return resource.NewObjectProperty(out)
	case []map[string]any:
		out := make([]resource.PropertyValue, 0, len(t))
		for _, e := range t {
			out = append(out, ToProperty(e))
		}
		return resource.NewArrayProperty(out)
	}
	return resource.NewPropertyValue(value)
}
