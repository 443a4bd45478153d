package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// gate judges whether an object of a kind works.
type gate struct {
	// sources are the objects beside itself that it depends on.
	sources func(o *object) []source
	look    func(s scene) verdict
	// explain finds out, for an object that never came to work, what each of its parts lacks.
	explain func(ctx context.Context, c *cluster, s scene) []string
	// limit is for how long this kind is waited for at most, whatever the program says; 0 for no such limit.
	limit time.Duration
}

// scene is all that a gate looks at.
type scene struct {
	object *object
	// before is the object before the update, nil after its creation.
	before *object
	// related are the objects of each source, sorted by name.
	related [][]*object
	// quiet is for how long no source has told anything, as far as it is known.
	quiet time.Duration
}

// verdict is what a gate says.
type verdict struct {
	ready bool
	// failed is why it never will be ready.
	failed error
	// problems are told if the time runs out; status is told at once.
	problems []string
	status   string
	// recheck is when to look again although nothing has changed; 0 for never.
	recheck time.Duration
}

// defaultTimeout is how long an operation may take that says nothing about it.
const defaultTimeout = 10 * time.Minute

// timeoutOf prefers the resource's option, in seconds, over the object's annotation.
//
// See https://www.pulumi.com/docs/iac/concepts/resources/options/customtimeouts/
func timeoutOf(seconds float64, inputs *object) time.Duration {
	if seconds != 0 {
		return time.Duration(seconds * float64(time.Second))
	}
	if n, err := strconv.Atoi(inputs.GetAnnotations()[timeoutAnnotation]); err == nil {
		return time.Duration(n) * time.Second
	}
	return defaultTimeout
}

// await returns the object as soon as it works. With an error, it returns the object as it was last seen.
func (p *provider) await(
	ctx context.Context, urn resource.URN, inputs, live, before *object, seconds float64,
) (*object, error) {
	g, ok := gates[live.GroupVersionKind().GroupVersion().String()+"/"+live.GetKind()]
	if !ok || inputs.GetAnnotations()[skipAwaitAnnotation] == "true" {
		return live, nil
	}
	timeout := timeoutOf(seconds, inputs)
	if g.limit > 0 {
		timeout = g.limit
	}
	waiting, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	s, v, err := p.cluster.wait(waiting, g, scene{object: live, before: before}, func(status string) {
		p.host.Status(ctx, urn, status)
	})
	if err == nil {
		p.host.Status(ctx, urn, "")
		return s.object, nil
	}
	u := &unready{problems: v.problems, live: s.object}
	switch {
	case v.failed != nil:
		u.reason = v.failed.Error()
	case ctx.Err() != nil:
		u.reason = fmt.Sprintf("Resource operation was cancelled for %q", s.object.GetName())
		return s.object, u // no time for more
	default:
		u.reason = fmt.Sprintf("'%s' timed out waiting to be Ready", s.object.GetName())
	}
	if g.explain != nil {
		u.problems = append(u.problems, g.explain(ctx, p.cluster, s)...)
	}
	return s.object, u
}

// wait follows an object and what it depends on until its gate opens, or says that it never will, or the context ends.
func (c *cluster) wait(ctx context.Context, g gate, s scene, status func(string)) (scene, verdict, error) {
	kind, o := s.object.GroupVersionKind(), s.object
	sources := []source{one(kind, o.GetNamespace(), o.GetName())}
	if g.sources != nil {
		sources = append(sources, g.sources(o)...)
	}
	following, stop := context.WithCancel(ctx)
	defer stop()
	told := make(chan news, 64)
	for i, from := range sources {
		go c.follow(following, i, from, told)
	}
	seen := make([]map[string]*object, len(sources))
	for i := range seen {
		seen[i] = map[string]*object{}
	}
	var last string
	quietSince := time.Now()
	for {
		s.related = nil
		for _, objects := range seen[1:] {
			names := slices.Sorted(maps.Keys(objects))
			var sorted []*object
			for _, name := range names {
				sorted = append(sorted, objects[name])
			}
			s.related = append(s.related, sorted)
		}
		s.quiet = time.Since(quietSince)
		v := g.look(s)
		if v.ready {
			return s, v, nil
		} else if v.failed != nil {
			return s, v, v.failed
		}
		if v.status != "" && v.status != last {
			status(v.status)
			last = v.status
		}
		var recheck <-chan time.Time
		if v.recheck > 0 {
			recheck = time.After(v.recheck)
		}
		select {
		case <-ctx.Done():
			return s, v, ctx.Err()
		case <-recheck:
		case n := <-told:
			quietSince = time.Now()
			for more := true; more; {
				if n.source == 0 && n.gone != nil && n.gone.GetUID() == s.object.GetUID() {
					v.failed = fmt.Errorf("'%s' was deleted while it was waited for", s.object.GetName())
					return s, v, v.failed
				}
				if n.source == 0 && n.object != nil {
					s.object = n.object
				}
				note(seen, n)
				select {
				case n = <-told:
				default:
					more = false
				}
			}
		}
	}
}

