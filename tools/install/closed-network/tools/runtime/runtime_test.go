package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const missing = "CAP_SYS_RESOURCE"

// sample is what Docker 20.10 wrote for a privileged container, whose command and environment name the capability, too.
func sample(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// asked are all the capabilities that a sample asks for.
func asked(t *testing.T, text []byte, key string) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for _, set := range capabilities(t, text, key) {
		for _, name := range set.([]any) {
			all[name.(string)] = true
		}
	}
	return all
}

func parse(t *testing.T, text []byte) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	// As it is written: a number that is made a floating point one is another number.
	decoder.UseNumber()
	var whole map[string]any
	if err := decoder.Decode(&whole); err != nil {
		t.Fatal(err)
	}
	return whole
}

func capabilities(t *testing.T, text []byte, key string) map[string]any {
	t.Helper()
	process := parse(t, text)
	if key != "" {
		process = process[key].(map[string]any)
	}
	return process["capabilities"].(map[string]any)
}

func TestOnlyCapabilitiesThatAreMissingAreTakenOut(t *testing.T) {
	for name, key := range map[string]string{"config.json": "process", "process.json": ""} {
		before := sample(t, name)
		can := asked(t, before, key)
		if !can[missing] || len(can) < 30 {
			t.Fatal("not what Docker asks for:", slices.Collect(maps.Keys(can)))
		}
		delete(can, missing)

		after, err := fit(before, key, can)
		if err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(asked(t, after, key), can) {
			t.Errorf("%s: %v", name, asked(t, after, key))
		}
		// With the capability put back where it was, everything is what it was, the numbers' digits too.
		restored := parse(t, after)
		process := restored
		if key != "" {
			process = restored[key].(map[string]any)
		}
		process["capabilities"] = capabilities(t, before, key)
		if !reflect.DeepEqual(restored, parse(t, before)) {
			t.Errorf("%s: something else was changed:\n%s", name, after)
		}
	}
}

func TestWhatFitsIsLeftAlone(t *testing.T) {
	before := sample(t, "config.json")
	for _, text := range [][]byte{before, []byte(`{}`), []byte(`{"process":null}`), []byte(`{"process":{"args":["x"]}}`)} {
		after, err := fit(text, "process", asked(t, before, "process"))
		if after != nil || err != nil {
			t.Error(string(after), err)
		}
	}
	if _, err := fit([]byte(`{"process":`), "process", nil); err == nil {
		t.Error("half a file was taken for a whole one")
	}
}

func TestFileIsRewrittenInPlace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.json")
	before := sample(t, "config.json")
	if err := os.WriteFile(file, before, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := rewrite(file, "process", map[string]bool{"CAP_KILL": true}); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(file)
	if err != nil || !maps.Equal(asked(t, after, "process"), map[string]bool{"CAP_KILL": true}) {
		t.Error(string(after), err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
}

func TestFilesAreFoundInRuncsArguments(t *testing.T) {
	// As containerd's shim calls it.
	common := "--root /var/run/docker/runtime-course-labs/moby --log /run/b/log.json --log-format json "
	for args, want := range map[string][2]string{
		common + "create --bundle /run/b --pid-file /run/b/init.pid 0123": {"/run/b/config.json", "process"},
		common + "create --bundle=/run/b 0123":                            {"/run/b/config.json", "process"},
		"run 0123":                                                        {"config.json", "process"},
		common + "exec --process /tmp/runc-process1 --console-socket /tmp/s --detach 0123": {"/tmp/runc-process1", ""},
		"exec -p /tmp/p 0123":    {"/tmp/p", ""},
		"exec 0123 ls":           {"", ""},
		common + "start 0123":    {"", ""},
		common + "kill 0123 15":  {"", ""},
		common + "delete exec01": {"", ""},
	} {
		file, key := processFile(strings.Fields(args))
		if got := [2]string{file, key}; got != want {
			t.Errorf("%s: %q", args, got)
		}
	}
}

func TestBoundsAreThoseOfThisProcess(t *testing.T) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("no /proc")
	}
	can, err := bounds()
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, is := range can {
		if is {
			count++
		}
	}
	for line := range strings.Lines(string(status)) {
		if bits, is := strings.CutPrefix(line, "CapBnd:\t"); is {
			want := 0
			for _, digit := range strings.TrimSpace(bits) {
				value := strings.IndexRune("0123456789abcdef", digit)
				want += value&1 + value>>1&1 + value>>2&1 + value>>3&1
			}
			if count != want || want == 0 {
				t.Errorf("%d capabilities, and %s has %d", count, line, want)
			}
		}
	}
}
