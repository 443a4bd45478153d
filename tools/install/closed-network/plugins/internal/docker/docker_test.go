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

	"course/plugins/internal/standin"

	"google.golang.org/protobuf/encoding/protowire"
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
	write(t, dir, map[string]string{"Dockerfile": "FROM a", "app/a.txt": "1", "log/b.txt": "1", ".dockerignore": "log\n"})
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
	write(t, dir, map[string]string{"ctx/a": "1", "ctx/b": "1", "ctx/Dockerfile": "FROM a", "ctx/.dockerignore": "*\n!a\n", "Other": "FROM b"})
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

// message wraps text fields as a BuildKit trace message: field numbers and texts, in one entry of the status.
func message(entry protowire.Number, fields map[protowire.Number]string) string {
	var inner []byte
	for number, text := range fields {
		inner = protowire.AppendTag(inner, number, protowire.BytesType)
		inner = protowire.AppendString(inner, text)
	}
	inner = protowire.AppendTag(inner, 3+16, protowire.VarintType)
	inner = protowire.AppendVarint(inner, 1)
	status := protowire.AppendBytes(protowire.AppendTag(nil, entry, protowire.BytesType), inner)
	aux, _ := json.Marshal(status)
	return `{"id":"moby.buildkit.trace","aux":` + string(aux) + "}\n"
}

func TestBuildLog(t *testing.T) {
	const failure = `{"errorDetail":{"message":"exit code: 3"},"error":"exit code: 3"}`
	stream := func(text string) string {
		line, _ := json.Marshal(map[string]string{"stream": text})
		return string(line) + "\n"
	}
	for name, test := range map[string]struct {
		messages string
		want     []string
	}{
		"BuildKit": {
			message(1, map[protowire.Number]string{1: "d", 3: "[2/2] RUN exit 3"}) +
				message(3, map[protowire.Number]string{1: "d", 4: "one\ntwo\n"}) +
				message(1, map[protowire.Number]string{1: "d", 3: "[2/2] RUN exit 3", 7: "exit code: 3"}),
			[]string{"digest: d\n[2/2] RUN exit 3", "one\ntwo", "digest: d\n[2/2] RUN exit 3\nerror: exit code: 3"},
		},
		"classic": {stream("Step 2/2 : RUN exit 3\n") + stream("\n") + stream("one\n"), []string{"Step 2/2 : RUN exit 3", "one"}},
	} {
		var shown []string
		log := &buildLog{show: func(text string) { shown = append(shown, text) }}
		if err := log.follow(strings.NewReader(test.messages + failure)); err == nil || err.Error() != "exit code: 3" {
			t.Errorf("%s: got %v", name, err)
		}
		if !reflect.DeepEqual(shown, test.want) {
			t.Errorf("%s: shown %q", name, shown)
		}
	}
}

func TestBuildLogFindsTheImage(t *testing.T) {
	log := &buildLog{show: func(string) {}}
	err := log.follow(strings.NewReader(`{"id":"moby.image.id","aux":{"ID":"sha256:abc"}}` + "\n"))
	if err != nil || log.imageID != "sha256:abc" {
		t.Errorf("got %q, %v", log.imageID, err)
	}
}

func TestUnits(t *testing.T) {
	for nano, want := range map[int64]string{1e9: "1.0", 5e8: "0.5", 1500e6: "1.5", 250e6: "0.25", 10e9: "10.0"} {
		if got := cpuShare(nano); got != want {
			t.Errorf("%d: %s", nano, got)
		}
	}
	for n, want := range map[int]int64{-1: -1, 0: 0, 64: 64 << 20} {
		if got := mebibytes(n); got != want {
			t.Errorf("%d: %d", n, got)
		}
	}
}

func TestRegistries(t *testing.T) {
	for name, want := range map[string]string{
		"redis:7": "", "library/redis": "", "example.org/a/b:1": "example.org", "localhost/a": "localhost", "h:5000/a": "h:5000",
	} {
		if got := imageRegistry(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	auths, err := registryAuths(`[{"address":"https://example.org/v2","username":"u","password":"p"}]`)
	if err != nil || auths["example.org"].Password != "p" {
		t.Errorf("got %v, %v", auths, err)
	}
	for _, text := range []string{`[{"address":"a","configFile":"f"}]`, `[{"address":"a"}]`, `{}`} {
		if _, err := registryAuths(text); err == nil {
			t.Errorf("%s was accepted", text)
		}
	}
}

func TestRepoDigest(t *testing.T) {
	digests := []string{"other/a@sha256:1", "a@sha256:2"}
	for name, want := range map[string]string{"a:1": "a@sha256:2", "b": "other/a@sha256:1"} {
		if got := repoDigest(name, digests); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := repoDigest("a", nil); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestVolumes(t *testing.T) {
	request := func(m map[string]any) ([]string, error) {
		r, err := newContainerRequest(standin.Values{PropertyMap: standin.ToProperty(map[string]any{
			"volumes": []map[string]any{m},
		}).ObjectValue()})
		if err != nil {
			return nil, err
		}
		return r.host.Binds, nil
	}
	binds, err := request(map[string]any{"volumeName": "v", "hostPath": "/h", "containerPath": "/c", "readOnly": true})
	if err != nil || !reflect.DeepEqual(binds, []string{"/h:/c:ro"}) {
		t.Errorf("got %v, %v", binds, err)
	}
	if _, err := request(map[string]any{"volumeName": "v"}); err == nil {
		t.Error("a volume without a path was accepted")
	}
}
