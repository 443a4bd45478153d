package standin

import (
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

var pairs = []*Field{{Name: "label", Required: true, ForceNew: true}, {Name: "value", Required: true, ForceNew: true}}

var sample = &Schema{Fields: []*Field{
	{Name: "name", Required: true, ForceNew: true, AutoName: true},
	{Name: "count", Kind: Int, Default: 3},
	{Name: "wait", Kind: Bool, Default: false},
	{Name: "user", EmptyKeeps: true, ForceNew: true},
	{Name: "size", Kind: Int},
	{Name: "host", Computed: true, ForceNew: true},
	{Name: "address", Output: true},
	{Name: "envs", Kind: Set, Elem: &Field{Kind: String}, Computed: true, ForceNew: true},
	{Name: "labels", Kind: Set, Elem: &Field{Kind: Object, Fields: pairs}, ForceNew: true},
	{Name: "health", Kind: Object, Fields: []*Field{{Name: "every", Default: "0s"}, {Name: "tests", Kind: List, Elem: &Field{}}}},
	{Name: "gpus", Refused: "there are none"},
}}

func properties(m map[string]any) resource.PropertyMap { return ToProperty(m).ObjectValue() }

func TestCheckFillsInDefaultsAndNames(t *testing.T) {
	c := &checker{schema: sample, name: "r", seed: []byte("seed")}
	out := c.check(properties(map[string]any{"size": "12", "health": map[string]any{}}), nil)
	if len(c.failures) > 0 {
		t.Fatal(c.failures)
	}
	name := out["name"].StringValue()
	if len(name) != len("r-1234567") || !strings.HasPrefix(name, "r-") {
		t.Errorf("the name is %q", name)
	}
	delete(out, "name")
	want := properties(map[string]any{
		"size": 12, "count": 3, "__defaults": []string{"count", "name"},
		"health": map[string]any{"every": "0s", "__defaults": []string{"every"}},
	})
	if !reflect.DeepEqual(out, want) {
		t.Errorf("got %v, want %v", out, want)
	}
}

func TestCheckKeepsEarlierDefaults(t *testing.T) {
	olds := properties(map[string]any{"name": "r-0000000", "count": 7, "__defaults": []string{"count", "name"}})
	out := (&checker{schema: sample, name: "r"}).check(resource.PropertyMap{}, olds)
	if out["name"].StringValue() != "r-0000000" || out["count"].NumberValue() != 7 {
		t.Errorf("got %v", out)
	}
}

func TestCheckRefuses(t *testing.T) {
	cases := map[string]struct {
		inputs map[string]any
		want   string
	}{
		"unknown key":   {map[string]any{"colour": "red"}, "Invalid or unknown key. Examine values at 'r.colour'."},
		"refused key":   {map[string]any{"gpus": "all"}, `"gpus" is not supported by the stand-in plugin: there are none. Examine values at 'r.gpus'.`},
		"wrong type":    {map[string]any{"size": "big"}, "expected a whole number, got string. Examine values at 'r.size'."},
		"output":        {map[string]any{"address": "here"}, `"address" is an output and cannot be set. Examine values at 'r.address'.`},
		"missing field": {map[string]any{"labels": []map[string]any{{"label": "a"}}}, `Missing required argument. The argument "value" is required, but no definition was found.. Examine values at 'r.labels[0].value'.`},
	}
	for name, test := range cases {
		c := &checker{schema: sample, name: "r"}
		c.check(properties(test.inputs), nil)
		if !reflect.DeepEqual(c.failures, []string{test.want}) {
			t.Errorf("%s: got %q", name, c.failures)
		}
	}
}

func TestDiff(t *testing.T) {
	state := properties(map[string]any{
		"name": "r", "count": 3, "wait": false, "user": "redis", "size": 0, "host": "abc", "address": "here",
		"envs":   []string{"A=1", "B=2", "C=3"},
		"labels": []map[string]any{{"label": "a", "value": "b"}},
		"health": map[string]any{"every": "0s", "tests": []string{"CMD"}},
	})
	inputs := func(changes map[string]any) resource.PropertyMap {
		base := map[string]any{
			"name": "r", "count": 3, "envs": []string{"C=3", "A=1", "B=2"},
			"labels": []map[string]any{{"label": "a", "value": "b"}},
			"health": map[string]any{"every": "0s", "tests": []string{"CMD"}},
		}
		out := properties(base)
		for k, v := range properties(changes) {
			out[k] = v
		}
		return out
	}
	const (
		update, updateReplace = pulumirpc.PropertyDiff_UPDATE, pulumirpc.PropertyDiff_UPDATE_REPLACE
		addReplace            = pulumirpc.PropertyDiff_ADD_REPLACE
		removeReplace         = pulumirpc.PropertyDiff_DELETE_REPLACE
	)
	cases := map[string]struct {
		inputs resource.PropertyMap
		want   map[string]pulumirpc.PropertyDiff_Kind
	}{
		"nothing":            {inputs(nil), map[string]pulumirpc.PropertyDiff_Kind{}},
		"set element":        {inputs(map[string]any{"envs": []string{"C=4", "A=1", "B=2"}}), map[string]pulumirpc.PropertyDiff_Kind{"envs[0]": addReplace, "envs[2]": removeReplace}},
		"block in a set":     {inputs(map[string]any{"labels": []map[string]any{{"label": "a", "value": "c"}}}), map[string]pulumirpc.PropertyDiff_Kind{"labels[0].value": updateReplace}},
		"set emptied":        {inputs(map[string]any{"labels": []string{}}), map[string]pulumirpc.PropertyDiff_Kind{"labels": removeReplace}},
		"part of a block":    {inputs(map[string]any{"health": map[string]any{"every": "1s", "tests": []string{"CMD"}}}), map[string]pulumirpc.PropertyDiff_Kind{"health.every": update}},
		"zero for nothing":   {inputs(map[string]any{"size": 0, "wait": false, "user": ""}), map[string]pulumirpc.PropertyDiff_Kind{}},
		"computed and given": {inputs(map[string]any{"host": "def"}), map[string]pulumirpc.PropertyDiff_Kind{"host": updateReplace}},
	}
	unknownEnvs := inputs(nil)
	unknownEnvs["envs"] = resource.NewArrayProperty([]resource.PropertyValue{unknown})
	cases["unknown element"] = struct {
		inputs resource.PropertyMap
		want   map[string]pulumirpc.PropertyDiff_Kind
	}{unknownEnvs, map[string]pulumirpc.PropertyDiff_Kind{"envs": updateReplace}}
	for name, test := range cases {
		got := map[string]pulumirpc.PropertyDiff_Kind{}
		for path, change := range diff(sample, state, test.inputs).changes {
			got[path] = change.Kind
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

func TestPlanOfACreation(t *testing.T) {
	out := plan(sample, nil, properties(map[string]any{"name": "r", "envs": []string{"B=2", "A=1", "A=1"}}))
	for _, name := range []resource.PropertyKey{"host", "address"} {
		if !IsUnknown(out[name]) {
			t.Errorf("%s is %v, not unknown", name, out[name])
		}
	}
	if got := (Values{out}).Strs("envs"); !reflect.DeepEqual(got, []string{"A=1", "B=2"}) {
		t.Errorf("the set is %v", got)
	}
	if !out["wait"].IsBool() || !out["user"].IsNull() || !out["labels"].IsArray() || !out["health"].IsNull() {
		t.Errorf("got %v", out)
	}
	for name, value := range settle(sample, out) {
		if value.ContainsUnknowns() {
			t.Errorf("%s is still unknown", name)
		}
	}
}

func TestRefreshDropsADefaultThatIsNotInForce(t *testing.T) {
	inputs := properties(map[string]any{"name": "r", "count": 3, "__defaults": []string{"count"}, "envs": []string{"B", "A"}})
	state := properties(map[string]any{"name": "r", "count": 1, "host": "abc", "envs": []string{"A", "B"}})
	want := properties(map[string]any{"name": "r", "count": 1, "__defaults": []string{}, "envs": []string{"B", "A"}})
	if got := readInputs(sample, inputs, state, false); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestConfigProblems(t *testing.T) {
	s := &Server{Name: "docker", ConfigFields: []*Field{{Name: "host"}, {Name: "context", Refused: "set host"}, {Name: "opts", Refused: "no"}}}
	got := s.configProblems(properties(map[string]any{"host": "x", "context": "y", "opts": "[]", "other": "z"}))
	want := []string{
		`the provider setting "context" is not supported by the stand-in plugin: set host`,
		`the provider docker has no setting "other"`,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
}
