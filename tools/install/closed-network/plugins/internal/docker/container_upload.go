package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"course/plugins/internal/standin"

	"github.com/docker/docker/api/types/container"
)

// upload copies one file into a container that has not been started yet.
func (c *containers) upload(ctx context.Context, id string, in standin.Values) error {
	content, err := uploadContent(in)
	if err != nil {
		return err
	}
	mode := int64(0o644)
	if permissions := in.Str("permissions"); permissions != "" {
		if mode, err = strconv.ParseInt(permissions, 8, 32); err != nil {
			return fmt.Errorf("Error parsing permission: %w", err)
		}
	} else if in.Bool("executable") {
		mode = 0o744
	}
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	header := &tar.Header{Name: in.Str("file"), Mode: mode, Size: int64(len(content)), ModTime: time.Now()}
	if err := w.WriteHeader(header); err != nil {
		return fmt.Errorf("Error creating tar archive: %w", err)
	}
	if _, err := w.Write(content); err != nil {
		return fmt.Errorf("Error creating tar archive: %w", err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("Error creating tar archive: %w", err)
	}
	if err := c.engine.CopyToContainer(ctx, id, "/", &archive, container.CopyToContainerOptions{}); err != nil {
		return fmt.Errorf("Unable to upload volume content: %w", err)
	}
	return nil
}

func uploadContent(in standin.Values) ([]byte, error) {
	given := 0
	for _, name := range []string{"content", "contentBase64", "source"} {
		if in.Str(name) != "" {
			given++
		}
	}
	switch {
	case given == 0:
		return nil, errors.New("error with upload content: one of 'content', 'content_base64', or 'source' must be set")
	case given > 1:
		return nil, errors.New("error with upload content: only one of 'content', 'content_base64', or 'source' can be set")
	case in.Str("content") != "":
		return []byte(in.Str("content")), nil
	case in.Str("contentBase64") != "":
		return base64.StdEncoding.DecodeString(in.Str("contentBase64"))
	}
	content, err := os.ReadFile(in.Str("source"))
	if err != nil {
		return nil, fmt.Errorf("could not read file: %w", err)
	}
	return content, nil
}
