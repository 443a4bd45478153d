package docker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"course/plugins/internal/standin"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"
)

type containers struct{ engine *Engine }

func (*containers) Schema() *standin.Schema { return containerSchema }

// Create makes, connects, fills and starts a container, in the order and with the errors of the original. From the
// moment the container exists its id is returned, so that a failure keeps it in the state.
func (c *containers) Create(ctx context.Context, _ standin.Call, in standin.Values) (string, error) {
	if _, err := c.engine.findImage(ctx, in.Str("image"), ""); err != nil {
		return "", fmt.Errorf("Unable to create container with image %s: %w", in.Str("image"), err)
	}
	request, err := newContainerRequest(in)
	if err != nil {
		return "", err
	}
	created, err := c.engine.ContainerCreate(ctx, request.config, request.host, &network.NetworkingConfig{},
		request.platform, in.Str("name"))
	if err != nil {
		return "", fmt.Errorf("Unable to create container: %w", err)
	}
	id := created.ID
	if err := c.connect(ctx, id, in.Objs("networksAdvanced")); err != nil {
		return id, err
	}
	for _, upload := range in.Objs("uploads") {
		if err := c.upload(ctx, id, upload); err != nil {
			return id, err
		}
	}
	if !in.Bool("start") {
		return id, nil
	}
	if err := c.engine.ContainerStart(ctx, id, container.StartOptions{}); err != nil {
		return id, fmt.Errorf("Unable to start container: %w", err)
	}
	if in.Bool("wait") {
		return id, c.waitHealthy(ctx, id, time.Duration(in.Int("waitTimeout"))*time.Second)
	}
	return id, nil
}

// connect replaces the default network by those given.
func (c *containers) connect(ctx context.Context, id string, networks []standin.Values) error {
	if len(networks) == 0 {
		return nil
	}
	if err := c.engine.NetworkDisconnect(ctx, "bridge", id, false); err != nil &&
		!mentions(err, "is not connected to the network bridge") {
		return fmt.Errorf("Unable to disconnect the default network: %w", err)
	}
	for _, n := range networks {
		endpoint := &network.EndpointSettings{
			Aliases:    n.Strs("aliases"),
			DriverOpts: assignments(n.Strs("driverOpts")),
			GwPriority: n.Int("gwPriority"),
			MacAddress: n.Str("macAddress"),
			IPAMConfig: &network.EndpointIPAMConfig{
				IPv4Address: n.Str("ipv4Address"), IPv6Address: n.Str("ipv6Address"), LinkLocalIPs: n.Strs("linkLocalIps"),
			},
		}
		if err := c.engine.NetworkConnect(ctx, n.Str("name"), id, endpoint); err != nil {
			return fmt.Errorf("Unable to connect to network '%s': %w", n.Str("name"), err)
		}
	}
	return nil
}

var errUnhealthy = errors.New("container failed to be in healthy state")

// waitHealthy waits for the health check to pass. Like the original it does not give up on "unhealthy": a slow start
// may still come right.
func (c *containers) waitHealthy(ctx context.Context, id string, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		info, err := c.engine.ContainerInspect(ctx, id)
		switch {
		case ctx.Err() != nil:
			return errUnhealthy
		case err != nil:
			return fmt.Errorf("error inspecting container state: %w", err)
		case info.State == nil || info.State.Health == nil:
			return errors.New("you have supplied a 'wait' argument, but the container does not have a healthcheck " +
				"defined. Please remove the 'wait' argument or add a 'healthcheck' attribute")
		case info.State.Health.Status == container.Healthy:
			return nil
		}
		select {
		case <-ctx.Done():
			return errUnhealthy
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// Update starts a container that stopped although it must run, and passes on what Docker can change in place. The
// original's other updates (wait, healthcheck, tmpfs, init …) change the state only, and so do these.
func (c *containers) Update(ctx context.Context, _ standin.Call, id string, old, in standin.Values) error {
	if !old.Bool("mustRun") && in.Bool("mustRun") && in.Bool("start") {
		if err := c.engine.ContainerStart(ctx, id, container.StartOptions{}); err != nil {
			return fmt.Errorf("Unable to start container: %w", err)
		}
	}
	for _, name := range []string{
		"restart", "maxRetryCount", "cpuShares", "memory", "memoryReservation", "cpuSet", "memorySwap",
	} {
		if !old.PropertyMap[key(name)].DeepEquals(in.PropertyMap[key(name)]) {
			return c.updateLimits(ctx, id, in)
		}
	}
	return nil
}

func (c *containers) updateLimits(ctx context.Context, id string, in standin.Values) error {
	update := container.UpdateConfig{
		RestartPolicy: restartPolicy(in),
		Resources: container.Resources{
			CPUShares:         int64(in.Int("cpuShares")),
			Memory:            mebibytes(in.Int("memory")),
			MemoryReservation: mebibytes(in.Int("memoryReservation")),
			MemorySwap:        mebibytes(in.Int("memorySwap")),
			CpusetCpus:        in.Str("cpuSet"),
		},
	}
	if _, err := c.engine.ContainerUpdate(ctx, id, update); err != nil {
		return fmt.Errorf("Unable to update a container: %w", err)
	}
	return nil
}

// Delete stops a container, after destroyGraceSeconds by force, and removes it.
func (c *containers) Delete(ctx context.Context, _ standin.Call, id string, state standin.Values) error {
	grace := max(state.Int("destroyGraceSeconds"), 0)
	if err := c.engine.ContainerStop(ctx, id, container.StopOptions{Timeout: &grace}); err != nil &&
		!mentions(err, "No such container") {
		return fmt.Errorf("Error stopping container %s: %w", id, err)
	}
	err := c.engine.ContainerRemove(ctx, id, container.RemoveOptions{RemoveVolumes: state.Bool("removeVolumes"), Force: true})
	if err != nil && !mentions(err, "No such container", "is already in progress") {
		return fmt.Errorf("Error deleting container %s: %w", id, err)
	}
	condition := container.WaitConditionNotRunning
	if state.Bool("rm") {
		condition = container.WaitConditionRemoved
	}
	gone, failed := c.engine.ContainerWait(ctx, id, condition)
	select {
	case <-gone:
	case err := <-failed:
		if err != nil && !client.IsErrNotFound(err) && !mentions(err, "No such container", "is already in progress") {
			return fmt.Errorf("Error waiting for container removal '%s': %w", id, err)
		}
	}
	return nil
}
