package kubernetes

import (
	"crypto/rand"
	"encoding/hex"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// What the state holds beside the object as it is in the cluster.
const (
	inputsKey         = resource.PropertyKey("__inputs")
	fieldManagerKey   = resource.PropertyKey("__fieldManager")
	initialVersionKey = resource.PropertyKey("__initialApiVersion")
)

// notes are what the state remembers of how the object was made.
type notes struct {
	// fieldManager is the name under which this resource applies its fields.
	//
	// See https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers
	fieldManager      string
	initialAPIVersion string
}

// notesOf reads the notes of an earlier state, or makes new ones.
func notesOf(state resource.PropertyMap, inputs *object) notes {
	n := notes{initialAPIVersion: inputs.GetAPIVersion()}
	if v := state[initialVersionKey]; v.IsString() {
		n.initialAPIVersion = v.StringValue()
	}
	if v := state[fieldManagerKey]; v.IsString() {
		n.fieldManager = v.StringValue()
	} else {
		random := make([]byte, 4)
		_, _ = rand.Read(random) // never fails
		n.fieldManager = "pulumi-kubernetes-" + hex.EncodeToString(random)
	}
	return n
}

// stateOf is the state of a resource: the live object, what of it the program gave, and the notes.
func stateOf(inputs, live *object, given resource.PropertyMap, n notes) resource.PropertyMap {
	state, inputProperties := toProperties(live), toProperties(inputs)
	markSecrets(state, given)
	markSecrets(inputProperties, given)
	state[inputsKey] = resource.NewObjectProperty(inputProperties)
	state[fieldManagerKey] = resource.NewStringProperty(n.fieldManager)
	state[initialVersionKey] = resource.NewStringProperty(n.initialAPIVersion)
	return state
}

// parseState takes a state apart.
func parseState(state resource.PropertyMap) (inputs, live *object) {
	live = toObject(state)
	inputs = &object{Object: map[string]any{}}
	if given, ok := live.Object[string(inputsKey)].(map[string]any); ok {
		inputs.Object = given
	}
	for _, key := range []resource.PropertyKey{inputsKey, fieldManagerKey, initialVersionKey} {
		delete(live.Object, string(key))
	}
	return inputs, live
}

// markSecrets makes secret what the program gave as a secret, and all that a Secret holds. Of a list with a secret in
// it, everything is one: its elements may change places.
func markSecrets(values, given resource.PropertyMap) {
	if kind := values["kind"]; kind.IsString() && kind.StringValue() == "Secret" {
		for _, key := range []resource.PropertyKey{"data", "stringData"} {
			if v, ok := values[key]; ok && !v.IsSecret() {
				values[key] = resource.MakeSecret(v)
			}
		}
		return
	}
	for key, source := range given {
		v, ok := values[key]
		switch {
		case !ok:
		case v.IsObject() && source.IsObject():
			markSecrets(v.ObjectValue(), source.ObjectValue())
		case !v.IsSecret() && source.ContainsSecrets():
			values[key] = resource.MakeSecret(v)
		}
	}
}
