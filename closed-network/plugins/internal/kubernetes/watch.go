package kubernetes

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
)

// source is a set of objects to follow.
type source struct {
	kind             schema.GroupVersionKind
	namespace        string
	labels, selected string // selectors of labels and of fields
}

func (s source) options() metav1.ListOptions {
	return metav1.ListOptions{LabelSelector: s.labels, FieldSelector: s.selected}
}

// one is the source that holds a single object.
func one(kind schema.GroupVersionKind, namespace, name string) source {
	return source{kind: kind, namespace: namespace, selected: "metadata.name=" + name}
}

// news is what a source tells: an object that is there or was changed, an object that is gone, or, with neither, that
// everything is told anew from here on.
type news struct {
	source       int
	object, gone *object
}

// again is how long to wait before a broken connection is tried again.
const again = 250 * time.Millisecond

// follow tells what is in a source and every change of it until the context ends. A watch that asks for no version
// begins with all that is there, so nothing is missed between a list and a watch.
func (c *cluster) follow(ctx context.Context, number int, s source, tell chan<- news) {
	send := func(n news) bool {
		n.source = number
		select {
		case tell <- n:
			return true
		case <-ctx.Done():
			return false
		}
	}
	for first := true; ctx.Err() == nil; first = false {
		if !first {
			select {
			case <-time.After(again):
			case <-ctx.Done():
				return
			}
			if !send(news{}) {
				return
			}
		}
		client, err := c.of(ctx, s.kind, s.namespace)
		if err != nil {
			continue
		}
		w, err := client.Watch(ctx, s.options())
		if err != nil {
			continue
		}
		for event := range w.ResultChan() {
			o, ok := event.Object.(*object)
			if !ok {
				break // an error, told as a Status
			}
			n := news{object: o}
			if event.Type == watch.Deleted {
				n = news{gone: o}
			}
			if event.Type != watch.Bookmark && !send(n) {
				break
			}
		}
		w.Stop()
	}
}

// list is what is in a source now.
func (c *cluster) list(ctx context.Context, s source) ([]*object, error) {
	client, err := c.of(ctx, s.kind, s.namespace)
	if err != nil {
		return nil, err
	}
	list, err := client.List(ctx, s.options())
	if err != nil {
		return nil, err
	}
	var out []*object
	for i := range list.Items {
		out = append(out, &list.Items[i])
	}
	return out, nil
}
