package kubernetes

import (
	"strings"
	"testing"
	"time"

	core "k8s.io/api/core/v1"
)

// A Deployment of one pod, its ReplicaSet, its pod and its claim; each test changes one of them.
const (
	rolledOut = `{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d", "namespace": "default",
		"uid": "d", "generation": 2, "annotations": {"deployment.kubernetes.io/revision": "2"}},
		"spec": {"replicas": 1, "selector": {"matchLabels": {"app": "a"}}, "template": {"spec": {"volumes": [
			{"name": "data", "persistentVolumeClaim": {"claimName": "c"}}]}}},
		"status": {"observedGeneration": 2, "updatedReplicas": 1, "conditions": [
			{"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable", "message": "m"},
			{"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable", "message": "m"}]}}`
	replicaSet = `{"metadata": {"name": "d-1", "uid": "r", "ownerReferences": [{"uid": "d"}],
		"annotations": {"deployment.kubernetes.io/revision": "2"}},
		"spec": {"replicas": 1}, "status": {"readyReplicas": 1}}`
	readyPod = `{"metadata": {"name": "d-1-x", "namespace": "default", "uid": "p", "ownerReferences": [{"uid": "r"}]},
		"status": {"conditions": [{"type": "PodScheduled", "status": "True"}, {"type": "Initialized", "status": "True"},
		{"type": "Ready", "status": "True"}], "containerStatuses": [{"name": "c", "ready": true}]}}`
	boundClaim = `{"metadata": {"name": "c"}, "status": {"phase": "Bound"}}`
)

// unavailable is the status of a Deployment none of whose pods works.
const unavailable = `{"status": {"conditions": [{"type": "Available", "status": "False",
	"reason": "MinimumReplicasUnavailable", "message": "Deployment does not have minimum availability."}]}}`

// notReady is the status of a pod with an unready container.
func notReady(container string) string {
	return `{"status": {"conditions": [{"type": "PodScheduled", "status": "True"},
		{"type": "Initialized", "status": "True"}, {"type": "Ready", "status": "False", "reason": "ContainersNotReady",
		"message": "containers with unready status: [c]"}],
		"containerStatuses": [{"name": "c", "ready": false, ` + container + `}]}}`
}

func TestDeploymentGate(t *testing.T) {
	const firstRevision = `{"metadata": {"annotations": {"deployment.kubernetes.io/revision": "1"}}}`
	for _, c := range []struct {
		name                        string
		deployment, set, pod, claim string
		ready                       bool
		problems                    []string
	}{
		{name: "rolled out", ready: true},
		{name: "the first version needs no progress", ready: true, set: firstRevision, deployment: `{"metadata":
			{"annotations": {"deployment.kubernetes.io/revision": "1"}}, "status": {"conditions":
			[{"type": "Available", "status": "True"}]}}`},
		{name: "not seen by the controller", deployment: `{"metadata": {"generation": 3}}`},
		{name: "seen, and the newest version not begun", set: `{"spec": {"replicas": 0}}`,
			deployment: `{"status": {"updatedReplicas": null}}`,
			problems:   []string{"0 of 1 Pods are of the newest version"}},
		{name: "changed while it is paused", deployment: `{"spec": {"paused": true}, "status": {"updatedReplicas": null}}`,
			ready: true},
		{name: "the old version still serves", set: firstRevision,
			problems: []string{"of the newest version, 0 of 1 Pods are ready"}},
		{name: "image missing", deployment: unavailable, set: `{"status": {"readyReplicas": null}}`,
			pod: notReady(`"state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image \"nosuch:1\""}}`),
			problems: []string{"[MinimumReplicasUnavailable] Deployment does not have minimum availability.",
				"Minimum number of live Pods was not attained", "[Pod d-1-x]: containers with unready status: " +
					`[c][ImagePullBackOff] Back-off pulling image "nosuch:1"`}},
		{name: "crash loop", deployment: unavailable, set: `{"status": {"readyReplicas": 0}}`,
			pod: notReady(`"state": {"terminated": {"exitCode": 3, "reason": "Error"}}, "lastState": {"terminated":
				{"exitCode": 3, "reason": "Error", "finishedAt": "2026-11-22T18:16:07Z"}}`),
			problems: []string{"[MinimumReplicasUnavailable] Deployment does not have minimum availability.",
				"Minimum number of live Pods was not attained", "[Pod d-1-x]: containers with unready status: [c]" +
					"container \"c\" completed with exit code 3\n" +
					`container "c" terminated at 2026-11-22T18:16:07Z (Error: exit code 3)`}},
		{name: "never ready", deployment: unavailable, set: `{"status": {"readyReplicas": 0}}`,
			pod: notReady(`"state": {"running": {}}`),
			problems: []string{"[MinimumReplicasUnavailable] Deployment does not have minimum availability.",
				"Minimum number of live Pods was not attained", "[Pod d-1-x]: containers with unready status: [c]"}},
		{name: "too much memory", deployment: unavailable, set: `{"status": {"readyReplicas": 0}}`,
			pod: `{"status": {"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
				"message": "0/1 nodes are available: 1 Insufficient memory."}], "containerStatuses": []}}`,
			problems: []string{"[MinimumReplicasUnavailable] Deployment does not have minimum availability.",
				"Minimum number of live Pods was not attained"}},
		{name: "pending claim", deployment: unavailable, set: `{"status": {"readyReplicas": 0}}`,
			pod:   `{"status": {"conditions": [{"type": "PodScheduled", "status": "False"}], "containerStatuses": []}}`,
			claim: `{"status": {"phase": "Pending"}}`,
			problems: []string{"[MinimumReplicasUnavailable] Deployment does not have minimum availability.",
				`Failed to bind PersistentVolumeClaim(s): "c"`, "Minimum number of live Pods was not attained"}},
		{name: "another workload's claim", claim: `{"metadata": {"name": "other"}, "status": {"phase": "Pending"}}`,
			ready: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			with := func(text, change string) *object {
				if change == "" {
					change = "{}"
				}
				return changed(t, text, change)
			}
			s := scene{object: with(rolledOut, c.deployment), related: [][]*object{
				{with(replicaSet, c.set)}, {with(readyPod, c.pod)}, {with(boundClaim, c.claim)},
			}}
			v := lookAtDeployment(s)
			if v.ready != c.ready {
				t.Errorf("ready: %v", v.ready)
			}
			if got := strings.Join(v.problems, "\n* "); got != strings.Join(c.problems, "\n* ") {
				t.Errorf("problems:\n* %s", got)
			}
			if !v.ready && v.status == "" {
				t.Error("it does not say what it waits for")
			}
		})
	}
}

