package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Annotations that a program, or this plugin, puts on objects.
//
// See https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/
const (
	autonamedAnnotation   = "pulumi.com/autonamed"
	forceAnnotation       = "pulumi.com/patchForce"
	propagationAnnotation = "pulumi.com/deletionPropagationPolicy"
	skipAwaitAnnotation   = "pulumi.com/skipAwait"
	timeoutAnnotation     = "pulumi.com/timeoutSeconds"
)

// unsupportedAnnotations are honoured by the original only.
var unsupportedAnnotations = []string{"pulumi.com/waitFor", "pulumi.com/replaceUnready", "pulumi.com/patchFieldManager"}

// Check names the object if the program does not, puts it into the default namespace if it names none, and brings its
// fields into canonical form.
func (p *provider) Check(ctx context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	urn := resource.URN(req.Urn)
	if p.settings.skipUpdateUnreachable && p.cluster.unreachable(ctx) != "" {
		p.warn(ctx, urn, "The cluster is unreachable and skipUpdateUnreachable is set: left as it is.")
		return &pulumirpc.CheckResponse{Inputs: req.Olds}, nil
	}
	kind, err := kindOf(urn)
	if err != nil {
		return nil, err
	}
	olds, news, err := unmarshalBoth(req.Olds, req.News)
	if err != nil {
		return nil, err
	}
	inputs, before := normalize(toObject(news)), toObject(olds)
	if reason := unsupported(inputs, kind.Kind); reason != "" {
		return nil, fmt.Errorf("%s is not supported by the stand-in kubernetes plugin", reason)
	}
	if err := name(inputs, before, req); err != nil {
		return nil, err
	}
	if at(inputs, "metadata", "namespace") == nil && p.cluster.namespace != "" {
		namespaced, err := p.cluster.namespaced(ctx, kind)
		if err != nil {
			return nil, err
		}
		if namespaced {
			inputs.SetNamespace(p.cluster.namespace)
		}
	}
	checked := toProperties(inputs)
	markSecrets(checked, news)
	properties, err := marshal(checked)
	return &pulumirpc.CheckResponse{Inputs: properties}, err
}

func unsupported(inputs *object, kind string) string {
	for _, annotation := range unsupportedAnnotations {
		if at(inputs, "metadata", "annotations", annotation) != nil {
			return "the annotation " + annotation
		}
	}
	switch {
	// A Patch's inputs are of the kind that it patches.
	case strings.HasSuffix(kind, "Patch") && inputs.GetKind() != kind:
		return "the resource " + kind
	case strings.HasSuffix(kind, "List"):
		return "the resource " + kind + ", which stands for several: create each of them; it"
	case inputs.GetName() == "" && at(inputs, "metadata", "generateName") != nil:
		return "the field metadata.generateName, with which nothing can be applied on the server side; it"
	}
	return ""
}

// name gives an object a name if the program gives none: the one it had, or the resource's with a random end.
func name(inputs, before *object, req *pulumirpc.CheckRequest) error {
	if v := at(inputs, "metadata", "name"); v != nil && v != "" {
		return nil
	}
	if at(inputs, "metadata") == (unknown{}) {
		return nil
	}
	var chosen string
	switch mode := req.Autonaming.GetMode(); {
	case len(before.Object) > 0:
		if before.GetAnnotations()[autonamedAnnotation] != "true" {
			return nil
		}
		chosen = before.GetName()
	case mode == pulumirpc.CheckRequest_AutonamingOptions_DISABLE:
		return errors.New("autonaming is disabled, so the resource needs the field metadata.name")
	case req.Autonaming != nil:
		chosen = req.Autonaming.ProposedName
	default:
		var err error
		prefix := resource.URN(req.Urn).Name() + "-"
		if chosen, err = resource.NewUniqueName(req.RandomSeed, prefix, 0, 0, nil); err != nil {
			return err
		}
	}
	inputs.SetName(chosen)
	annotations := inputs.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[autonamedAnnotation] = "true"
	inputs.SetAnnotations(annotations)
	return nil
}

// warn shows a warning in the summary of the update.
func (p *provider) warn(ctx context.Context, urn resource.URN, text string) {
	p.host.Log(ctx, pulumirpc.LogSeverity_WARNING, urn, text)
}
