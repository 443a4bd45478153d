package kubernetes

import (
	"errors"
	"fmt"
	"time"

	core "k8s.io/api/core/v1"
	storage "k8s.io/api/storage/v1"
)

// gates are the kinds that are waited for. All others work as soon as they exist.
var gates = map[string]gate{
	"apps/v1/DaemonSet":        {sources: ownPods, look: lookAtDaemonSet, explain: explainPods(0)},
	"apps/v1/Deployment":       deploymentGate,
	"apps/v1/StatefulSet":      {sources: ownPods, look: lookAtStatefulSet, explain: explainPods(0)},
	"batch/v1/Job":             {sources: ownPods, look: lookAtJob, explain: explainPods(0)},
	"v1/PersistentVolume":      {look: lookAtVolume, limit: 5 * time.Minute},
	"v1/PersistentVolumeClaim": {sources: classOf, look: lookAtClaim, explain: explainClaim, limit: 5 * time.Minute},
	"v1/Pod":                   {look: lookAtPod, explain: explainPod},
	"v1/Secret":                {look: lookAtSecret, limit: 5 * time.Second},
	"v1/Service":               {sources: endpointsOf, look: lookAtService},
}

func lookAtVolume(s scene) verdict {
	phase := str(s.object, "status", "phase")
	return verdict{ready: phase == string(core.VolumeAvailable) || phase == string(core.VolumeBound)}
}

func classOf(claim *object) []source {
	if name := str(claim, "spec", "storageClassName"); name != "" {
		return []source{one(storage.SchemeGroupVersion.WithKind("StorageClass"), "", name)}
	}
	return nil
}

// lookAtClaim lets pass a claim that has its volume, or that gets one when the first pod uses it.
func lookAtClaim(s scene) verdict {
	later := false
	for _, classes := range s.related {
		for _, class := range classes {
			later = str(class, "volumeBindingMode") == string(storage.VolumeBindingWaitForFirstConsumer)
		}
	}
	switch phase := str(s.object, "status", "phase"); {
	case phase == string(core.ClaimBound), later && phase == string(core.ClaimPending):
		return verdict{ready: true}
	default:
		return verdict{status: "Waiting for a volume"}
	}
}

// lookAtSecret waits for the contents of the one type of Secret that the cluster fills in.
func lookAtSecret(s scene) verdict {
	data, _ := at(s.object, "data").(map[string]any)
	return verdict{ready: str(s.object, "type") != string(core.SecretTypeServiceAccountToken) || len(data) > 0}
}

// settled is for how long a Service without any pod is watched until it is taken for one that is meant to have none.
const settled = 10 * time.Second

func leadsToPods(service *object) bool {
	selector, _ := at(service, "spec", "selector").(map[string]any)
	return len(selector) > 0 && str(service, "spec", "clusterIP") != core.ClusterIPNone &&
		str(service, "spec", "type") != string(core.ServiceTypeExternalName)
}

func endpointsOf(service *object) []source {
	if !leadsToPods(service) {
		return nil
	}
	return []source{one(core.SchemeGroupVersion.WithKind("Endpoints"), service.GetNamespace(), service.GetName())}
}

func lookAtService(s scene) verdict {
	addresses, _ := at(s.object, "status", "loadBalancer", "ingress").([]any)
	balanced := str(s.object, "spec", "type") != string(core.ServiceTypeLoadBalancer) || len(addresses) > 0
	if !leadsToPods(s.object) {
		return verdict{ready: balanced}
	}
	ready, unready := 0, 0
	for _, endpoints := range s.related {
		for _, e := range endpoints {
			subsets, _ := at(e, "subsets").([]any)
			for _, subset := range subsets {
				of := &object{Object: subset.(map[string]any)}
				a, _ := at(of, "addresses").([]any)
				b, _ := at(of, "notReadyAddresses").([]any)
				ready, unready = ready+len(a), unready+len(b)
			}
		}
	}
	v := verdict{ready: balanced && unready == 0 && (ready > 0 || s.quiet >= settled)}
	if v.ready {
		return v
	}
	if ready == 0 {
		v.status = "Waiting for a ready Pod behind the Service"
		v.problems = append(v.problems, fmt.Sprintf(
			"the Service leads to no ready Pod: the Pods that its selector names are not ready (%d), or there are none",
			unready))
		if unready == 0 {
			v.recheck = settled - s.quiet
		}
	} else if unready > 0 {
		v.problems = append(v.problems, fmt.Sprintf("%d of the Pods behind the Service are not ready", unready))
	}
	if !balanced {
		v.status = "Waiting for the address of the load balancer"
		v.problems = append(v.problems, "the Service was given no address: has the cluster a load balancer?")
	}
	return v
}

func lookAtStatefulSet(s scene) verdict {
	o := s.object
	want := replicas(o)
	ready := number(o, "status", "readyReplicas")
	v := verdict{
		ready: observed(o) && ready >= want && number(o, "status", "updatedReplicas") >= want &&
			str(o, "status", "currentRevision") == str(o, "status", "updateRevision"),
		status: fmt.Sprintf("%d of %d Pods are ready", ready, want),
	}
	v.problems = append([]string{v.status}, podProblems(s.related, 0, o)...)
	return v
}

func lookAtDaemonSet(s scene) verdict {
	o := s.object
	want := number(o, "status", "desiredNumberScheduled")
	ready := number(o, "status", "numberReady")
	v := verdict{
		ready:  observed(o) && ready >= want && number(o, "status", "updatedNumberScheduled") >= want,
		status: fmt.Sprintf("%d of %d Pods are ready", ready, want),
	}
	v.problems = append([]string{v.status}, podProblems(s.related, 0, o)...)
	return v
}

func lookAtJob(s scene) verdict {
	if c := condition(s.object, "Failed"); c != nil && str(c, "status") == "True" {
		problem := fmt.Sprintf("[%s] %s", str(c, "reason"), str(c, "message"))
		return verdict{
			failed:   errors.New("the Job failed"),
			problems: append([]string{problem}, podProblems(s.related, 0, s.object)...),
		}
	}
	c := condition(s.object, "Complete")
	return verdict{
		ready:    c != nil && str(c, "status") == "True",
		status:   "Waiting for the Job to complete",
		problems: podProblems(s.related, 0, s.object),
	}
}

func lookAtPod(s scene) verdict {
	c := condition(s.object, "Ready")
	if c != nil && str(c, "status") == "True" || str(s.object, "status", "phase") == string(core.PodSucceeded) {
		return verdict{ready: true}
	}
	v := verdict{status: "Waiting for the Pod to be ready"}
	if problem := podProblem(s.object); problem != "" {
		v.status, v.problems = problem, []string{problem}
	}
	return v
}

// observed says that the controller of an object has seen its newest version.
func observed(o *object) bool {
	return number(o, "status", "observedGeneration") >= number(o, "metadata", "generation")
}

// replicas is how many pods are asked for: one, if nothing is said.
func replicas(o *object) int64 {
	if n, ok := asNumber(at(o, "spec", "replicas")); ok {
		return int64(n)
	}
	return 1
}

// condition is the condition of that type, nil when there is none.
func condition(o *object, kind string) *object {
	conditions, _ := at(o, "status", "conditions").([]any)
	for _, c := range conditions {
		if m, ok := c.(map[string]any); ok && m["type"] == kind {
			return &object{Object: m}
		}
	}
	return nil
}
