package docker

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"course/plugins/internal/standin"

	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"
)

// remoteImageSchema lists the properties of docker.RemoteImage.
//
// See https://www.pulumi.com/registry/packages/docker/api-docs/remoteimage/
var remoteImageSchema = &standin.Schema{
	Token:    "docker:index/remoteImage:RemoteImage",
	NoImport: true,
	Fields: []*standin.Field{
		block("build", nil, refused("use docker.Image to build")),
		boolean("forceRemove"),
		str("imageId", output),
		boolean("keepLocally"),
		str("name", required, forceNew),
		str("platform", forceNew),
		stringSet("pullTriggers", forceNew),
		str("repoDigest", output),
		stringMap("triggers", forceNew),
	},
}

type remoteImages struct{ engine *Engine }

func (*remoteImages) Schema() *standin.Schema { return remoteImageSchema }

func (r *remoteImages) Create(ctx context.Context, _ standin.Call, in standin.Values) (string, error) {
	found, err := r.engine.findImage(ctx, in.Str("name"), in.Str("platform"))
	if err != nil {
		return "", fmt.Errorf("Unable to read Docker image into resource: %w", err)
	}
	return found.ID + in.Str("name"), nil
}

func (r *remoteImages) Read(ctx context.Context, _ standin.Call, _ string, state standin.Values) (string, error) {
	name := state.Str("name")
	found, err := r.engine.ImageInspect(ctx, name)
	if client.IsErrNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("resourceDockerImageRead: error looking up local image %q: %w", name, err)
	}
	state.Set("imageId", found.ID)
	state.Set("repoDigest", repoDigest(name, found.RepoDigests))
	return found.ID + name, nil
}

func (r *remoteImages) Update(ctx context.Context, call standin.Call, id string, _, in standin.Values) error {
	if _, err := r.engine.findImage(ctx, in.Str("name"), in.Str("platform")); err != nil {
		return fmt.Errorf("Unable to read Docker image into resource: %w", err)
	}
	_, err := r.Read(ctx, call, id, in)
	return err
}

func (r *remoteImages) Delete(ctx context.Context, _ standin.Call, _ string, state standin.Values) error {
	if state.Bool("keepLocally") {
		return nil
	}
	_, err := r.engine.ImageRemove(ctx, state.Str("name"), image.RemoveOptions{Force: state.Bool("forceRemove")})
	if err != nil && !client.IsErrNotFound(err) {
		return fmt.Errorf("Unable to remove Docker image: %w", err)
	}
	return nil
}

// findImage looks for an image on this machine, by name or by id, and pulls it when there is none.
func (e *Engine) findImage(ctx context.Context, name, platform string) (image.InspectResponse, error) {
	if name == "" {
		return image.InspectResponse{}, fmt.Errorf("empty image name is not allowed")
	}
	found, err := e.ImageInspect(ctx, name)
	if err == nil {
		return found, nil
	}
	if !client.IsErrNotFound(err) {
		return found, fmt.Errorf("findImage1: error looking up local image %q: unable to inspect image %s: %w", name, name, err)
	}
	if err := e.pull(ctx, name, platform); err != nil {
		return found, fmt.Errorf("unable to pull image %s: %w", name, err)
	}
	if found, err = e.ImageInspect(ctx, name); err != nil {
		return found, fmt.Errorf("unable to find or pull image %s", name)
	}
	return found, nil
}

func (e *Engine) pull(ctx context.Context, name, platform string) error {
	auth, err := json.Marshal(e.auths[imageRegistry(name)])
	if err != nil {
		return err
	}
	progress, err := e.ImagePull(ctx, name, image.PullOptions{
		RegistryAuth: base64.URLEncoding.EncodeToString(auth), Platform: platform,
	})
	if err != nil {
		return fmt.Errorf("error pulling image %s: %w", name, err)
	}
	defer progress.Close()
	_, err = io.Copy(io.Discard, progress)
	return err
}

// imageRegistry is the host in an image's name, "" when the name has none.
func imageRegistry(name string) string {
	host, _, found := strings.Cut(name, "/")
	if found && (strings.ContainsAny(host, ".:") || host == "localhost") {
		return host
	}
	return ""
}

// repoDigest picks the digest under which an image is known in the registry its name points to.
func repoDigest(name string, digests []string) string {
	if len(digests) == 0 {
		return ""
	}
	repository, _, _ := strings.Cut(name, ":")
	for _, digest := range digests {
		if strings.HasPrefix(digest, repository) {
			return digest
		}
	}
	return digests[0]
}