func TestDeploymentSources(t *testing.T) {
	sources := deploymentGate.sources(parse(t, rolledOut))
	if len(sources) != 3 || sources[0].labels != "app=a" || sources[2].kind.Kind != "PersistentVolumeClaim" {
		t.Errorf("got %v", sources)
	}
}

func TestServiceGate(t *testing.T) {
	const selecting = `{"kind": "Service", "metadata": {"name": "s"},
		"spec": {"type": "NodePort", "clusterIP": "10.0.0.1", "selector": {"app": "a"}}}`
	for _, c := range []struct {
		name, service, subsets string
		quiet                  time.Duration
		ready                  bool
	}{
		{"a ready pod", `{}`, `[{"addresses": [{"ip": "1"}]}]`, 0, true},
		{"an unready pod beside it", `{}`, `[{"addresses": [{"ip": "1"}], "notReadyAddresses": [{"ip": "2"}]}]`,
			time.Hour, false},
		{"an unready pod", `{}`, `[{"notReadyAddresses": [{"ip": "2"}]}]`, time.Hour, false},
		{"no pod yet", `{}`, `[]`, time.Second, false},
		{"no pod at all", `{}`, `[]`, settled, true},
		{"headless", `{"spec": {"clusterIP": "None"}}`, `[]`, 0, true},
		{"without selector", `{"spec": {"selector": null}}`, `[]`, 0, true},
		{"another name", `{"spec": {"type": "ExternalName"}}`, `[]`, 0, true},
		{"load balancer without an address", `{"spec": {"type": "LoadBalancer"}}`, `[{"addresses": [{"ip": "1"}]}]`,
			time.Hour, false},
		{"load balancer", `{"spec": {"type": "LoadBalancer"}, "status": {"loadBalancer": {"ingress": [{"ip": "1"}]}}}`,
			`[{"addresses": [{"ip": "1"}]}]`, 0, true},
	} {
		service := changed(t, selecting, c.service)
		s := scene{object: service, quiet: c.quiet}
		if endpointsOf(service) != nil {
			s.related = [][]*object{{parse(t, `{"subsets": `+c.subsets+`}`)}}
		}
		if v := lookAtService(s); v.ready != c.ready || !v.ready && len(v.problems) == 0 {
			t.Errorf("%s: %+v", c.name, v)
		}
	}
}

