package kubernetes

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
)

// creator is the field manager of what is created without being applied; the first update takes its fields over.
const creator = "pulumi-kubernetes"

// Create makes an object and waits until it works; a preview has the API server go through the motions.
func (p *provider) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	ctx, done := p.operation(ctx)
	defer done()
	urn := resource.URN(req.Urn)
	given, err := unmarshal(req.Properties)
	if err != nil {
		return nil, err
	}
	inputs := toObject(given)
	asGiven := &pulumirpc.CreateResponse{Properties: req.Properties}
	if blind, err := p.blind(ctx, inputs, req.Preview); err != nil {
		return nil, err
	} else if blind {
		return asGiven, nil
	}
	n := notesOf(nil, inputs)
	live, err := p.create(ctx, urn, inputs, n.fieldManager, req.Preview)
	if req.Preview && (apierrors.IsForbidden(err) || apierrors.IsAlreadyExists(err) || meta.IsNoMatchError(err) ||
		namespaceMissing(err) || p.settings.upsert && immutableField(err)) {
		return asGiven, nil // what cannot be known before something else has happened
	}
	if apierrors.IsAlreadyExists(err) {
		err = alreadyExists(err)
	}
	if err != nil {
		return nil, fmt.Errorf("resource %q was not successfully created by the Kubernetes API server: %w", urn, err)
	}
	if req.Preview {
		delete(live.Object, "status")
		properties, err := marshal(stateOf(inputs, live, given, n))
		return &pulumirpc.CreateResponse{Properties: properties}, err
	}
	live, err = p.await(ctx, urn, inputs, live, nil, req.Timeout)
	state := stateOf(inputs, live, given, n)
	if err != nil {
		return nil, kept(idOf(live), fmt.Errorf("resource %q was successfully created, but the Kubernetes API server "+
			"reported that it failed to fully initialize or become live: %w", urn, err), state, nil)
	}
	properties, err := marshal(state)
	return &pulumirpc.CreateResponse{Id: idOf(live), Properties: properties}, err
}

// blind says that a preview can only repeat what it was given: values are still unknown, or no cluster answers, without
// which anything but a preview fails.
func (p *provider) blind(ctx context.Context, inputs *object, preview bool) (bool, error) {
	if preview && hasUnknown(inputs.Object) {
		return true, nil
	}
	problem := p.cluster.unreachable(ctx)
	if problem == "" || preview {
		return problem != "", nil
	}
	return false, unreachableError(problem)
}

// create sends the object. What it needs may be on its way: a namespace, the definition of its kind.
func (p *provider) create(
	ctx context.Context, urn resource.URN, inputs *object, fieldManager string, preview bool,
) (*object, error) {
	for pause := time.Second; ; pause *= 2 {
		live, err := p.tryCreate(ctx, inputs, fieldManager, preview)
		missing := apierrors.IsNotFound(err) || meta.IsNoMatchError(err)
		if !missing || preview || pause > 16*time.Second {
			return live, err
		}
		p.host.Status(ctx, urn, fmt.Sprintf("Trying again: %v", err))
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(pause):
		}
	}
}

func (p *provider) tryCreate(
	ctx context.Context, inputs *object, fieldManager string, preview bool,
) (*object, error) {
	client, err := p.cluster.of(ctx, inputs.GroupVersionKind(), inputs.GetNamespace())
	if err != nil {
		return nil, err
	}
	if !p.settings.upsert {
		return client.Create(ctx, inputs, metav1.CreateOptions{FieldManager: creator, DryRun: dryRun(preview)})
	}
	live, err := apply(ctx, client, inputs.GetName(), inputs, fieldManager, p.forces(inputs, nil, preview), preview)
	return live, withConflict(err, fieldManager)
}

// apply sends the fields of an object that this field manager stands for.
func apply(
	ctx context.Context, client dynamic.ResourceInterface, name string, inputs *object, fieldManager string,
	force, preview bool,
) (*object, error) {
	body, err := json.Marshal(inputs.Object)
	if err != nil {
		return nil, err
	}
	return client.Patch(ctx, name, types.ApplyPatchType, body, metav1.PatchOptions{
		FieldManager: fieldManager, Force: &force, DryRun: dryRun(preview),
	})
}

// forces says whether fields are taken from other managers. A preview takes what the update will have taken over
// before it applies.
func (p *provider) forces(inputs, live *object, preview bool) bool {
	if p.settings.force || inputs.GetAnnotations()[forceAnnotation] == "true" {
		return true
	}
	if live == nil {
		return preview
	}
	// From before there were field managers.
	return len(live.GetManagedFields()) == 0 || preview && len(predecessors(live)) > 0
}

func dryRun(preview bool) []string {
	if preview {
		return []string{metav1.DryRunAll}
	}
	return nil
}
