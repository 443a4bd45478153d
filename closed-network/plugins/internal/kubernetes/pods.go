package kubernetes

import (
	"fmt"
	"strings"
	"time"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// ownPods is the source of the pods of a workload.
func ownPods(o *object) []source {
	return []source{{
		kind: core.SchemeGroupVersion.WithKind("Pod"), namespace: o.GetNamespace(), labels: selectorOf(o),
	}}
}

func toPod(o *object) (*core.Pod, bool) {
	var pod core.Pod
	err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &pod)
	return &pod, err == nil
}

// podProblems are the problems of an owner's pods.
func podProblems(sources [][]*object, i int, owner *object) []string {
	var problems []string
	for _, o := range related(sources, i) {
		if !owns(owner, o) {
			continue
		}
		if problem := podProblem(o); problem != "" {
			problems = append(problems, problem)
		}
	}
	return problems
}

// podProblem says in one line what a pod's own status says of it, as the original does; "" if there is nothing, or if
// it has not even been given to a node.
func podProblem(o *object) string {
	pod, ok := toPod(o)
	if !ok || pod.Status.Phase == core.PodSucceeded {
		return ""
	}
	for _, kind := range []core.PodConditionType{core.PodScheduled, core.PodInitialized, core.PodReady} {
		c := podCondition(pod, kind)
		if c != nil && c.Status == core.ConditionTrue {
			continue
		}
		if c == nil || kind == core.PodScheduled {
			return ""
		}
		var lines []string
		for _, status := range pod.Status.ContainerStatuses {
			lines = append(lines, containerProblems(status)...)
		}
		if c.Message == "" && len(lines) == 0 {
			return ""
		}
		message := ""
		if c.Reason != "" {
			message = c.Message
		}
		return fmt.Sprintf("[Pod %s]: %s%s", displayName(pod), message, strings.Join(lines, "\n"))
	}
	return ""
}

func podCondition(pod *core.Pod, kind core.PodConditionType) *core.PodCondition {
	for i, c := range pod.Status.Conditions {
		if c.Type == kind {
			return &pod.Status.Conditions[i]
		}
	}
	return nil
}

// displayName leaves out what goes without saying: the default namespace.
func displayName(pod *core.Pod) string {
	if pod.Namespace == "" || pod.Namespace == "default" {
		return pod.Name
	}
	return pod.Namespace + "/" + pod.Name
}

func containerProblems(status core.ContainerStatus) []string {
	if status.Ready {
		return nil
	}
	var lines []string
	if w := status.State.Waiting; w != nil && w.Reason != "ContainerCreating" {
		lines = append(lines, fmt.Sprintf("[%s] %s", w.Reason, w.Message))
	}
	if t := status.State.Terminated; t != nil && t.Message != "" {
		lines = append(lines, fmt.Sprintf("[%s] %s", t.Reason, t.Message))
	} else if t != nil && t.Reason != "" {
		lines = append(lines, fmt.Sprintf("container %q completed with exit code %d", status.Name, t.ExitCode))
	}
	if t := status.LastTerminationState.Terminated; t != nil {
		lines = append(lines, fmt.Sprintf("container %q terminated at %s (%s: exit code %d)",
			status.Name, t.FinishedAt.UTC().Format(time.RFC3339), t.Reason, t.ExitCode))
		if t.Message != "" {
			lines = append(lines, t.Message)
		}
	}
	return lines
}
