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

// lastLines is how much of a failing instruction's output an error repeats.
const lastLines = 10

// buildLog follows the messages of a build, of either builder.
type buildLog struct {
	show    func(string)
	imageID string
	// printed are the last lines of output, of each step or, from the classic builder, of all.
	printed map[string][]string
	failed  string
	step    string
	seen    map[string]bool
}

func (b *buildLog) follow(messages io.Reader) error {
	b.printed, b.seen = map[string][]string{}, map[string]bool{}
	for decoder := json.NewDecoder(messages); ; {
		var message jsonmessage.JSONMessage
		if err := decoder.Decode(&message); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("error parsing Docker output: %w", err)
		}
		if message.Error != nil {
			return b.explain(message.Error.Message)
		}
		b.read(message)
	}
}

func (b *buildLog) read(message jsonmessage.JSONMessage) {
	switch {
	case message.ID == "moby.buildkit.trace" && message.Aux != nil:
		var raw []byte
		if json.Unmarshal(*message.Aux, &raw) == nil {
			b.trace(raw)
		}
	case message.Aux != nil:
		var result buildtypes.Result
		if json.Unmarshal(*message.Aux, &result) == nil && result.ID != "" {
			b.imageID = result.ID
		}
	case message.Stream != "":
		if strings.HasPrefix(message.Stream, "Step ") {
			b.step, b.printed[""] = strings.TrimSpace(message.Stream), nil
		}
		b.keep("", message.Stream)
	case message.Status != "":
		b.show(strings.TrimSpace(message.ID + " " + message.Status))
	}
}

func (b *buildLog) trace(raw []byte) {
	for _, v := range decodeTrace(raw) {
		if v.name != "" && !b.seen[v.digest] {
			b.seen[v.digest] = true
			b.show(v.name)
		}
		if v.failure != "" {
			b.failed, b.step = v.digest, v.name
		}
		if v.output != "" {
			b.keep(v.digest, v.output)
		}
	}
}

func (b *buildLog) keep(step, text string) {
	for _, line := range strings.Split(strings.TrimRight(text, "\r\n"), "\n") {
		if line = strings.TrimRight(line, "\r "); line == "" {
			continue
		}
		b.show(line)
		lines := append(b.printed[step], line)
		b.printed[step] = lines[max(0, len(lines)-lastLines):]
	}
}

// explain adds to the builder's words what the failing instruction printed last.
func (b *buildLog) explain(message string) error {
	lines := b.printed[b.failed]
	if len(lines) == 0 {
		return errors.New(message)
	}
	return fmt.Errorf("%s\n%s printed last:\n    %s", message, b.step, strings.Join(lines, "\n    "))
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
