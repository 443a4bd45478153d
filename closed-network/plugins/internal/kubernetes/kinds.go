package kubernetes

import (
	"context"
	"strings"

	admissionregistration "k8s.io/api/admissionregistration/v1"
	apps "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batch "k8s.io/api/batch/v1"
	certificates "k8s.io/api/certificates/v1"
	coordination "k8s.io/api/coordination/v1"
	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	networking "k8s.io/api/networking/v1"
	node "k8s.io/api/node/v1"
	policy "k8s.io/api/policy/v1"
	rbac "k8s.io/api/rbac/v1"
	scheduling "k8s.io/api/scheduling/v1"
	storage "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
)

// builtIn holds the kinds that every cluster has: they need not be asked for, and their fields are known.
var builtIn = func() *runtime.Scheme {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		admissionregistration.AddToScheme, apps.AddToScheme, autoscalingv1.AddToScheme, autoscalingv2.AddToScheme,
		batch.AddToScheme, certificates.AddToScheme, coordination.AddToScheme, core.AddToScheme,
		discovery.AddToScheme, networking.AddToScheme, node.AddToScheme, policy.AddToScheme, rbac.AddToScheme,
		scheduling.AddToScheme, storage.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			panic(err) // only two types of one name
		}
	}
	return scheme
}()

// clusterScoped are the built-in kinds that belong to no namespace.
var clusterScoped = map[string]bool{}

func init() {
	for _, kind := range strings.Fields(`Namespace Node PersistentVolume ComponentStatus ClusterRole ClusterRoleBinding
		StorageClass VolumeAttachment CSIDriver CSINode PriorityClass RuntimeClass IngressClass IPAddress ServiceCIDR
		CertificateSigningRequest MutatingWebhookConfiguration ValidatingWebhookConfiguration
		ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding`) {
		clusterScoped[kind] = true
	}
}

// mapping is where the API server has the objects of a kind.
type mapping struct {
	schema.GroupVersionResource
	namespaced bool
}

// mapping finds a kind; a NoKindMatchError says that the cluster has none of that name.
func (c *cluster) mapping(ctx context.Context, kind schema.GroupVersionKind) (mapping, error) {
	if builtIn.Recognizes(kind) {
		plural, _ := meta.UnsafeGuessKindToResource(kind)
		return mapping{plural, !clusterScoped[kind.Kind]}, nil
	}
	if found, ok := c.kinds.Load(kind); ok {
		return found.(mapping), nil
	}
	path := "/apis/" + kind.GroupVersion().String()
	if kind.Group == "" {
		path = "/api/" + kind.Version
	}
	var list metav1.APIResourceList
	err := c.raw.Get().AbsPath(path).Do(ctx).Into(&list)
	if err != nil && !apierrors.IsNotFound(err) {
		return mapping{}, err
	}
	for _, r := range list.APIResources {
		if r.Kind == kind.Kind && !strings.Contains(r.Name, "/") {
			found := mapping{kind.GroupVersion().WithResource(r.Name), r.Namespaced}
			c.kinds.Store(kind, found)
			return found, nil
		}
	}
	return mapping{}, &meta.NoKindMatchError{GroupKind: kind.GroupKind(), SearchedVersions: []string{kind.Version}}
}

// namespaced says whether objects of a kind belong to namespaces; of an unknown kind it is taken for granted.
func (c *cluster) namespaced(ctx context.Context, kind schema.GroupVersionKind) (bool, error) {
	if !builtIn.Recognizes(kind) && c.unreachable(ctx) != "" {
		return true, nil
	}
	found, err := c.mapping(ctx, kind)
	if meta.IsNoMatchError(err) {
		return true, nil
	}
	return found.namespaced, err
}

// of is the client for the objects of a kind in a namespace.
func (c *cluster) of(
	ctx context.Context, kind schema.GroupVersionKind, namespace string,
) (dynamic.ResourceInterface, error) {
	found, err := c.mapping(ctx, kind)
	if err != nil {
		return nil, err
	}
	all := c.objects.Resource(found.GroupVersionResource)
	if !found.namespaced {
		return all, nil
	}
	if namespace == "" {
		namespace = c.namespace
	}
	return all.Namespace(namespace), nil
}
