package kubernetes

import (
	"context"
	"fmt"
	"strings"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// revisionAnnotation counts the versions of a Deployment's pods, on it and on the ReplicaSet of each version.
const revisionAnnotation = "deployment.kubernetes.io/revision"

// The sources of a Deployment.
const (
	replicaSets = iota
	deploymentPods
	claims
)

var deploymentGate = gate{
	sources: func(o *object) []source {
		labels := selectorOf(o)
		sources := []source{
			{kind: apps.SchemeGroupVersion.WithKind("ReplicaSet"), namespace: o.GetNamespace(), labels: labels},
			{kind: core.SchemeGroupVersion.WithKind("Pod"), namespace: o.GetNamespace(), labels: labels},
		}
		if len(claimsOf(o)) > 0 {
			claim := core.SchemeGroupVersion.WithKind("PersistentVolumeClaim")
			sources = append(sources, source{kind: claim, namespace: o.GetNamespace()})
		}
		return sources
	},
	look:    lookAtDeployment,
	explain: explainDeployment,
}

// lookAtDeployment lets pass a Deployment whose newest version has all of its pods ready.
//
// See https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#complete-deployment
func lookAtDeployment(s scene) verdict {
	var v verdict
	available, progressed := true, false
	if c := condition(s.object, "Progressing"); c != nil {
		progressed = str(c, "status") == "True" && str(c, "reason") == "NewReplicaSetAvailable"
		v.problems = append(v.problems, unmet(c)...)
	}
	c := condition(s.object, "Available")
	if available = c != nil && str(c, "status") == "True"; c != nil {
		v.problems = append(v.problems, unmet(c)...)
	}
	if pending := pendingClaims(s); len(pending) > 0 {
		v.problems = append(v.problems, fmt.Sprintf(
			"Failed to bind PersistentVolumeClaim(s): %q", strings.Join(pending, ",")))
		v.status = "Waiting for a volume for " + strings.Join(pending, ", ")
	}
	newest := newestReplicaSet(s)
	ready, want := int64(0), replicas(s.object)
	if newest != nil {
		ready, want = number(newest, "status", "readyReplicas"), replicas(newest)
	}
	complete := newest != nil && ready >= want &&
		(progressed || s.object.GetAnnotations()[revisionAnnotation] == "1")
	// With the strategy Recreate, the old version alone is there, and still available, after the change was observed.
	updated, all := number(s.object, "status", "updatedReplicas"), replicas(s.object)
	paused, _ := at(s.object, "spec", "paused").(bool)
	rolled := paused || updated >= all
	if v.ready = observed(s.object) && available && complete && rolled && v.status == ""; v.ready {
		return v
	}
	switch {
	case !available:
		v.problems = append(v.problems, "Minimum number of live Pods was not attained")
	case !complete:
		v.problems = append(v.problems, fmt.Sprintf("of the newest version, %d of %d Pods are ready", ready, want))
	case !rolled:
		v.status = fmt.Sprintf("%d of %d Pods are of the newest version", updated, all)
		v.problems = append(v.problems, v.status)
	}
	if v.status == "" {
		v.status = fmt.Sprintf("%d of %d Pods are ready", ready, want)
	}
	if newest != nil {
		if problems := podProblems(s.related, deploymentPods, newest); len(problems) > 0 {
			v.problems = append(v.problems, problems...)
			v.status = strings.Join(problems, "; ")
		}
	}
	return v
}

// unmet is what a condition complains of.
func unmet(c *object) []string {
	if str(c, "status") == "True" || str(c, "message") == "" {
		return nil
	}
	return []string{fmt.Sprintf("[%s] %s", str(c, "reason"), str(c, "message"))}
}

func newestReplicaSet(s scene) *object {
	for _, set := range related(s.related, replicaSets) {
		revision := set.GetAnnotations()[revisionAnnotation]
		if owns(s.object, set) && revision == s.object.GetAnnotations()[revisionAnnotation] {
			return set
		}
	}
	return nil
}

func pendingClaims(s scene) []string {
	used := claimsOf(s.object)
	var pending []string
	for _, claim := range related(s.related, claims) {
		phase := str(claim, "status", "phase")
		if used[claim.GetName()] && phase != "" && phase != string(core.ClaimBound) {
			pending = append(pending, claim.GetName())
		}
	}
	return pending
}

// claimsOf are the claims that the pods of a workload use.
func claimsOf(o *object) map[string]bool {
	names := map[string]bool{}
	volumes, _ := at(o, "spec", "template", "spec", "volumes").([]any)
	for _, volume := range volumes {
		if v, ok := volume.(map[string]any); ok {
			if name := str(&object{Object: v}, "persistentVolumeClaim", "claimName"); name != "" {
				names[name] = true
			}
		}
	}
	return names
}

// related are the objects of a source, none if there is no such source.
func related(sources [][]*object, i int) []*object {
	if i < len(sources) {
		return sources[i]
	}
	return nil
}

func owns(owner, o *object) bool {
	for _, reference := range o.GetOwnerReferences() {
		if reference.UID == owner.GetUID() {
			return true
		}
	}
	return false
}

// selectorOf is the selector of a workload's pods, as a query.
func selectorOf(o *object) string {
	given, _ := at(o, "spec", "selector").(map[string]any)
	var selector metav1.LabelSelector
	if runtime.DefaultUnstructuredConverter.FromUnstructured(given, &selector) != nil {
		return ""
	}
	return metav1.FormatLabelSelector(&selector)
}

func explainDeployment(ctx context.Context, c *cluster, s scene) []string {
	var reasons []string
	used := claimsOf(s.object)
	for _, claim := range related(s.related, claims) {
		if used[claim.GetName()] && str(claim, "status", "phase") != string(core.ClaimBound) {
			reasons = append(reasons, claimReason(ctx, c, claim))
		}
	}
	newest := newestReplicaSet(s)
	if newest == nil {
		return reasons
	}
	if f := condition(newest, "ReplicaFailure"); f != nil {
		reasons = append(reasons, fmt.Sprintf("no Pod can be made: [%s] %s", str(f, "reason"), str(f, "message")))
	}
	return append(reasons, podReasons(ctx, c, related(s.related, deploymentPods), newest)...)
}
