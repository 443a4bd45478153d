package kubernetes

import (
	"context"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Delete removes an object, with all that belongs to it, and waits until it is gone.
func (p *provider) Delete(ctx context.Context, req *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	ctx, done := p.operation(ctx)
	defer done()
	urn := resource.URN(req.Urn)
	if problem := p.cluster.unreachable(ctx); problem != "" {
		p.warn(ctx, urn, unreachableError(problem).Error())
		if p.settings.deleteUnreachable {
			p.host.Log(ctx, pulumirpc.LogSeverity_INFO, urn, "deleteUnreachable is set: removed from the state only.")
			return &emptypb.Empty{}, nil
		}
		return nil, fmt.Errorf("configured Kubernetes cluster is unreachable. If the cluster was deleted, remove the "+
			"resource from the state by running this again with the environment variable %s set to \"true\"",
			variables["deleteUnreachable"])
	}
	state, err := unmarshal(req.Properties)
	if err != nil {
		return nil, err
	}
	inputs, known := parseState(state)
	namespace, name := parseID(req.Id)
	client, err := p.cluster.of(ctx, known.GroupVersionKind(), namespace)
	if meta.IsNoMatchError(err) {
		return &emptypb.Empty{}, nil // with its kind, all objects of it are gone
	} else if err != nil {
		return nil, err
	}
	policy := propagation(inputs)
	err = client.Delete(ctx, name, metav1.DeleteOptions{PropagationPolicy: &policy})
	if apierrors.IsNotFound(err) {
		return &emptypb.Empty{}, nil
	} else if err != nil {
		return nil, err
	}
	if inputs.GetAnnotations()[skipAwaitAnnotation] == "true" && leavesAlone[inputs.GetKind()] {
		return &emptypb.Empty{}, nil
	}
	last, err := p.awaitDeletion(ctx, urn, inputs, known, namespace, name, req.Timeout)
	if err != nil {
		if finalizers := last.GetFinalizers(); len(finalizers) > 0 {
			p.warn(ctx, urn, fmt.Sprintf("finalizers might be preventing deletion (%s)", strings.Join(finalizers, ", ")))
		}
		return nil, kept(idOf(last), err, stateOf(inputs, last, state, notesOf(state, inputs)), nil)
	}
	return &emptypb.Empty{}, nil
}

// leavesAlone are the kinds whose deletion skipAwait does not wait for; all others are waited for in any case.
var leavesAlone = map[string]bool{
	"Namespace": true, "Pod": true, "ReplicationController": true, "DaemonSet": true, "Deployment": true,
	"StatefulSet": true, "Job": true,
}

// propagation says what becomes of the objects that belong to a deleted one.
//
// See https://kubernetes.io/docs/concepts/architecture/garbage-collection/#cascading-deletion
func propagation(inputs *object) metav1.DeletionPropagation {
	switch strings.ToLower(inputs.GetAnnotations()[propagationAnnotation]) {
	case "orphan":
		return metav1.DeletePropagationOrphan
	case "background":
		return metav1.DeletePropagationBackground
	}
	return metav1.DeletePropagationForeground
}
