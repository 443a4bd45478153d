package kubernetes

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// gone is the answer for what is no longer there.
var gone = &pulumirpc.ReadResponse{}

// Read looks at a live object: for a refresh, or for a get or an import, which know nothing of it yet.
func (p *provider) Read(ctx context.Context, req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	ctx, done := p.operation(ctx)
	defer done()
	urn := resource.URN(req.Urn)
	if problem := p.cluster.unreachable(ctx); problem != "" {
		return p.readNothing(ctx, urn, req, problem)
	}
	state, given, err := unmarshalBoth(req.Properties, req.Inputs)
	if err != nil {
		return nil, err
	}
	namespace, name := parseID(req.Id)
	if name == "" {
		return nil, fmt.Errorf("the id %q of %s names no object", req.Id, urn)
	}
	inputs, first, err := readInputs(urn, given, state, namespace, name)
	if err != nil {
		return nil, err
	}
	live, err := p.look(ctx, inputs, namespace, name)
	if apierrors.IsNotFound(err) || meta.IsNoMatchError(err) {
		return gone, nil
	} else if err != nil {
		return nil, err
	}
	if first {
		inputs = importable(live)
	} else {
		inputs, err = pruned(live, inputs), p.inspect(ctx, inputs, live)
	}
	n := notesOf(state, inputs)
	next := stateOf(inputs, live, given, n)
	inputProperties := toProperties(inputs)
	markSecrets(inputProperties, given)
	if err != nil {
		return nil, kept(req.Id, err, next, inputProperties)
	}
	resp := &pulumirpc.ReadResponse{Id: req.Id}
	if resp.Properties, err = marshal(next); err != nil {
		return nil, err
	}
	resp.Inputs, err = marshal(inputProperties)
	return resp, err
}

// readInputs are the inputs by which to look; first says that neither they nor a state say more than the id does.
func readInputs(
	urn resource.URN, given, state resource.PropertyMap, namespace, name string,
) (inputs *object, first bool, err error) {
	inputs = normalize(toObject(given))
	if !inputs.GroupVersionKind().Empty() {
		return inputs, false, nil
	}
	_, known := parseState(state)
	kind := known.GroupVersionKind()
	if first = kind.Empty(); first {
		if kind, err = kindOf(urn); err != nil {
			return nil, false, err
		}
	}
	inputs.SetGroupVersionKind(kind)
	if inputs.GetName() == "" {
		inputs.SetName(name)
	}
	if inputs.GetNamespace() == "" && namespace != "" {
		inputs.SetNamespace(namespace)
	}
	return inputs, first, nil
}

func (p *provider) look(ctx context.Context, inputs *object, namespace, name string) (*object, error) {
	if inputs.GetNamespace() != "" {
		namespace = inputs.GetNamespace()
	}
	client, err := p.cluster.of(ctx, inputs.GroupVersionKind(), namespace)
	if err != nil {
		return nil, err
	}
	return client.Get(ctx, name, metav1.GetOptions{})
}

// importable is what a program would have to say to make an object.
func importable(live *object) *object {
	inputs := live.DeepCopy()
	delete(inputs.Object, "status")
	for _, key := range readOnly {
		unstructured.RemoveNestedField(inputs.Object, "metadata", key)
	}
	for _, key := range []string{revisionAnnotation, "kubectl.kubernetes.io/last-applied-configuration"} {
		unstructured.RemoveNestedField(inputs.Object, "metadata", "annotations", key)
	}
	return inputs
}

// readNothing answers for a cluster that does not, as the settings say.
func (p *provider) readNothing(
	ctx context.Context, urn resource.URN, req *pulumirpc.ReadRequest, problem string,
) (*pulumirpc.ReadResponse, error) {
	p.warn(ctx, urn, unreachableError(problem).Error())
	switch {
	case p.settings.deleteUnreachable:
		p.host.Log(ctx, pulumirpc.LogSeverity_INFO, urn, "deleteUnreachable is set: removed from the state only.")
		return gone, nil
	case p.settings.skipUpdateUnreachable:
		p.host.Log(ctx, pulumirpc.LogSeverity_INFO, urn, "skipUpdateUnreachable is set: taken as it was last seen.")
		return &pulumirpc.ReadResponse{Id: req.Id, Properties: req.Properties, Inputs: req.Inputs}, nil
	}
	return nil, fmt.Errorf("nothing is known of this resource, because the cluster is unreachable. If the cluster was "+
		"deleted, remove the resource from the state by running this again with the environment variable %s set to "+
		"\"true\"", variables["deleteUnreachable"])
}
