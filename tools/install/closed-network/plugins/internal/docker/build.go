package docker

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"course/plugins/internal/standin"

	buildtypes "github.com/docker/docker/api/types/build"
	"github.com/docker/docker/pkg/jsonmessage"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// run builds one image and returns its id and the Dockerfile's path relative to the context.
func (i *images) run(ctx context.Context, urn resource.URN, name string, build standin.Values) (string, string, error) {
	content, relative, inside, err := buildContext(build.Str("context"), build.Str("dockerfile"))
	if err != nil {
		return "", "", err
	}
	defer content.Close()
	options := buildtypes.ImageBuildOptions{
		Dockerfile:  inside,
		Tags:        []string{name},
		BuildArgs:   map[string]*string{},
		Version:     buildtypes.BuilderBuildKit,
		Platform:    build.Str("platform"),
		Target:      build.Str("target"),
		ExtraHosts:  build.Strs("addHosts"),
		NetworkMode: build.Str("network"),
		Labels:      map[string]string{},
	}
	for arg, value := range build.StrMap("args") {
		options.BuildArgs[arg] = &value
	}
	if build.Str("builderVersion") == "BuilderV1" {
		options.Version = buildtypes.BuilderV1
	} else {
		end, id, err := i.engine.startSession(ctx)
		if err != nil {
			return "", "", fmt.Errorf("error building image: %w", err)
		}
		defer end()
		options.SessionID = id
	}
	i.host.Status(ctx, urn, "Starting Docker build")
	response, err := i.engine.ImageBuild(ctx, content, options)
	if err != nil {
		return "", "", fmt.Errorf("error building image: %w", err)
	}
	defer response.Body.Close()
	log := &buildLog{show: func(line string) { i.host.Status(ctx, urn, line) }}
	if err := log.follow(response.Body); err != nil {
		return "", "", fmt.Errorf("error reading build output: %w", err)
	}
	if log.imageID == "" {
		return "", "", errors.New("no image id found in build output")
	}
	if _, err := i.engine.ImageInspect(ctx, log.imageID); err != nil {
		return "", "", fmt.Errorf("unable to find built image in local image store: %w", err)
	}
	i.host.Status(ctx, urn, fmt.Sprintf("Image built successfully, local id %q", log.imageID))
	return log.imageID, relative, nil
}

// buildLog follows the messages of a build, of either builder, and shows them as the original does.
type buildLog struct {
	show    func(string)
	imageID string
}

func (b *buildLog) follow(messages io.Reader) error {
	for decoder := json.NewDecoder(messages); ; {
		var message jsonmessage.JSONMessage
		if err := decoder.Decode(&message); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("error parsing Docker output: %w", err)
		}
		if message.Error != nil {
			return errors.New(message.Error.Message)
		}
		if text := strings.TrimSpace(b.read(message)); text != "" {
			b.show(text)
		}
	}
}

func (b *buildLog) read(message jsonmessage.JSONMessage) string {
	switch {
	case message.ID == "moby.buildkit.trace" && message.Aux != nil:
		var raw []byte
		if json.Unmarshal(*message.Aux, &raw) != nil {
			return ""
		}
		return trace(raw)
	case message.Aux != nil:
		var result buildtypes.Result
		if json.Unmarshal(*message.Aux, &result) == nil && result.ID != "" {
			b.imageID = result.ID
		}
		return ""
	case message.Stream != "":
		return message.Stream
	default:
		return message.Status
	}
}

// trace tells of the steps that began, went on or failed, then of what they printed.
func trace(raw []byte) string {
	var steps, printed strings.Builder
	for _, v := range decodeTrace(raw) {
		if v.name != "" {
			fmt.Fprintf(&steps, "digest: %s\n%s\n", v.digest, v.name)
		}
		if v.failure != "" {
			fmt.Fprintf(&steps, "error: %s\n", v.failure)
		}
		if v.output != "" {
			fmt.Fprintf(&printed, "%s\n", v.output)
		}
	}
	return steps.String() + printed.String()
}

// withFile adds a file to the end of an archive while it is being read.
func withFile(archive io.ReadCloser, name string, content []byte) io.ReadCloser {
	reader, writer := io.Pipe()
	go func() {
		defer archive.Close()
		out := tar.NewWriter(writer)
		err := copyArchive(out, archive)
		if err == nil {
			err = out.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(content)), ModTime: time.Unix(0, 0)})
		}
		if err == nil {
			_, err = out.Write(content)
		}
		if err == nil {
			err = out.Close()
		}
		writer.CloseWithError(err)
	}()
	return reader
}

func copyArchive(out *tar.Writer, archive io.Reader) error {
	for in := tar.NewReader(archive); ; {
		header, err := in.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := out.WriteHeader(header); err != nil {
			return err
		}
		if _, err := io.Copy(out, in); err != nil {
			return err
		}
	}
}
