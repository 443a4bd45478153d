package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/moby/sys/capability"
)

// object is a JSON object whose members are kept as they were written.
type object = map[string]json.RawMessage

// bounds are the capabilities that a process started here can have at all.
func bounds() (map[string]bool, error) {
	own, err := capability.NewPid2(0)
	if err != nil {
		return nil, err
	}
	if err := own.Load(); err != nil {
		return nil, err
	}
	can := map[string]bool{}
	for _, known := range capability.ListKnown() {
		can["CAP_"+strings.ToUpper(known.String())] = own.Get(capability.BOUNDING, known)
	}
	return can, nil
}

// rewrite takes capabilities that cannot be had out of a file of runc's. What it does not have to change it leaves alone.
func rewrite(file, key string, can map[string]bool) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	fitting, err := fit(text, key, can)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if fitting == nil {
		return nil
	}
	return os.WriteFile(file, fitting, 0)
}

// fit is a process of the OCI runtime specification, or what has one below key, with only the capabilities that can be
// had; nil if it asks for no other. See https://github.com/opencontainers/runtime-spec/blob/main/config.md#linux-process
func fit(text []byte, key string, can map[string]bool) ([]byte, error) {
	var whole object
	if err := json.Unmarshal(text, &whole); err != nil {
		return nil, err
	}
	process := whole
	if key != "" {
		process = nil
		if err := member(whole, key, &process); err != nil {
			return nil, err
		}
	}
	var sets map[string][]string
	if err := member(process, "capabilities", &sets); err != nil {
		return nil, err
	}
	changed := false
	for name, set := range sets {
		fitting := slices.DeleteFunc(slices.Clone(set), func(capability string) bool { return !can[capability] })
		changed = changed || len(fitting) < len(set)
		sets[name] = fitting
	}
	if !changed {
		return nil, nil
	}
	var err error
	if process["capabilities"], err = json.Marshal(sets); err != nil {
		return nil, err
	}
	if key != "" {
		if whole[key], err = json.Marshal(process); err != nil {
			return nil, err
		}
	}
	return json.Marshal(whole)
}

func member(of object, name string, into any) error {
	text, is := of[name]
	if !is {
		return nil
	}
	return json.Unmarshal(text, into)
}
