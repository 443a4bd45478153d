package docker

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"testing"

	control "github.com/moby/buildkit/api/services/control"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestContextDigest(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "Dockerfile")
	digest := func() string {
		t.Helper()
		d, err := contextDigest(dir, file)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	write(t, dir, map[string]string{
		"Dockerfile": "FROM a", "app/a.txt": "1", "log/b.txt": "1", ".dockerignore": "log\n",
	})
	first := digest()
	changes := map[string]struct {
		do      func()
		differs bool
	}{
		"1 nothing":              {func() {}, false},
		"2 an ignored file":      {func() { write(t, dir, map[string]string{"log/b.txt": "2"}) }, false},
		"3 a file's content":     {func() { write(t, dir, map[string]string{"app/a.txt": "2"}) }, true},
		"4 a file's mode":        {func() { os.Chmod(filepath.Join(dir, "app/a.txt"), 0o755) }, true},
		"5 a file's name":        {func() { os.Rename(filepath.Join(dir, "app/a.txt"), filepath.Join(dir, "app/c.txt")) }, true},
		"6 a link":               {func() { os.Symlink("app", filepath.Join(dir, "link")) }, true},
		"7 the Dockerfile":       {func() { write(t, dir, map[string]string{"Dockerfile": "FROM b"}) }, true},
		"8 what is ignored":      {func() { write(t, dir, map[string]string{".dockerignore": "app\n"}) }, true},
		"9 another ignore file":  {func() { write(t, dir, map[string]string{"Dockerfile.dockerignore": "log\n"}) }, true},
		"A ignored Dockerfile":   {func() { write(t, dir, map[string]string{"Dockerfile.dockerignore": "*\n"}) }, true},
		"B still in the summary": {func() { write(t, dir, map[string]string{"Dockerfile": "FROM c"}) }, true},
	}
	var names []string
	for name := range changes {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		changes[name].do()
		next := digest()
		if (next != first) != changes[name].differs {
			t.Errorf("%s: digest changed: %v", name, next != first)
		}
		first = next
	}
}

func TestBuildContext(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"ctx/a": "1", "ctx/b": "1", "ctx/Dockerfile": "FROM a", "ctx/.dockerignore": "*\n!a\n", "Other": "FROM b",
	})
	cases := map[string]struct{ relative, files string }{
		"ctx/Dockerfile": {"Dockerfile", ".dockerignore Dockerfile a"},
		"Other":          {"../Other", ".dockerfile. .dockerignore a"},
	}
	for dockerfile, want := range cases {
		content, relative, inside, err := buildContext(filepath.Join(dir, "ctx"), filepath.Join(dir, dockerfile))
		if err != nil {
			t.Fatal(err)
		}
		var files []string
		for r := tar.NewReader(content); ; {
			header, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			name := header.Name
			if name == inside && strings.HasPrefix(name, ".dockerfile.") {
				name = ".dockerfile."
			}
			files = append(files, name)
		}
		sort.Strings(files)
		if relative != want.relative || strings.Join(files, " ") != want.files {
			t.Errorf("%s: relative %q, files %v", dockerfile, relative, files)
		}
	}
}

