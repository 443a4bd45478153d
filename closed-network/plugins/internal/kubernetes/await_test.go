package kubernetes

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"k8s.io/client-go/rest"
)

// fakeAPI is an API server that holds objects by path, and tells every watch of a path what happens there.
type fakeAPI struct {
	t       *testing.T
	lock    sync.Mutex
	objects map[string]string
	watches map[string][]chan string
	server  *httptest.Server
}

func serve(t *testing.T) (*fakeAPI, *provider) {
	api := &fakeAPI{t: t, objects: map[string]string{}, watches: map[string][]chan string{}}
	api.server = httptest.NewServer(api)
	t.Cleanup(func() { api.server.CloseClientConnections(); api.server.Close() })
	p := New(nil).(*provider)
	p.cluster = &cluster{namespace: "default"}
	if err := p.cluster.use(&rest.Config{Host: api.server.URL}, clientSettings{}); err != nil {
		t.Fatal(err)
	}
	return api, p
}

func (a *fakeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Query().Get("watch") == "" {
		a.lock.Lock()
		defer a.lock.Unlock()
		if text, ok := a.objects[r.URL.Path]; ok {
			_, _ = w.Write([]byte(text))
			return
		}
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound",
			"code": 404}`))
		return
	}
	told := make(chan string, 8)
	a.lock.Lock()
	a.watches[r.URL.Path] = append(a.watches[r.URL.Path], told)
	a.lock.Unlock()
	w.(http.Flusher).Flush()
	for {
		select {
		case event := <-told:
			if event == "" {
				return
			}
			_, _ = w.Write([]byte(event + "\n"))
			w.(http.Flusher).Flush()
		case <-r.Context().Done():
			return
		}
	}
}

// tell sends an event to the newest watch of a path, once there is one; without an event, it ends the watch.
func (a *fakeAPI) tell(path, kind string, o *object) {
	event := ""
	if o != nil {
		content, err := json.Marshal(map[string]any{"type": kind, "object": o.Object})
		if err != nil {
			a.t.Error(err)
		}
		event = string(content)
	}
	for range 200 {
		a.lock.Lock()
		watches := a.watches[path]
		if event == "" {
			a.watches[path] = nil
		}
		a.lock.Unlock()
		if len(watches) > 0 {
			watches[len(watches)-1] <- event
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	a.t.Errorf("nobody watches %s", path)
}

const claimsPath = "/api/v1/namespaces/n/persistentvolumeclaims"

func TestAwaitNoticesAtOnce(t *testing.T) {
	api, p := serve(t)
	claim := parse(t, claimText)
	var told time.Time
	go func() {
		pending := changed(t, claimText, `{"status": {"phase": "Pending"}}`)
		api.tell(claimsPath, "ADDED", pending)
		api.tell(claimsPath, "", nil) // the connection breaks: what happens meanwhile is not missed
		told = time.Now()
		api.tell(claimsPath, "ADDED", changed(t, claimText, `{"status": {"phase": "Bound"}}`))
	}()
	live, err := p.await(context.Background(), "", claim, claim, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	if str(live, "status", "phase") != "Bound" {
		t.Errorf("got %v", live.Object)
	}
	if late := time.Since(told); late > again+100*time.Millisecond {
		t.Errorf("noticed after %v", late)
	}
}

func TestAwaitIsNotNeeded(t *testing.T) {
	p := offline()
	for _, text := range []string{namespaceText, `{"apiVersion": "v1", "kind": "PersistentVolumeClaim",
		"metadata": {"name": "c", "annotations": {"pulumi.com/skipAwait": "true"}}}`} {
		o := parse(t, text)
		if live, err := p.await(context.Background(), "", o, o, nil, 0); err != nil || live != o {
			t.Errorf("got %v, %v", live, err)
		}
	}
}

func TestAwaitEnds(t *testing.T) {
	service := parse(t, changedText)
	for _, c := range []struct {
		name string
		end  func(*fakeAPI, *provider)
		want string
	}{
		{"when the time is up", func(*fakeAPI, *provider) {}, "'s' timed out waiting to be Ready"},
		{"when the engine cancels", func(_ *fakeAPI, p *provider) {
			time.Sleep(100 * time.Millisecond)
			_, _ = p.Cancel(context.Background(), nil)
		}, `Resource operation was cancelled for "s"`},
		{"when the object is deleted", func(api *fakeAPI, _ *provider) {
			api.tell("/api/v1/namespaces/n/services", "DELETED", service)
		}, "'s' was deleted while it was waited for"},
	} {
		t.Run(c.name, func(t *testing.T) {
			api, p := serve(t)
			go c.end(api, p)
			ctx, done := p.operation(context.Background())
			defer done()
			started := time.Now()
			live, err := p.await(ctx, "", service, service, nil, 0.5)
			var u *unready
			if !errors.As(err, &u) || u.reason != c.want || len(u.problems) != 1 || live == nil {
				t.Errorf("got %v, %v, %+v", live, err, u)
			}
			if took := time.Since(started); took > 700*time.Millisecond {
				t.Errorf("it took %v", took)
			}
		})
	}
}

const changedText = `{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "namespace": "n", "uid": "s"},
	"spec": {"selector": {"app": "a"}}}`

func TestTimeouts(t *testing.T) {
	annotated := changed(t, namespaceText, `{"metadata": {"annotations": {"pulumi.com/timeoutSeconds": "7"}}}`)
	for _, c := range []struct {
		seconds float64
		inputs  *object
		want    time.Duration
	}{
		{0, parse(t, namespaceText), 10 * time.Minute}, {0, annotated, 7 * time.Second}, {1.5, annotated, 1500 * time.Millisecond},
	} {
		if got := timeoutOf(c.seconds, c.inputs); got != c.want {
			t.Errorf("%v: %v", c.seconds, got)
		}
	}
}

func TestDeletionIsNoticed(t *testing.T) {
	api, p := serve(t)
	known := changed(t, claimText, `{"metadata": {"uid": "u"}}`)
	content, _ := json.Marshal(known.Object)
	api.objects[claimsPath+"/c"] = string(content)
	go api.tell(claimsPath, "DELETED", known)
	started := time.Now()
	if _, err := p.awaitDeletion(context.Background(), "", known, known, "n", "c", 5); err != nil {
		t.Error(err)
	}
	if took := time.Since(started); took > time.Second {
		t.Errorf("it took %v", took)
	}
	if _, err := p.awaitDeletion(context.Background(), "", known, known, "n", "c", 0.2); err == nil ||
		!strings.Contains(err.Error(), "timed out") {
		t.Errorf("still there: %v", err)
	}
	delete(api.objects, claimsPath+"/c")
	if _, err := p.awaitDeletion(context.Background(), "", known, known, "n", "c", 5); err != nil {
		t.Errorf("gone before: %v", err)
	}
}

func TestKindsOfTheClusterAreFound(t *testing.T) {
	api, p := serve(t)
	api.objects["/apis/example.org/v1"] = `{"kind": "APIResourceList", "apiVersion": "v1", "resources": [
		{"name": "widgets/status", "kind": "Widget", "namespaced": true},
		{"name": "widgets", "kind": "Widget", "namespaced": true}]}`
	widget, err := kindOf(resource.URN("urn:pulumi:s::p::kubernetes:example.org/v1:Widget::w"))
	if err != nil {
		t.Fatal(err)
	}
	found, err := p.cluster.mapping(context.Background(), widget)
	if err != nil || found.Resource != "widgets" || !found.namespaced {
		t.Errorf("got %+v, %v", found, err)
	}
	widget.Kind = "Gadget"
	if _, err := p.cluster.mapping(context.Background(), widget); err == nil ||
		err.Error() != `no matches for kind "Gadget" in version "example.org/v1"` {
		t.Errorf("got %v", err)
	}
	for kind, want := range map[string]string{"core/v1:Endpoints": "endpoints", "core/v1:Namespace": "namespaces",
		"networking.k8s.io/v1:NetworkPolicy": "networkpolicies", "networking.k8s.io/v1:Ingress": "ingresses",
		"storage.k8s.io/v1:StorageClass": "storageclasses"} {
		gvk, err := kindOf(resource.URN("urn:pulumi:s::p::kubernetes:" + kind + "::n"))
		if err != nil {
			t.Fatal(err)
		}
		if found, err := offline().cluster.mapping(context.Background(), gvk); err != nil || found.Resource != want {
			t.Errorf("%s: %+v, %v", kind, found, err)
		}
	}
}
