package docker

import (
	"context"
	"fmt"
	"time"

	"course/plugins/internal/standin"

	"github.com/docker/docker/api/types/volume"
	"github.com/docker/docker/client"
)

// removalLimit is how long a network or a volume may be in use before its removal fails.
const removalLimit = 30 * time.Second

// volumeSchema lists the properties of docker.Volume.
//
// See https://www.pulumi.com/registry/packages/docker/api-docs/volume/
var volumeSchema = &standin.Schema{
	Token: "docker:index/volume:Volume",
	Fields: []*standin.Field{
		block("cluster", nil, refused("Docker 20.10 has no cluster volumes")),
		str("driver", forceNew, computed),
		stringMap("driverOpts", forceNew),
		blockSet("labels", labelFields(), forceNew),
		str("mountpoint", output),
		str("name", forceNew, computed, autoName),
	},
}

type volumes struct{ engine *Engine }

func (*volumes) Schema() *standin.Schema { return volumeSchema }

func (v *volumes) Create(ctx context.Context, _ standin.Call, in standin.Values) (string, error) {
	created, err := v.engine.VolumeCreate(ctx, volume.CreateOptions{
		Name: in.Str("name"), Driver: in.Str("driver"), DriverOpts: in.StrMap("driverOpts"),
		Labels: labelMap(in.Objs("labels")),
	})
	if err != nil {
		return "", fmt.Errorf("Unable to create volume: %w", err)
	}
	return created.Name, nil
}

func (v *volumes) Read(ctx context.Context, _ standin.Call, id string, state standin.Values) (string, error) {
	found, err := v.engine.VolumeInspect(ctx, id)
	if client.IsErrNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("Unable to inspect volume: %w", err)
	}
	state.Set("name", found.Name)
	state.Set("labels", labelObjects(found.Labels))
	state.Set("driver", found.Driver)
	state.Set("driverOpts", found.Options)
	state.Set("mountpoint", found.Mountpoint)
	return id, nil
}

// Update is never needed: every change replaces a volume, and its data is lost.
func (*volumes) Update(context.Context, standin.Call, string, standin.Values, standin.Values) error {
	return nil
}

func (v *volumes) Delete(ctx context.Context, _ standin.Call, id string, _ standin.Values) error {
	return untilUnused(ctx, "volume is in use", "in_use", func() error { return v.engine.VolumeRemove(ctx, id, true) })
}

// untilUnused repeats a removal as long as it fails because the object is in use.
func untilUnused(ctx context.Context, inUse, pending string, remove func() error) error {
	for end := time.Now().Add(removalLimit); ; {
		err := remove()
		if err == nil || client.IsErrNotFound(err) {
			return nil
		}
		if !mentions(err, inUse) {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("timeout while waiting for state to become 'removed' (last state: '%s', timeout: %s)",
				pending, removalLimit)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}
