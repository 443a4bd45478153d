package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/util/csaupgrade"
)

// Update applies an object's new inputs and waits until it works; a preview has the API server go through the motions.
func (p *provider) Update(ctx context.Context, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	ctx, done := p.operation(ctx)
	defer done()
	urn := resource.URN(req.Urn)
	state, given, err := unmarshalBoth(req.Olds, req.News)
	if err != nil {
		return nil, err
	}
	inputs := normalize(toObject(given))
	asGiven := &pulumirpc.UpdateResponse{Properties: req.News}
	if blind, err := p.blind(ctx, inputs, req.Preview); err != nil {
		return nil, err
	} else if blind {
		return asGiven, nil
	}
	before, known := parseState(state)
	n := notesOf(state, before)
	client, err := p.cluster.of(ctx, inputs.GroupVersionKind(), inputs.GetNamespace())
	if err != nil {
		if req.Preview && meta.IsNoMatchError(err) {
			return asGiven, nil
		}
		return nil, fmt.Errorf("update of resource %q failed: %w", urn, err)
	}
	old, now, err := p.update(ctx, client, known.GetName(), inputs, n, req)
	if err == nil && !req.Preview {
		now, err = p.await(ctx, urn, inputs, now, old, req.Timeout)
	}
	if err != nil && req.Preview && apierrors.IsForbidden(err) {
		return asGiven, nil
	} else if err != nil {
		return nil, p.updateFailed(ctx, urn, client, known.GetName(), now, err, func(live *object) resource.PropertyMap {
			return stateOf(inputs, live, given, n)
		})
	}
	properties, err := marshal(stateOf(inputs, now, given, n))
	return &pulumirpc.UpdateResponse{Properties: properties}, err
}

// updateFailed keeps the object as it is now, with the inputs that it should have got.
func (p *provider) updateFailed(
	ctx context.Context, urn resource.URN, client dynamic.ResourceInterface, name string, live *object, err error,
	state func(live *object) resource.PropertyMap,
) error {
	if live == nil {
		var getErr error
		live, getErr = client.Get(context.WithoutCancel(ctx), name, metav1.GetOptions{})
		if getErr != nil {
			return errors.Join(fmt.Errorf("update of resource %q failed: %w", urn, err),
				fmt.Errorf("unable to get cluster state: %w", getErr))
		}
	}
	return kept(idOf(live), fmt.Errorf("the Kubernetes API server reported that %q failed to fully initialize or "+
		"become live: %w", idOf(live), err), state(live), nil)
}

// update returns the object before and after; after an error, the latter is nil.
func (p *provider) update(
	ctx context.Context, client dynamic.ResourceInterface, name string, inputs *object, n notes,
	req *pulumirpc.UpdateRequest,
) (before, after *object, err error) {
	live, err := client.Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return nil, nil, err
	}
	// A definition of a kind has fields that belong to nobody and cannot be applied: it is put in place whole.
	if inputs.GetKind() == "CustomResourceDefinition" {
		next := inputs.DeepCopy()
		next.SetResourceVersion(live.GetResourceVersion())
		after, err = client.Update(ctx, next, metav1.UpdateOptions{
			FieldManager: n.fieldManager, DryRun: dryRun(req.Preview),
		})
		return live, after, err
	}
	force := p.forces(inputs, live, req.Preview)
	if !req.Preview {
		if err := takeOver(ctx, client, live, n.fieldManager); err != nil {
			return nil, nil, err
		}
	}
	after, err = apply(ctx, client, name, withIgnored(inputs, live, req.IgnoreChanges), n.fieldManager, force,
		req.Preview)
	return live, after, withConflict(err, n.fieldManager)
}

// predecessors are the managers in whose name the object was created or edited by hand: this resource stands for
// their fields from now on.
func predecessors(live *object) sets.Set[string] {
	names := sets.New[string]()
	for _, entry := range live.GetManagedFields() {
		if entry.Operation != metav1.ManagedFieldsOperationUpdate || entry.Subresource != "" {
			continue
		}
		for _, prefix := range []string{creator, "pulumi-resource-kubernetes", "kubectl", "before-first-apply"} {
			if strings.HasPrefix(entry.Manager, prefix) {
				names.Insert(entry.Manager)
			}
		}
	}
	return names
}

// takeOver gives the fields of the predecessors to this resource's field manager, so that applying them is no
// conflict, and leaving them out removes them.
func takeOver(ctx context.Context, client dynamic.ResourceInterface, live *object, fieldManager string) error {
	names := predecessors(live)
	if len(names) == 0 {
		return nil
	}
	patch, err := csaupgrade.UpgradeManagedFieldsPatch(live, names, fieldManager)
	if err != nil || len(patch) == 0 {
		return err
	}
	_, err = client.Patch(ctx, live.GetName(), types.JSONPatchType, patch, metav1.PatchOptions{})
	return err
}

// withIgnored leaves fields as they are in the cluster that the program wants left alone.
func withIgnored(inputs, live *object, paths []string) *object {
	if len(paths) == 0 {
		return inputs
	}
	next, now := toProperties(inputs), resource.NewObjectProperty(toProperties(live))
	for _, text := range paths {
		path, err := resource.ParsePropertyPath(text)
		if err != nil {
			continue // Diff has refused it
		}
		if v, ok := path.Get(now); ok {
			path.Set(resource.NewObjectProperty(next), v)
		}
	}
	return toObject(next)
}
