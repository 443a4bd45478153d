// Package parent ties a plugin to the engine that started it.
package parent

import (
	"os"
	"time"
)

// EndWith ends this process when its parent is gone: an orphan must not work on what the next run owns.
func EndWith() {
	parent := os.Getppid()
	go func() {
		for os.Getppid() == parent {
			time.Sleep(200 * time.Millisecond)
		}
		os.Exit(1)
	}()
}