func note(seen []map[string]*object, n news) {
	switch {
	case n.object != nil:
		seen[n.source][n.object.GetName()] = n.object
	case n.gone != nil:
		delete(seen[n.source], n.gone.GetName())
	default:
		clear(seen[n.source])
	}
}

// inspect judges an object without waiting, for a refresh.
func (p *provider) inspect(ctx context.Context, inputs, live *object) error {
	g, ok := gates[live.GroupVersionKind().GroupVersion().String()+"/"+live.GetKind()]
	if !ok || g.limit > 0 || inputs.GetAnnotations()[skipAwaitAnnotation] == "true" {
		return nil
	}
	s := scene{object: live, quiet: time.Hour}
	if g.sources != nil {
		for _, from := range g.sources(live) {
			objects, err := p.cluster.list(ctx, from)
			if err != nil {
				return err
			}
			s.related = append(s.related, objects)
		}
	}
	v := g.look(s)
	if v.ready {
		return nil
	}
	return &unready{
		reason:   fmt.Sprintf("Resource '%s' was created but failed to initialize", live.GetName()),
		problems: v.problems, live: live,
	}
}

// awaitDeletion returns once an object is gone. With an error, it returns the object as it was last seen.
func (p *provider) awaitDeletion(
	ctx context.Context, urn resource.URN, inputs, known *object, namespace, name string, seconds float64,
) (*object, error) {
	waiting, cancel := context.WithTimeout(ctx, timeoutOf(seconds, inputs))
	defer cancel()
	client, err := p.cluster.of(waiting, known.GroupVersionKind(), namespace)
	if err != nil {
		return known, err
	}
	told := make(chan news)
	go p.cluster.follow(waiting, 0, one(known.GroupVersionKind(), namespace, name), told)
	// Watching begins with what is there, and of what is gone already there is no word.
	asked := time.NewTimer(0)
	for {
		select {
		case <-asked.C:
			now, err := client.Get(waiting, name, metav1.GetOptions{})
			if apierrors.IsNotFound(err) || err == nil && now.GetUID() != known.GetUID() && known.GetUID() != "" {
				return known, nil
			}
			asked.Reset(5 * time.Second)
		case n := <-told:
			if n.gone != nil {
				p.host.Status(ctx, urn, "")
				return known, nil
			}
			if n.object != nil {
				known = n.object
				p.host.Status(ctx, urn, deleting(known))
			}
		case <-waiting.Done():
			if ctx.Err() != nil {
				return known, &unready{reason: fmt.Sprintf("Resource operation was cancelled for %q", name)}
			}
			return known, errors.New("timed out waiting for the condition")
		}
	}
}

// deleting says what a deletion waits for.
func deleting(o *object) string {
	if conditions, ok := at(o, "status", "conditions").([]any); ok && o.GetKind() == "Namespace" {
		for _, c := range conditions {
			condition := &object{Object: c.(map[string]any)}
			if str(condition, "status") == "True" {
				return str(condition, "message")
			}
		}
	}
	var holds []string
	for _, finalizer := range o.GetFinalizers() {
		if finalizer != metav1.FinalizerDeleteDependents {
			holds = append(holds, finalizer)
		}
	}
	switch {
	case len(holds) > 0:
		return "Waiting for " + strings.Join(holds, ", ")
	case len(o.GetFinalizers()) > 0:
		return "Waiting for what belongs to it"
	}
	return ""
}