func TestFindDockerfile(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	write(t, dir, map[string]string{"app/Dockerfile": ""})
	for file, want := range map[string]string{
		"app/Dockerfile": "",
		"Dockerfile":     "could not open dockerfile at relative path \"Dockerfile\". Try setting `dockerfile` to \"app/Dockerfile\"",
		"nowhere":        `could not open dockerfile at relative path "nowhere": stat nowhere: no such file or directory`,
		"/nowhere":       `expected a relative Dockerfile path; got "/nowhere" instead: stat /nowhere: no such file or directory`,
	} {
		err := findDockerfile("app", file)
		if (err == nil) != (want == "") || (err != nil && err.Error() != want) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// message is a BuildKit trace message as Docker passes it on.
func message(t *testing.T, status *control.StatusResponse) string {
	t.Helper()
	raw, err := proto.Marshal(status)
	if err != nil {
		t.Fatal(err)
	}
	aux, _ := json.Marshal(raw)
	return `{"id":"moby.buildkit.trace","aux":` + string(aux) + "}\n"
}

func TestBuildLog(t *testing.T) {
	const failure = `{"errorDetail":{"message":"exit code: 3"},"error":"exit code: 3"}`
	step := func(failure string) *control.StatusResponse {
		vertex := &control.Vertex{Digest: "d", Name: "[2/2] RUN exit 3", Error: failure}
		return &control.StatusResponse{Vertexes: []*control.Vertex{vertex}}
	}
	printed := &control.StatusResponse{Logs: []*control.VertexLog{{Vertex: "d", Msg: []byte("one\ntwo\n")}}}
	for name, test := range map[string]struct {
		messages string
		want     []string
	}{
		"BuildKit": {
			message(t, step("")) + message(t, printed) + message(t, step("exit code: 3")),
			[]string{"digest: d\n[2/2] RUN exit 3", "one\ntwo", "digest: d\n[2/2] RUN exit 3\nerror: exit code: 3"},
		},
		"classic": {
			`{"stream":"Step 2/2 : RUN exit 3\n"}{"stream":"\n"}{"stream":"one\n"}`,
			[]string{"Step 2/2 : RUN exit 3", "one"},
		},
	} {
		var shown []string
		show := func(text string) { shown = append(shown, text) }
		if _, err := follow(strings.NewReader(test.messages+failure), show); err == nil || err.Error() != "exit code: 3" {
			t.Errorf("%s: got %v", name, err)
		}
		if !reflect.DeepEqual(shown, test.want) {
			t.Errorf("%s: shown %q", name, shown)
		}
	}
	id, err := follow(strings.NewReader(`{"id":"moby.image.id","aux":{"ID":"sha256:abc"}}`), nil)
	if err != nil || id != "sha256:abc" {
		t.Errorf("got %q, %v", id, err)
	}
}

func TestSecretsStaySecret(t *testing.T) {
	text := resource.NewStringProperty
	args := resource.PropertyMap{"A": text("1"), "PASSWORD": resource.MakeSecret(text("hush"))}
	build := resource.PropertyMap{"args": resource.NewObjectProperty(args)}
	given := resource.PropertyMap{"build": resource.NewObjectProperty(build)}
	options := plugin.MarshalOptions{KeepSecrets: true}
	sent, err := plugin.MarshalProperties(given, options)
	if err != nil {
		t.Fatal(err)
	}
	inputs, err := unmarshal(sent)
	if err != nil || inputs.ContainsSecrets() {
		t.Fatal(inputs, err)
	}
	inputs["imageName"] = text("a:1")
	answer, err := marshal(inputs, sent)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := plugin.UnmarshalProperties(answer, options)
	given["imageName"] = text("a:1")
	if err != nil || !kept.DeepEquals(given) {
		t.Errorf("got %v, %v", kept, err)
	}
}

func TestBridgedNames(t *testing.T) {
	info := bridge()
	if err := info.P.InternalValidate(); err != nil {
		t.Error(err)
	}
	tokens := map[string]bool{}
	for _, resource := range info.Resources {
		tokens[string(resource.Tok)] = true
	}
	for _, name := range []string{"container:Container", "network:Network", "remoteImage:RemoteImage", "volume:Volume"} {
		if !tokens["docker:index/"+name] {
			t.Errorf("no %s in %v", name, tokens)
		}
	}
}

func TestZerosAreNotDefaults(t *testing.T) {
	inputs, err := structpb.NewStruct(map[string]any{
		"attach": false, "memory": 0, "restart": "no", "tty": false, "__defaults": []any{"attach", "memory", "restart"},
		"ports": []any{map[string]any{"ip": "", "protocol": "tcp", "__defaults": []any{"ip", "protocol"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	dropZeros(inputs.Fields)
	want := map[string]any{
		"restart": "no", "tty": false, "__defaults": []any{"restart"},
		"ports": []any{map[string]any{"protocol": "tcp", "__defaults": []any{"protocol"}}},
	}
	if got := inputs.AsMap(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
}