func TestOtherGates(t *testing.T) {
	now := `"generation": 2}, "status": {"observedGeneration": 2, `
	for _, c := range []struct {
		name  string
		look  func(scene) verdict
		text  string
		class string
		ready bool
	}{
		{"claim", lookAtClaim, boundClaim, "", true},
		{"pending claim", lookAtClaim, `{"status": {"phase": "Pending"}}`, `{"volumeBindingMode": "Immediate"}`, false},
		{"claim that waits for a pod", lookAtClaim, `{"status": {"phase": "Pending"}}`,
			`{"volumeBindingMode": "WaitForFirstConsumer"}`, true},
		{"volume", lookAtVolume, `{"status": {"phase": "Available"}}`, "", true},
		{"failed volume", lookAtVolume, `{"status": {"phase": "Failed"}}`, "", false},
		{"Secret", lookAtSecret, secretText, "", true},
		{"token to come", lookAtSecret, `{"type": "kubernetes.io/service-account-token"}`, "", false},
		{"pod", lookAtPod, readyPod, "", true},
		{"pod that has done its work", lookAtPod, `{"status": {"phase": "Succeeded"}}`, "", true},
		{"pod that has not", lookAtPod, `{"status": {"phase": "Pending"}}`, "", false},
		{"StatefulSet", lookAtStatefulSet, `{"metadata": {` + now + `"readyReplicas": 1, "updatedReplicas": 1,
			"currentRevision": "a", "updateRevision": "a"}}`, "", true},
		{"StatefulSet under way", lookAtStatefulSet, `{"metadata": {` + now + `"readyReplicas": 1, "updatedReplicas": 1,
			"currentRevision": "a", "updateRevision": "b"}}`, "", false},
		{"DaemonSet", lookAtDaemonSet, `{"metadata": {` + now + `"desiredNumberScheduled": 2, "numberReady": 2,
			"updatedNumberScheduled": 2}}`, "", true},
		{"DaemonSet under way", lookAtDaemonSet, `{"metadata": {` + now + `"desiredNumberScheduled": 2, "numberReady": 1,
			"updatedNumberScheduled": 2}}`, "", false},
		{"Job", lookAtJob, `{"status": {"conditions": [{"type": "Complete", "status": "True"}]}}`, "", true},
		{"Job under way", lookAtJob, `{"status": {}}`, "", false},
	} {
		s := scene{object: parse(t, c.text)}
		if c.class != "" {
			s.related = [][]*object{{parse(t, c.class)}}
		}
		if v := c.look(s); v.ready != c.ready {
			t.Errorf("%s: %+v", c.name, v)
		}
	}
	failed := lookAtJob(scene{object: parse(t, `{"status": {"conditions": [{"type": "Failed", "status": "True",
		"reason": "BackoffLimitExceeded", "message": "too often"}]}}`)})
	if failed.failed == nil || failed.problems[0] != "[BackoffLimitExceeded] too often" {
		t.Errorf("failed Job: %+v", failed)
	}
}

func TestContainerReason(t *testing.T) {
	ended := func(code int32, reason string) *core.ContainerStateTerminated {
		return &core.ContainerStateTerminated{ExitCode: code, Reason: reason}
	}
	waiting := func(reason, message string) core.ContainerState {
		return core.ContainerState{Waiting: &core.ContainerStateWaiting{Reason: reason, Message: message}}
	}
	running := core.ContainerState{Running: &core.ContainerStateRunning{}}
	events := []core.Event{
		{Reason: "FailedMount", Message: "no such volume"},
		{Reason: "Unhealthy", Message: "Readiness probe failed: 404",
			InvolvedObject: core.ObjectReference{FieldPath: "spec.containers{c}"}},
		{Reason: "Unhealthy", Message: "another", InvolvedObject: core.ObjectReference{FieldPath: "spec.containers{d}"}},
	}
	for _, c := range []struct {
		status core.ContainerStatus
		events []core.Event
		want   string
	}{
		{core.ContainerStatus{Ready: true}, events, ""},
		{core.ContainerStatus{Image: "nosuch:1", State: waiting("ImagePullBackOff", "no such host")}, nil,
			`cannot get its image "nosuch:1": no such host`},
		{core.ContainerStatus{RestartCount: 4, State: waiting("CrashLoopBackOff", "back-off"),
			LastTerminationState: core.ContainerState{Terminated: ended(3, "Error")}}, nil,
			"ends instead of running: exit code 3 (Error), restarted 4 times"},
		{core.ContainerStatus{RestartCount: 2, State: waiting("CrashLoopBackOff", "back-off"),
			LastTerminationState: core.ContainerState{Terminated: ended(137, "OOMKilled")}}, nil,
			"was killed because it used more memory than its limit (OOMKilled, exit code 137), 2 times"},
		{core.ContainerStatus{Name: "c", State: running}, events, "runs, but is not ready: Readiness probe failed: 404"},
		{core.ContainerStatus{Name: "e", State: running}, events, "runs, but is not ready"},
		{core.ContainerStatus{State: waiting("ContainerCreating", "")}, events[:1],
			"is not made yet: FailedMount: no such volume"},
		{core.ContainerStatus{State: waiting("CreateContainerConfigError", `secret "x" not found`)}, nil,
			`cannot be started: CreateContainerConfigError: secret "x" not found`},
		{core.ContainerStatus{State: core.ContainerState{Terminated: ended(0, "Completed")}}, nil, ""},
	} {
		if got := containerReason(c.status, c.events); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
