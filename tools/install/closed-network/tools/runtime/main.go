// Program runtime is runc for a machine whose processes lack a capability. A Docker Engine before 26 asks for every
// capability that exists when a container is privileged, also for those that it does not have itself, and runc then
// refuses: "unable to apply caps: operation not permitted". This takes them out of what it asks for, and becomes runc.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "course-labs runtime:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if file, key := processFile(args); file != "" {
		can, err := bounds()
		if err != nil {
			return err
		}
		if err := rewrite(file, key, can); err != nil {
			return err
		}
	}
	runc, err := find("runc")
	if err != nil {
		return err
	}
	return syscall.Exec(runc, append([]string{"runc"}, args...), os.Environ())
}

// processFile is the file in which these arguments of runc name the capabilities of a process, and the key below which
// they stand in it; no file for a command that starts no process.
func processFile(args []string) (file, key string) {
	command := slices.IndexFunc(args, func(arg string) bool { return arg == "create" || arg == "run" || arg == "exec" })
	if command < 0 {
		return "", ""
	}
	if args[command] == "exec" {
		return option(args, "--process", "-p"), ""
	}
	return filepath.Join(option(args, "--bundle", "-b"), "config.json"), "process"
}

func option(args []string, names ...string) string {
	for i, arg := range args {
		for _, name := range names {
			if arg == name && i+1 < len(args) {
				return args[i+1]
			}
			if value, is := strings.CutPrefix(arg, name+"="); is {
				return value
			}
		}
	}
	return ""
}

// find is a program on PATH, or where Debian has an administrator's programs: who started the daemon may have had none.
func find(program string) (string, error) {
	if found, err := exec.LookPath(program); err == nil {
		return found, nil
	}
	return exec.LookPath(filepath.Join("/usr/sbin", program))
}
