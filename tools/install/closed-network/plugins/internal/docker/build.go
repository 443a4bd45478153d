package docker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/docker/docker/api/types/build"
	"github.com/docker/docker/pkg/jsonmessage"
	control "github.com/moby/buildkit/api/services/control"
	"github.com/moby/buildkit/session"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"google.golang.org/protobuf/proto"
)

// build makes one image and returns its id and the Dockerfile's path relative to the context.
func (i *images) build(ctx context.Context, urn resource.URN, name string, in buildInputs) (string, string, error) {
	content, relative, inside, err := buildContext(in.Context, in.Dockerfile)
	if err != nil {
		return "", "", err
	}
	defer content.Close()
	options := build.ImageBuildOptions{
		Dockerfile:  inside,
		Tags:        []string{name},
		BuildArgs:   map[string]*string{},
		Version:     build.BuilderBuildKit,
		Platform:    in.Platform,
		Target:      in.Target,
		ExtraHosts:  in.AddHosts,
		NetworkMode: in.Network,
		Labels:      map[string]string{},
	}
	for arg, value := range in.Args {
		options.BuildArgs[arg] = &value
	}
	if in.BuilderVersion == "BuilderV1" {
		options.Version = build.BuilderV1
	} else {
		// On a session BuildKit asks its client for things. This one offers nothing but a sign of life.
		asked, err := session.NewSession(ctx, "pulumi")
		if err != nil {
			return "", "", fmt.Errorf("error building image: %w", err)
		}
		defer asked.Close()
		go asked.Run(ctx, func(ctx context.Context, proto string, meta map[string][]string) (net.Conn, error) {
			return i.DialHijack(ctx, "/session", proto, meta)
		})
		options.SessionID = asked.ID()
	}
	show := func(line string) { _ = i.host.LogStatus(ctx, diag.Info, urn, line) }
	show("Starting Docker build")
	response, err := i.ImageBuild(ctx, content, options)
	if err != nil {
		return "", "", fmt.Errorf("error building image: %w", err)
	}
	defer response.Body.Close()
	id, err := follow(response.Body, show)
	if err != nil {
		return "", "", fmt.Errorf("error reading build output: %w", err)
	}
	if id == "" {
		return "", "", errors.New("no image id found in build output")
	}
	if _, err := i.ImageInspect(ctx, id); err != nil {
		return "", "", fmt.Errorf("unable to find built image in local image store: %w", err)
	}
	show(fmt.Sprintf("Image built successfully, local id %q", id))
	return id, relative, nil
}

// follow shows the messages of a build, of either builder, as the original does, and returns the id of the image.
func follow(messages io.Reader, show func(string)) (id string, err error) {
	for decoder := json.NewDecoder(messages); ; {
		var message jsonmessage.JSONMessage
		if err := decoder.Decode(&message); errors.Is(err, io.EOF) {
			return id, nil
		} else if err != nil {
			return "", fmt.Errorf("error parsing Docker output: %w", err)
		}
		text := message.Stream
		switch {
		case message.Error != nil:
			return "", errors.New(message.Error.Message)
		case message.ID == "moby.buildkit.trace" && message.Aux != nil:
			text = trace(*message.Aux)
		case message.Aux != nil:
			var result build.Result
			if json.Unmarshal(*message.Aux, &result) == nil && result.ID != "" {
				id = result.ID
			}
		case text == "":
			text = message.Status
		}
		if text = strings.TrimSpace(text); text != "" {
			show(text)
		}
	}
}

// trace tells of the steps that began, went on or failed, then of what they printed.
func trace(aux json.RawMessage) string {
	var raw []byte
	var status control.StatusResponse
	if json.Unmarshal(aux, &raw) != nil || proto.Unmarshal(raw, &status) != nil {
		return ""
	}
	var text strings.Builder
	for _, step := range status.Vertexes {
		fmt.Fprintf(&text, "digest: %s\n%s\n", step.Digest, step.Name)
		if step.Error != "" {
			fmt.Fprintf(&text, "error: %s\n", step.Error)
		}
	}
	for _, log := range status.Logs {
		fmt.Fprintf(&text, "%s\n", log.Msg)
	}
	return text.String()
}
