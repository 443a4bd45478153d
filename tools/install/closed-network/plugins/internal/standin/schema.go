// Package standin is what the stand-in plugins share: a small description language for resources, and a provider
// server that checks, compares, previews and applies them the way the bridged original plugins do.
package standin

import (
	"strings"
	"unicode"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Kind is the type of a property.
type Kind int

// The kinds of property. An Object is a block of named fields; a Map has free keys and string values.
const (
	String Kind = iota
	Int
	Bool
	List
	Set
	Map
	Object
)

// Field describes one property of a resource, in the terms of the upstream schema.
//
// See https://developer.hashicorp.com/terraform/plugin/sdkv2/schemas/schema-behaviors
type Field struct {
	// Name is the property's name in a Pulumi program.
	Name string
	// Upstream is the name in the upstream schema, where it is not the snake case of Name.
	Upstream string
	Kind     Kind
	// Elem is the element of a List or Set.
	Elem *Field
	// Fields are the parts of an Object.
	Fields []*Field

	Required bool
	// Computed: left out by the program, the value is what the server says.
	Computed bool
	// Output: cannot be set by the program at all.
	Output bool
	// ForceNew: a change replaces the resource.
	ForceNew bool
	// EmptyKeeps: leaving the property out, or setting it to "", is never a change.
	EmptyKeeps bool
	// Same says that a new value, though written differently, is no change.
	Same func(old, input resource.PropertyValue) bool
	// Default is the value of a property the program leaves out.
	Default any
	// Secret outputs are encrypted in the state.
	Secret bool
	// AutoName: left out, the name is derived from the resource's.
	AutoName bool
	// Validate returns what is wrong with a known value, or "".
	Validate func(resource.PropertyValue) string
	// Refused says why the stand-in does not have this property of the original.
	Refused string
	// RefusedUnless is the one value that is accepted nevertheless, because it asks for nothing.
	RefusedUnless any
}

// Key is the field's name as a property key.
func (f *Field) Key() resource.PropertyKey { return resource.PropertyKey(f.Name) }

// UpstreamName is the field's name in the upstream schema.
func (f *Field) UpstreamName() string {
	if f.Upstream != "" {
		return f.Upstream
	}
	var b strings.Builder
	for _, r := range f.Name {
		if unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func (f *Field) isBlock() bool {
	return (f.Kind == List || f.Kind == Set) && f.Elem.Kind == Object
}

// Schema describes a resource.
type Schema struct {
	Token  string
	Fields []*Field
	// DeleteBeforeReplace: the successor cannot exist beside its predecessor.
	DeleteBeforeReplace bool
	// NoImport: the original cannot adopt an existing object.
	NoImport bool
	// Plain resources, those of providers built on Terraform's newer framework, have no __defaults among their
	// inputs, no detailed differences, and leave out what has no value.
	Plain bool
	// Derive adds inputs that follow from others, before anything is compared or made.
	Derive func(resource.PropertyMap)
}

// Lookup finds a field by its Pulumi name.
func Lookup(fields []*Field, name resource.PropertyKey) *Field {
	for _, f := range fields {
		if f.Key() == name {
			return f
		}
	}
	return nil
}

// With returns a copy of the field changed by the functions given.
func (f Field) With(changes ...func(*Field)) *Field {
	for _, change := range changes {
		change(&f)
	}
	return &f
}
