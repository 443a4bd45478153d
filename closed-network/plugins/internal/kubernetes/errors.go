package kubernetes

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validation"
)

// unready is the error of an object that exists but does not work (yet).
type unready struct {
	reason string
	// problems are what stands in its way, most telling last.
	problems []string
	// live is the object as it was last seen, nil if it was not seen since it was applied.
	live *object
}

func (u *unready) Error() string { return u.reason }

// kept tells the engine that the object exists although the operation failed: it stays in the state, and the next
// update repairs it. The inputs are nil where the engine has them already.
func kept(id string, err error, state, inputs resource.PropertyMap) error {
	detail := &pulumirpc.ErrorResourceInitFailed{Id: id, Reasons: []string{err.Error()}}
	var u *unready
	if errors.As(err, &u) {
		detail.Reasons = append(detail.Reasons, u.problems...)
	}
	var marshalErr error
	if detail.Properties, marshalErr = marshal(state); marshalErr != nil {
		return marshalErr
	}
	if inputs != nil {
		if detail.Inputs, marshalErr = marshal(inputs); marshalErr != nil {
			return marshalErr
		}
	}
	return rpcerror.WithDetails(rpcerror.New(codes.Unknown, err.Error()), detail)
}

func unreachableError(problem string) error {
	return fmt.Errorf("configured Kubernetes cluster is unreachable: %s", problem)
}

// alreadyExists adds to the API server's refusal what to do about it.
func alreadyExists(err error) error {
	return fmt.Errorf("%w\n\n"+`The resource already exists in the cluster. This can happen when:

  - Renaming a Pulumi resource: use an alias to preserve the identity,
    or use deleteBeforeReplace if the resource needs replacement.
  - Managing an existing resource: use a Patch resource (e.g. NamespacePatch)
    to manage specific fields without owning the resource lifecycle.
  - Adopting a resource into Pulumi: use `+"`pulumi import`"+`. Note that
    protected resources (e.g. kube-system) cannot be deleted on destroy.
  - Intentional upsert: set upsertExistingObjects on the provider to allow
    server-side apply to update existing objects on create.`, err)
}

// withConflict explains the refusal to take a field that somebody else applies.
//
// See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts
func withConflict(err error, fieldManager string) error {
	if !apierrors.IsConflict(err) {
		return err
	}
	return fmt.Errorf("field manager %q applies a field that another one holds; the annotation %s takes it: %w",
		fieldManager, forceAnnotation, err)
}

// namespaceMissing says that the namespace of an object does not exist (yet).
func namespaceMissing(err error) bool {
	var status apierrors.APIStatus
	if !apierrors.IsNotFound(err) || !errors.As(err, &status) {
		return false
	}
	details := status.Status().Details
	return details != nil && details.Kind == "namespaces"
}

// immutableField says that the object exists, and cannot be changed into the one that will replace it.
func immutableField(err error) bool {
	return apierrors.IsInvalid(err) && strings.Contains(err.Error(), validation.FieldImmutableErrorMsg)
}
