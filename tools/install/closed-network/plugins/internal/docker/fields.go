package docker

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"time"

	"course/plugins/internal/standin"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

func str(name string, changes ...func(*standin.Field)) *standin.Field {
	return standin.Field{Name: name, Kind: standin.String}.With(changes...)
}

func integer(name string, changes ...func(*standin.Field)) *standin.Field {
	return standin.Field{Name: name, Kind: standin.Int}.With(changes...)
}

func boolean(name string, changes ...func(*standin.Field)) *standin.Field {
	return standin.Field{Name: name, Kind: standin.Bool}.With(changes...)
}

func stringMap(name string, changes ...func(*standin.Field)) *standin.Field {
	return standin.Field{Name: name, Kind: standin.Map}.With(changes...)
}

func stringList(name string, changes ...func(*standin.Field)) *standin.Field {
	return standin.Field{Name: name, Kind: standin.List, Elem: &standin.Field{Kind: standin.String}}.With(changes...)
}

func stringSet(name string, changes ...func(*standin.Field)) *standin.Field {
	return standin.Field{Name: name, Kind: standin.Set, Elem: &standin.Field{Kind: standin.String}}.With(changes...)
}

func block(name string, fields []*standin.Field, changes ...func(*standin.Field)) *standin.Field {
	return standin.Field{Name: name, Kind: standin.Object, Fields: fields}.With(changes...)
}

func blockSet(name string, fields []*standin.Field, changes ...func(*standin.Field)) *standin.Field {
	elem := &standin.Field{Kind: standin.Object, Fields: fields}
	return standin.Field{Name: name, Kind: standin.Set, Elem: elem}.With(changes...)
}

func blockList(name string, fields []*standin.Field, changes ...func(*standin.Field)) *standin.Field {
	return blockSet(name, fields, append(changes, func(f *standin.Field) { f.Kind = standin.List })...)
}

func forceNew(f *standin.Field)   { f.ForceNew = true }
func computed(f *standin.Field)   { f.Computed = true }
func required(f *standin.Field)   { f.Required = true }
func output(f *standin.Field)     { f.Output = true }
func autoName(f *standin.Field)   { f.AutoName = true }
func emptyKeeps(f *standin.Field) { f.EmptyKeeps = true }

func upstream(name string) func(*standin.Field) { return func(f *standin.Field) { f.Upstream = name } }
func byDefault(value any) func(*standin.Field)  { return func(f *standin.Field) { f.Default = value } }
func refused(why string) func(*standin.Field)   { return func(f *standin.Field) { f.Refused = why } }

func refusedUnless(value any, why string) func(*standin.Field) {
	return func(f *standin.Field) { f.Refused, f.RefusedUnless = why, value }
}

func valid(check func(resource.PropertyValue) string) func(*standin.Field) {
	return func(f *standin.Field) { f.Validate = check }
}

func matches(pattern string) func(*standin.Field) {
	re := regexp.MustCompile(pattern)
	return valid(func(v resource.PropertyValue) string {
		if re.MatchString(v.StringValue()) {
			return ""
		}
		return fmt.Sprintf("'%s' doesn't match the pattern '%s'", v.StringValue(), pattern)
	})
}

func atLeast(least int) func(*standin.Field) {
	return valid(func(v resource.PropertyValue) string {
		if int(v.NumberValue()) >= least {
			return ""
		}
		return fmt.Sprintf("'%d' cannot be lower than %d", int(v.NumberValue()), least)
	})
}

func duration(f *standin.Field) {
	f.Validate = func(v resource.PropertyValue) string {
		d, err := time.ParseDuration(v.StringValue())
		if err != nil {
			return fmt.Sprintf("'%s' is not a valid duration", v.StringValue())
		}
		if d < 0 {
			return fmt.Sprintf("'%s' duration must not be negative", v.StringValue())
		}
		return ""
	}
}

var absolute = regexp.MustCompile(`^[a-zA-Z]:[\\/]|^/`)

func absolutePath(f *standin.Field) {
	f.Validate = func(v resource.PropertyValue) string {
		if absolute.MatchString(v.StringValue()) {
			return ""
		}
		return fmt.Sprintf("'%s' must be an absolute path", v.StringValue())
	}
}

func isBase64(f *standin.Field) {
	f.Validate = func(v resource.PropertyValue) string {
		if _, err := base64.StdEncoding.DecodeString(v.StringValue()); err != nil {
			return "the value is not base64 decodeable"
		}
		return ""
	}
}

// labelFields are the parts of a label, of every resource that has labels.
func labelFields() []*standin.Field {
	return []*standin.Field{str("label", required, forceNew), str("value", required, forceNew)}
}

func labelMap(labels []standin.Values) map[string]string {
	if len(labels) == 0 {
		return nil
	}
	out := map[string]string{}
	for _, label := range labels {
		out[label.Str("label")] = label.Str("value")
	}
	return out
}

func labelObjects(labels map[string]string) []map[string]any {
	var out []map[string]any
	for label, value := range labels {
		out = append(out, map[string]any{"label": label, "value": value})
	}
	return out
}
