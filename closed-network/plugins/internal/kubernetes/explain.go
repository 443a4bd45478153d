package kubernetes

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"time"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// When the time has run out, the cluster is asked once more: what happened to the parts that do not work, and what
// they said last. The original leaves this to the reader.

// logLines is how many of a container's last lines are shown.
const logLines = 10

// askingTime is how long the questions may take altogether.
const askingTime = 5 * time.Second

func explainPods(i int) func(context.Context, *cluster, scene) []string {
	return func(ctx context.Context, c *cluster, s scene) []string {
		return podReasons(ctx, c, related(s.related, i), s.object)
	}
}

func explainPod(ctx context.Context, c *cluster, s scene) []string {
	ctx, cancel := context.WithTimeout(ctx, askingTime)
	defer cancel()
	return podReason(ctx, c, s.object)
}

func explainClaim(ctx context.Context, c *cluster, s scene) []string {
	return []string{claimReason(ctx, c, s.object)}
}

func claimReason(ctx context.Context, c *cluster, claim *object) string {
	ctx, cancel := context.WithTimeout(ctx, askingTime)
	defer cancel()
	reason := fmt.Sprintf("PersistentVolumeClaim %q is %s", claim.GetName(), str(claim, "status", "phase"))
	if str(claim, "spec", "storageClassName") == "" {
		reason += ", of no storage class, and the cluster has no default one"
	}
	if events := eventsOf(ctx, c, claim); len(events) > 0 {
		reason += ": " + events[len(events)-1].Message
	}
	return reason
}

func podReasons(ctx context.Context, c *cluster, pods []*object, owner *object) []string {
	ctx, cancel := context.WithTimeout(ctx, askingTime)
	defer cancel()
	var reasons []string
	for _, pod := range pods {
		if owns(owner, pod) {
			reasons = append(reasons, podReason(ctx, c, pod)...)
		}
	}
	return reasons
}

func podReason(ctx context.Context, c *cluster, o *object) []string {
	pod, ok := toPod(o)
	if !ok || pod.DeletionTimestamp != nil {
		return nil
	}
	if s := podCondition(pod, core.PodScheduled); s != nil && s.Status == core.ConditionFalse {
		return []string{fmt.Sprintf("Pod %q cannot be scheduled: %s", displayName(pod), s.Message)}
	}
	var reasons []string
	events := eventsOf(ctx, c, o)
	statuses := append(append([]core.ContainerStatus{}, pod.Status.InitContainerStatuses...), pod.Status.ContainerStatuses...)
	for _, status := range statuses {
		if what := containerReason(status, events); what != "" {
			reason := fmt.Sprintf("Container %q of Pod %q %s", status.Name, displayName(pod), what)
			reasons = append(reasons, reason+lastLines(ctx, c, pod, status))
		}
	}
	return reasons
}

// containerReason is what keeps a container from being ready, "" when nothing does.
func containerReason(status core.ContainerStatus, events []core.Event) string {
	ended := status.State.Terminated
	if ended == nil {
		ended = status.LastTerminationState.Terminated
	}
	waiting := status.State.Waiting
	switch {
	case status.Ready, ended != nil && ended == status.State.Terminated && ended.ExitCode == 0:
		return ""
	case ended != nil && (ended.Reason == "OOMKilled" || ended.ExitCode == 137 && ended.Reason != "Error"):
		return fmt.Sprintf("was killed because it used more memory than its limit (OOMKilled, exit code %d), %d times",
			ended.ExitCode, max(status.RestartCount, 1))
	case waiting == nil && status.State.Running != nil:
		if message := lastEvent(events, "Unhealthy", status.Name); message != "" {
			return "runs, but is not ready: " + message
		}
		return "runs, but is not ready"
	case waiting != nil && ended == nil:
		return waitingReason(status, waiting, events)
	case ended != nil:
		return fmt.Sprintf("ends instead of running: exit code %d (%s), restarted %d times",
			ended.ExitCode, ended.Reason, status.RestartCount)
	}
	return ""
}

func waitingReason(status core.ContainerStatus, waiting *core.ContainerStateWaiting, events []core.Event) string {
	switch waiting.Reason {
	case "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable":
		return fmt.Sprintf("cannot get its image %q: %s", status.Image, waiting.Message)
	case "ContainerCreating", "PodInitializing":
		if n := len(events); n > 0 {
			return fmt.Sprintf("is not made yet: %s: %s", events[n-1].Reason, events[n-1].Message)
		}
		return "is not made yet"
	}
	return fmt.Sprintf("cannot be started: %s: %s", waiting.Reason, waiting.Message)
}

// eventsOf are the warnings about an object, the newest last.
func eventsOf(ctx context.Context, c *cluster, o *object) []core.Event {
	found, err := c.list(ctx, source{
		kind: core.SchemeGroupVersion.WithKind("Event"), namespace: o.GetNamespace(),
		selected: fmt.Sprintf("involvedObject.uid=%s", o.GetUID()),
	})
	if err != nil {
		return nil // then there is one explanation less
	}
	var events []core.Event
	for _, item := range found {
		var event core.Event
		if runtime.DefaultUnstructuredConverter.FromUnstructured(item.Object, &event) == nil &&
			(event.Type == core.EventTypeWarning || o.GetKind() == "PersistentVolumeClaim") {
			events = append(events, event)
		}
	}
	when := func(e core.Event) time.Time {
		if e.LastTimestamp.IsZero() {
			return e.EventTime.Time
		}
		return e.LastTimestamp.Time
	}
	sort.SliceStable(events, func(i, j int) bool { return when(events[i]).Before(when(events[j])) })
	return events
}

// lastEvent is the newest message of that reason about a container.
func lastEvent(events []core.Event, reason, container string) string {
	message := ""
	for _, event := range events {
		path := event.InvolvedObject.FieldPath
		if event.Reason == reason && (path == "" || strings.Contains(path, "{"+container+"}")) {
			message = event.Message
		}
	}
	return message
}

// lastLines is what a container printed last, or the one before it if it has not started again yet.
func lastLines(ctx context.Context, c *cluster, pod *core.Pod, status core.ContainerStatus) string {
	if status.State.Waiting != nil && status.LastTerminationState.Terminated == nil {
		return "" // never started
	}
	request := c.raw.Get().AbsPath("/api/v1/namespaces", pod.Namespace, "pods", pod.Name, "log").
		Param("container", status.Name).Param("tailLines", fmt.Sprint(logLines)).Param("limitBytes", "4096")
	if status.State.Waiting != nil {
		request.Param("previous", "true")
	}
	text, err := request.DoRaw(ctx)
	printed := strings.TrimSpace(string(text))
	if err != nil || printed == "" {
		return ""
	}
	return "\nits last log lines:\n  " + strings.ReplaceAll(printed, "\n", "\n  ")
}
